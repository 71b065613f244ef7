// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/selfcertifiednames.h"

#include <cstring>

namespace restante::identity
{

namespace
{
std::optional<PublicKey> derive(const matrix::ServerName &name)
{
    const QByteArray bytes = QByteArray::fromHex(name.bytes());
    PublicKey key;
    if (bytes.size() != qsizetype(key.size()))
        return {};
    std::memcpy(key.data(), bytes.constData(), key.size());
    if (!isUsablePoint(key))
        return {};
    return key;
}
} // namespace

SelfCertifiedNames::SelfCertifiedNames(int most)
    : m_most(most)
{
    m_index.reserve(most);
}

std::optional<PublicKey> SelfCertifiedNames::keyOf(const matrix::ServerName &name)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_index.constFind(name); found != m_index.cend()) {
            m_recent.splice(m_recent.begin(), m_recent, *found);
            return m_recent.front().second;
        }
    }
    const auto key = derive(name);
    const std::lock_guard lock(m_mutex);
    if (m_index.contains(name))
        return key; // another thread was faster
    if (m_index.size() >= m_most) {
        m_index.remove(m_recent.back().first);
        m_recent.pop_back();
    }
    m_recent.emplace_front(name, key);
    m_index.insert(name, m_recent.begin());
    return key;
}

} // namespace restante::identity
