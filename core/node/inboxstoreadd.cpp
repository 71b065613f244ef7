// SPDX-License-Identifier: GPL-3.0-or-later
// What a relay brought goes into the inbox, or is known already.
#include "base/sqltransaction.h"
#include "matrix/attestation.h"
#include "matrix/edu.h"
#include "node/inboxstoreparts.h"

#include <sodium.h>

namespace restante::node
{

namespace
{
constexpr qsizetype KeyBytes = 16;
} // namespace

/// Keyed, as the digest asks for (contentDigest).
QByteArray InboxStore::Private::keyOf(const Collected &collected) const
{
    QByteArray key(KeyBytes, Qt::Uninitialized);
    crypto_generichash_state state;
    crypto_generichash_init(&state, reinterpret_cast<const unsigned char *>(secret.constData()), size_t(secret.size()),
                            size_t(key.size()));
    crypto_generichash_update(&state, collected.digest.data(), collected.digest.size());
    const QByteArray &origin = collected.origin.bytes();
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char *>(origin.constData()),
                              size_t(origin.size()));
    crypto_generichash_final(&state, reinterpret_cast<unsigned char *>(key.data()), size_t(key.size()));
    return key;
}

Result<bool> InboxStore::Private::has(const QByteArray &key)
{
    if (auto done = known.run(key, key); !done)
        return done.error();
    const base::SqlRows rows(known);
    if (known.next())
        return true;
    if (auto failed = known.failure(); !failed)
        return failed.error();
    return false;
}

Result<InboxStore::Private::RelayRow> InboxStore::Private::relayRow(const matrix::ServerName &name)
{
    for (const bool again : {false, true}) {
        if (auto done = relay.run(name.bytes()); !done)
            return done.error();
        {
            const base::SqlRows rows(relay);
            if (relay.next())
                return RelayRow{relay.integer(0), relay.integer(1), relay.integer(2)};
            if (auto failed = relay.failure(); !failed)
                return failed.error();
        }
        if (again)
            break;
        if (auto added = addRelay.run(name.bytes()); !added)
            return added.error();
    }
    return Error{Errc::Internal, QStringLiteral("A relay's row vanished."), 0};
}

Result<void> InboxStore::Private::take(qint64 relayId, const QByteArray &key, const Collected &collected, qint64 nowMs)
{
    if (auto done = insert.run(key, relayId, collected.origin.bytes(), base::present(collected.txnId),
                               collected.originServerTs, nowMs, collected.pduCount, collected.eduCount,
                               collected.bytes(), collected.pdus, collected.edus);
        !done)
        return done;
    if (auto done = summaries.addToLast(collected.pdus, collected.edus); !done)
        return done;
    return setRelay.run(qint64(1), collected.bytes(), relayId);
}

std::optional<Error> InboxStore::Private::refusal(const RelayRow &row, const Collected &next, const InboxLimits &limits)
{
    if (row.entries < limits.relayEntries && row.bytes + next.bytes() <= limits.relayBytes)
        return std::nullopt;
    return Error{Errc::QuotaExceeded, QStringLiteral("The inbox has no room for more from this relay."), 0};
}

/// Nobody signed the time that the order goes by for all relays: a Dendrite relay loses it, and another one may bring
/// it; if two tell different ones the earlier counts. Whether the row was changed; one that was merged keeps its
/// place.
Result<bool> InboxStore::Private::compareTimes(const QByteArray &key, const Collected &copy, Kept &kept)
{
    qint64 id = 0;
    qint64 ts = 0;
    bool merged = false;
    {
        if (auto done = timeOf.run(key); !done)
            return done.error();
        const base::SqlRows rows(timeOf);
        if (!timeOf.next()) { // it was taken out
            if (auto failed = timeOf.failure(); !failed)
                return failed.error();
            return false;
        }
        id = timeOf.integer(0);
        ts = timeOf.integer(1);
        merged = timeOf.integer(2) != 0;
    }
    if (ts != 0 && ts != copy.originServerTs)
        ++kept.disputed;
    if (merged || (ts != 0 && ts <= copy.originServerTs))
        return false;
    const auto done = ts == 0 ? complete.run(copy.originServerTs, base::present(copy.txnId), id)
                              : setEarlier.run(copy.originServerTs, id);
    return done ? Result<bool>(true) : Result<bool>(done.error());
}

/// A relay that knows no attestations may lose one, or its mail may come from a sender without: one that has no usable
/// proof takes over the bodies of a copy that has one. What the relay is charged for stays as it was.
Result<bool> InboxStore::Private::compareProofs(const QByteArray &key, const Collected &copy)
{
    if (!matrix::rebuildRequest(copy.pdus, copy.edus))
        return false;
    if (auto done = takeProof.run(copy.pdus, copy.edus, base::present(copy.txnId), key,
                                  matrix::AttestationEduType.toByteArray(), int(DeliveryRow::State::NoProof),
                                  int(DeliveryRow::State::EventsOnly));
        !done)
        return done.error();
    if (takeProof.rowsAffected() <= 0)
        return false;
    if (auto done = deliveries.dropByKey(key); !done)
        return done.error();
    proven = true;
    return true;
}

/// `held`: which ones are known already, where that was asked before; then those are not touched.
Result<InboxStore::Kept> InboxStore::Private::add(const matrix::ServerName &relayName,
                                                  const std::vector<Collected> &batch, const InboxLimits &limits,
                                                  const std::vector<bool> *held)
{
    base::SqlTransaction transaction(*database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    auto row = relayRow(relayName);
    if (!row)
        return row.error();
    Kept kept;
    bool completed = false;
    const qint64 now = clock.wallMs();
    for (size_t i = 0; i < batch.size(); ++i) {
        const Collected &collected = batch[i];
        const QByteArray key = keyOf(collected);
        const auto isHeld = held ? Result<bool>(bool((*held)[i])) : has(key);
        if (!isHeld)
            return isHeld.error();
        if (!*isHeld) {
            kept.end = refusal(*row, collected, limits);
            if (kept.end)
                break;
            if (auto taken = take(row->id, key, collected, now); !taken)
                return taken.error();
            ++row->entries;
            row->bytes += collected.bytes();
            ++kept.fresh;
        } else if (!held) {
            const auto dated = collected.originServerTs > 0 ? compareTimes(key, collected, kept) : Result<bool>(false);
            const auto changed = dated ? compareProofs(key, collected) : dated;
            if (!changed)
                return changed.error();
            completed = completed || *dated || *changed;
        }
        ++kept.taken;
    }
    if (kept.fresh == 0 && !completed) // nothing was written but perhaps the relay's row, which can wait
        return kept;
    if (auto committed = transaction.commit(); !committed)
        return committed.error();
    return kept;
}

} // namespace restante::node
