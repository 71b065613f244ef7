// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/show.h"

#include "base/printable.h"
#include "ctl/text.h"
#include "matrix/canonicaljson.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include <algorithm>
#include <array>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{

/// A value of a setting as it is typed for `settings set`; lists of objects as JSON.
QString settingText(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    if (value.isBool())
        return value.toBool() ? u"true"_s : u"false"_s;
    if (value.isDouble())
        return value.toVariant().toString();
    const QJsonArray list = value.toArray();
    if (!list.isEmpty() && list.first().isObject())
        return QString::fromUtf8(QJsonDocument(list).toJson(QJsonDocument::Compact));
    return value.toVariant().toStringList().join(u',');
}

void addNode(Facts &facts, const QJsonObject &value)
{
    facts.add(u"Node"_s, value.value("node_listen"_L1).toString());
    facts.add(u"Relays"_s, u"%1 of this node, %2 failing; %3 of contacts"_s.arg(
                               numberText(value, "my_relays"_L1), numberText(value, "failing_relays"_L1),
                               numberText(value, "contact_relays"_L1)));
    facts.add(u"Inbox"_s,
              u"%1 entries, %2"_s.arg(numberText(value, "inbox_entries"_L1), sizeText(value, "inbox_bytes"_L1)));
    if (value.value("delivers"_L1).toBool())
        facts.add(u"Delivery"_s,
                  u"%1 delivered, %2 waiting, %3 parked, %4 without proof of their sender"_s.arg(
                      numberText(value, "delivered"_L1), numberText(value, "deliveries_waiting"_L1),
                      numberText(value, "deliveries_parked"_L1), numberText(value, "deliveries_without_proof"_L1)));
    facts.add(u"Offline"_s, u"%1 destinations"_s.arg(numberText(value, "offline_destinations"_L1)));
}

/// Empty if nobody wants to know of it.
QString nearbyText(const QJsonObject &value)
{
    QStringList parts;
    if (value.value("announces"_L1).toBool())
        parts.append(u"this server is announced"_s);
    if (value.value("watches_nearby"_L1).toBool())
        parts.append(u"others are listened for"_s);
    if (const QString trouble = value.value("nearby_trouble"_L1).toString(); !trouble.isEmpty())
        parts.append(trouble);
    return parts.join(u"; "_s);
}
} // namespace

QString showStatus(const QJsonObject &value)
{
    Facts facts;
    facts.add(u"State"_s, value.value("state"_L1).toString());
    const QJsonArray reasons = value.value("reasons"_L1).toArray();
    for (const auto &reason : reasons)
        facts.add(u"Reason"_s, reason.toObject().value("detail"_L1).toString());
    const QJsonArray warnings = value.value("warnings"_L1).toArray();
    for (const auto &warning : warnings)
        facts.add(u"Warning"_s, warning.toObject().value("detail"_L1).toString());
    facts.add(u"Server name"_s, value.value("server_name"_L1).toString());
    const QString reach = value.value("loopback_only"_L1).toBool() ? u" (only this computer)"_s : QString();
    const QStringList addresses = value.value("listen"_L1).toVariant().toStringList();
    facts.add(u"Listens on"_s, addresses.isEmpty() ? u"nothing"_s : addresses.join(u' ') + reach);
    if (const QString pin = value.value("pin"_L1).toString(); !pin.isEmpty())
        facts.add(u"Pin"_s, pin);
    facts.add(u"Open relay"_s, yesNo(value.value("open_relay"_L1).toBool()));
    facts.add(u"Served"_s, numberText(value, "served"_L1));
    facts.add(u"Held"_s, u"%1 entries, %2 (%3 % full)"_s.arg(numberText(value, "held_entries"_L1),
                                                             sizeText(value, "held_bytes"_L1),
                                                             numberText(value, "fill_percent"_L1)));
    facts.add(u"Since start"_s, u"%1 accepted, %2 collected"_s.arg(numberText(value, "accepted"_L1),
                                                                   numberText(value, "handed_over"_L1)));
    if (value.value("sends_for"_L1).toInteger() > 0)
        facts.add(u"Sends"_s, u"for %1 servers: %2 sent, mail for %3 servers is held%4"_s.arg(
                                  numberText(value, "sends_for"_L1), numberText(value, "dispatched"_L1),
                                  numberText(value, "dispatch_destinations"_L1),
                                  value.value("dispatch_parked"_L1).toInteger() > 0
                                      ? u", %1 parked"_s.arg(numberText(value, "dispatch_parked"_L1))
                                      : QString()));
    if (const QString nearby = nearbyText(value); !nearby.isEmpty())
        facts.add(u"Local network"_s, nearby);
    facts.add(u"Last contact"_s, timeText(value, "last_contact_ts"_L1, u"none since the start"_s));
    facts.add(u"From outside"_s, value.value("last_outside_ts"_L1).toInteger() == 0
                                     ? u"no request of another computer since the start"_s
                                     : u"last request "_s + timeText(value, "last_outside_ts"_L1));
    if (value.value("node"_L1).toBool())
        addNode(facts, value);
    return facts.text();
}

