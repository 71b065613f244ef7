// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/show.h"
#include "ctl/text.h"

#include <QtCore/QDateTime>
#include <QtCore/QJsonArray>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
/// Whether requests that are signed with a key count, in a word.
QString keyState(const QJsonObject &key)
{
    if (key.value("pinned"_L1).toBool())
        return u"pinned"_s;
    if (key.value("old"_L1).toBool())
        return u"old"_s;
    if (key.value("usable"_L1).toBool())
        return u"good"_s;
    const bool over = key.value("valid_until_ts"_L1).toInteger() < QDateTime::currentMSecsSinceEpoch();
    return over ? u"expired"_s : u"banned"_s;
}

QString refusedText(const QJsonArray &refused)
{
    if (refused.isEmpty())
        return {};
    Table table({{u"SERVER"_s}, {u"KEY ID"_s}, {u"REFUSED KEY"_s}, {u"REFUSED"_s}});
    for (const auto &element : refused) {
        const QJsonObject row = element.toObject();
        table.add({row.value("server"_L1).toString(), row.value("key_id"_L1).toString(), row.value("key"_L1).toString(),
                   timeText(row, "refused_ts"_L1)});
    }
    return u"\nThese servers now have a different key from the one held, which stays (see \"key pin\"):\n"_s +
           table.text(QString());
}

QString failedText(const QJsonArray &failed)
{
    if (failed.isEmpty())
        return {};
    Table table({{u"SERVER"_s}, {u"ASKED"_s}, {u"REASON"_s}});
    for (const auto &element : failed) {
        const QJsonObject row = element.toObject();
        table.add(
            {row.value("server"_L1).toString(), timeText(row, "failed_ts"_L1), row.value("reason"_L1).toString()});
    }
    return u"\nThe keys of these servers could not be fetched the last time they were asked for:\n"_s +
           table.text(QString());
}
} // namespace

QString showKeys(const QJsonObject &value)
{
    Table table({{u"SERVER"_s}, {u"KEY ID"_s}, {u"KEY"_s}, {u"SEEN"_s}, {u"COUNTS UNTIL"_s}, {u"STATE"_s}});
    const QJsonArray keys = value.value("keys"_L1).toArray();
    for (const auto &element : keys) {
        const QJsonObject row = element.toObject();
        const bool endless = row.value("valid_until_ts"_L1).toInteger() == 0;
        table.add({row.value("server"_L1).toString(), row.value("key_id"_L1).toString(), row.value("key"_L1).toString(),
                   timeText(row, "seen_ts"_L1), endless ? u"no end"_s : timeText(row, "valid_until_ts"_L1),
                   keyState(row)});
    }
    const qint64 left = value.value("left"_L1).toInteger();
    const QString more = u"%1 more that were seen earlier; name a server to see its keys\n"_s.arg(left);
    return table.text(u"No key is held"_s) + (left > 0 ? more : QString()) +
           refusedText(value.value("refused"_L1).toArray()) + failedText(value.value("failed"_L1).toArray());
}

QString showPinned(const QJsonObject &value)
{
    return value.value("replaced"_L1).toBool() ? u"It takes the place of another key\n"_s : QString();
}

QString showForgottenKeys(const QJsonObject &value)
{
    return u"%1 forgotten\n"_s.arg(numberText(value, "forgotten"_L1));
}

} // namespace restante::ctl
