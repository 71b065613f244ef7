// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

#include <QtCore/QTimer>

#include <functional>

namespace restante::node
{

/// Notices that the machine slept: wall time went on while the steady clock stood. Looks every now and then while it
/// runs. Lives in one thread with an event loop; the clock outlives it.
class SleepWatch
{
public:
    static constexpr int LookMs = 20'000;     ///< between two looks
    static constexpr qint64 SleepMs = 30'000; ///< a shorter sleep is none; clocks that are set right move less

    /// `woke` is called in this thread, once for each sleep.
    SleepWatch(const base::Clock &clock, std::function<void()> woke);
    Q_DISABLE_COPY_MOVE(SleepWatch)

    /// From now on, with `lookMs` between two looks; what happened before counts for nothing, except if it ran
    /// already.
    void start(int lookMs);
    void stop();
    /// Looks at once; the timer does it by itself.
    void look();

private:
    bool sleptSinceLastLook();

    const base::Clock &m_clock;
    std::function<void()> m_woke;
    qint64 m_wallMs = 0;
    qint64 m_steadyMs = 0;
    QTimer m_timer;
};

} // namespace restante::node
