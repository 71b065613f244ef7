// SPDX-License-Identifier: GPL-3.0-or-later
// Promise 7: what expires, by which clock, and that the destination hears of it.
#include "queuefixture.h"

#include "queue/clockwatch.h"

using namespace restante;
using namespace restante::test;

namespace
{
constexpr qint64 HourMs = 3'600'000;
constexpr qint64 DayMs = 24 * HourMs;
constexpr qint64 YearMs = 365 * DayMs;
} // namespace

class TestQueueExpiry : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void an_entry_expires_after_its_days();
    void what_expired_is_told_with_an_empty_queue_too();
    void many_entries_expire_in_small_steps();
    void a_clock_that_jumps_forward_by_years_expires_nothing();
    void a_start_with_a_clock_years_ahead_expires_nothing();
    void a_clock_that_jumps_back_keeps_the_order();
    void mail_that_arrives_while_the_clock_is_far_behind_is_not_stamped_by_it();
    void mail_stamped_by_a_clock_far_ahead_still_expires();
    void entries_stamped_ahead_of_now_do_not_block_expiry_data();
    void entries_stamped_ahead_of_now_do_not_block_expiry();
    void mail_that_came_before_the_clock_was_set_does_not_expire_by_it();
    void what_was_handed_over_before_the_clock_was_set_is_remembered();
    void ordinary_absence_is_believed_data();
    void ordinary_absence_is_believed();
    void a_doubtful_clock_is_believed_after_a_day();
    void a_day_of_agreement_counts_across_restarts();
    void a_clock_that_comes_back_is_believed_at_once();
    void a_first_start_without_a_clock_believes_the_first_plausible_time();
};

void TestQueueExpiry::an_entry_expires_after_its_days()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("old")).ok());
    queue.clock.advance(15 * DayMs);
    QVERIFY(queue.store(letter("young")).ok());
    queue.clock.advance(14 * DayMs);
    queue.maintain();
    QCOMPARE(queue.total().entries, 2);
    queue.clock.advance(2 * DayMs);
    queue.maintain();
    QCOMPARE(queue.total().entries, 1);
    QCOMPARE(queue.total().expired, 1);
    QCOMPARE(queue.writer->counters().expired.load(), 1);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), QByteArrayList{"young"});
}

void TestQueueExpiry::what_expired_is_told_with_an_empty_queue_too()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    QVERIFY(queue.store(letter("two")).ok());
    QCOMPARE(queue.next().expired, 0);
    queue.clock.advance(31 * DayMs);
    queue.maintain();
    const auto got = queue.next();
    QVERIFY(!got.entry);
    QCOMPARE(got.expired, 2);
    queue.clock.advance(80 * DayMs);
    queue.maintain();
    QCOMPARE(queue.next().expired, 2);
    queue.clock.advance(20 * DayMs);
    queue.maintain();
    QTRY_COMPARE(queue.next().expired, 0); // forgotten with the queue after 90 days
}

void TestQueueExpiry::many_entries_expire_in_small_steps()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    int done = 0;
    for (int i = 0; i < 1'000; ++i)
        queue.client->store(letter(QByteArray::number(i)),
                            [&done](const Result<queue::Stored> &stored) { done += stored.ok(); });
    QTRY_COMPARE(done, 1'000);
    queue.clock.advance(31 * DayMs);
    queue.maintain();
    QTRY_COMPARE(queue.total().expired, 1'000);
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueExpiry::a_clock_that_jumps_forward_by_years_expires_nothing()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const qint64 right = queue.clock.wallMs();
    queue.clock.setWall(right + 10 * YearMs);
    queue.maintain();
    queue.clock.advance(6 * HourMs);
    queue.maintain();
    QCOMPARE(queue.total().entries, 1);
    queue.clock.setWall(right + 6 * HourMs);
    queue.maintain();
    queue.clock.advance(2 * DayMs);
    queue.maintain();
    QCOMPARE(queue.collect(), QByteArrayList{"one"});
}

void TestQueueExpiry::a_start_with_a_clock_years_ahead_expires_nothing()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    queue.close();
    queue.clock.setWall(queue.clock.wallMs() + 10 * YearMs);
    QVERIFY(queue.open().ok());
    queue.maintain();
    QCOMPARE(queue.total().entries, 1);
    // The laptop was in a cupboard for ten years after all.
    for (int hour = 0; hour < 26; ++hour) {
        queue.clock.advance(HourMs);
        queue.maintain();
    }
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.next().expired, 1);
}

