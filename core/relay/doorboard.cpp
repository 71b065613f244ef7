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
        if (!m_doors.contains(server))
            m_doors.insert(server, {});
    }
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
    door->upstream = upstream;
    door->untilMs = m_clock.steadyMs() + std::min(ms, MostLeaseMs);
    return true;
}

void DoorBoard::revoke(const matrix::ServerName &server)
{
    const std::lock_guard lock(m_mutex);
    if (const auto door = m_doors.find(server); door != m_doors.end())
        door->untilMs = 0;
}

std::optional<matrix::ServerName> DoorBoard::upstream(const matrix::ServerName &server) const
{
    const std::lock_guard lock(m_mutex);
    const auto door = m_doors.constFind(server);
    if (door == m_doors.cend() || door->untilMs <= m_clock.steadyMs())
        return {};
    return door->upstream;
}

bool DoorBoard::beginHold(const matrix::ServerName &server)
{
    const std::lock_guard lock(m_mutex);
    const auto door = m_doors.find(server);
    if (door == m_doors.end())
        return false;
    door->untilMs = 0;
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
