// SPDX-License-Identifier: GPL-3.0-or-later
// Finding the next entry: what a fold has listed, what came since, what several readers take from each other.
#include "queuefixture.h"

#include "queue/overlay.h"
#include "queue/tail.h"

using namespace restante;
using namespace restante::test;

class TestQueueOrder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_tail_lists_and_forgets();
    void the_order_goes_on_across_folds_data();
    void the_order_goes_on_across_folds();
    void two_readers_hand_out_each_entry_once();
    void what_is_larger_than_a_reader_reads_is_only_told_of();
    void an_acknowledgement_out_of_order_removes_what_it_names();
    void what_the_window_shows_goes_across_a_fold();
    void discarding_a_queue_takes_both_parts();
    void content_is_known_before_and_after_a_fold();

private:
    static queue::StoreRequest numbered(int number) { return letter(QByteArray::number(number)); }
    static QByteArray contentOf(const queue::NextEntry &next) { return next.entry ? next.entry->txnId.sliced(2) : ""; }
};

void TestQueueOrder::the_tail_lists_and_forgets()
{
    queue::Tail tail;
    const auto b = server("b.example");
    const auto came = [&b](qint64 id) { return queue::Tail::Change{b.bytes(), {{id}, id * 10}, false}; };
    tail.apply({came(1), came(2), came(5)});
    QCOMPARE(tail.list(b, {}, 9).size(), size_t(3));
    QCOMPARE(tail.list(b, {2}, 9).front().arrival, 50);
    QCOMPARE(tail.list(b, {}, 2).back().id.value, 2);
    QVERIFY(tail.list(server("c.example"), {}, 9).empty());
    QCOMPARE(tail.find(b, {2}).arrival, 20);
    QVERIFY(tail.find(b, {3}).id.isNull());
    tail.apply({{b.bytes(), {{2}, 20}, true}, {b.bytes(), {{3}, 30}, true}});
    QVERIFY(tail.find(b, {2}).id.isNull());
    QCOMPARE(tail.list(b, {}, 9).size(), size_t(2));
    const quint64 folds = tail.folds();
    tail.clear();
    QVERIFY(tail.list(b, {}, 9).empty());
    QCOMPARE(tail.folds(), folds + 1);
}

