// SPDX-License-Identifier: GPL-3.0-or-later
#include "inboxpreload.h"

#include "base/clock.h"
#include "matrix/attestation.h"
#include "matrix/transaction.h"
#include "node/inboxstore.h"

namespace restante::bench
{

namespace
{
constexpr qint64 BatchEntries = 500;

Result<node::Collected> collected(const Peer &sender, const matrix::ServerName &destination,
                                  const TransactionShape &shape, quint64 number, const matrix::DigestKey &key)
{
    node::Collected mail;
    mail.origin = sender.name();
    mail.txnId = transactionId(number);
    const QByteArray body = transactionBody(sender.name(), shape, number);
    const auto scanned = matrix::ScannedObject::scan(body);
    if (!scanned)
        return scanned.error();
    const auto claim = matrix::XMatrix::parse({sender.authorization("PUT", sendTarget(number), destination, body)});
    if (!claim)
        return claim.error();
    auto edus = matrix::attestedEdus(*scanned, sender.name(), claim->signatures.front(), mail.txnId);
    if (!edus)
        return edus.error();
    mail.edus = *std::move(edus);
    mail.pdus = scanned->find("pdus")->text.toByteArray();
    mail.originServerTs = scanned->find("origin_server_ts")->toInteger().value_or(0);
    const auto left = matrix::ScannedObject::scan(matrix::withEdus(*scanned, mail.edus));
    const auto whole = left ? matrix::Transaction::fromBody(*left) : Result<matrix::Transaction>(left.error());
    if (!whole)
        return whole.error();
    mail.pduCount = whole->pduCount();
    mail.eduCount = whole->eduCount();
    mail.digest = matrix::contentDigest(*whole, mail.txnId, key);
    return mail;
}
} // namespace

Result<void> preloadInbox(const QString &folder, const matrix::ServerName &destination,
                          const std::vector<Peer> &senders, const TransactionShape &shape, qint64 count,
                          quint64 firstNumber)
{
    const base::SystemClock clock;
    const auto store = node::InboxStore::open(folder, clock);
    if (!store)
        return store.error();
    const auto relay = matrix::ServerName::parse("relay.example");
    node::InboxLimits limits;
    limits.relayEntries = count;
    std::vector<node::Collected> batch;
    for (qint64 i = 0; i < count; ++i) {
        const quint64 number = firstNumber + quint64(i);
        auto mail = collected(senders[number % senders.size()], destination, shape, number, (*store)->digestKey());
        if (!mail)
            return mail.error();
        batch.push_back(*std::move(mail));
        if (qint64(batch.size()) < BatchEntries && i + 1 < count)
            continue;
        const auto kept = (*store)->add(*relay, batch, limits);
        if (!kept)
            return kept.error();
        if (kept->fresh != qint64(batch.size()))
            return {Errc::Internal, QStringLiteral("the inbox took %1 of %2").arg(kept->fresh).arg(batch.size())};
        batch.clear();
    }
    const auto merged = (*store)->merge();
    return merged ? Result<void>() : merged.error();
}

} // namespace restante::bench
