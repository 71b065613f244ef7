// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/retriever.h"

#include "matrix/canonicaljson.h"

namespace restante::relay
{

Result<QByteArray> Retriever::next(const matrix::ServerName &owner, matrix::EntryId acknowledged)
{
    const auto next = m_queue.acknowledgeAndNext(owner, acknowledged);
    if (!next)
        return next.error();
    return relayTxnReply(*next);
}

QByteArray relayTxnReply(const queue::NextEntry &next)
{
    const QByteArray expired = QByteArray::number(next.expired);
    if (!next.entry)
        return R"({"transaction":{"origin":"","origin_server_ts":0,"pdus":[]},"entries_queued":false,"expired":)" +
               expired + '}';

    const queue::HeldEntry &entry = *next.entry;
    QByteArray reply;
    reply.reserve(entry.pdus.size() + entry.edus.size() + entry.origin.size() + entry.txnId.size() + 256);
    reply += R"({"transaction":{"origin":)";
    reply += matrix::jsonString(entry.origin);
    reply += R"(,"origin_server_ts":)";
    reply += QByteArray::number(entry.originServerTs);
    reply += R"(,"pdus":)";
    reply += entry.pdus;
    if (entry.edus.size() > 2) { // "[]" is left out, as Dendrite does
        reply += R"(,"edus":)";
        reply += entry.edus;
    }
    reply += R"(},"entry_id":)";
    reply += QByteArray::number(entry.id.value);
    reply += R"(,"entries_queued":true,"transaction_id":)";
    reply += matrix::jsonString(entry.txnId);
    reply += R"(,"received_ts":)";
    reply += QByteArray::number(entry.receivedMs);
    reply += R"(,"expired":)";
    reply += expired;
    reply += '}';
    return reply;
}

} // namespace restante::relay