void TestQueueOrder::the_order_goes_on_across_folds_data()
{
    QTest::addColumn<qint64>("foldMovements");
    for (const qint64 each : {1, 2, 3, 7, 40, 1'000})
        QTest::addRow("a fold every %lld", static_cast<long long>(each)) << each;
}

void TestQueueOrder::the_order_goes_on_across_folds()
{
    QFETCH(const qint64, foldMovements);
    QueueFixture queue(QueueFixture::smallDisk());
    queue.tuning.foldMovements = foldMovements;
    QVERIFY(queue.open().ok());
    QByteArrayList expected;
    QByteArrayList got;
    matrix::EntryId last;
    // Two come for each that is taken; then the rest.
    for (int i = 0; i < 100; ++i) {
        QVERIFY(queue.store(numbered(2 * i)).ok());
        QVERIFY(queue.store(numbered(2 * i + 1)).ok());
        expected << QByteArray::number(2 * i) << QByteArray::number(2 * i + 1);
        const auto next = queue.next("b.example", last);
        QVERIFY(next.entry);
        got << contentOf(next);
        last = next.entry->id;
    }
    for (auto next = queue.next("b.example", last); next.entry; next = queue.next("b.example", next.entry->id))
        got << contentOf(next);
    QCOMPARE(got, expected);
    queue.settle();
    QCOMPARE(queue.audit(), QStringList());
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
    QVERIFY(!queue.writer->overlay().touches(server("b.example")));
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueOrder::two_readers_hand_out_each_entry_once()
{
    QueueFixture queue(QueueFixture::smallDisk());
    queue.tuning.foldMovements = 10;
    QVERIFY(queue.open().ok());
    QByteArrayList expected;
    for (int i = 0; i < 90; ++i) {
        QVERIFY(queue.store(numbered(i)).ok());
        expected << QByteArray::number(i);
    }
    queue::Reader other(*queue.writer, *queue.client);
    QByteArrayList got;
    matrix::EntryId last;
    for (int i = 0;; ++i) {
        auto next = i % 3 == 0 ? other.acknowledgeAndNext(server("b.example"), last)
                               : queue.reader->acknowledgeAndNext(server("b.example"), last);
        QVERIFY(next.ok());
        if (!next->entry)
            break;
        got << next->entry->txnId.sliced(2);
        last = next->entry->id;
        if (i % 8 == 0)
            queue.settle();
    }
    QCOMPARE(got, expected);
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueOrder::what_is_larger_than_a_reader_reads_is_only_told_of()
{
    QueueFixture queue(QueueFixture::smallDisk());
    QVERIFY(queue.open().ok());
    constexpr qsizetype large = 5'000;
    for (int i = 0; i < 4; ++i) {
        auto request = numbered(i);
        if (i == 1)
            request.pdus = R"([{"x":")" + QByteArray(large, 'x') + R"("}])";
        QVERIFY(queue.store(request).ok());
    }
    queue::Reader reader(*queue.writer, *queue.client, large / 2);
    const auto ask = [&](matrix::EntryId last, qint64 mostBytes) {
        return reader.acknowledgeAndList(server("b.example"), {last}, 4, mostBytes);
    };
    auto next = ask({}, large / 2); // what does not fit is not wished for
    QVERIFY(next.ok() && next->entry && next->further.empty());
    QCOMPARE(next->largeBytes, 0);
    const matrix::EntryId first = next->entry->id;
    next = ask({}, 4 * large); // all together are too large
    QVERIFY(next.ok() && !next->entry && next->further.empty());
    QVERIFY(next->largeBytes > large);
    next = ask(first, large / 2); // the oldest is too large
    QVERIFY(next.ok() && !next->entry);
    QVERIFY(next->largeBytes > large);
    const auto whole = queue.reader->acknowledgeAndList(server("b.example"), {}, 4, 4 * large);
    QVERIFY(whole.ok() && whole->entry);
    QCOMPARE(whole->entry->pdus.size(), large + 10);
    QCOMPARE(whole->further.size(), size_t(2));
    next = ask(whole->entry->id, 4 * large);
    QVERIFY(next.ok() && next->entry);
    QCOMPARE(next->further.size(), size_t(1));
}

void TestQueueOrder::an_acknowledgement_out_of_order_removes_what_it_names()
{
    QueueFixture queue(QueueFixture::smallDisk());
    QVERIFY(queue.open().ok());
    std::vector<matrix::EntryId> ids;
    for (int i = 0; i < 6; ++i) {
        const auto stored = queue.store(numbered(i));
        QVERIFY(stored.ok());
        ids.push_back(stored->id);
        if (i == 2)
            queue.maintain(); // the first three are listed, the others are not
    }
    QCOMPARE(contentOf(queue.next("b.example", ids[1])), QByteArray("0"));
    QCOMPARE(contentOf(queue.next("b.example", ids[4])), QByteArray("0"));
    QCOMPARE(contentOf(queue.next("b.example", ids[0])), QByteArray("2"));
    QCOMPARE(contentOf(queue.next("b.example", ids[0])), QByteArray("2")); // again: a silent no-op
    queue.settle();
    QCOMPARE(queue.total().entries, 3);
    queue.maintain();
    QCOMPARE(contentOf(queue.next("b.example", ids[1])), QByteArray("2"));
    QCOMPARE(contentOf(queue.next("b.example", ids[2])), QByteArray("3"));
    QCOMPARE(contentOf(queue.next("b.example", ids[3])), QByteArray("5"));
    QVERIFY(!queue.next("b.example", ids[5]).entry);
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueOrder::what_the_window_shows_goes_across_a_fold()
{
    QueueFixture queue(QueueFixture::smallDisk());
    QVERIFY(queue.open().ok());
    std::vector<matrix::EntryId> ids;
    std::vector<qint64> times;
    for (int i = 0; i < 9; ++i) {
        queue.clock.advance(1'000);
        const auto stored = queue.store(numbered(i));
        QVERIFY(stored.ok());
        ids.push_back(stored->id);
        times.push_back(queue.total().newestMs);
        if (i == 4)
            queue.maintain();
    }
    QVERIFY(std::is_sorted(times.begin(), times.end()) && times.front() < times.back());
    QCOMPARE(queue.total().oldestMs, times.front());
    matrix::EntryId after;
    QList<qint64> seen;
    for (bool more = true; more;) {
        const auto page = queue.inspector->entries(server("b.example"), after, 2);
        QVERIFY(page.ok());
        for (const auto &row : page->rows)
            seen << row.id.value;
        more = page->more;
        after = page->rows.last().id;
    }
    QCOMPARE(seen.size(), 9);
    QVERIFY(std::is_sorted(seen.begin(), seen.end()));
    for (const matrix::EntryId id : {ids[0], ids[8]}) {
        const auto entry = queue.inspector->entry(server("b.example"), id);
        QVERIFY(entry.ok());
        QCOMPARE(entry->id.value, id.value);
    }
    queue.acknowledge("b.example", ids[0]);
    queue.acknowledge("b.example", ids[8]);
    QCOMPARE(queue.inspector->entry(server("b.example"), ids[0]).error().code, Errc::NotHeld);
    QCOMPARE(queue.inspector->entry(server("b.example"), ids[8]).error().code, Errc::NotHeld);
    QCOMPARE(queue.total().oldestMs, times[1]);
    QCOMPARE(queue.total().newestMs, times[7]);
}

void TestQueueOrder::discarding_a_queue_takes_both_parts()
{
    QueueFixture queue(QueueFixture::smallDisk());
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 10; ++i) {
        QVERIFY(queue.store(numbered(i)).ok());
        if (i == 5)
            queue.maintain();
    }
    QCOMPARE(*queue.discardAll("b.example"), 10);
    QVERIFY(!queue.next().entry);
    QCOMPARE(queue.audit(), QStringList());
    QVERIFY(queue.store(numbered(0))->fresh); // nothing of it is remembered
    QCOMPARE(contentOf(queue.next()), QByteArray("0"));
    queue.maintain();
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueOrder::content_is_known_before_and_after_a_fold()
{
    QueueFixture queue(QueueFixture::smallDisk());
    QVERIFY(queue.open().ok());
    const auto first = queue.store(numbered(1));
    QVERIFY(first.ok() && first->fresh);
    for (int round = 0; round < 2; ++round) {
        const auto again = queue.store(numbered(1));
        QVERIFY(again.ok() && !again->fresh);
        QCOMPARE(again->id.value, first->id.value);
        queue.maintain();
    }
    queue.acknowledge("b.example", first->id);
    for (int round = 0; round < 2; ++round) {
        const auto again = queue.store(numbered(1));
        QVERIFY(again.ok() && !again->fresh);
        QVERIFY(again->id.isNull());
        queue.maintain();
    }
    // One that comes and goes between two folds.
    const auto brief = queue.store(numbered(2));
    queue.acknowledge("b.example", brief->id);
    QVERIFY(!queue.store(numbered(2))->fresh);
    queue.maintain();
    QVERIFY(!queue.store(numbered(2))->fresh);
    QCOMPARE(queue.audit(), QStringList());
}

QTEST_GUILESS_MAIN(TestQueueOrder)
#include "tst_queueorder.moc"