QString showTraffic(const QJsonObject &value)
{
    constexpr std::array members{"taken_in"_L1, "handed_over"_L1, "refused"_L1, "collected"_L1, "delivered"_L1};
    Table table({{u"FROM"_s},
                 {u"TAKEN IN"_s, Table::Align::Right},
                 {u"HANDED OVER"_s, Table::Align::Right},
                 {u"REFUSED"_s, Table::Align::Right},
                 {u"COLLECTED"_s, Table::Align::Right},
                 {u"DELIVERED"_s, Table::Align::Right}});
    const auto add = [&table, &members](const QString &from, const QJsonObject &row) {
        QStringList cells{from};
        for (const auto member : members)
            cells.append(numberText(row, member));
        table.add(cells);
    };
    const QJsonArray buckets = value.value("buckets"_L1).toArray();
    for (const auto &element : buckets) {
        const QJsonObject row = element.toObject();
        if (std::any_of(members.begin(), members.end(),
                        [&row](QLatin1String member) { return row.value(member).toInteger() > 0; }))
            add(timeText(row, "start_ts"_L1), row);
    }
    add(u"yesterday"_s, value.value("yesterday"_L1).toObject());
    add(u"today"_s, value.value("today"_L1).toObject());
    return table.text({});
}

QString showQueues(const QJsonObject &value)
{
    Table table({{u"DESTINATION"_s},
                 {u"ENTRIES"_s, Table::Align::Right},
                 {u"SIZE"_s, Table::Align::Right},
                 {u"FULL"_s, Table::Align::Right},
                 {u"OLDEST"_s},
                 {u"NEWEST"_s},
                 {u"COLLECTED"_s},
                 {u"EXPIRED"_s, Table::Align::Right}});
    const QJsonArray destinations = value.value("destinations"_L1).toArray();
    for (const auto &element : destinations) {
        const QJsonObject row = element.toObject();
        table.add({row.value("destination"_L1).toString(), numberText(row, "entries"_L1), sizeText(row, "bytes"_L1),
                   numberText(row, "fill_percent"_L1) + u" %"_s, timeText(row, "oldest_ts"_L1, {}),
                   timeText(row, "newest_ts"_L1, {}), timeText(row, "last_collected_ts"_L1),
                   numberText(row, "expired"_L1)});
        const QJsonArray users = row.value("users"_L1).toArray();
        for (const auto &user : users) {
            const QJsonObject label = user.toObject();
            const QString name = label.value("user"_L1).toString();
            table.add({u"  "_s + (name.isEmpty() ? u"(others)"_s : name), numberText(label, "entries"_L1),
                       sizeText(label, "bytes"_L1)});
        }
    }
    const qint64 quarantined = value.value("quarantined"_L1).toInteger();
    const QString aside = u"%1 entries could not be read and are set aside\n"_s.arg(quarantined);
    return table.text(u"Nothing is held"_s) + (quarantined > 0 ? aside : QString());
}

