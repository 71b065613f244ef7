// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/mailboxreply.h"

#include "http/errortable.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace restante::sites
{

using namespace Qt::Literals::StringLiterals;

namespace
{
/// `errcode` and `error` as send_relay would answer.
QJsonObject refusalObject(const Error &error)
{
    QJsonObject object = QJsonDocument::fromJson(http::errorBody(error)).object();
    object.remove(u"retry_after_ms"_s);
    return object;
}
} // namespace

QByteArray ownMailboxReply(const matrix::ServerName &owner, bool holds, bool paused, const Result<void> &room,
                           bool onlyForUnknown)
{
    const bool full = !room && room.error().code == Errc::QuotaExceeded;
    QJsonObject reply{
        {u"server_name"_s, owner.toString()}, {u"holds"_s, holds}, {u"paused"_s, paused || (!room && !full)}};
    if (!holds)
        reply.insert(u"reason"_s, u"This relay does not act for your server"_s);
    else if (!room)
        reply.insert(u"reason"_s, refusalObject(room.error()).value(u"error"_s));
    if (holds && full)
        reply.insert(onlyForUnknown ? u"full_for_unknown"_s : u"full"_s, true);
    return QJsonDocument(reply).toJson(QJsonDocument::Compact);
}

QByteArray otherMailboxReply(const matrix::ServerName &owner, const Result<void> &mayLeave)
{
    QJsonObject reply{{u"server_name"_s, owner.toString()}, {u"accepts"_s, mayLeave.ok()}};
    const QJsonObject refusal = mayLeave ? QJsonObject() : refusalObject(mayLeave.error());
    for (auto member = refusal.begin(); member != refusal.end(); ++member)
        reply.insert(member.key(), member.value());
    return QJsonDocument(reply).toJson(QJsonDocument::Compact);
}

} // namespace restante::sites
