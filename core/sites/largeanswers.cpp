// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/largeanswers.h"

#include <utility>

namespace restante::sites
{

bool LargeAnswers::note(const QByteArray &owner, qint64 bytes)
{
    if (bytes <= LargeBytes) {
        m_bytesOf.remove(owner);
        return false;
    }
    if (m_bytesOf.size() >= MostOwners && !m_bytesOf.contains(owner))
        m_bytesOf.clear();
    return std::exchange(m_bytesOf[owner], bytes) == bytes;
}

} // namespace restante::sites
