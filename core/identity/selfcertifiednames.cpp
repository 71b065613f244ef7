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
    : m_known(most)
{
}

std::optional<PublicKey> SelfCertifiedNames::keyOf(const matrix::ServerName &name)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto *known = m_known.object(name))
            return *known;
    }
    const auto key = derive(name);
    const std::lock_guard lock(m_mutex);
    m_known.insert(name, new std::optional<PublicKey>(key));
    return key;
}

} // namespace restante::identity
