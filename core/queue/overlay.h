// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/entryid.h"
#include "matrix/servername.h"

#include <QtCore/QHash>
#include <QtCore/QSet>

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

namespace restante::queue
{

/// Entries that are held in the database but must not be handed out any more: acknowledged ones whose deletion is on
/// its way, and broken ones that could not be moved aside. Any thread; one of the few classes with a mutex of its own
/// (core/README 7).
class AcknowledgedOverlay
{
public:
    using Key = std::pair<QByteArray, qint64>; ///< destination, entry id

    AcknowledgedOverlay() = default;
    Q_DISABLE_COPY_MOVE(AcknowledgedOverlay)

    /// Set by a reader that has just found the row; cleared by the writer once no index lists it any more. `first`:
    /// nothing that may still be handed out comes before it.
    void set(const matrix::ServerName &destination, matrix::EntryId id, bool first);
    void clear(const std::vector<Key> &committed);
    /// Until it is released, whatever `clear` says.
    void withhold(const matrix::ServerName &destination, matrix::EntryId id);

    /// A broken one is whole after all, or all of those that are withheld are to be tried again.
    void release(const matrix::ServerName &destination, matrix::EntryId id);
    void releaseAll();
    /// Grows with each of these: what was found before may lack an entry.
    quint64 releases() const { return m_releases.load(std::memory_order_acquire); }

    bool contains(const matrix::ServerName &destination, matrix::EntryId id) const;
    /// Whether any entry of `destination` is hidden.
    bool touches(const matrix::ServerName &destination) const;
    /// Up to here nothing of `destination` may be handed out; null if nothing is known.
    matrix::EntryId floor(const matrix::ServerName &destination) const;

private:
    struct Hidden {
        QSet<qint64> acknowledged;
        QSet<qint64> withheld;
        qint64 floor = 0;

        void release(qint64 id);
    };

    mutable std::mutex m_mutex;
    QHash<QByteArray, Hidden> m_hidden;
    std::atomic<bool> m_any{false};
    std::atomic<quint64> m_releases{0};
};

} // namespace restante::queue