QString eventsText(const QJsonObject &row)
{
    QStringList kinds;
    QList<int> counts;
    const QJsonArray events = row.value("events"_L1).toArray();
    for (const auto &event : events) {
        const QString kind = event.toObject().value("type"_L1).toString();
        const qsizetype at = kinds.indexOf(kind);
        if (at >= 0) {
            ++counts[at];
        } else {
            kinds.append(kind);
            counts.append(1);
        }
    }
    QStringList parts;
    for (qsizetype i = 0; i < kinds.size(); ++i)
        parts.append(counts.at(i) == 1 ? kinds.at(i) : u"%1 %2"_s.arg(QString::number(counts.at(i)), kinds.at(i)));
    const qint64 all = row.value("pdus"_L1).toInteger() + row.value("edus"_L1).toInteger();
    return parts.join(u", "_s) + (all > events.size() ? u" …"_s : QString());
}

QString showEntries(const QJsonObject &value)
{
    Table table({{u"ENTRY"_s, Table::Align::Right},
                 {u"RECEIVED"_s},
                 {u"SIZE"_s, Table::Align::Right},
                 {u"PDUS"_s, Table::Align::Right},
                 {u"EDUS"_s, Table::Align::Right},
                 {u"USER"_s},
                 {u"ORIGIN"_s},
                 {u"EVENTS"_s}});
    const QJsonArray rows = value.value("rows"_L1).toArray();
    for (const auto &element : rows) {
        const QJsonObject row = element.toObject();
        const bool aside = row.value("quarantined"_L1).toBool();
        table.add({numberText(row, "entry_id"_L1), timeText(row, "received_ts"_L1), sizeText(row, "bytes"_L1),
                   numberText(row, "pdus"_L1), numberText(row, "edus"_L1), row.value("user"_L1).toString(),
                   row.value("origin"_L1).toString(), aside ? u"cannot be read"_s : eventsText(row)});
    }
    return table.text(u"Nothing is held"_s);
}

/// The address of a front door, and what becomes of mail there.
static QString frontText(const QJsonObject &row)
{
    const QString front = row.value("front"_L1).toString();
    const QJsonObject door = row.value("door"_L1).toObject();
    if (front.isEmpty() || door.isEmpty())
        return front;
    const QString since = timeText(door, "since_ts"_L1);
    if (!door.value("passes"_L1).toBool())
        return u"%1 (holds since %2)"_s.arg(front, since);
    return u"%1 (passes on to %2 since %3)"_s.arg(front, door.value("upstream"_L1).toString(), since);
}

QString showSendings(const QJsonObject &value)
{
    Table table({{u"DESTINATION"_s}, {u"STATE"_s}, {u"NEXT TRY"_s}, {u"PARKED"_s, Table::Align::Right}, {u"REASON"_s}});
    const QJsonArray rows = value.value("destinations"_L1).toArray();
    for (const auto &element : rows) {
        const QJsonObject row = element.toObject();
        table.add({row.value("destination"_L1).toString(), row.value("state"_L1).toString(),
                   timeText(row, "next_ts"_L1, u"-"_s), numberText(row, "parked"_L1),
                   row.value("reason"_L1).toString()});
    }
    return table.text(u"There is no mail to be sent from here"_s);
}

QString showServed(const QJsonObject &value)
{
    Table table({{u"NAME"_s}, {u"PETNAME"_s}, {u"FRONT DOOR"_s}, {u"KNOWN SENDERS"_s}});
    const QJsonArray served = value.value("served"_L1).toArray();
    for (const auto &element : served) {
        const QJsonObject row = element.toObject();
        table.add({row.value("name"_L1).toString(), row.value("petname"_L1).toString(), frontText(row),
                   row.value("known_origins"_L1).toVariant().toStringList().join(u' ')});
    }
    return table.text(u"Nobody is served"_s);
}

QString showInvites(const QJsonObject &value)
{
    Table table({{u"LAST"_s}, {u"FROM"_s}, {u"INVITED"_s}, {u"ROOM"_s}, {u"TIMES"_s, Table::Align::Right}});
    const QJsonArray invites = value.value("invites"_L1).toArray();
    for (const auto &element : invites) {
        const QJsonObject row = element.toObject();
        table.add({timeText(row, "last_ts"_L1), row.value("sender"_L1).toString(), row.value("invited"_L1).toString(),
                   row.value("room"_L1).toString(), numberText(row, "times"_L1)});
    }
    return table.text(u"No invite has failed"_s);
}

