// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/overlay.h"

namespace restante::queue
{

void AcknowledgedOverlay::set(const matrix::ServerName &destination, matrix::EntryId id, bool first)
{
    const std::lock_guard lock(m_mutex);
    Hidden &hidden = m_hidden[destination.bytes()];
    hidden.acknowledged.insert(id.value);
    if (first)
        hidden.floor = std::max(hidden.floor, id.value);
    m_any.store(true, std::memory_order_release);
}

void AcknowledgedOverlay::clear(const std::vector<Key> &committed)
{
    if (committed.empty() || !m_any.load(std::memory_order_acquire))
        return;
    const std::lock_guard lock(m_mutex);
    for (const auto &[destination, id] : committed) {
        const auto found = m_hidden.find(destination);
        if (found == m_hidden.end())
            continue;
        found->acknowledged.remove(id);
        if (found->acknowledged.isEmpty() && found->withheld.isEmpty())
            m_hidden.erase(found);
    }
    m_any.store(!m_hidden.isEmpty(), std::memory_order_release);
}

void AcknowledgedOverlay::withhold(const matrix::ServerName &destination, matrix::EntryId id)
{
    const std::lock_guard lock(m_mutex);
    m_hidden[destination.bytes()].withheld.insert(id.value);
    m_any.store(true, std::memory_order_release);
}

void AcknowledgedOverlay::Hidden::release(qint64 id)
{
    if (withheld.remove(id))
        floor = std::min(floor, id - 1); // what came behind it may have been acknowledged as the first one
}

void AcknowledgedOverlay::release(const matrix::ServerName &destination, matrix::EntryId id)
{
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_hidden.find(destination.bytes()); found != m_hidden.end())
        found->release(id.value);
    m_releases.fetch_add(1, std::memory_order_acq_rel);
}

void AcknowledgedOverlay::releaseAll()
{
    const std::lock_guard lock(m_mutex);
    for (Hidden &hidden : m_hidden) {
        const auto withheld = hidden.withheld;
        for (const qint64 id : withheld)
            hidden.release(id);
    }
    m_releases.fetch_add(1, std::memory_order_acq_rel);
}

bool AcknowledgedOverlay::contains(const matrix::ServerName &destination, matrix::EntryId id) const
{
    if (!m_any.load(std::memory_order_acquire))
        return false;
    const std::lock_guard lock(m_mutex);
    const auto found = m_hidden.constFind(destination.bytes());
    return found != m_hidden.constEnd() &&
           (found->acknowledged.contains(id.value) || found->withheld.contains(id.value));
}

bool AcknowledgedOverlay::touches(const matrix::ServerName &destination) const
{
    if (!m_any.load(std::memory_order_acquire))
        return false;
    const std::lock_guard lock(m_mutex);
    return m_hidden.contains(destination.bytes());
}

matrix::EntryId AcknowledgedOverlay::floor(const matrix::ServerName &destination) const
{
    if (!m_any.load(std::memory_order_acquire))
        return {};
    const std::lock_guard lock(m_mutex);
    const auto found = m_hidden.constFind(destination.bytes());
    return {found == m_hidden.constEnd() ? 0 : found->floor};
}

} // namespace restante::queue
