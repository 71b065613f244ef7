// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/printable.h"
#include "ctl/show.h"
#include "ctl/text.h"

#include <QtCore/QJsonArray>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
QString detailOf(const QJsonObject &object)
{
    return object.value("error"_L1).toObject().value("detail"_L1).toString();
}

QString inWords(const QJsonObject &object, QLatin1String member)
{
    return object.value(member).toString().replace(u'_', u' ');
}

/// A reason, and since when something fails: for that reason, or first for another one.
QString since(const QString &reason, const QJsonObject &object, QLatin1String failing, QLatin1String error)
{
    const qint64 failingMs = object.value(failing).toInteger();
    if (reason.isEmpty() || failingMs == 0)
        return reason;
    const qint64 errorMs = object.value(error).toInteger();
    return errorMs != 0 && errorMs != failingMs // by a clock that may have been set in between
               ? u"failing since %1, last: %2"_s.arg(timeText(object, failing), reason)
               : u"%1 (since %2)"_s.arg(reason, timeText(object, failing));
}

/// How a relay is doing, and when that was found where it was by a trial.
QString relayState(const QJsonObject &row)
{
    const qint64 testedMs = row.value("tested_ts"_L1).toInteger();
    const QString state = inWords(row, "state"_L1);
    return testedMs > 0 && testedMs >= row.value("last_try_ts"_L1).toInteger()
               ? u"%1 (tested %2)"_s.arg(state, timeText(row, "tested_ts"_L1))
               : state;
}

/// What is wrong with a relay; empty if nothing is.
QString relayProblem(const QJsonObject &row)
{
    if (row.value("state"_L1).toString() == "not_held"_L1)
        return u"It answers, but takes in no mail for this server"_s;
    if (row.value("state"_L1).toString() == "paused"_L1)
        return u"It says that it takes in no mail for this server just now"_s;
    if (const QString refusal = row.value("refusal"_L1).toString(); !refusal.isEmpty() && detailOf(row).isEmpty())
        return u"It refused the last mail (%1): %2"_s.arg(timeText(row, "refused_ts"_L1), refusal);
    if (const qint64 disputed = row.value("disputed"_L1).toInteger(); disputed > 0 && detailOf(row).isEmpty())
        return u"It dated %1 transactions differently from another relay"_s.arg(QString::number(disputed));
    return since(detailOf(row), row, "failing_since_ts"_L1, "error_since_ts"_L1);
}

/// Why a destination is not reached, and why its relays do not take its mail.
QString destinationProblem(const QJsonObject &row)
{
    QStringList reasons{
        row.value("last_error"_L1).toString(),
        since(row.value("relay_error"_L1).toString(), row, "relay_failing_since_ts"_L1, "relay_error_since_ts"_L1)};
    if (row.value("given_up"_L1).toInteger() > 0)
        reasons.append(u"own relays gave up %1 transactions%2, the last one %3"_s.arg(
            numberText(row, "given_up"_L1),
            row.value("given_up_discarded"_L1).toInteger() > 0
                ? u" (%1 discarded by their operators)"_s.arg(numberText(row, "given_up_discarded"_L1))
                : QString(),
            timeText(row, "given_up_ts"_L1)));
    reasons.removeAll(QString());
    return reasons.join(u"; "_s);
}

/// What a trial showed, in words.
QString outcomeText(const QJsonObject &value)
{
    if (value.value("outcome"_L1).toString() == "cannot_say"_L1)
        return value.value("mine"_L1).toBool() ? u"it answers, but cannot say whether it holds mail for this server"_s
                                               : u"it answers, but cannot say whether it takes mail from this server"_s;
    if (value.value("outcome"_L1).toString() == "refused_mail"_L1)
        return u"it answers, but refused the last mail (%1): %2"_s.arg(timeText(value, "refused_ts"_L1),
                                                                       value.value("refusal"_L1).toString());
    return inWords(value, "outcome"_L1);
}

/// Ascending numbers as "1-30, 32"; of very many ranges only the first.
QString rangesText(const QJsonArray &numbers)
{
    constexpr qsizetype most = 10;
    QStringList ranges;
    for (qsizetype from = 0, to = 0; from < numbers.size(); from = to + 1) {
        if (ranges.size() == most) {
            ranges.append(u"…"_s);
            break;
        }
        for (to = from; to + 1 < numbers.size() && numbers.at(to + 1).toInteger() == numbers.at(to).toInteger() + 1;)
            ++to;
        const QString first = QString::number(numbers.at(from).toInteger());
        ranges.append(from == to ? first : first + u'-' + QString::number(numbers.at(to).toInteger()));
    }
    return ranges.join(", "_L1);
}
} // namespace

