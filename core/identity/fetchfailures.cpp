// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/fetchfailures.h"

#include <algorithm>

namespace restante::identity
{

void FetchFailures::note(const matrix::ServerName &server, const QString &reason, qint64 nowMs)
{
    if (!m_last.contains(server) && m_last.size() >= MostServers)
        m_last.erase(std::min_element(m_last.cbegin(), m_last.cend(),
                                      [](const auto &a, const auto &b) { return a.failedMs < b.failedMs; }));
    m_last.insert(server, {server, reason, nowMs});
}

std::vector<FetchFailure> FetchFailures::list(const matrix::ServerName &server) const
{
    if (server.isNull())
        return {m_last.cbegin(), m_last.cend()};
    const auto last = m_last.constFind(server);
    return last == m_last.cend() ? std::vector<FetchFailure>() : std::vector{*last};
}

} // namespace restante::identity
