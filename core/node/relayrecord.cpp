// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relayrecord.h"

namespace restante::node
{

RelayRecord::RelayRecord(const base::Clock &clock, std::function<void()> changed)
    : m_clock(clock)
    , m_changed(std::move(changed))
{
}

void RelayRecord::noteTaken(const matrix::ServerName &relay, const matrix::ServerName &destination)
{
    {
        const std::lock_guard lock(m_mutex);
        Entry &entry = m_entries[{relay, destination}];
        entry.lastSuccessMs = entry.lastTryMs = m_clock.wallMs();
        entry.failingSinceMs = 0;
        ++entry.taken;
        entry.error.reset();
    }
    if (m_changed)
        m_changed();
}

void RelayRecord::noteRefused(const matrix::ServerName &relay, const matrix::ServerName &destination,
                              const Error &error)
{
    {
        const std::lock_guard lock(m_mutex);
        Entry &entry = m_entries[{relay, destination}];
        entry.lastTryMs = m_clock.wallMs();
        if (!entry.error)
            entry.failingSinceMs = entry.lastTryMs;
        entry.error = error;
    }
    if (m_changed)
        m_changed();
}

void RelayRecord::retain(const QList<Association> &associations)
{
    const std::lock_guard lock(m_mutex);
    QHash<Key, Entry> kept;
    for (const Association &association : associations) {
        const Key key(association.relay, association.destination);
        if (const auto known = m_entries.constFind(key); known != m_entries.constEnd())
            kept.insert(key, *known);
    }
    m_entries = std::move(kept);
}

RelayRecord::Entry RelayRecord::of(const matrix::ServerName &relay, const matrix::ServerName &destination) const
{
    const std::lock_guard lock(m_mutex);
    return m_entries.value({relay, destination});
}

} // namespace restante::node
