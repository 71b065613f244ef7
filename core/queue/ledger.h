// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"
#include "queue/acquaintance.h"
#include "queue/entryindex.h"
#include "queue/movement.h"
#include "queue/quotarule.h"
#include "queue/spread.h"
#include "queue/types.h"

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace restante::queue
{

/// The running totals: what is held per destination, per origin and destination, per label, per address and in all,
/// with the numbers that stand for server names. Lives in the writer's thread.
///
/// In SQL they are the tables as of the last fold plus the rows of `movements` since; in memory they are complete for
/// whatever was touched. Every change is a Movement: `apply` now, one row for all of a batch in `writeBatch`, undone by
/// `rolledBack`, replayed by `load` after a crash. Memory is bounded: a fold empties what has grown too large.
class Ledger
{
public:
    struct Label {
        QByteArray name;
        Tally held;
        bool dirty = false;
    };
    struct Destination {
        qint64 number = 0;
        matrix::ServerName name;
        Tally held;
        qint64 lastId = 0;
        bool idDrawn = false; ///< since the row was made or the database opened
        qint64 collectedMs = 0;
        qint64 expired = 0;
        qint64 expiredMs = 0;
        qint64 tombstones = 0;
        bool dirty = false;
        const ServedDestination *served = nullptr;
        int fillPercent = -1;     ///< as the board was told; -1 = not yet
        bool sharesReady = false; ///< whether the next three are worth anything
        Tally listed;             ///< as QuotaCase has them
        Tally learned;
        Acquaintance acquaintance;
        bool labelsReady = false;
        std::map<int, Label> labels;
        QHash<QByteArray, int> labelNumbers;
    };
    struct Pair {
        Tally held;
        qint64 firstDay = 0;
        bool learned = false;
        qint64 lastDay = 0;     ///< of a learned one: when its mail was taken last
        qint64 learnedFrom = 0; ///< the address of the first mail that was taken
        Standing standing = Standing::Unknown;
        bool dirty = false;
    };

    /// `board` hears of mailboxes that fill up, and outlives it.
    Ledger(base::Database &database, EntryIndex &index, const Policy &policy, MailboxBoard &board);
    ~Ledger();
    Q_DISABLE_COPY_MOVE(Ledger)

    /// Reads what is kept and folds what a crash left unfolded. Call it once, first, outside a transaction.
    Result<void> load();
    /// Whether some of what came last could not be folded then, and is out of reach.
    bool lacksFold() const { return m_lacksFold; }
    /// A new policy takes effect, as a whole; the old one stays if something that it needs cannot be looked up.
    /// Outside a transaction; folds, and goes on if the disk refuses that.
    Result<void> setPolicy(const Policy &policy);
    const Policy &policy() const { return m_policy; }

    /// Null if nothing was ever held for it.
    Result<Destination *> findDestination(const matrix::ServerName &name);
    Result<Destination *> findDestination(qint64 number);
    /// A row for a destination that has none. Errc::QuotaExceeded if there are too many that are not served.
    Result<Destination *> addDestination(const matrix::ServerName &name);
    /// The next entry id (promise 2); never gives one twice. Errc::StorageFailed if all are used up.
    Result<qint64> drawId(Destination &destination, qint64 wallMs);
    /// 0 if the origin has no number.
    Result<qint64> findOrigin(const matrix::ServerName &name);
    Result<qint64> addOrigin(const matrix::ServerName &name);
    /// The number that stands for a label of this destination; 0 once it has a hundred others.
    Result<int> label(Destination &destination, const QByteArray &name);

    /// The name that an origin's number stands for.
    Result<matrix::ServerName> originName(qint64 number);

    /// Whether there is room. `origin` 0: one that has no number yet. Errc::QuotaExceeded; others mean that SQL failed.
    /// `standing` is what the origin was taken for.
    Result<void> admit(Destination *destination, const matrix::ServerName &destinationName, qint64 origin,
                       const matrix::ServerName &originName, qint64 address, qint64 size, Standing &standing);

    /// The store that `admit` refused last, with `error`, is refused for good (its content is not held already).
    void refused(const Destination *destination, const matrix::ServerName &name, const matrix::ServerName &origin,
                 const Error &error, qint64 nowMs);

    /// Takes a change into the totals and into the batch.
    Result<void> apply(const Movement &movement);
    /// Inside the transaction of the batch, at its end.
    Result<void> writeBatch();
    void committed();
    void rolledBack();

    /// Whether an acknowledged entry of this destination may leave a tombstone while at most `most` are kept: if all
    /// are taken, those that have more than their share leave none.
    bool mayLeaveTombstone(const Destination &destination, qint64 most) const;

    /// Whether at least that many entries came or went since the last fold, or much else.
    bool wantsFold(qint64 movements) const;
    /// Writes the totals themselves and the indexes, in a transaction of its own.
    Result<void> fold();

    /// Drops rows that nobody needs any more, at most `limit`, in a transaction of its own: destinations without
    /// entries and tombstones whose expired count is older than `keepExpiredMs`, origins that nobody refers to,
    /// half-learned origins, and what is learned of origins that are silent. Everything must be folded. The value tells
    /// whether there may be more.
    Result<bool> prune(qint64 nowMs, int limit);

    /// What is held for one destination, by the numbers of origins, labels and addresses.
    struct Sums {
        Tally destination;
        std::map<qint64, Tally> origins;
        std::map<qint64, Tally> labels;
        std::map<qint64, Tally> addresses;
    };
    /// The totals of a destination were counted anew. In a transaction of its own, when everything is folded.
    Result<void> setSums(Destination &destination, const Sums &sums);

    /// Whether changes since the last fold were lost, so that every total is to be added up anew (TableRepair).
    bool isDoubtful() const { return m_doubtful; }
    /// They were, or memory had them and a fold has written them.
    Result<void> trustTotals();
    /// The numbers of all destinations.
    Result<std::vector<qint64>> destinations();

    Tally total() const { return m_total; }
    qint64 tombstones() const { return m_tombstones; }

private:
    struct PairKey {
        qint64 destination;
        qint64 other;
        friend bool operator==(const PairKey &, const PairKey &) = default;
    };
    struct PairHash {
        size_t operator()(const PairKey &key) const noexcept { return qHashMulti(0, key.destination, key.other); }
    };
    struct Address {
        Tally held;
        bool dirty = false;
    };
    struct Statements;

    Destination *keep(std::unique_ptr<Destination> destination);
    Result<Destination *> readDestination(base::SqlStatement &statement);
    Result<Pair *> pair(Destination &destination, qint64 origin);
    Result<Address *> address(qint64 destination, qint64 number);
    Result<void> readyLabels(Destination &destination);
    Result<void> readyShares(Destination &destination);
    Standing standingOf(const Destination &destination, const Pair &pair, const matrix::ServerName &origin) const;
    static Tally &shareOf(Destination &destination, Standing standing);
    Result<void> checkSpread(bool isNewPlace, qint64 origin, qint64 address, qint64 size);
    template <typename Held>
    static Result<Spread::Share> shareOver(qint64 number, base::SqlStatement &rowsOf, const Held &touched,
                                           const std::vector<PairKey> &dirty, Spread &spread);
    void learn(Destination &destination, Pair &pair, const Movement &movement);
    void settle(Destination &destination, Pair &pair, Address *address, const Movement &movement, qint64 sign);
    void settleTombstones(Destination &destination, qint64 amount);
    void markDirty(Destination &destination);
    void tellFill(Destination &destination);
    void tellBoard(const Destination &destination, const Pair &pair, const Movement &movement);
    Result<void> replay();
    Result<void> writeTotals();
    Result<void> writePairs();
    Result<void> dropIdle(qint64 nowMs, int limit, int &dropped);
    Result<void> forgetSilent(qint64 nowMs, qint64 upTo);
    void trim();
    Result<void> recountServed();
    Result<void> writeSums(const Destination &destination, const Sums &sums);

    base::Database &m_database;
    EntryIndex &m_index;
    Policy m_policy;
    MailboxBoard &m_board;
    FullPart m_full = FullPart::None; ///< of the last refusal
    std::unique_ptr<Statements> m_sql;

    std::unordered_map<qint64, std::unique_ptr<Destination>> m_destinations;
    QHash<matrix::ServerName, Destination *> m_byName;
    std::unordered_map<PairKey, Pair, PairHash> m_pairs;
    std::unordered_map<PairKey, Address, PairHash> m_addresses;
    Spread m_originSpread;
    Spread m_addressSpread;
    QHash<matrix::ServerName, qint64> m_originNumbers;
    QHash<qint64, matrix::ServerName> m_originNames;
    qsizetype m_labels = 0;

    std::vector<Destination *> m_dirtyDestinations;
    std::vector<std::pair<Destination *, int>> m_dirtyLabels;
    std::vector<PairKey> m_dirtyPairs;
    std::vector<PairKey> m_dirtyAddresses;

    std::vector<Movement> m_batch;
    std::vector<Destination *> m_newDestinations;
    std::vector<matrix::ServerName> m_newOrigins;
    std::vector<std::pair<Destination *, int>> m_newLabels;
    int m_unfolded = 0; ///< rows of movements
    qint64 m_unfoldedMovements = 0;

    Tally m_total;
    Tally m_unusedGuarantee;
    qint64 m_tombstones = 0;
    qint64 m_tombstoneHolders = 0; ///< destinations that have some
    qint64 m_holding = 0;          ///< destinations with entries
    qint64 m_servedHolding = 0;    ///< of them, served ones
    qint64 m_idFloor = 0;
    qint64 m_nextDestination = 1;
    qint64 m_nextOrigin = 1;
    qint64 m_nextMovement = 1;
    qint64 m_pruneOrigin = 0;
    bool m_doubtful = false;
    bool m_lacksFold = false;
};

} // namespace restante::queue
