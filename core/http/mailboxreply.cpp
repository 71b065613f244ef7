// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/mailboxreply.h"

#include "http/errortable.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace restante::http
{

using namespace Qt::Literals::StringLiterals;

QByteArray ownMailboxReply(const matrix::ServerName &owner, bool holds, bool paused)
{
    QJsonObject reply{{u"server_name"_s, owner.toString()}, {u"holds"_s, holds}, {u"paused"_s, paused}};
    if (!holds)
        reply.insert(u"reason"_s, u"This relay does not act for your server"_s);
    return QJsonDocument(reply).toJson(QJsonDocument::Compact);
}

QByteArray otherMailboxReply(const matrix::ServerName &owner, const Result<void> &mayLeave)
{
    QJsonObject reply{{u"server_name"_s, owner.toString()}, {u"accepts"_s, mayLeave.ok()}};
    if (!mayLeave) {
        reply.insert(u"errcode"_s, QString::fromLatin1(errcodeOf(mayLeave.error().code)));
        reply.insert(u"error"_s, mayLeave.error().detail);
    }
    return QJsonDocument(reply).toJson(QJsonDocument::Compact);
}

} // namespace restante::http
