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
    const qint64 size = std::max(bytes, announced);
    if (bytes == m_bytes && size == m_announced && !m_waits)
        return true;
    return m_memory.resize(*this, bytes, size);
}

void BodyMemory::Charge::release()
{
    if (m_bytes == 0 && !m_large && !m_waits)
        return;
    // Nothing can be refused when everything is given back.
    [[maybe_unused]] const bool given = m_memory.resize(*this, 0, 0);
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
    // The largest body that may come must have room in any case.
    , m_totalForHuge(what == For::Bodies ? std::max(m_totalForLarge - limits.mediumBodyReserveBytes,
                                                    std::min(m_totalForLarge, limits.bodyBytes + limits.smallBodyBytes))
                                         : m_totalForLarge)
    , m_perAddress(m_total / std::max(1, what == For::Bodies ? limits.bodyMemoryAddressDivisor
                                                             : limits.answerMemoryAddressDivisor))
    , m_smallBytes(limits.smallBodyBytes)
    , m_mediumBytes(limits.mediumBodyBytes)
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

/// What its address holds; of what comes through the proxy that is not known.
qint64 BodyMemory::heldAround(const Charge &charge) const
{
    return charge.m_exempt ? charge.m_bytes : m_byAddress.value(charge.m_key);
}

/// Whether its address will hold no more than a little when it is complete, as far as is known.
bool BodyMemory::isModest(const Charge &charge) const
{
    return heldAround(charge) + charge.m_announced - charge.m_bytes <= m_total / ModestDivisor;
}

/// For how long a large body will be there yet, as far as can be told; 0 if it is too early to tell.
qint64 BodyMemory::remainingMs(const Charge &charge, qint64 graceMs, qint64 nowMs)
{
    constexpr qint64 endless = std::numeric_limits<qint64>::max();
    if (charge.m_completeMs >= 0) // it waits, nobody knows for how long
        return nowMs - charge.m_completeMs > WaitMs ? endless : 0;
    const qint64 ageMs = nowMs - charge.m_beganMs;
    if (ageMs < graceMs)
        return 0;
    if (charge.m_bytes == 0 || charge.m_rate == 0)
        return endless;
    // As it came so far, or as it comes now, whichever is worse: the last bytes may come one by one.
    const qint64 left = charge.m_announced - charge.m_bytes;
    const qint64 soFarMs = left * ageMs / charge.m_bytes;
    return charge.m_rate < 0 ? soFarMs : std::max(soFarMs, left * 1000 / charge.m_rate);
}

/// Whether one waits that goes first: a modest one, or one whose address holds less. What comes without having to
/// wait goes on but for the modest ones, and those wait for nobody's turn.
bool BodyMemory::isForAnother(const Charge &charge) const
{
    if (m_waiting.empty() || isModest(charge))
        return false;
    const bool goesOn = charge.m_bytes > 0 && !charge.m_waits;
    return std::any_of(m_waiting.begin(), m_waiting.end(), [&](const Charge *other) {
        return other != &charge && (isModest(*other) || (!goesOn && heldAround(*other) < heldAround(charge)));
    });
}

bool BodyMemory::makeRoom(Charge &wanted, qint64 bytes, qint64 nowMs)
{
    const std::lock_guard lock(m_mutex);
    if (!wanted.m_exempt && isOverShare(wanted, bytes - wanted.m_bytes))
        return false;
    if (!std::exchange(wanted.m_waits, true))
        m_waiting.push_back(&wanted);
    wanted.m_announced = std::max(wanted.m_announced, bytes);
    if (std::any_of(m_large.begin(), m_large.end(),
                    [&wanted](const Charge *charge) { return charge != &wanted && charge->isToLeave(); }))
        return true;
    Charge *leaves = slowest(wanted, false, nowMs);
    if (!leaves && isModest(wanted))
        leaves = slowest(wanted, true, nowMs);
    if (!leaves)
        leaves = greediestWaiting(wanted);
    if (leaves)
        leaves->m_toLeave = true;
    return true;
}

/// The large body that will be there longest of those that do not wait for memory themselves; null if all will be
/// gone soon. For a modest one, of those that are not.
BodyMemory::Charge *BodyMemory::slowest(const Charge &wanted, bool forModest, qint64 nowMs) const
{
    Charge *slowest = nullptr;
    qint64 longestMs = forModest ? SoonForModestMs : SoonMs;
    for (Charge *charge : m_large) {
        if (charge == &wanted || charge->m_waits || (forModest && isModest(*charge)))
            continue;
        const qint64 ms = remainingMs(*charge, forModest ? GraceForModestMs : GraceMs, nowMs);
        if (ms > longestMs) {
            longestMs = ms;
            slowest = charge;
        }
    }
    return slowest;
}

/// Of those that have begun and wait themselves, one whose address holds more than that of `wanted`, or as much and
/// began later: if all waited for each other none would get on, and a modest one need not wait for the others.
BodyMemory::Charge *BodyMemory::greediestWaiting(const Charge &wanted) const
{
    const bool allWait =
        std::all_of(m_large.begin(), m_large.end(), [](const Charge *charge) { return charge->m_waits; });
    if (!allWait && !isModest(wanted))
        return nullptr;
    const auto greed = [this](const Charge *charge) { return std::pair(heldAround(*charge), charge->m_beganMs); };
    Charge *greediest = nullptr;
    for (Charge *charge : m_waiting) {
        if (charge == &wanted || charge->m_bytes == 0 || (!allWait && isModest(*charge)))
            continue;
        if (greed(charge) > greed(&wanted) && (!greediest || greed(charge) > greed(greediest)))
            greediest = charge;
    }
    return greediest;
}

bool BodyMemory::resize(Charge &charge, qint64 bytes, qint64 announced)
{
    const std::lock_guard lock(m_mutex);
    charge.m_announced = announced;
    const bool large = announced > m_smallBytes;
    const bool huge = large && (announced > m_mediumBytes || !isModest(charge));
    const qint64 held = m_held - charge.m_bytes + bytes;
    const qint64 heldByLarge = m_heldByLarge - (charge.m_large ? charge.m_bytes : 0) + (large ? bytes : 0);
    const qint64 heldByHuge = m_heldByHuge - (charge.m_huge ? charge.m_bytes : 0) + (huge ? bytes : 0);
    const bool grows = bytes > charge.m_bytes;
    const auto isTooMuch = [&] {
        return held > m_total || (huge && heldByHuge > m_totalForHuge) ||
               (large && (heldByLarge > m_totalForLarge || isForAnother(charge)));
    };
    if (grows && isTooMuch())
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
    m_heldByHuge = heldByHuge;
    charge.m_bytes = bytes;
    charge.m_large = large;
    charge.m_huge = huge;
    return true;
}

} // namespace restante::http
