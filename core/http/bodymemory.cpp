// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/bodymemory.h"

#include "base/addresskey.h"

#include <algorithm>
#include <limits>
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
    m_announced = std::max(bytes, announced);
    if (bytes == m_bytes && large == m_large && !m_waits)
        return true;
    return m_memory.resize(*this, bytes, large);
}

void BodyMemory::Charge::release()
{
    if (m_bytes == 0 && !m_large && !m_waits)
        return;
    // Nothing can be refused when everything is given back.
    [[maybe_unused]] const bool given = m_memory.resize(*this, 0, false);
}

void BodyMemory::Charge::begin(qint64 nowMs)
{
    const std::lock_guard lock(m_memory.m_mutex);
    m_beganMs = m_markMs = nowMs;
    m_markBytes = 0;
    m_rate = -1;
    m_completeMs = -1;
    m_toLeave = false;
}

void BodyMemory::Charge::progress(qint64 nowMs)
{
    constexpr qint64 stretchMs = 1'000;
    const std::lock_guard lock(m_memory.m_mutex);
    const qint64 ms = nowMs - m_markMs;
    if (ms < stretchMs)
        return;
    m_rate = (m_bytes - m_markBytes) * 1000 / ms;
    m_markMs = nowMs;
    m_markBytes = m_bytes;
}

void BodyMemory::Charge::complete(qint64 nowMs)
{
    const std::lock_guard lock(m_memory.m_mutex);
    m_completeMs = nowMs;
}

BodyMemory::BodyMemory(const Limits &limits, For what)
    : m_total(what == For::Bodies ? limits.bodyMemoryBytes : limits.answerMemoryBytes)
    , m_totalForLarge(std::max<qint64>(0, m_total - limits.smallBodyReserveBytes))
    , m_perAddress(m_total / std::max(1, what == For::Bodies ? limits.bodyMemoryAddressDivisor
                                                             : limits.answerMemoryAddressDivisor))
    , m_smallBytes(limits.smallBodyBytes)
{
}

qint64 BodyMemory::held() const
{
    const std::lock_guard lock(m_mutex);
    return m_held;
}

void BodyMemory::add(const QByteArray &key, qint64 more)
{
    qint64 &here = m_byAddress[key];
    here += more;
    if (here == 0)
        m_byAddress.remove(key);
}

/// Whether its address, or a network around that, would hold more than its part.
bool BodyMemory::isOverShare(const Charge &charge, qint64 more) const
{
    const auto around = base::networksAround(charge.m_key);
    return m_byAddress.value(charge.m_key) + more > m_perAddress ||
           std::any_of(around.begin(), around.end(), [&](const base::WiderNetwork &network) {
               return m_byAddress.value(network.key) + more > m_total / 2;
           });
}

/// For how long a large body will be there yet, as far as can be told; 0 where it is too early to tell.
qint64 BodyMemory::remainingMs(const Charge &charge, qint64 nowMs)
{
    constexpr qint64 endless = std::numeric_limits<qint64>::max();
    if (charge.m_completeMs >= 0) // it waits, nobody knows for how long
        return nowMs - charge.m_completeMs > WaitMs ? endless : 0;
    const qint64 ageMs = nowMs - charge.m_beganMs;
    if (ageMs < GraceMs)
        return 0;
    if (charge.m_bytes == 0 || charge.m_rate == 0)
        return endless;
    // As it came so far, or as it comes now, whichever is worse: the last bytes may come one by one.
    const qint64 left = charge.m_announced - charge.m_bytes;
    const qint64 soFarMs = left * ageMs / charge.m_bytes;
    return charge.m_rate < 0 ? soFarMs : std::max(soFarMs, left * 1000 / charge.m_rate);
}

/// Whether somebody waits whose address holds less. What comes without having to wait goes on.
bool BodyMemory::isForAnother(const Charge &charge) const
{
    if (charge.m_bytes > 0 && !charge.m_waits)
        return false;
    const qint64 here = m_byAddress.value(charge.m_key);
    return std::any_of(m_waiting.begin(), m_waiting.end(),
                       [&](const Charge *other) { return other != &charge && m_byAddress.value(other->m_key) < here; });
}

bool BodyMemory::makeRoom(Charge &wanted, qint64 bytes, qint64 nowMs)
{
    const std::lock_guard lock(m_mutex);
    if (!wanted.m_exempt && isOverShare(wanted, bytes - wanted.m_bytes))
        return false;
    if (!std::exchange(wanted.m_waits, true))
        m_waiting.push_back(&wanted);
    Charge *slowest = nullptr;
    qint64 longestMs = SoonMs;
    for (Charge *charge : m_large) {
        if (charge == &wanted)
            continue;
        if (charge->isToLeave())
            return true;
        if (const qint64 ms = remainingMs(*charge, nowMs); ms > longestMs) {
            longestMs = ms;
            slowest = charge;
        }
    }
    if (!slowest)
        slowest = greediestWaiting(wanted);
    if (slowest)
        slowest->m_toLeave = true;
    return true;
}

/// Where all wait for each other, nobody would get on: of those that have begun, one whose address holds more than that
/// of `wanted`, or as much and began later.
BodyMemory::Charge *BodyMemory::greediestWaiting(const Charge &wanted) const
{
    const auto greed = [this](const Charge *charge) {
        return std::pair(m_byAddress.value(charge->m_key), charge->m_beganMs);
    };
    Charge *greediest = nullptr;
    for (Charge *charge : m_waiting) {
        if (charge != &wanted && charge->m_bytes > 0 && greed(charge) > greed(&wanted) &&
            (!greediest || greed(charge) > greed(greediest)))
            greediest = charge;
    }
    return greediest;
}

bool BodyMemory::resize(Charge &charge, qint64 bytes, bool large)
{
    const std::lock_guard lock(m_mutex);
    const qint64 held = m_held - charge.m_bytes + bytes;
    const qint64 heldByLarge = m_heldByLarge - (charge.m_large ? charge.m_bytes : 0) + (large ? bytes : 0);
    const bool grows = bytes > charge.m_bytes;
    if (grows && (held > m_total || (large && (heldByLarge > m_totalForLarge || isForAnother(charge)))))
        return false;
    if (!charge.m_exempt) {
        const qint64 more = bytes - charge.m_bytes;
        if (grows && isOverShare(charge, more))
            return false;
        add(charge.m_key, more);
        for (const base::WiderNetwork &network : base::networksAround(charge.m_key))
            add(network.key, more);
    }
    if (std::exchange(charge.m_waits, false))
        std::erase(m_waiting, &charge);
    if (large && !charge.m_large)
        m_large.push_back(&charge);
    else if (!large && charge.m_large)
        std::erase(m_large, &charge);
    m_held = held;
    m_heldByLarge = heldByLarge;
    charge.m_bytes = bytes;
    charge.m_large = large;
    return true;
}

} // namespace restante::http
