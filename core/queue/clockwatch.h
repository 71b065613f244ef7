// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

#include <algorithm>

namespace restante::queue
{

/// What the queue believes the time to be, so that a wall clock that jumps cannot expire everything at once. One
/// thread.
///
/// The rule: a wall clock more than a day behind, or more than three days ahead of, the time that was believed last
/// plus what the steady clock counted since, is in doubt. While in doubt, time goes on from the last believed moment
/// with the steady clock. When the wall clock has gone on without a further jump for a day, also across restarts, it
/// is believed. A clock outside 2024 to 2200 is never believed.
class ClockWatch
{
public:
    /// What survives a restart; all in milliseconds, 0 = never.
    struct Memory {
        qint64 seenMs = 0;      ///< the last believed moment
        qint64 doubtFromMs = 0; ///< what the wall clock showed when doubt began; 0 = no doubt
        qint64 doubtWallMs = 0; ///< what it showed last while in doubt

        friend bool operator==(const Memory &, const Memory &) = default;
    };

    ClockWatch(const base::Clock &clock, const Memory &memory);

    /// Looks at both clocks. Cheap; call it before asking.
    void look();
    /// For ageing: what may expire is judged by this.
    qint64 believedMs() const { return m_believed; }
    /// For stamping what arrives: the wall clock, unless it runs behind what was believed already or cannot be.
    qint64 stampMs() const { return m_stamp; }
    /// The latest stamp that `stampMs` may rightly have given up to now. While a clock that runs ahead is in doubt it
    /// may yet turn out to be right.
    qint64 latestStampMs() const { return (inDoubt() ? std::max(m_believed, m_stamp) : m_believed) + base::DayMs; }
    bool inDoubt() const { return m_memory.doubtFromMs != 0; }
    /// To be kept, now and then.
    Memory memory() const;

    static constexpr qint64 EarliestMs = 1'704'067'200'000; ///< 2024; what is stamped earlier was stamped by no clock
    static bool isPlausible(qint64 wallMs);

private:
    void start(qint64 wall);
    void follow(qint64 wall, qint64 elapsed);

    const base::Clock &m_clock;
    Memory m_memory;
    qint64 m_lastWall = 0;
    qint64 m_lastSteady = 0;
    qint64 m_believed = 0;
    qint64 m_stamp = 0;
};

} // namespace restante::queue
