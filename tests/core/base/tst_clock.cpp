// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"

#include <QtTest/QTest>

#include <ctime>

using namespace restante;

class ClockTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_wall_clock_is_that_of_the_machine();
    void the_steady_clock_never_goes_back();
};

void ClockTest::the_wall_clock_is_that_of_the_machine()
{
    const base::SystemClock clock;
    // Not QDateTime's, which newer versions of Qt round up.
    const auto machineMs = [] {
        timespec moment{};
        ::clock_gettime(CLOCK_REALTIME, &moment);
        return qint64(moment.tv_sec) * 1'000 + moment.tv_nsec / 1'000'000;
    };
    const qint64 before = machineMs();
    const qint64 now = clock.wallMs();
    const qint64 after = machineMs();
    QVERIFY(before <= now && now <= after);
}

void ClockTest::the_steady_clock_never_goes_back()
{
    const base::SystemClock clock;
    qint64 last = clock.steadyMs();
    for (int i = 0; i < 10000; ++i) {
        const qint64 now = clock.steadyMs();
        QVERIFY(now >= last);
        last = now;
    }
}

QTEST_GUILESS_MAIN(ClockTest)
#include "tst_clock.moc"
