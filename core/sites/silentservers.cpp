// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/silentservers.h"

#include "federation/makeroom.h"

namespace restante::sites
{

void SilentServers::noteFailed(const matrix::ServerName &server, qint64 beganMs, const QString &why)
{
    const qint64 now = m_clock.steadyMs();
    if (now - beganMs >= PatienceMs)
        federation::placeIn(m_silent, server, Most, now) = {now + PauseMs, why};
}

std::optional<QString> SilentServers::whySilent(const matrix::ServerName &server) const
{
    const auto found = m_silent.constFind(server);
    if (found == m_silent.cend() || found->untilMs <= m_clock.steadyMs())
        return {};
    return found->why;
}

} // namespace restante::sites
