// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "node/sleepwatch.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;

class TestSleepWatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void only_wall_time_that_passed_alone_is_a_sleep_data();
    void only_wall_time_that_passed_alone_is_a_sleep();
    void each_sleep_is_told_once();
    void time_without_the_watch_is_no_sleep();
    void a_second_start_forgets_nothing();
    void it_looks_by_itself();

private:
    static constexpr int NeverMs = 3'600'000;
    /// The machine sleeps: only its wall clock goes on.
    void sleep(qint64 ms) { m_clock.setWall(m_clock.wallMs() + ms); }

    FakeClock m_clock;
};

void TestSleepWatch::only_wall_time_that_passed_alone_is_a_sleep_data()
{
    QTest::addColumn<qint64>("both");
    QTest::addColumn<qint64>("wall");
    QTest::addColumn<int>("woke");
    QTest::newRow("nothing") << qint64(0) << qint64(0) << 0;
    QTest::newRow("an hour awake") << qint64(3'600'000) << qint64(0) << 0;
    QTest::newRow("the clock was set right") << qint64(20'000) << qint64(30'000) << 0;
    QTest::newRow("the clock was set back") << qint64(20'000) << qint64(-3'600'000) << 0;
    QTest::newRow("a short sleep") << qint64(20'000) << qint64(30'001) << 1;
    QTest::newRow("a night") << qint64(20'000) << qint64(8 * 3'600'000) << 1;
}

void TestSleepWatch::only_wall_time_that_passed_alone_is_a_sleep()
{
    QFETCH(const qint64, both);
    QFETCH(const qint64, wall);
    QFETCH(const int, woke);
    int told = 0;
    node::SleepWatch watch(m_clock, [&told] { ++told; });
    watch.start(NeverMs);
    m_clock.advance(both);
    sleep(wall);
    watch.look();
    QCOMPARE(told, woke);
}

void TestSleepWatch::each_sleep_is_told_once()
{
    int told = 0;
    node::SleepWatch watch(m_clock, [&told] { ++told; });
    watch.start(NeverMs);
    for (int sleeps = 1; sleeps <= 3; ++sleeps) {
        sleep(60'000);
        watch.look();
        watch.look();
        QCOMPARE(told, sleeps);
    }
}

void TestSleepWatch::time_without_the_watch_is_no_sleep()
{
    int told = 0;
    node::SleepWatch watch(m_clock, [&told] { ++told; });
    sleep(60'000);
    watch.start(NeverMs);
    watch.look();
    watch.stop();
    sleep(60'000);
    watch.start(NeverMs);
    watch.look();
    QCOMPARE(told, 0);
}

void TestSleepWatch::a_second_start_forgets_nothing()
{
    int told = 0;
    node::SleepWatch watch(m_clock, [&told] { ++told; });
    watch.start(NeverMs);
    sleep(60'000);
    watch.start(NeverMs); // settings changed right after waking
    watch.look();
    QCOMPARE(told, 1);
}

void TestSleepWatch::it_looks_by_itself()
{
    int told = 0;
    node::SleepWatch watch(m_clock, [&told] { ++told; });
    watch.start(1);
    sleep(60'000);
    QTRY_COMPARE(told, 1);
}

QTEST_GUILESS_MAIN(TestSleepWatch)
#include "tst_sleepwatch.moc"
