// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"
#include "queue/brokenrows.h"
#include "queue/metanumbers.h"
#include "queue/overlay.h"
#include "queue/tail.h"

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace restante::queue
{

/// Finds entries: each queue's order, and content that is known. Lives in the writer's thread.
///
/// In SQL it is what the tables `positions` and `contents` list, as of the last fold; what has arrived since is in
/// memory and in the Tail. A fold brings the tables up to date from the rows of entries and tombstones themselves, so
/// that it needs nothing from memory and serves after a crash as well. A store or an acknowledgement then only appends
/// to a table; the pages of the indexes are written in bulk.
class EntryIndex
{
public:
    struct Content {
        QByteArray rest;
        matrix::EntryId id;
        qint64 arrival = 0; ///< 0 = only `positions` knows
    };
    /// A row of entries, as far as the index deals with it.
    struct Row {
        qint64 destination = 0;
        Place place;
        qint64 dedup = 0;
        QByteArray rest;
    };

    EntryIndex(base::Database &database, Tail &tail, AcknowledgedOverlay &overlay);
    Q_DISABLE_COPY_MOVE(EntryIndex)

    /// Reads how far the tables go. Once, first, outside a transaction.
    Result<void> load();

    /// Whether the end of the entries could not be read then: nothing can be stored behind it.
    bool lacksEnd() const { return m_lacksEnd; }

    /// The one number that `statement` gives.
    static Result<qint64> largest(base::SqlStatement &statement);

    /// Keys of new rows; never given twice.
    qint64 drawArrival() { return m_nextArrival++; }
    qint64 drawTombstone() { return m_nextTombstone++; }

    Result<std::optional<Content>> content(qint64 destination, qint64 dedup);
    /// Where the entry is, if an index lists it; its row may be gone all the same.
    Result<Place> find(qint64 destination, const matrix::ServerName &name, matrix::EntryId id);
    /// At most `limit` places after `after` and up to `last`, oldest first; their rows may be gone all the same.
    Result<std::vector<Place>> oldest(qint64 destination, const matrix::ServerName &name, matrix::EntryId after,
                                      matrix::EntryId last, int limit);
    /// Whether the entry has become a tombstone since the last fold, so that it may be listed although its row is gone.
    bool isAcknowledged(qint64 arrival) const { return m_acknowledged.contains(arrival); }
    /// Whether that, or it went in this batch.
    bool isTaken(qint64 arrival) const { return isAcknowledged(arrival) || m_gone.contains(arrival); }
    /// Whether a fold has dealt with the row.
    bool isListed(qint64 arrival) const { return arrival <= m_indexedArrival; }
    /// Entries that readers have met as broken and hide.
    AcknowledgedOverlay &overlay() { return m_overlay; }
    /// No row had a greater key.
    qint64 lastArrival() const { return m_nextArrival - 1; }
    qint64 lastTombstone() const { return m_nextTombstone - 1; }
    BrokenRows &broken() { return m_broken; }
    /// Whether a fold has dealt with this tombstone; an earlier one must not be forgotten.
    bool knowsTombstone(qint64 number) const { return number <= m_indexedTombstone; }

    // Inside the transaction of a batch:
    void add(const Row &row, const matrix::ServerName &name);
    /// The entry became a tombstone.
    void acknowledged(const Place &place, const matrix::ServerName &name);
    /// The entry went without a trace.
    Result<void> drop(const Row &row, const matrix::ServerName &name);
    /// The row of an acknowledged entry is there all the same.
    Result<void> dropPosition(qint64 destination, matrix::EntryId id);
    /// The entry went without a trace, and nobody knows more of it than where it was.
    Result<void> lose(qint64 destination, const Place &place, const matrix::ServerName &name);
    /// The entry of a row that was left where it is is held again. A fold has dealt with the row.
    Result<void> giveBack(const Row &row);
    /// The tombstone went; a fold has dealt with it.
    Result<void> dropContent(qint64 destination, qint64 dedup, matrix::EntryId id);

    // At the end of that transaction:
    void committed();
    void rolledBack();

    /// Inside a transaction of its own that follows committed batches.
    Result<void> writeFold();
    void folded();
    /// What the next fold would have cleared in the overlay, if another index takes the place of this one.
    std::vector<AcknowledgedOverlay::Key> takeSettled() { return std::exchange(m_settledByFold, {}); }

private:
    struct Key {
        qint64 destination;
        qint64 dedup;
        friend bool operator==(const Key &, const Key &) = default;
    };
    struct KeyHash {
        size_t operator()(const Key &key) const noexcept { return qHashMulti(0, key.destination, key.dedup); }
    };
    struct Undo {
        Key key;
        std::optional<Content> before;
    };

    void forgetRecent(std::unordered_map<Key, Content, KeyHash>::iterator recent);

    Tail &m_tail;
    AcknowledgedOverlay &m_overlay;
    MetaNumbers m_numbers;
    BrokenRows m_broken;
    base::SqlStatement m_lastArrival;
    base::SqlStatement m_lastPlace;
    base::SqlStatement m_lastTombstone;
    base::SqlStatement m_content;
    base::SqlStatement m_position;
    base::SqlStatement m_oldest;
    base::SqlStatement m_dropPosition;
    base::SqlStatement m_dropContent;
    base::SqlStatement m_dropContentsOf;
    base::SqlStatement m_addPosition;
    base::SqlStatement m_addContent;
    base::SqlStatement m_dropUnheldContents;
    base::SqlStatement m_listContents;
    base::SqlStatement m_listPositions;
    base::SqlStatement m_dropAcknowledged;

    qint64 m_indexedArrival = 0;
    qint64 m_indexedTombstone = 0;
    qint64 m_nextArrival = 1;
    qint64 m_nextTombstone = 1;
    bool m_lacksEnd = false;
    std::unordered_map<Key, Content, KeyHash> m_recent;

    std::unordered_set<qint64> m_acknowledged; ///< arrivals, since the last fold

    std::vector<Undo> m_undo;
    std::vector<qint64> m_acknowledgedNow; ///< of them, those of the batch
    std::unordered_set<qint64> m_gone;     ///< arrivals of the batch that went otherwise, while the tail has them
    std::vector<Tail::Change> m_changes;
    std::vector<AcknowledgedOverlay::Key> m_settled;       ///< not listed any more once the batch is committed
    std::vector<AcknowledgedOverlay::Key> m_listed;        ///< of the batch: listed until the next fold
    std::vector<AcknowledgedOverlay::Key> m_settledByFold; ///< of committed batches
};

} // namespace restante::queue
