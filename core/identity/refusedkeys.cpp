// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/refusedkeys.h"

#include <algorithm>

namespace restante::identity
{

bool RefusedKeys::note(const StoredKey &key, qint64 nowMs)
{
    const auto last = m_last.find(key.server);
    if (last != m_last.end()) {
        const bool same = last->keyId == key.keyId && last->key == key.key;
        *last = {key.server, key.keyId, key.key, nowMs};
        return !same;
    }
    if (m_last.size() >= MostServers)
        m_last.erase(std::min_element(m_last.begin(), m_last.end(), [](const RefusedKey &a, const RefusedKey &b) {
            return a.refusedMs < b.refusedMs;
        }));
    m_last.insert(key.server, {key.server, key.keyId, key.key, nowMs});
    return true;
}

void RefusedKeys::settle(const matrix::ServerName &server, const QByteArray &keyId)
{
    const auto last = m_last.constFind(server);
    if (last != m_last.cend() && (keyId.isEmpty() || last->keyId == keyId))
        m_last.erase(last);
}

void RefusedKeys::admitted(const StoredKey &key)
{
    const auto last = m_last.constFind(key.server);
    if (last != m_last.cend() && last->keyId == key.keyId && last->key == key.key)
        m_last.erase(last);
}

std::vector<RefusedKey> RefusedKeys::list(const matrix::ServerName &server) const
{
    if (server.isNull())
        return {m_last.cbegin(), m_last.cend()};
    const auto last = m_last.constFind(server);
    return last == m_last.cend() ? std::vector<RefusedKey>() : std::vector{*last};
}

} // namespace restante::identity