QString showIdentity(const QJsonObject &value)
{
    Facts facts;
    facts.add(u"Server name"_s, value.value("server_name"_L1).toString());
    facts.add(u"Key id"_s, value.value("key_id"_L1).toString());
    facts.add(u"Public key"_s, value.value("public_key"_L1).toString());
    if (const QString old = value.value("replaced"_L1).toString(); !old.isEmpty())
        facts.add(u"The old one"_s, old);
    return facts.text();
}

QString showExported(const QJsonObject &value)
{
    Facts facts;
    facts.add(u"Server name"_s, value.value("server_name"_L1).toString());
    facts.add(u"Written to"_s, value.value("file"_L1).toString());
    return facts.text();
}

QString showBackup(const QJsonObject &value)
{
    Facts facts;
    facts.add(u"Server name"_s, value.value("server_name"_L1).toString());
    facts.add(u"Files"_s, value.value("files"_L1).toVariant().toStringList().join(", "_L1));
    facts.add(u"Size"_s, sizeText(value.value("bytes"_L1).toInteger()));
    if (value.contains("file"_L1))
        facts.add(u"Written to"_s, value.value("file"_L1).toString());
    if (value.contains("data_folder"_L1))
        facts.add(u"Restored to"_s, value.value("data_folder"_L1).toString());
    return facts.text();
}

QString showSettings(const QJsonObject &value)
{
    Table table({{u"KEY"_s}, {u"VALUE"_s}, {u"DEFAULT"_s}, {u"RESTART"_s}});
    const QJsonArray settings = value.value("settings"_L1).toArray();
    for (const auto &element : settings) {
        const QJsonObject row = element.toObject();
        table.add({row.value("key"_L1).toString(), settingText(row.value("value"_L1)),
                   settingText(row.value("default"_L1)), yesNo(row.value("restart"_L1).toBool())});
    }
    return table.text(QString());
}

QString showSetting(const QJsonObject &value)
{
    return base::printable(settingText(value.value("value"_L1))) + u'\n';
}

QString showChecked(const QJsonObject &value)
{
    QString text;
    const QJsonArray files = value.value("files"_L1).toArray();
    for (const auto &each : files) {
        const QJsonObject file = each.toObject();
        if (file.value("faults"_L1).toArray().isEmpty())
            text += u"%1: nothing is wrong\n"_s.arg(file.value("name"_L1).toString());
        const QStringList notes = file.value("notes"_L1).toVariant().toStringList();
        for (const QString &note : notes)
            text += u"%1: %2\n"_s.arg(file.value("name"_L1).toString(), note);
    }
    return text;
}

QStringList checkFailures(const QJsonObject &value)
{
    QStringList lines;
    const QJsonArray files = value.value("files"_L1).toArray();
    for (const auto &each : files) {
        const QJsonObject file = each.toObject();
        const QStringList faults = file.value("faults"_L1).toVariant().toStringList();
        for (const QString &fault : faults)
            lines << u"%1: %2"_s.arg(file.value("name"_L1).toString(), fault);
    }
    return lines;
}

QString showLog(const QJsonObject &value)
{
    QString text;
    const QJsonArray lines = value.value("lines"_L1).toArray();
    for (const auto &line : lines)
        text += base::printable(line.toString()) + u'\n';
    return text;
}

QString showLine(const QJsonObject &value)
{
    QStringList lines =
        QString::fromUtf8(matrix::indentedJson(value.value("line"_L1).toString().toUtf8())).split(u'\n');
    for (QString &line : lines)
        line = base::printable(line);
    return lines.join(u'\n') + u'\n';
}

QString showRawLine(const QJsonObject &value)
{
    const QJsonValue line = value.value("line"_L1);
    return line.isString() ? line.toString() + u'\n' : QString();
}

QString showDiscarded(const QJsonObject &value)
{
    return u"%1 discarded\n"_s.arg(numberText(value, "discarded"_L1));
}

QString showRetried(const QJsonObject &value)
{
    return u"%1 retried\n"_s.arg(numberText(value, "retried"_L1));
}

QString showWritten(const QJsonObject &value)
{
    return u"%1 written\n"_s.arg(numberText(value, "written"_L1));
}

QString showChanged(const QJsonObject &value)
{
    return value.value("restart_needed"_L1).toBool() ? u"Takes effect after a restart\n"_s : QString();
}

} // namespace restante::ctl