QString showRelays(const QJsonObject &value)
{
    Table table({{u"RELAY"_s},
                 {u"NAME"_s},
                 {u"FOR"_s},
                 {u"STATE"_s},
                 {u"LAST SUCCESS"_s},
                 {u"ENTRIES"_s, Table::Align::Right},
                 {u"EXPIRED"_s, Table::Align::Right},
                 {u"URL"_s},
                 {u"ERROR"_s}});
    const QJsonArray relays = value.value("relays"_L1).toArray();
    for (const auto &element : relays) {
        const QJsonObject row = element.toObject();
        const QString whose = row.value("destination"_L1).toString();
        table.add({row.value("relay"_L1).toString(), row.value("petname"_L1).toString(),
                   whose.isEmpty() ? u"this node"_s : whose, relayState(row),
                   timeText(row, "last_success_ts"_L1, u"not since the start"_s), numberText(row, "collected"_L1),
                   numberText(row, "expired"_L1), row.value("url"_L1).toString(), relayProblem(row)});
    }
    const bool off = !value.value("node"_L1).toBool() && !relays.isEmpty();
    return table.text(u"There are no relays"_s) +
           (off ? u"The node role is off: nothing is asked (setting node.enabled)\n"_s : QString());
}

QString showTested(const QJsonObject &value)
{
    Facts facts;
    facts.add(u"Relay"_s, value.value("relay"_L1).toString());
    facts.add(u"Outcome"_s, outcomeText(value));
    if (value.value("status"_L1).toInteger() > 0)
        facts.add(u"Status"_s, numberText(value, "status"_L1));
    if (const QString answer = value.value("answer"_L1).toString(); !answer.isEmpty())
        facts.add(u"Answered"_s, answer);
    facts.add(u"Took"_s, u"%1 ms"_s.arg(numberText(value, "took_ms"_L1)));
    return facts.text();
}

QStringList testFailures(const QJsonObject &value)
{
    // A relay that does not know the question is not a failure: another implementation, or an older version.
    if (value.value("works"_L1).toBool() || value.value("outcome"_L1).toString() == "cannot_say"_L1)
        return {};
    const QString detail = value.value("detail"_L1).toString();
    const QString outcome = outcomeText(value);
    if (value.value("outcome"_L1).toString() == "refused_mail"_L1)
        return {u"%1: %2"_s.arg(value.value("relay"_L1).toString(), outcome)};
    return {u"%1: %2"_s.arg(value.value("relay"_L1).toString(), detail.isEmpty() ? outcome : detail)};
}

QString showSweep(const QJsonObject &value)
{
    if (const QJsonValue cancelled = value.value("was_running"_L1); cancelled.isBool())
        return cancelled.toBool() ? u"The retrieval is cancelled\n"_s : u"No retrieval is under way\n"_s;
    Table table({{u"RELAY"_s}, {u"COLLECTED"_s, Table::Align::Right}, {u"NEW"_s, Table::Align::Right}, {u"RESULT"_s}});
    const QJsonArray relays = value.value("relays"_L1).toArray();
    for (const auto &element : relays) {
        const QJsonObject row = element.toObject();
        table.add({row.value("relay"_L1).toString(), numberText(row, "collected"_L1), numberText(row, "fresh"_L1),
                   row.value("state"_L1).toString()});
    }
    return table.text(u"There are no relays to ask"_s);
}

QStringList sweepFailures(const QJsonObject &value)
{
    QStringList lines;
    const QJsonArray relays = value.value("relays"_L1).toArray();
    for (const auto &element : relays) {
        const QJsonObject row = element.toObject();
        if (row.value("error"_L1).isObject())
            lines.append(u"%1: %2"_s.arg(row.value("relay"_L1).toString(), detailOf(row)));
    }
    if (value.value("cancelled"_L1).toBool())
        lines.append(u"The retrieval was cancelled"_s);
    return lines;
}

QString showProgress(const QJsonObject &sweep, QJsonObject &last)
{
    QString text;
    const QJsonArray relays = sweep.value("relays"_L1).toArray();
    for (const auto &element : relays) {
        const QJsonObject row = element.toObject();
        const QString relay = row.value("relay"_L1).toString();
        const QString now = numberText(row, "collected"_L1);
        if (row.value("collected"_L1).toInteger() == 0 || last.value(relay).toString() == now)
            continue;
        last.insert(relay, now);
        text += u"%1: %2 collected\n"_s.arg(base::printable(relay), now);
    }
    return text;
}

