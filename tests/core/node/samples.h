// SPDX-License-Identifier: GPL-3.0-or-later
// What relays answer, made by the test.
#pragma once

#include "node/inboxstore.h"
#include "node/relaywire.h"

#include <QtCore/QByteArray>

#include <algorithm>

namespace restante::test
{

inline matrix::ServerName server(const QByteArray &name)
{
    return *matrix::ServerName::parse(name);
}

/// A transaction of one PDU whose type is `content`.
inline node::Collected collected(const QByteArray &content, qint64 ts, const QByteArray &origin = "a.example")
{
    node::Collected made;
    made.origin = server(origin);
    made.txnId = "t-" + content;
    made.originServerTs = ts;
    made.pdus = R"([{"type":")" + content + R"("}])";
    made.edus = "[]";
    made.pduCount = 1;
    std::copy_n((content + QByteArray(16, '.')).begin(), made.digest.size(), made.digest.begin());
    return made;
}

/// The members of an entry as they stand in an answer, without braces.
inline QByteArray entryMembers(const QByteArray &content, qint64 id, qint64 ts, const QByteArray &origin = "a.example")
{
    return R"("transaction":{"origin":")" + origin + R"(","origin_server_ts":)" + QByteArray::number(ts) +
           R"(,"pdus":[{"type":")" + content + R"("}]},"entry_id":)" + QByteArray::number(id) +
           R"(,"transaction_id":"t-)" + content + '"';
}

/// A relay's answer with one entry, and further ones in the batch.
inline QByteArray answerWith(const QList<QByteArray> &entries)
{
    QByteArray answer = '{' + entries.first() + R"(,"entries_queued":true)";
    for (qsizetype i = 1; i < entries.size(); ++i)
        answer += (i == 1 ? R"(,"org.restante.batch":[{)" : ",{") + entries.at(i) + '}';
    return answer + (entries.size() > 1 ? "]}" : "}");
}

inline const QByteArray EmptyAnswer =
    R"({"transaction":{"origin":"","origin_server_ts":0,"pdus":null},"entries_queued":false})";

} // namespace restante::test
