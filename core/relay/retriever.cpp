// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/retriever.h"

#include "matrix/canonicaljson.h"

#include <algorithm>

namespace restante::relay
{

namespace
{
/// transaction, entry_id and what stands beside them, without braces round them all; `after` comes behind the id.
void addEntry(QByteArray &reply, const queue::HeldEntry &entry, QByteArrayView after)
{
    reply += R"("transaction":{"origin":)";
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
    reply += after;
    reply += R"(,"transaction_id":)";
    reply += matrix::jsonString(entry.txnId);
    reply += R"(,"received_ts":)";
    reply += QByteArray::number(entry.receivedMs);
}

qsizetype sizeOf(const queue::HeldEntry &entry)
{
    constexpr qsizetype around = 256;
    return entry.pdus.size() + entry.edus.size() + entry.origin.size() + entry.txnId.size() + around;
}
} // namespace

Result<Retriever::Found> Retriever::next(const matrix::ServerName &owner, const Wish &wish)
{
    const int limit = std::clamp(wish.limit, 1, queue::Reader::MostAtOnce);
    const auto next = m_queue.acknowledgeAndList(owner, wish.acknowledged, limit, BatchBytes);
    if (!next)
        return next.error();
    if (next->largeBytes > 0)
        return Found{{}, next->largeBytes};
    return Found{relayTxnReply(*next, wish.holds, wish.paused)};
}

QByteArray relayTxnReply(const queue::NextEntry &next, std::optional<bool> holds, bool paused)
{
    const auto boolean = [](bool value) { return value ? QByteArrayLiteral("true") : QByteArrayLiteral("false"); };
    const QByteArray expired = QByteArray::number(next.expired);
    if (!next.entry) {
        const QByteArray told =
            holds ? R"(,"org.restante.holds":)" + boolean(*holds) + R"(,"org.restante.paused":)" + boolean(paused)
                  : QByteArray();
        return R"({"transaction":{"origin":"","origin_server_ts":0,"pdus":[]},"entries_queued":false,"expired":)" +
               expired + told + '}';
    }

    qsizetype size = sizeOf(*next.entry);
    for (const queue::HeldEntry &entry : next.further)
        size += sizeOf(entry);
    QByteArray reply;
    reply.reserve(size);
    reply += '{';
    addEntry(reply, *next.entry, R"(,"entries_queued":true)");
    reply += R"(,"expired":)";
    reply += expired;
    if (!next.further.empty()) {
        reply += R"(,"org.restante.batch":[)";
        for (size_t i = 0; i < next.further.size(); ++i) {
            reply += i > 0 ? ",{" : "{";
            addEntry(reply, next.further[i], {});
            reply += '}';
        }
        reply += ']';
    }
    reply += '}';
    return reply;
}

} // namespace restante::relay
