// SPDX-License-Identifier: GPL-3.0-or-later
// Promise 5: the running totals, and what the window reads.
#include "meddler.h"
#include "queuefixture.h"

#include "queue/movement.h"

using namespace restante;
using namespace restante::test;

class TestQueueTotals : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void totals_follow_what_happens();
    void the_oldest_and_newest_are_those_that_are_held();
    void labels_beyond_a_hundred_become_others();
    void a_label_that_holds_nothing_makes_room();
    void totals_are_right_after_a_crash();
    void totals_are_right_after_many_batches();
    void the_same_policy_again_folds_nothing();
    void a_page_of_entries_comes_oldest_first();
    void an_entry_is_summarised_for_people();
    void a_large_body_is_not_summarised();
    void one_entry_is_read_whole();
    void an_entry_that_is_not_held_is_said_so();
    void movements_are_read_as_they_were_written();
    void damaged_movements_are_refused();
};

void TestQueueTotals::totals_follow_what_happens()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto one = letter("one");
    const qint64 size = one.pdus.size() + one.edus.size() + one.txnId.size();
    QVERIFY(queue.store(one).ok());
    QVERIFY(queue.store(letter("two", "c.example")).ok());
    QVERIFY(queue.store(letter("els", "a.example", "other.example")).ok());
    auto totals = queue.inspector->totals();
    QCOMPARE(totals->entries, 3);
    QCOMPARE(totals->bytes, 3 * size);
    QCOMPARE(totals->destinations.size(), 2);
    QCOMPARE(queue.total().entries, 2);
    QCOMPARE(queue.total().bytes, 2 * size);
    QCOMPARE(queue.total().labels.size(), 1);
    QCOMPARE(queue.total().labels[0].label, QStringLiteral("bob"));
    QCOMPARE(queue.total().labels[0].entries, 2);
    QCOMPARE(queue.total().lastCollectedMs, 0);
    queue.clock.advance(1'000);
    QCOMPARE(queue.collect().size(), 2);
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.total().bytes, 0);
    QCOMPARE(queue.total().labels.size(), 0);
    QCOMPARE(queue.total().lastCollectedMs, queue.clock.wallMs());
    QCOMPARE(queue.writer->counters().acknowledged.load(), 2);
    QCOMPARE(queue.writer->counters().entries.load(), 1);
    QCOMPARE(queue.writer->counters().bytes.load(), size);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueTotals::the_oldest_and_newest_are_those_that_are_held()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const qint64 start = queue.clock.wallMs();
    QList<matrix::EntryId> ids;
    for (int i = 0; i < 3; ++i) {
        ids << queue.store(letter(QByteArray::number(i)))->id;
        queue.clock.advance(1'000);
    }
    QCOMPARE(queue.total().oldestMs, start);
    QCOMPARE(queue.total().newestMs, start + 2'000);
    QCOMPARE(*queue.discard("b.example", {ids[0], ids[2]}), 2);
    QCOMPARE(queue.total().oldestMs, start + 1'000);
    QCOMPARE(queue.total().newestMs, start + 1'000);
}

void TestQueueTotals::labels_beyond_a_hundred_become_others()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 130; ++i) {
        auto request = letter(QByteArray::number(i));
        request.userLabel = "user" + QByteArray::number(i);
        QVERIFY(queue.store(request).ok());
    }
    const auto total = queue.total();
    QCOMPARE(total.labels.size(), 101);
    qint64 others = 0;
    for (const auto &label : total.labels)
        others += label.label.isEmpty() ? label.entries : 0;
    QCOMPARE(others, 30);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect().size(), 130);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueTotals::a_label_that_holds_nothing_makes_room()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 100; ++i) {
        auto request = letter(QByteArray::number(i));
        request.userLabel = "user" + QByteArray::number(i);
        QVERIFY(queue.store(request).ok());
    }
    QCOMPARE(*queue.discardAll("b.example"), 100);
    queue.maintain();
    auto request = letter("new");
    request.userLabel = "newcomer";
    QVERIFY(queue.store(request).ok());
    QCOMPARE(queue.total().labels.size(), 1);
    QCOMPARE(queue.total().labels[0].label, QStringLiteral("newcomer"));
}

void TestQueueTotals::totals_are_right_after_a_crash()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 20; ++i) {
        auto request = letter(QByteArray::number(i), i % 3 == 0 ? "a.example" : "c.example");
        request.userLabel = "user" + QByteArray::number(i % 5);
        request.addressKey = "address";
        QVERIFY(queue.store(request).ok());
    }
    QVERIFY(queue.next("b.example", queue.next().entry->id).entry);
    queue.settle();
    QueueFixture copy;
    for (const auto *name : {"/queue.sqlite", "/queue.sqlite-wal"})
        QVERIFY(QFile::copy(queue.folder() + QLatin1String(name), copy.folder() + QLatin1String(name)));
    QVERIFY(copy.open().ok());
    QCOMPARE(copy.audit(), QStringList());
    QCOMPARE(copy.total().entries, 19);
    QCOMPARE(copy.total().labels.size(), 5);
    QVERIFY(copy.store(letter("more")).ok());
    QCOMPARE(copy.audit(), QStringList());
}

