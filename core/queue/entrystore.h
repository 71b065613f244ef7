// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/entryindex.h"
#include "queue/ledger.h"
#include "queue/types.h"

#include <array>
#include <memory>
#include <optional>

namespace restante::queue
{

/// The rows of the queue: puts them in, takes them out, remembers what was acknowledged. Lives in the writer's thread.
/// Everything happens inside a transaction that the caller runs; the totals follow through the Ledger. Where a call
/// fails with anything but QuotaExceeded, SQL has failed and the transaction is to be rolled back.
class EntryStore
{
public:
    EntryStore(base::Database &database, EntryIndex &index, Ledger &ledger);
    ~EntryStore();
    Q_DISABLE_COPY_MOVE(EntryStore)

    /// For the digests of StoreRequests, derived from the key of the contents' hash.
    matrix::DigestKey digestKey() const;

    /// Reads the keys of the two hashes, or makes them. Once, first, outside a transaction.
    Result<void> load();

    /// Promises 2, 4 and 6. Errc::QuotaExceeded where there is no room; what is held already is found even then.
    Result<Stored> store(const StoreRequest &request, qint64 stampMs);
    /// Whether the entry was held. It leaves a tombstone. Where `place` has no arrival it is looked for.
    Result<bool> acknowledge(const matrix::ServerName &destination, Place place, qint64 stampMs);
    /// Whether the entry was held, or lay in quarantine.
    Result<bool> discard(const matrix::ServerName &destination, matrix::EntryId id);
    /// Throws away at most `limit` entries up to `last`, oldest first; the value is how many.
    Result<qint64> discardOldest(const matrix::ServerName &destination, matrix::EntryId last, int limit);
    /// The last id drawn for it so far; null where it has none.
    Result<matrix::EntryId> lastId(const matrix::ServerName &destination);
    /// Moves a row out of the way; its content may then be stored again. The value is false where it is not held.
    Result<bool> quarantine(const matrix::ServerName &destination, matrix::EntryId id, qint64 stampMs);

    struct Aged {
        int expired = 0;
        int restamped = 0;
    };
    /// Promise 7, over the `limit` oldest arrivals: what was received before `beforeMs` goes. Rows that no believed
    /// time has stamped, and those stamped later than `latestStampMs`, get the stamp of their neighbour.
    Result<Aged> expire(qint64 beforeMs, qint64 nowMs, qint64 latestStampMs, int limit);
    /// The first time that is believed: tombstones and quarantined rows from before it begin to age now.
    Result<void> stampTimeless(qint64 nowMs);
    /// Forgets at most `limit` of the oldest tombstones: those before `beforeMs` and those above `most`. The value is
    /// how many.
    Result<int> forgetTombstones(qint64 beforeMs, qint64 most, int limit);
    Result<int> dropQuarantined(qint64 beforeMs);

    /// What the batch has changed, written down in its transaction.
    Result<void> writeBatch() { return m_ledger.writeBatch(); }
    /// That transaction has ended: memory follows.
    void committed();
    void rolledBack();

    /// What counts against quotas.
    static qint64 sizeOf(const StoreRequest &request);

private:
    Result<std::optional<qint64>> stampAfter(qint64 arrival, qint64 latestStampMs);
    struct Statements;
    struct Fingerprint {
        qint64 first = 0; ///< 8 bytes, the index
        QByteArray rest;  ///< the other 24
    };
    /// A row that was taken out.
    struct Row {
        EntryIndex::Row indexed;
        qint64 origin = 0;
        qint64 label = 0;
        qint64 address = 0;
        qint64 size = 0;
    };
    struct Claim {
        std::optional<Stored> held; ///< the content is known: nothing to insert
        qint64 dedup = 0;           ///< the number under which it was claimed otherwise
    };

    Result<QByteArray> key(const QString &name, qsizetype length);
    Fingerprint fingerprint(const StoreRequest &request) const;
    qint64 addressNumber(const QByteArray &addressKey) const;
    Result<Claim> claim(const Ledger::Destination &destination, const Fingerprint &print);
    Result<Stored> heldAs(const Ledger::Destination &destination, const EntryIndex::Content &content);
    Result<std::optional<Row>> takeArrival(qint64 arrival);
    Result<std::optional<Row>> take(const Ledger::Destination &destination, matrix::EntryId id);
    Result<void> forget(const Row &row, const matrix::ServerName &name, Movement::Kind kind, qint64 atMs);
    Movement leaving(Movement::Kind kind, const Row &row, qint64 atMs) const;

    EntryIndex &m_index;
    Ledger &m_ledger;
    std::unique_ptr<Statements> m_sql;
    QByteArray m_contentKey;
    QByteArray m_addressKey;
    qint64 m_agedTo = 0; ///< arrival; where `expire` goes on, 0 = at the oldest
};

} // namespace restante::queue
