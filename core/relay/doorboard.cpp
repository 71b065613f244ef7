// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/doorboard.h"

#include <algorithm>

namespace restante::relay
{

void DoorBoard::setServers(const QSet<matrix::ServerName> &servers)
{
    const std::lock_guard lock(m_mutex);
    m_doors.removeIf([&servers](const auto &door) { return !servers.contains(door.key()); });
    for (const matrix::ServerName &server : servers) {
        if (m_doors.contains(server))
            continue;
        Door door;
        door.changedMs = m_clock.steadyMs();
        m_doors.insert(server, door);
    }
}

/// Ends a lease, if there is one.
void DoorBoard::shut(Door &door, qint64 nowMs)
{
    if (door.untilMs > nowMs)
        door.changedMs = nowMs;
    else
        door.changedMs = std::max(door.changedMs, door.untilMs); // when its time ran out
    door.untilMs = 0;
}

quint64 DoorBoard::holds(const matrix::ServerName &server) const
{
    const std::lock_guard lock(m_mutex);
    const auto door = m_doors.constFind(server);
    return door == m_doors.cend() ? 0 : door->holds;
}

bool DoorBoard::grant(const matrix::ServerName &server, const matrix::ServerName &upstream, qint64 ms, quint64 seen)
{
    const std::lock_guard lock(m_mutex);
    const auto door = m_doors.find(server);
    if (door == m_doors.end() || door->storing > 0 || door->holds != seen)
        return false;
    const qint64 nowMs = m_clock.steadyMs();
    if (door->untilMs <= nowMs)
        door->changedMs = nowMs;
    door->upstream = upstream;
    door->untilMs = nowMs + std::min(ms, MostLeaseMs);
    return true;
}

void DoorBoard::revoke(const matrix::ServerName &server)
{
    const std::lock_guard lock(m_mutex);
    if (const auto door = m_doors.find(server); door != m_doors.end())
        shut(*door, m_clock.steadyMs());
}

std::optional<matrix::ServerName> DoorBoard::upstream(const matrix::ServerName &server) const
{
    const std::lock_guard lock(m_mutex);
    const auto door = m_doors.constFind(server);
    if (door == m_doors.cend() || door->untilMs <= m_clock.steadyMs())
        return {};
    return door->upstream;
}

QList<DoorState> DoorBoard::list() const
{
    QList<DoorState> states;
    {
        const std::lock_guard lock(m_mutex);
        const qint64 nowMs = m_clock.steadyMs();
        for (auto door = m_doors.cbegin(); door != m_doors.cend(); ++door) {
            const bool passes = door->untilMs > nowMs;
            const qint64 sinceMs = passes ? door->changedMs : std::max(door->changedMs, door->untilMs);
            states.append({door.key(), passes, passes ? door->upstream : matrix::ServerName(),
                           m_clock.wallMs() - (nowMs - sinceMs)});
        }
    }
    std::sort(states.begin(), states.end(),
              [](const DoorState &left, const DoorState &right) { return left.server < right.server; });
    return states;
}

bool DoorBoard::beginHold(const matrix::ServerName &server)
{
    const std::lock_guard lock(m_mutex);
    const auto door = m_doors.find(server);
    if (door == m_doors.end())
        return false;
    shut(*door, m_clock.steadyMs());
    ++door->storing;
    ++door->holds;
    return true;
}

void DoorBoard::endHold(const matrix::ServerName &server)
{
    const std::lock_guard lock(m_mutex);
    if (const auto door = m_doors.find(server); door != m_doors.end() && door->storing > 0) // it may be a new one
        --door->storing;
}

void DoorBoard::setDocument(const matrix::ServerName &server, const QByteArray &text, qint64 untilMs)
{
    const std::lock_guard lock(m_mutex);
    if (const auto door = m_doors.find(server); door != m_doors.end()) {
        door->document = text;
        door->documentUntilMs = untilMs;
    }
}

QByteArray DoorBoard::document(const matrix::ServerName &server) const
{
    const std::lock_guard lock(m_mutex);
    const auto door = m_doors.constFind(server);
    return door != m_doors.cend() && door->documentUntilMs > m_clock.wallMs() ? door->document : QByteArray();
}

} // namespace restante::relay
