// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "node/inboxstore.h"
#include "node/types.h"

#include <QtCore/QHash>
#include <QtCore/QSet>

#include <atomic>
#include <functional>
#include <mutex>

namespace restante::node
{

/// How every destination of the outbox is doing: after a number of failures in a row it counts as offline, until a
/// direct success or a verified request from it. Any thread; one mutex of its own, held for a hash lookup at a time.
/// Bounded.
class DestinationBook
{
public:
    static constexpr qsizetype MostDestinations = 100'000;

    /// `dirty` is called, in any thread and under no lock, when `takeDirty` has something again; it must only post.
    DestinationBook(const base::Clock &clock, std::function<void()> dirty);
    Q_DISABLE_COPY_MOVE(DestinationBook)

    /// What was remembered; once, before anybody else knows the book.
    void load(const std::vector<DestinationMemory> &memories);
    /// From the next failure on.
    void setFailuresUntilOffline(int failures);

    bool isOffline(const matrix::ServerName &destination) const;
    /// A direct attempt was answered; `taken`: and the transaction was taken, which alone counts as sent.
    void noteDirect(const matrix::ServerName &destination, bool taken);
    /// A direct attempt failed; the value is whether the destination counts as offline now.
    bool noteFailure(const matrix::ServerName &destination, const QString &detail);
    /// A relay took a transaction.
    void noteRelayed(const matrix::ServerName &destination);
    /// The destination sent us a request that was verified, or the operator says that it is back. False if it was
    /// not failing.
    bool noteContact(const matrix::ServerName &destination);

    /// By name. `relays` is left at 0.
    QList<DestinationRow> rows() const;
    /// How many count as offline. Takes no lock.
    int offline() const { return m_offline.load(std::memory_order_relaxed); }
    /// What changed since the last call, to be kept.
    std::vector<DestinationMemory> takeDirty();
    /// These could not be kept: `takeDirty` has them again, as they are then. `dirty` is not called; the part that
    /// could not keep them tries again later.
    void giveBack(const std::vector<DestinationMemory> &memories);

private:
    struct Entry {
        int failures = 0;
        qint64 lastSuccessMs = 0;
        qint64 lastFailureMs = 0;
        qint64 sentDirect = 0;
        qint64 sentByRelay = 0;
        QString lastError;
    };
    DestinationRow::State stateOf(const Entry &entry) const;
    void setFailures(Entry &entry, int failures);
    Entry *entryOf(const matrix::ServerName &destination);
    void touch(std::unique_lock<std::mutex> &lock, const matrix::ServerName &destination);

    const base::Clock &m_clock;
    std::function<void()> m_dirty;
    std::atomic<int> m_offline{0}; ///< written under the mutex
    mutable std::mutex m_mutex;    ///< guards all below
    int m_limit = 2;
    QHash<matrix::ServerName, Entry> m_entries;
    QSet<matrix::ServerName> m_changed;
};

} // namespace restante::node
