// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/entryid.h"
#include "matrix/servername.h"

#include <QtCore/QHash>

#include <atomic>
#include <mutex>
#include <vector>

namespace restante::queue
{

/// Where an entry of a known destination is.
struct Place {
    matrix::EntryId id;
    qint64 arrival = 0; ///< key of its row; 0 = none
};

/// The ends of the queues that the table `positions` does not list yet: what was committed since the last fold. The
/// writer changes it after each commit. A reader asks here first and the tables afterwards: what a fold moves in
/// between is then met twice, never missed. Any thread; a mutex of its own (core/README 7).
class Tail
{
public:
    struct Change {
        QByteArray destination;
        Place place;
        bool gone = false; ///< otherwise it came
    };

    Tail() = default;
    Q_DISABLE_COPY_MOVE(Tail)

    /// In the order in which they happened; ids grow within a destination.
    void apply(const std::vector<Change> &changes);
    /// A fold has listed everything, and brought the totals up to date.
    void clear();
    /// How many folds there were; what a reader remembers is out of date after the next one.
    quint64 folds() const { return m_folds.load(std::memory_order_acquire); }

    /// The first `limit` entries after `after`.
    std::vector<Place> list(const matrix::ServerName &destination, matrix::EntryId after, qsizetype limit) const;
    /// Null if it is not here.
    Place find(const matrix::ServerName &destination, matrix::EntryId id) const;

private:
    mutable std::mutex m_mutex;
    QHash<QByteArray, std::vector<Place>> m_queues;
    std::atomic<quint64> m_folds{0};
};

} // namespace restante::queue