void TestQueueExpiry::a_clock_that_jumps_back_keeps_the_order()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    queue.clock.setWall(queue.clock.wallMs() - 3 * YearMs);
    QVERIFY(queue.store(letter("two")).ok());
    queue.close();
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("three")).ok());
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "two", "three"}));
}

void TestQueueExpiry::mail_that_arrives_while_the_clock_is_far_behind_is_not_stamped_by_it()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const qint64 right = queue.clock.wallMs();
    queue.close();
    queue.clock.setWall(1'000'000'000); // a board without a battery
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("two")).ok());
    queue.clock.setWall(right + HourMs); // the time server answers
    queue.maintain();
    QCOMPARE(queue.total().entries, 2);
    QVERIFY(queue.total().newestMs >= right);
}

void TestQueueExpiry::mail_stamped_by_a_clock_far_ahead_still_expires()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const qint64 right = queue.clock.wallMs();
    queue.clock.setWall(right + 10 * YearMs);
    QVERIFY(queue.store(letter("one")).ok());
    queue.clock.setWall(right);
    queue.maintain();
    QCOMPARE(queue.total().entries, 1);
    queue.clock.advance(29 * DayMs);
    queue.maintain();
    QCOMPARE(queue.total().entries, 1);
    queue.clock.advance(2 * DayMs);
    queue.maintain();
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueExpiry::entries_stamped_ahead_of_now_do_not_block_expiry_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<qint64>("ahead");
    QTest::addColumn<bool>("seen"); // by the timer, as soon as the clock is right
    QTest::newRow("one") << 1 << 180 * DayMs << false;
    QTest::newRow("a step of them") << 256 << 180 * DayMs << false;
    QTest::newRow("many") << 1'000 << 180 * DayMs << false;
    QTest::newRow("many, seen") << 1'000 << 180 * DayMs << true;
    QTest::newRow("by weeks") << 300 << 21 * DayMs << true;
    QTest::newRow("by years") << 300 << 3 * YearMs << false;
}

void TestQueueExpiry::entries_stamped_ahead_of_now_do_not_block_expiry()
{
    QFETCH(const int, count);
    QFETCH(const qint64, ahead);
    QFETCH(const bool, seen);
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const qint64 right = queue.clock.wallMs();
    queue.clock.setWall(right + ahead);
    int done = 0;
    for (int i = 0; i < count; ++i)
        queue.client->store(letter("ahead" + QByteArray::number(i)),
                            [&done](const Result<queue::Stored> &stored) { done += stored.ok(); });
    QTRY_COMPARE(done, count);
    queue.clock.setWall(right);
    QVERIFY(queue.store(letter("behind")).ok());
    for (int step = 0; seen && step < count; step += 256)
        queue.maintain();
    queue.clock.advance(20 * DayMs);
    QVERIFY(queue.store(letter("young")).ok());
    queue.maintain();
    QCOMPARE(queue.total().entries, count + 2);
    queue.clock.advance(11 * DayMs);
    queue.maintain();
    QTRY_COMPARE(queue.total().entries, 1);
    QCOMPARE(queue.collect(), QByteArrayList{"young"});
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueExpiry::mail_that_came_before_the_clock_was_set_does_not_expire_by_it()
{
    QueueFixture queue;
    queue.clock.setWall(1'690'000'000'000); // 2023
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    queue.clock.advance(HourMs);
    queue.maintain();
    queue.close(); // and again before there is a time
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("two")).ok());
    queue.clock.setWall(1'790'000'000'000);
    queue.maintain();
    queue.clock.advance(29 * DayMs);
    queue.maintain();
    QCOMPARE(queue.total().entries, 2);
    queue.clock.advance(2 * DayMs);
    queue.maintain();
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.next().expired, 2);
}

