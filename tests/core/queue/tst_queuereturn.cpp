// SPDX-License-Identifier: GPL-3.0-or-later
// What was set aside because it could not be read comes back when it can.
#include "damagedqueue.h"

using namespace restante;
using namespace restante::test;

namespace
{

constexpr qint64 HourMs = 3'600'000;

void harms()
{
    QTest::addColumn<int>("damage");
    QTest::newRow("body") << int(Damage::Body);
    QTest::newRow("page") << int(Damage::Page);
}

/// A queue with "broken" set aside, and "four" stored afterwards.
struct QueueWithoutOne : DamagedQueue {
    bool setAside(Damage damage)
    {
        return fill({"one", "broken", "three"}, damage, "x.example") && collect() == QByteArrayList{"one", "three"} &&
               quarantined() == 1 && store(letter("four")).ok();
    }
    void passAnHour()
    {
        clock.advance(HourMs + 1);
        maintain();
    }
};

} // namespace

class TestQueueReturn : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void an_entry_that_reads_whole_again_is_back_at_the_next_start_data() { harms(); }
    void an_entry_that_reads_whole_again_is_back_at_the_next_start();
    void an_entry_that_reads_whole_again_is_back_within_the_hour_data() { harms(); }
    void an_entry_that_reads_whole_again_is_back_within_the_hour();
    void an_entry_that_was_read_wrongly_is_back_when_it_reads_whole();
    void an_entry_that_came_again_meanwhile_is_handed_out_once();
    void an_entry_that_is_still_broken_stays_set_aside_data() { harms(); }
    void an_entry_that_is_still_broken_stays_set_aside();
    void an_entry_that_would_have_expired_does_not_come_back();
    void an_entry_that_was_thrown_away_does_not_come_back();
    void rows_that_stay_broken_keep_no_other_from_being_tried_again();
};

void TestQueueReturn::an_entry_that_reads_whole_again_is_back_at_the_next_start()
{
    QFETCH(const int, damage);
    QueueWithoutOne queue;
    QVERIFY(queue.setAside(Damage(damage)));
    queue.close();
    QVERIFY(repair(queue.file(), queue.before));
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.total().entries, 2);
    QCOMPARE(queue.audit(), QStringList());
    const auto page = queue.inspector->entries(server("b.example"), {}, 10);
    QVERIFY(page.ok());
    QCOMPARE(page->rows.size(), 2);
    QCOMPARE(page->rows[0].id, queue.ids.value("broken"));
    QVERIFY(!page->rows[0].quarantined);
    QCOMPARE(page->rows[0].origin, QStringLiteral("x.example"));
    QVERIFY(!queue.store(large("broken", "x.example"))->fresh);
    QCOMPARE(queue.collect(), (QByteArrayList{"broken", "four"}));
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueReturn::an_entry_that_reads_whole_again_is_back_within_the_hour()
{
    QFETCH(const int, damage);
    QueueWithoutOne queue;
    QVERIFY(queue.setAside(Damage(damage)));
    queue.passAnHour();
    QCOMPARE(queue.quarantined(), 1);
    QVERIFY(queue.next().entry); // the reader has gone past its place
    QVERIFY(queue.mend());
    queue.passAnHour();
    QCOMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.total().entries, 2);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), (QByteArrayList{"broken", "four"}));
    QVERIFY(!queue.store(large("broken", "x.example"))->fresh);
    queue.maintain();
    QCOMPARE(queue.total().bytes, 0);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueReturn::an_entry_that_was_read_wrongly_is_back_when_it_reads_whole()
{
    QueueWithoutOne queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("broken")).ok());
    QVERIFY(queue.store(letter("two")).ok());
    Meddler meddler(queue.folder());
    // As a page that has nothing but a part of the body reads if the disk gives other bytes.
    QVERIFY(meddler.run(QStringLiteral("UPDATE entries SET edus = x'a5a5' WHERE txn_id = x'742d62726f6b656e'")));
    QCOMPARE(queue.collect(), QByteArrayList{"two"});
    QCOMPARE(queue.quarantined(), 1);
    QVERIFY(meddler.run(QStringLiteral("UPDATE entries SET edus = x'5b5d'")));
    queue.passAnHour();
    QCOMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.collect(), QByteArrayList{"broken"});
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueReturn::an_entry_that_came_again_meanwhile_is_handed_out_once()
{
    QueueWithoutOne queue;
    QVERIFY(queue.setAside(Damage::Page));
    QVERIFY(queue.store(large("broken", "x.example"))->fresh);
    QVERIFY(queue.mend());
    queue.passAnHour();
    QCOMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.collect(), (QByteArrayList{"four", "broken"}));
    QCOMPARE(queue.rows(), 0);
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueReturn::an_entry_that_is_still_broken_stays_set_aside()
{
    QFETCH(const int, damage);
    QueueWithoutOne queue;
    QVERIFY(queue.setAside(Damage(damage)));
    for (int hours = 0; hours < 3; ++hours)
        queue.passAnHour();
    QCOMPARE(queue.quarantined(), 1);
    QCOMPARE(queue.collect(), QByteArrayList{"four"});
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.quarantined(), 1);
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueReturn::an_entry_that_would_have_expired_does_not_come_back()
{
    QueueWithoutOne queue;
    queue.policy.quotas.expiryDays = 2;
    QVERIFY(queue.fill({"one", "broken", "three"}, Damage::Page));
    queue.passDays(1);
    QCOMPARE(queue.collect().size(), 2);
    QCOMPARE(queue.quarantined(), 1);
    QVERIFY(queue.mend());
    queue.passDays(2);
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.total().expired, 0);
    QCOMPARE(queue.quarantined(), 1);
    queue.passDays(1);
    queue.passAnHour();
    QCOMPARE(queue.quarantined(), 0);
    QCOMPARE(queue.rows(), 0);
}

void TestQueueReturn::an_entry_that_was_thrown_away_does_not_come_back()
{
    QueueWithoutOne queue;
    QVERIFY(queue.setAside(Damage::Page));
    QCOMPARE(*queue.discard("b.example", {queue.ids.value("broken")}), 1);
    QVERIFY(queue.mend());
    queue.passAnHour();
    QCOMPARE(queue.collect(), QByteArrayList{"four"});
    QCOMPARE(queue.rows(), 0);
}

void TestQueueReturn::rows_that_stay_broken_keep_no_other_from_being_tried_again()
{
    constexpr int many = 600; // more than are tried at a time
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < many; ++i)
        queue.client->store(letter(QByteArray::number(i)), [](const Result<queue::Stored> &) {});
    queue.settle();
    Meddler meddler(queue.folder());
    QVERIFY(meddler.refuse(QStringLiteral("DELETE ON entries"), QStringLiteral("1")));
    QCOMPARE(*queue.discardAll("b.example"), many);
    QVERIFY(meddler.relent());
    QVERIFY(meddler.refuse(QStringLiteral("DELETE ON entries"), QStringLiteral("OLD.arrival < %1").arg(many)));
    for (int hours = 0; hours < 4; ++hours) {
        queue.clock.advance(HourMs + 1);
        queue.maintain();
    }
    QCOMPARE(meddler.number(QStringLiteral("SELECT COUNT(*) FROM entries WHERE arrival = %1").arg(many)), 0);
    QCOMPARE(queue.audit(), QStringList());
}

QTEST_GUILESS_MAIN(TestQueueReturn)
#include "tst_queuereturn.moc"
