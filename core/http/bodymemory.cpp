// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/bodymemory.h"

#include <algorithm>
#include <utility>

namespace restante::http
{

BodyMemory::Charge::Charge(BodyMemory &memory, QByteArray key, bool exempt)
    : m_memory(memory)
    , m_key(std::move(key))
    , m_exempt(exempt)
{
}

BodyMemory::Charge::~Charge()
{
    release();
}

bool BodyMemory::Charge::resize(qint64 bytes, qint64 announced)
{
    const bool large = std::max(bytes, announced) > m_memory.m_smallBytes;
    if (bytes == m_bytes && large == m_large)
        return true;
    return m_memory.resize(*this, bytes, large);
}

void BodyMemory::Charge::release()
{
    if (m_bytes == 0 && !m_large)
        return;
    // Nothing can be refused when everything is given back.
    [[maybe_unused]] const bool given = m_memory.resize(*this, 0, false);
}

BodyMemory::BodyMemory(const Limits &limits)
    : m_total(limits.bodyMemoryBytes)
    , m_totalForLarge(std::max<qint64>(0, limits.bodyMemoryBytes - limits.smallBodyReserveBytes))
    , m_perAddress(limits.bodyMemoryBytes / std::max(1, limits.bodyMemoryAddressDivisor))
    , m_smallBytes(limits.smallBodyBytes)
{
}

qint64 BodyMemory::held() const
{
    const std::lock_guard lock(m_mutex);
    return m_held;
}

bool BodyMemory::resize(Charge &charge, qint64 bytes, bool large)
{
    const std::lock_guard lock(m_mutex);
    const qint64 held = m_held - charge.m_bytes + bytes;
    const qint64 heldByLarge = m_heldByLarge - (charge.m_large ? charge.m_bytes : 0) + (large ? bytes : 0);
    const bool grows = bytes > charge.m_bytes;
    if (grows && (held > m_total || (large && heldByLarge > m_totalForLarge)))
        return false;
    if (!charge.m_exempt) {
        const qint64 here = m_byAddress.value(charge.m_key, 0) - charge.m_bytes + bytes;
        if (grows && here > m_perAddress)
            return false;
        if (here == 0)
            m_byAddress.remove(charge.m_key);
        else
            m_byAddress.insert(charge.m_key, here);
    }
    m_held = held;
    m_heldByLarge = heldByLarge;
    charge.m_bytes = bytes;
    charge.m_large = large;
    return true;
}

} // namespace restante::http