void TestQueueTotals::totals_are_right_after_many_batches()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    int done = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto request = letter(QByteArray::number(i), "o" + QByteArray::number(i % 50) + ".example",
                              "d" + QByteArray::number(i % 40) + ".example");
        queue.client->store(request, [&done](const Result<queue::Stored> &stored) { done += stored.ok(); });
    }
    QTRY_COMPARE_WITH_TIMEOUT(done, 20'000, 60'000);
    QCOMPARE(queue.inspector->totals()->entries, 20'000);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueTotals::the_same_policy_again_folds_nothing()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    Meddler database(queue.folder());
    const QString unfolded = QStringLiteral("SELECT COUNT(*) FROM movements");
    QCOMPARE(database.number(unfolded), 1);
    queue.writer->setPolicy(queue.policy); // as pausing does
    QVERIFY(queue.store(letter("two")).ok());
    QCOMPARE(database.number(unfolded), 2);
    queue.policy.quotas.expiryDays = 1;
    queue.writer->setPolicy(queue.policy);
    QVERIFY(queue.store(letter("three")).ok());
    QCOMPARE(database.number(unfolded), 1);
}

void TestQueueTotals::a_page_of_entries_comes_oldest_first()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 25; ++i)
        QVERIFY(queue.store(letter(QByteArray::number(i))).ok());
    matrix::EntryId after;
    QStringList seen;
    bool more = true;
    while (more) {
        const auto page = queue.inspector->entries(server("b.example"), after, 10);
        QVERIFY(page.ok());
        QVERIFY(page->rows.size() <= 10);
        for (const auto &row : page->rows)
            seen << row.txnId;
        after = page->rows.last().id;
        more = page->more;
    }
    QCOMPARE(seen.size(), 25);
    QCOMPARE(seen.first(), QStringLiteral("t-0"));
    QCOMPARE(seen.last(), QStringLiteral("t-24"));
    QVERIFY(queue.inspector->entries(server("unheard.example"), {}, 10)->rows.isEmpty());
}

void TestQueueTotals::an_entry_is_summarised_for_people()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto request = letter("x");
    request.pdus = "[{\"type\":\"m.room.message\",\"sender\":\"@al:a.example\",\"room_id\":\"!r:a.example\"}]";
    request.edus = "[{\"edu_type\":\"m.typing\",\"content\":{}}]";
    request.eduCount = 1;
    QVERIFY(queue.store(request).ok());
    const auto page = queue.inspector->entries(server("b.example"), {}, 10);
    QCOMPARE(page->rows.size(), 1);
    const auto &row = page->rows[0];
    QCOMPARE(row.origin, QStringLiteral("a.example"));
    QCOMPARE(row.userLabel, QStringLiteral("bob"));
    QCOMPARE(row.receivedMs, queue.clock.wallMs());
    QCOMPARE(row.originServerTs, request.originServerTs);
    QCOMPARE(row.bytes, request.pdus.size() + request.edus.size() + request.txnId.size());
    QCOMPARE(row.pduCount, 1);
    QCOMPARE(row.eduCount, 1);
    QCOMPARE(row.events.size(), size_t(2));
    QCOMPARE(row.events[0].type, QStringLiteral("m.room.message"));
    QCOMPARE(row.events[0].sender, QStringLiteral("@al:a.example"));
    QVERIFY(row.events[1].edu);
}

void TestQueueTotals::a_large_body_is_not_summarised()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto request = letter("x");
    request.pdus = "[{\"type\":\"m\"}" + QByteArray(300'000, ' ') + "]";
    QVERIFY(queue.store(request).ok());
    QVERIFY(queue.inspector->entries(server("b.example"), {}, 10)->rows[0].events.empty());
}

void TestQueueTotals::one_entry_is_read_whole()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto request = letter("x");
    const auto stored = queue.store(request);
    const auto entry = queue.inspector->entry(server("b.example"), stored->id);
    QVERIFY(entry.ok());
    QCOMPARE(entry->pdus, request.pdus);
    QCOMPARE(entry->origin, QByteArray("a.example"));
}

void TestQueueTotals::an_entry_that_is_not_held_is_said_so()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto entry = queue.inspector->entry(server("b.example"), {5});
    QVERIFY(!entry.ok());
    QCOMPARE(entry.error().code, Errc::NotHeld);
}

void TestQueueTotals::movements_are_read_as_they_were_written()
{
    const std::vector<queue::Movement> written{
        {queue::Movement::Kind::Stored, 1, 2, 3, -4, 5, matrix::EntryId::Largest, 1'790'000'000'000},
        {queue::Movement::Kind::Acknowledged, 127, 128, 0, std::numeric_limits<qint64>::min(), 0, 1, 0},
        {queue::Movement::Kind::TombstoneForgotten, std::numeric_limits<qint64>::max(), 0, 0, 0, 0, 0, 0},
    };
    QByteArray changes;
    for (const auto &movement : written)
        queue::encodeMovement(changes, movement);
    const auto read = queue::decodeMovements(changes);
    QVERIFY(read.has_value());
    QCOMPARE(*read, written);
}

void TestQueueTotals::damaged_movements_are_refused()
{
    QByteArray changes;
    queue::encodeMovement(changes, {queue::Movement::Kind::Stored, 1, 2, 3, 4, 5, 6, 7});
    QVERIFY(!queue::decodeMovements(changes.chopped(1)));
    QVERIFY(!queue::decodeMovements(changes + '\x09'));
    QVERIFY(!queue::decodeMovements(QByteArray(1, '\0')));
    QVERIFY(!queue::decodeMovements(QByteArray("\x01") + QByteArray(40, '\xff')));
}

QTEST_GUILESS_MAIN(TestQueueTotals)
#include "tst_queuetotals.moc"
