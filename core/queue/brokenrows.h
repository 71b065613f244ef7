// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"
#include "queue/tail.h"

#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace restante::queue
{

/// Whether a row, or the page that it is on, is to blame for a fault: not if it would be the same with every other.
bool isOfRow(base::SqlFault fault);

/// Rows of entries on damaged pages. What cannot be deleted stays in the table with a mark in `meta` (broken_row: and
/// the arrival), and counts as gone from then on: it is in no index and in no total. Lives in the writer's thread;
/// marks are made in the transaction of a batch.
class BrokenRows
{
public:
    /// What can still be done with a row.
    enum class Harm {
        None,       ///< nothing is known against it
        Stuck,      ///< it cannot be deleted or changed, or its body not be read rightly
        Unreadable, ///< nor can its figures be read, on a page of few entries
        Lost,       ///< the same, of more rows than lie on one page: a page that leads to them must be broken
    };
    /// A row that was left where it is.
    struct Left {
        qint64 destination = 0;
        Place place;
    };

    explicit BrokenRows(base::Database &database);
    Q_DISABLE_COPY_MOVE(BrokenRows)

    /// Reads the marks. Once, first, outside a transaction.
    Result<void> load();

    /// Whether any row was found broken since the start.
    bool any() const { return !m_harms.empty(); }
    Harm harm(qint64 arrival) const;
    /// To change, to delete or to copy the row has failed: next time it is done in another way. The transaction has to
    /// be rolled back first: after SQLite has met a damage it writes nothing more within the same one. Only a fault
    /// that isOfRow counts.
    void failed(qint64 arrival, base::SqlFault fault);
    /// Its body is not what was stored: perhaps it is when it is read another time, so that it must not be deleted.
    void readsWrongly(qint64 arrival) { raise(arrival, Harm::Stuck); }
    /// To read its figures has failed. `harm`: Unreadable or Lost.
    void failedToRead(qint64 arrival, const Error &error, Harm harm);
    /// One of those that are Lost; and none of them is any more.
    std::optional<qint64> someLost() const;
    void forgetLost();
    /// Grows with each row that will be dealt with in another way: then it is worth trying again.
    quint64 learned() const { return m_learned; }

    /// Whether the row counts as gone although it is there.
    bool isLeft(qint64 arrival) const { return m_left.contains(arrival); }
    Result<void> leave(qint64 destination, const Place &place);
    /// It is a row like any other again, or could be deleted after all.
    Result<void> drop(qint64 arrival);
    /// At most `limit` of those after `arrival`, by arrival.
    std::vector<Left> leftAfter(qint64 arrival, size_t limit = std::numeric_limits<size_t>::max()) const;

    // At the end of the transaction:
    void committed();
    void rolledBack();

private:
    void raise(qint64 arrival, Harm harm);

    base::SqlStatement m_marks;
    base::SqlStatement m_mark;
    base::SqlStatement m_unmark;

    std::unordered_map<qint64, Harm> m_harms;
    quint64 m_learned = 0;
    std::map<qint64, Left> m_left;
    std::vector<qint64> m_batch;         ///< left in this transaction
    std::map<qint64, Left> m_droppedNow; ///< no longer left because of this transaction
};

} // namespace restante::queue