/// Else the sender's next attempt would be held a second time.
void TestQueueExpiry::what_was_handed_over_before_the_clock_was_set_is_remembered()
{
    QueueFixture queue;
    queue.clock.setWall(1'690'000'000'000);
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    QCOMPARE(queue.collect(), QByteArrayList{"one"});
    queue.maintain();
    queue.clock.setWall(1'790'000'000'000);
    queue.maintain();
    queue.maintain();
    QVERIFY(queue.store(letter("one")).ok());
    QCOMPARE(queue.collect(), QByteArrayList());
    queue.clock.advance(31 * DayMs);
    queue.maintain();
    QVERIFY(queue.store(letter("one")).ok());
    QCOMPARE(queue.collect(), QByteArrayList{"one"});
}

void TestQueueExpiry::ordinary_absence_is_believed_data()
{
    QTest::addColumn<qint64>("absence");
    QTest::newRow("none") << qint64(0);
    QTest::newRow("a night") << 10 * HourMs;
    QTest::newRow("a weekend") << 60 * HourMs;
    QTest::newRow("back an hour") << -HourMs;
}

void TestQueueExpiry::ordinary_absence_is_believed()
{
    QFETCH(const qint64, absence);
    FakeClock clock;
    queue::ClockWatch before(clock, {});
    const auto memory = before.memory();
    clock.setWall(clock.wallMs() + absence);
    // Switched off and asleep make no difference.
    before.look();
    QVERIFY(!before.inDoubt());
    QCOMPARE(before.believedMs(), clock.wallMs());
    const queue::ClockWatch after(clock, memory);
    QVERIFY(!after.inDoubt());
    QCOMPARE(after.believedMs(), clock.wallMs());
    QCOMPARE(after.stampMs(), clock.wallMs());
}

void TestQueueExpiry::a_doubtful_clock_is_believed_after_a_day()
{
    FakeClock clock;
    queue::ClockWatch watch(clock, {});
    const qint64 right = clock.wallMs();
    clock.setWall(right + YearMs);
    watch.look();
    QVERIFY(watch.inDoubt());
    QCOMPARE(watch.believedMs(), right);
    QCOMPARE(watch.stampMs(), right + YearMs);
    clock.advance(20 * HourMs);
    watch.look();
    QCOMPARE(watch.believedMs(), right + 20 * HourMs);
    clock.advance(5 * HourMs);
    watch.look();
    QVERIFY(!watch.inDoubt());
    QCOMPARE(watch.believedMs(), clock.wallMs());
}

void TestQueueExpiry::a_day_of_agreement_counts_across_restarts()
{
    FakeClock clock;
    queue::ClockWatch::Memory memory = queue::ClockWatch(clock, {}).memory();
    clock.setWall(clock.wallMs() + YearMs);
    for (int evening = 0; evening < 2; ++evening) {
        queue::ClockWatch watch(clock, memory);
        QVERIFY(watch.inDoubt());
        clock.advance(2 * HourMs);
        watch.look();
        memory = watch.memory();
        clock.setWall(clock.wallMs() + 20 * HourMs); // off in between
    }
    QVERIFY(!queue::ClockWatch(clock, memory).inDoubt());
}

void TestQueueExpiry::a_clock_that_comes_back_is_believed_at_once()
{
    FakeClock clock;
    queue::ClockWatch watch(clock, {});
    const qint64 right = clock.wallMs();
    clock.setWall(right - YearMs);
    watch.look();
    QVERIFY(watch.inDoubt());
    QCOMPARE(watch.stampMs(), right);
    clock.setWall(right + 1'000);
    watch.look();
    QVERIFY(!watch.inDoubt());
    QCOMPARE(watch.believedMs(), right + 1'000);
}

void TestQueueExpiry::a_first_start_without_a_clock_believes_the_first_plausible_time()
{
    FakeClock clock(0);
    queue::ClockWatch watch(clock, {});
    QVERIFY(watch.inDoubt());
    QCOMPARE(watch.memory().seenMs, 0);
    clock.setWall(1'790'000'000'000);
    watch.look();
    QVERIFY(!watch.inDoubt());
    QCOMPARE(watch.believedMs(), 1'790'000'000'000);
}

QTEST_GUILESS_MAIN(TestQueueExpiry)
#include "tst_queueexpiry.moc"
