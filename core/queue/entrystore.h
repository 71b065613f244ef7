// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/bodyparts.h"
#include "queue/entryindex.h"
#include "queue/ledger.h"
#include "queue/types.h"

#include <QtCore/QMap>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace restante::queue
{

/// The rows of the queue: puts them in, takes them out, remembers what was acknowledged. Lives in the writer's thread.
/// Everything happens inside a transaction that the caller runs; the totals follow through the Ledger. If a call
/// fails with anything but QuotaExceeded, SQL has failed and the transaction is to be rolled back.
class EntryStore
{
public:
    EntryStore(base::Database &database, EntryIndex &index, Ledger &ledger);
    ~EntryStore();
    Q_DISABLE_COPY_MOVE(EntryStore)

    /// For the digests of StoreRequests, derived from the key of the contents' hash.
    matrix::DigestKey digestKey() const;
    /// The secret keys in `meta`, by name.
    QMap<QString, QByteArray> hashKeys() const;

    /// Reads the keys of the two hashes, or makes them. Once, first, outside a transaction.
    Result<void> load();

    /// Promises 2, 4 and 6. Errc::QuotaExceeded if there is no room; what is held already is found even then. `parts`:
    /// if the body is large, it has been put in before. If it is not wanted after all it is deleted.
    Result<Stored> store(const StoreRequest &request, qint64 stampMs, const PartsSoFar &parts = {});
    /// What `store` would say without storing; nothing if it would store.
    Result<std::optional<Stored>> judge(const StoreRequest &request, qint64 stampMs);
    /// Puts the next part of a large body in.
    Result<void> putPart(const StoreRequest &request, PartsSoFar &parts);
    /// No other part of it comes, and no `store`.
    void abandon(const PartsSoFar &parts);
    /// Whether there are parts of bodies that nothing came of, in this run or before it.
    bool hasAbandoned() const { return !m_abandoned.isEmpty(); }
    using InTransaction = std::function<Result<void>(const std::function<Result<void>()> &)>;
    /// Deletes them; each call of `inTransaction` is one of its own, for one body. What cannot be deleted stays until
    /// the next start.
    Result<void> dropAbandoned(const InTransaction &inTransaction);
    /// Whether the entry was held. It leaves a tombstone. If `place` has no arrival it is looked for. `kind`:
    /// Acknowledged, or Sent.
    Result<bool> acknowledge(const matrix::ServerName &destination, Place place, Movement::Kind kind, qint64 stampMs);
    /// Whether the entry was held, or lay in quarantine. A row that cannot be deleted is left where it is and counts as
    /// gone, here and in all that follows.
    /// `toldMs`: what this relay was to send is counted for its origin as discarded then; nothing: nobody is told.
    Result<bool> discard(const matrix::ServerName &destination, matrix::EntryId id, std::optional<qint64> toldMs = {});
    struct Discarded {
        qint64 held = 0;      ///< how many were held
        matrix::EntryId upTo; ///< the last one that was looked at
        bool more = false;    ///< there may be others behind it
    };
    /// Throws away at most `limit` entries after `after` and up to `last`, oldest first. `toldMs`: as above.
    Result<Discarded> discardOldest(const matrix::ServerName &destination, matrix::EntryId after, matrix::EntryId last,
                                    int limit, qint64 toldMs);
    /// The last id drawn for it so far; null if it has none.
    Result<matrix::EntryId> lastId(const matrix::ServerName &destination);
    /// Moves a row out of the way, as far as it can still be read; its content may then be stored again. The value is
    /// false if it is not held.
    Result<bool> quarantine(const matrix::ServerName &destination, matrix::EntryId id, qint64 stampMs);

    struct Aged {
        int expired = 0;
        int restamped = 0;
    };
    /// Promise 7, over the `limit` oldest arrivals: what was received before `beforeMs` goes. Rows that no believed
    /// time has stamped, and those stamped later than `latestStampMs`, get the stamp of their neighbour.
    /// `lookForAged` has found them.
    Result<Aged> expire(qint64 beforeMs, qint64 nowMs);
    /// Finds what `expire`, `forgetTombstones` and `dropQuarantined` deal with, at most `limit` each, and passes over
    /// what cannot be read. Outside a transaction: after SQLite has met a damage in one it writes nothing more there.
    Result<void> lookForAged(qint64 nowMs, qint64 latestStampMs, int limit);
    Result<void> lookForTombstones(int limit);
    Result<void> lookForQuarantined(qint64 beforeMs, int limit);
    /// The first time that is believed: tombstones and quarantined rows from before it begin to age now.
    Result<void> stampTimeless(qint64 nowMs);
    /// Forgets of the oldest tombstones, which `lookForTombstones` has found, those before `beforeMs` and those above
    /// `most`. The value is how many.
    Result<int> forgetTombstones(qint64 beforeMs, qint64 most);
    /// Deletes the quarantined rows that `lookForQuarantined` has found; one that could not be deleted stays. The value
    /// is how many went.
    Result<int> dropQuarantined();

    /// Grows when something failed that is done in another way the next time: it is worth trying again.
    quint64 learned() const { return m_index.broken().learned() + m_stuckLearned; }
    /// Whether broken rows were met since the start: then little is done in one transaction.
    bool isBroken() const { return m_index.broken().any(); }
    /// Whether entries are held back because a page that leads to them is damaged (BrokenRows::Harm::Lost).
    bool isCutOff() const { return m_index.broken().someLost().has_value(); }

    /// Whether entries that were held back (BrokenRows::Harm::Lost) can be read again: then readers try them again.
    /// Outside a transaction.
    void tryLost();
    /// Readers try again what they met as broken, unless it is known to be so still.
    void tryWithheld();
    /// Tries again at most `limit` of the rows that were left where they are, going on behind the last ones: what was
    /// set aside and reads whole comes back into its queue unless it came before `bornAfterMs` or its content has come
    /// again; what else can be deleted by now is. Each call of `inTransaction` is one of its own. When everything is
    /// folded, and to be folded afterwards.
    Result<void> tryLeft(size_t limit, qint64 bornAfterMs, const InTransaction &inTransaction);
    /// How many have come back since this was asked the last time.
    int takeGivenBack() { return std::exchange(m_givenBack, 0); }

    /// How many entries the transaction has set aside.
    int setAside() const { return m_setAside; }
    /// A damage that was met since this was asked the last time, whatever became of what met it.
    std::optional<Error> takeDamage() { return std::exchange(m_damage, {}); }
    /// Adds up anew what is held for destinations of which an unreadable row was taken out: nobody knows what it had
    /// counted. In transactions of its own, when everything is folded.
    Result<void> recount(qint64 nowMs);

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
        qint64 body = 0;   ///< if it is in parts
        bool known = true; ///< false if only `indexed.place` and the destination are
    };
    struct Arrival {
        qint64 number = 0;
        qint64 stampMs = 0;
        qint64 destination = 0;
        matrix::EntryId id;
    };
    struct Tombstone {
        qint64 number, acknowledgedMs, destination, dedup, id;
    };
    struct Quarantined {
        qint64 number = 0; ///< key of its row
        qint64 destination = 0;
        matrix::EntryId id;
    };
    struct Claim {
        std::optional<Stored> held; ///< the content is known: nothing to insert
        qint64 dedup = 0;           ///< the number under which it was claimed otherwise
    };

    /// What is to be said of a store, and what is known for it.
    struct Prospect {
        Ledger::Destination *destination = nullptr; ///< null if nothing was ever held for it
        qint64 origin = 0;
        qint64 address = 0;
        Standing standing = Standing::Unknown;
        Fingerprint print;
        Claim claim; ///< if there is a destination
    };

    Result<QByteArray> key(const QString &name, qsizetype length);
    Result<Prospect> prospect(const StoreRequest &request, qint64 stampMs);
    Result<Stored> add(const StoreRequest &request, Prospect &prospect, qint64 stampMs, const PartsSoFar &parts);
    Result<void> supersede(const StoreRequest &request, qint64 destination, qint64 origin, matrix::EntryId id);
    Fingerprint fingerprint(const StoreRequest &request) const;
    qint64 addressNumber(const QByteArray &addressKey) const;
    Result<Claim> claim(const Ledger::Destination &destination, const Fingerprint &print, qint64 stampMs);
    Result<std::optional<Stored>> heldAs(const Ledger::Destination &destination, const EntryIndex::Content &content,
                                         qint64 stampMs);
    Result<std::optional<Row>> take(qint64 destination, const Place &place);
    Result<std::optional<Row>> takeArrival(qint64 arrival);
    Result<std::optional<Row>> runForRow(base::SqlStatement &statement, qint64 arrival);
    static Result<std::optional<Row>> readRow(base::SqlStatement &statement, qint64 arrival);
    Result<bool> discardPlace(const Ledger::Destination &destination, const Place &place, std::optional<qint64> toldMs);
    bool isLost(const Place &place) const;
    Result<void> tryLeft(const BrokenRows::Left &left, qint64 bornAfterMs, const InTransaction &inTransaction,
                         std::vector<std::pair<matrix::ServerName, matrix::EntryId>> &back);
    Result<bool> isAside(const BrokenRows::Left &left);
    Result<void> dropLeft(qint64 arrival);
    Result<matrix::ServerName> giveBack(const BrokenRows::Left &left, qint64 bornAfterMs);
    Result<bool> isWhole(const Place &place);
    static Row unknownRow(qint64 destination, const Place &place);
    Error met(const Place &place, const Error &error);
    Error metReading(const Place &place, const Error &error);
    Result<void> list(qint64 destination, const Place &place, qint64 stampMs);
    Result<void> forget(const Row &row, const matrix::ServerName &name, Movement::Kind kind, qint64 atMs);
    Result<bool> forgetAcknowledged(const Row &row, const matrix::ServerName &name, Movement::Kind kind, qint64 atMs);
    Result<void> setAside(const Ledger::Destination &destination, const Place &place, Movement::Kind kind,
                          qint64 stampMs);
    bool isStamp(qint64 ms) const;
    static bool hasRow(base::SqlStatement &statement, qint64 arrival);
    static qint64 readableFrom(base::SqlStatement &statement, qint64 arrival, qint64 end);
    BrokenRows::Harm extent(qint64 arrival);
    Result<qint64> passGap(qint64 begin);
    Result<bool> expireArrival(const Arrival &arrival, qint64 nowMs);
    Result<void> noteGivenUp(const Row &row, const matrix::ServerName &destination, Movement::Kind kind, qint64 nowMs);
    Result<void> restamp(const Arrival &arrival, qint64 stampMs, qint64 nowMs);
    Result<void> recount(const Ledger::Destination &destination, qint64 nowMs);
    Result<void> setAllAside(const Ledger::Destination &destination, const std::vector<Place> &places, qint64 nowMs);
    Movement movementOf(Movement::Kind kind, const Row &row, qint64 atMs) const;

    base::Database &m_database;
    EntryIndex &m_index;
    Ledger &m_ledger;
    std::unique_ptr<Statements> m_sql;
    BodyParts m_parts;
    QList<qint64> m_abandoned; ///< numbers of bodies
    QByteArray m_contentKey;
    QByteArray m_addressKey;
    using FleetingKey = std::array<qint64, 3>;                         ///< a destination, an origin, and kinds
    std::map<FleetingKey, matrix::EntryId> m_fleeting;                 ///< the newest of each
    std::vector<std::pair<FleetingKey, matrix::EntryId>> m_superseded; ///< the newest before, in this transaction
    qint64 m_agedTo = 0;                                ///< arrival; where `expire` goes on behind, 0 = at the oldest
    std::vector<Arrival> m_arrivals;                    ///< found by lookForAged
    std::vector<std::pair<qint64, Place>> m_unreadable; ///< the same; with their destinations
    qint64 m_neighbour = 0;                             ///< the same; stamp of what comes behind
    qint64 m_latestStampMs = 0;
    std::vector<Tombstone> m_oldTombstones; ///< found by lookForTombstones
    std::set<qint64> m_stuckTombstones;     ///< those that could not be deleted
    quint64 m_stuckLearned = 0;
    std::vector<Quarantined> m_oldQuarantined; ///< found by lookForQuarantined
    std::set<qint64> m_stuckAside;             ///< quarantined rows that could not be deleted
    std::map<qint64, qint64> m_gaps;           ///< arrivals that were passed, from and to
    std::set<qint64> m_inexact;                ///< destinations whose totals are to be added up anew
    int m_setAside = 0;
    qint64 m_triedTo = 0; ///< arrival; where `tryLeft` goes on behind
    int m_givenBack = 0;
    bool m_saidLost = false;
    std::optional<Error> m_damage;
};

} // namespace restante::queue
