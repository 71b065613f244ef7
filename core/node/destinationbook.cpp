// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/destinationbook.h"

#include <algorithm>

namespace restante::node
{

DestinationBook::DestinationBook(const base::Clock &clock, std::function<void()> dirty)
    : m_clock(clock)
    , m_dirty(std::move(dirty))
{
}

void DestinationBook::load(const std::vector<DestinationMemory> &memories)
{
    const std::lock_guard lock(m_mutex);
    for (const DestinationMemory &memory : memories) {
        if (m_entries.size() >= MostDestinations)
            return;
        Entry entry;
        setFailures(entry, memory.failures);
        entry.lastSuccessMs = memory.lastSuccessMs;
        entry.lastFailureMs = memory.lastFailureMs;
        entry.lastError = memory.lastError;
        entry.sentDirect = memory.sentDirect;
        entry.sentByRelay = memory.sentByRelay;
        m_entries.insert(memory.destination, entry);
    }
}

void DestinationBook::setFailuresUntilOffline(int failures)
{
    const std::lock_guard lock(m_mutex);
    m_limit = std::max(1, failures);
    m_offline.store(int(std::count_if(m_entries.cbegin(), m_entries.cend(),
                                      [this](const Entry &entry) { return entry.failures >= m_limit; })),
                    std::memory_order_relaxed);
}

bool DestinationBook::isOffline(const matrix::ServerName &destination) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.constFind(destination);
    return found != m_entries.constEnd() && found->failures >= m_limit;
}

void DestinationBook::setFailures(Entry &entry, int failures)
{
    const int change = int(failures >= m_limit) - int(entry.failures >= m_limit);
    entry.failures = failures;
    if (change != 0)
        m_offline.fetch_add(change, std::memory_order_relaxed);
}

/// Null if the book is full: such a destination is treated like one that is met for the first time.
DestinationBook::Entry *DestinationBook::entryOf(const matrix::ServerName &destination)
{
    auto found = m_entries.find(destination);
    if (found == m_entries.end()) {
        if (m_entries.size() >= MostDestinations)
            return nullptr;
        found = m_entries.insert(destination, {});
    }
    return &*found;
}

void DestinationBook::touch(std::unique_lock<std::mutex> &lock, const matrix::ServerName &destination)
{
    const bool first = m_changed.isEmpty();
    m_changed.insert(destination);
    lock.unlock();
    if (first)
        m_dirty();
}

void DestinationBook::noteDirect(const matrix::ServerName &destination, bool taken)
{
    std::unique_lock lock(m_mutex);
    Entry *entry = entryOf(destination);
    if (!entry)
        return;
    entry->sentDirect += taken ? 1 : 0;
    setFailures(*entry, 0);
    entry->lastError.clear();
    entry->lastSuccessMs = m_clock.wallMs();
    entry->lastFailureMs = std::min(entry->lastFailureMs, entry->lastSuccessMs); // the clock was ahead then
    touch(lock, destination);
}

bool DestinationBook::noteFailure(const matrix::ServerName &destination, const QString &detail)
{
    std::unique_lock lock(m_mutex);
    Entry *entry = entryOf(destination);
    if (!entry)
        return false;
    setFailures(*entry, entry->failures + 1);
    entry->lastFailureMs = m_clock.wallMs();
    entry->lastSuccessMs = std::min(entry->lastSuccessMs, entry->lastFailureMs); // the clock was ahead then
    entry->lastError = detail;
    const bool offline = entry->failures >= m_limit;
    touch(lock, destination);
    return offline;
}

void DestinationBook::noteRelayed(const matrix::ServerName &destination)
{
    std::unique_lock lock(m_mutex);
    Entry *entry = entryOf(destination);
    if (!entry)
        return;
    ++entry->sentByRelay;
    touch(lock, destination);
}

bool DestinationBook::noteContact(const matrix::ServerName &destination)
{
    std::unique_lock lock(m_mutex);
    const auto found = m_entries.find(destination);
    if (found == m_entries.end() || found->failures == 0)
        return false;
    setFailures(*found, 0);
    found->lastError.clear();
    touch(lock, destination);
    return true;
}

/// Only what was seen: that failures were forgotten does not make a server reachable.
DestinationRow::State DestinationBook::stateOf(const Entry &entry) const
{
    using State = DestinationRow::State;
    if (entry.failures >= m_limit)
        return State::Offline;
    if (entry.failures > 0)
        return State::Failing;
    const bool reached = entry.lastSuccessMs > 0 && entry.lastSuccessMs >= entry.lastFailureMs;
    return reached ? State::Reachable : State::Unknown;
}

QList<DestinationRow> DestinationBook::rows() const
{
    QList<DestinationRow> rows;
    {
        const std::lock_guard lock(m_mutex);
        rows.reserve(m_entries.size());
        for (auto entry = m_entries.cbegin(); entry != m_entries.cend(); ++entry) {
            rows.append({entry.key(), stateOf(*entry), entry->failures, entry->lastSuccessMs, entry->lastFailureMs,
                         entry->sentDirect, entry->sentByRelay, 0, entry->lastError});
        }
    }
    std::sort(rows.begin(), rows.end(),
              [](const DestinationRow &a, const DestinationRow &b) { return a.destination < b.destination; });
    return rows;
}

std::vector<DestinationMemory> DestinationBook::takeDirty()
{
    const std::lock_guard lock(m_mutex);
    std::vector<DestinationMemory> memories;
    memories.reserve(size_t(m_changed.size()));
    for (const matrix::ServerName &name : std::as_const(m_changed)) {
        const Entry &entry = m_entries[name];
        memories.push_back({name, entry.failures, entry.lastSuccessMs, entry.lastFailureMs, entry.lastError,
                            entry.sentDirect, entry.sentByRelay});
    }
    m_changed.clear();
    return memories;
}

void DestinationBook::giveBack(const std::vector<DestinationMemory> &memories)
{
    const std::lock_guard lock(m_mutex);
    for (const DestinationMemory &memory : memories)
        m_changed.insert(memory.destination);
}

} // namespace restante::node
