// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/clockwatch.h"

#include <algorithm>

namespace restante::queue
{

namespace
{
constexpr qint64 Year2200Ms = 7'258'118'400'000;
constexpr qint64 OffMs = 3 * base::DayMs;    // to be switched off or asleep for that long is nothing special
constexpr qint64 PauseMs = 30 * base::DayMs; // between two runs that see the same doubtful clock go on

/// Whether `wall` is not where `expected` lets it be. A computer that sleeps stops its steady clock.
bool deviates(qint64 wall, qint64 expected)
{
    return wall < expected - base::DayMs || wall > expected + OffMs;
}
} // namespace

bool ClockWatch::isPlausible(qint64 wallMs)
{
    return wallMs >= EarliestMs && wallMs < Year2200Ms;
}

ClockWatch::ClockWatch(const base::Clock &clock, const Memory &memory)
    : m_clock(clock)
    , m_memory(memory)
    , m_lastSteady(clock.steadyMs())
{
    start(m_clock.wallMs());
    look();
}

void ClockWatch::start(qint64 wall)
{
    m_lastWall = wall;
    const qint64 seen = m_memory.seenMs;
    if (seen == 0 || !deviates(wall, seen)) {
        if (isPlausible(wall))
            m_memory = {std::max(wall, seen), 0, 0};
        m_believed = m_memory.seenMs;
        return;
    }
    m_believed = seen;
    const bool goesOn = m_memory.doubtFromMs != 0 && wall >= m_memory.doubtWallMs - base::DayMs &&
                        wall <= m_memory.doubtWallMs + PauseMs;
    if (!goesOn)
        m_memory.doubtFromMs = wall == 0 ? 1 : wall;
    m_memory.doubtWallMs = wall;
}

void ClockWatch::look()
{
    const qint64 wall = m_clock.wallMs();
    const qint64 steady = m_clock.steadyMs();
    follow(wall, steady - m_lastSteady);
    m_lastWall = wall;
    m_lastSteady = steady;
    m_stamp = isPlausible(wall) && wall >= m_believed - base::DayMs ? wall : m_believed;
}

void ClockWatch::follow(qint64 wall, qint64 elapsed)
{
    const bool jumped = deviates(wall, m_lastWall + elapsed);
    m_believed += elapsed;
    const bool nothingBelieved = !isPlausible(m_believed);
    if (isPlausible(wall) && (nothingBelieved || !deviates(wall, m_believed))) {
        m_memory = {wall, 0, 0};
        m_believed = wall;
        return;
    }
    if (!inDoubt() || jumped)
        m_memory.doubtFromMs = wall == 0 ? 1 : wall;
    m_memory.doubtWallMs = wall;
    if (isPlausible(wall) && wall - m_memory.doubtFromMs >= base::DayMs) {
        m_memory = {wall, 0, 0};
        m_believed = wall;
    }
}

ClockWatch::Memory ClockWatch::memory() const
{
    Memory memory = m_memory;
    memory.seenMs = isPlausible(m_believed) ? m_believed : 0;
    return memory;
}

} // namespace restante::queue
