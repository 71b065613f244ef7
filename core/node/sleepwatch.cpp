// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/sleepwatch.h"

#include <utility>

namespace restante::node
{

SleepWatch::SleepWatch(const base::Clock &clock, std::function<void()> woke)
    : m_clock(clock)
    , m_woke(std::move(woke))
{
    m_timer.setTimerType(Qt::CoarseTimer);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { look(); });
}

void SleepWatch::start(int lookMs)
{
    if (!m_timer.isActive())
        sleptSinceLastLook();
    m_timer.start(lookMs);
}

void SleepWatch::stop()
{
    m_timer.stop();
}

void SleepWatch::look()
{
    if (sleptSinceLastLook())
        m_woke();
}

bool SleepWatch::sleptSinceLastLook()
{
    const qint64 wall = m_clock.wallMs();
    const qint64 steady = m_clock.steadyMs();
    const qint64 wallPassed = wall - std::exchange(m_wallMs, wall);
    const qint64 steadyPassed = steady - std::exchange(m_steadyMs, steady);
    return wallPassed > steadyPassed + SleepMs;
}

} // namespace restante::node