QString showOutbox(const QJsonObject &value)
{
    Table table({{u"DESTINATION"_s},
                 {u"STATE"_s},
                 {u"FAILURES"_s, Table::Align::Right},
                 {u"LAST SUCCESS"_s},
                 {u"LAST FAILURE"_s},
                 {u"DIRECT"_s, Table::Align::Right},
                 {u"BY RELAY"_s, Table::Align::Right},
                 {u"RELAYS"_s, Table::Align::Right},
                 {u"ERROR"_s}});
    const QJsonArray rows = value.value("destinations"_L1).toArray();
    for (const auto &element : rows) {
        const QJsonObject row = element.toObject();
        table.add({row.value("destination"_L1).toString(), row.value("state"_L1).toString(),
                   numberText(row, "failures"_L1), timeText(row, "last_success_ts"_L1),
                   timeText(row, "last_failure_ts"_L1), numberText(row, "sent_direct"_L1),
                   numberText(row, "sent_by_relay"_L1), numberText(row, "relays"_L1), destinationProblem(row)});
    }
    return table.text(u"Nothing was sent yet"_s);
}

QString showForgotten(const QJsonObject &value)
{
    return value.value("forgotten"_L1).toBool() ? QString() : u"There were no failures to forget\n"_s;
}

/// How it stands with the delivery of an entry: the state, its reason, and when it goes on.
static QString deliveryText(const QJsonObject &row)
{
    QString text = row.value("delivery"_L1).toString();
    if (const QString reason = row.value("delivery_reason"_L1).toString(); !reason.isEmpty())
        text += u": "_s + reason;
    if (row.value("delivery_next_ts"_L1).toInteger() > 0)
        text += u" (again at %1)"_s.arg(timeText(row, "delivery_next_ts"_L1));
    return text;
}

QString showInbox(const QJsonObject &value)
{
    const QJsonArray rows = value.value("rows"_L1).toArray();
    const auto isOff = [](const auto &row) { return row.toObject().value("delivery"_L1).toString() == "off"_L1; };
    const bool delivers = !std::all_of(rows.begin(), rows.end(), isOff); // else all of the column is the same
    QList<Table::Column> columns{{u"ENTRY"_s, Table::Align::Right},
                                 {u"SENT"_s},
                                 {u"COLLECTED"_s},
                                 {u"SIZE"_s, Table::Align::Right},
                                 {u"PDUS"_s, Table::Align::Right},
                                 {u"EDUS"_s, Table::Align::Right},
                                 {u"ORIGIN"_s},
                                 {u"RELAY"_s},
                                 {u"EVENTS"_s}};
    if (delivers)
        columns.append({u"DELIVERY"_s});
    Table table(columns);
    for (const auto &element : rows) {
        const QJsonObject row = element.toObject();
        QStringList cells{numberText(row, "id"_L1),
                          timeText(row, "origin_server_ts"_L1, {}),
                          timeText(row, "collected_ts"_L1),
                          sizeText(row, "bytes"_L1),
                          numberText(row, "pdus"_L1),
                          numberText(row, "edus"_L1),
                          row.value("origin"_L1).toString(),
                          row.value("relay"_L1).toString(),
                          row.value("damaged"_L1).toBool() ? u"damaged, cannot be read"_s : eventsText(row)};
        if (delivers)
            cells.append(deliveryText(row));
        table.add(cells);
    }
    return table.text(u"The inbox is empty"_s);
}

QStringList damagedEntries(const QJsonObject &value)
{
    QStringList lines;
    for (const auto &[member, one, many] : {std::tuple("left_out"_L1, "was left out"_L1, "were left out"_L1),
                                            std::tuple("skipped"_L1, "was skipped"_L1, "were skipped"_L1)}) {
        const QJsonArray ids = value.value(member).toArray();
        if (ids.size() == 1)
            lines.append(u"Entry %1 is damaged and %2"_s.arg(QString::number(ids.at(0).toInteger()), one));
        else if (ids.size() > 1) // one line, however many they are
            lines.append(u"%1 entries are damaged and %2: %3; see \"inbox list\""_s.arg(QString::number(ids.size()),
                                                                                        many, rangesText(ids)));
    }
    return lines;
}

QString showSent(const QJsonObject &value)
{
    const QString way = value.value("way"_L1).toString();
    if (way == "direct"_L1 && value.value("taken"_L1).toBool())
        return u"Sent directly, answered with status %1\n"_s.arg(numberText(value, "status"_L1));
    if (way == "relays"_L1 && value.value("relays"_L1).toArray().isEmpty())
        return u"Not sent: %1\n"_s.arg(value.value("detail"_L1).toString());
    if (way == "relays"_L1)
        return u"Left at %1\n"_s.arg(
            base::printable(value.value("relays"_L1).toVariant().toStringList().join(u", "_s)));
    return {};
}

QStringList sendFailures(const QJsonObject &value)
{
    const QString way = value.value("way"_L1).toString();
    if (way == "direct"_L1 && !value.value("taken"_L1).toBool())
        return {u"The destination refused it with status %1: %2"_s.arg(numberText(value, "status"_L1),
                                                                       value.value("body"_L1).toString())};
    if (way == "nowhere"_L1)
        return {u"It could not be sent: %1"_s.arg(value.value("detail"_L1).toString())};
    return {};
}

} // namespace restante::ctl
