// SPDX-License-Identifier: GPL-3.0-or-later
// Promises 1, 2 and 3: what is stored survives, in order, until exactly it is acknowledged.
#include "queuefixture.h"

#include "queue/overlay.h"

#include <QtCore/QDir>

#include <future>

using namespace restante;
using namespace restante::test;

namespace
{

constexpr qint64 SecondsInId = qint64(1) << 20;

void copyDatabase(const QString &from, const QString &to)
{
    for (const auto *name : {"queue.sqlite", "queue.sqlite-wal"}) {
        const QString file = QLatin1Char('/') + QLatin1String(name);
        QFile::remove(to + file);
        QVERIFY(QFile::copy(from + file, to + file));
    }
}

/// What the thread of this process with that name has written so far, in bytes; -1 if there is none.
qint64 writtenBy(const QByteArray &thread)
{
    const QString tasks = QStringLiteral("/proc/self/task");
    for (const QString &id : QDir(tasks).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile name(tasks + QLatin1Char('/') + id + QStringLiteral("/comm"));
        QFile counts(tasks + QLatin1Char('/') + id + QStringLiteral("/io"));
        if (!name.open(QIODevice::ReadOnly) || name.readAll().trimmed() != thread || !counts.open(QIODevice::ReadOnly))
            continue;
        for (const QByteArray &line : counts.readAll().split('\n')) {
            if (line.startsWith("wchar: "))
                return line.sliced(qstrlen("wchar: ")).toLongLong();
        }
    }
    return -1;
}

} // namespace

class TestQueueStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_stored_entry_is_handed_out_as_it_came();
    void an_empty_transaction_is_an_entry_like_any_other();
    void a_copy_of_the_files_taken_after_the_answer_holds_the_entry();
    void a_restart_keeps_entries_and_totals();
    void entries_come_in_the_order_of_arrival_across_origins();
    void ids_grow_and_start_at_the_second_of_their_time();
    void ids_are_not_reused_after_a_restored_backup();
    void ids_are_not_reused_after_a_queue_was_forgotten();
    void an_impossible_clock_is_ignored_for_ids_data();
    void an_impossible_clock_is_ignored_for_ids();
    void the_same_entry_is_handed_out_until_it_is_acknowledged();
    void an_acknowledged_entry_is_not_handed_out_again_before_the_commit();
    void an_acknowledgement_removes_exactly_that_entry();
    void an_unknown_acknowledgement_changes_nothing();
    void an_acknowledgement_of_a_future_id_does_not_hide_that_entry();
    void another_destination_cannot_acknowledge();
    void acknowledged_entries_stay_gone_after_a_restart();
    void everything_that_waits_is_finished_at_the_end();
    void small_mail_waits_for_a_part_of_large_mail_at_most();
    void large_mail_that_waits_is_stored_at_the_end();
    void the_writer_does_not_copy_large_entries_from_the_log_itself();
    void no_completion_comes_to_a_client_that_is_gone();
    void more_than_may_wait_is_told_to_come_back();
    void discarding_removes_what_was_named();
    void discarding_all_leaves_what_comes_later();
    void a_large_queue_is_discarded_as_a_whole();
};

void TestQueueStore::a_stored_entry_is_handed_out_as_it_came()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto request = letter("hello");
    request.edus = "[{\"edu_type\":\"m.x\",\"content\":{}}]";
    const auto stored = queue.store(request);
    QVERIFY2(stored.ok(), stored.ok() ? "" : qPrintable(stored.error().detail));
    QVERIFY(stored->fresh);
    const auto got = queue.next();
    QVERIFY(got.entry);
    QCOMPARE(got.entry->id, stored->id);
    QCOMPARE(got.entry->origin, QByteArray("a.example"));
    QCOMPARE(got.entry->txnId, request.txnId);
    QCOMPARE(got.entry->originServerTs, request.originServerTs);
    QCOMPARE(got.entry->receivedMs, queue.clock.wallMs());
    QCOMPARE(got.entry->pdus, request.pdus);
    QCOMPARE(got.entry->edus, request.edus);
    QCOMPARE(queue.collect(), QByteArrayList{"hello"});
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueStore::an_empty_transaction_is_an_entry_like_any_other()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto request = letter("x");
    request.pdus = "[]";
    request.userLabel = {};
    request.txnId = "t-";
    QVERIFY(queue.store(request).ok());
    QCOMPARE(queue.collect(), QByteArrayList{""});
}

void TestQueueStore::a_copy_of_the_files_taken_after_the_answer_holds_the_entry()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QueueFixture copy;
    QByteArrayList contents;
    for (int i = 0; i < 5; ++i) {
        contents << QByteArray::number(i);
        QVERIFY(queue.store(letter(contents.last())).ok());
        copyDatabase(queue.folder(), copy.folder());
        QVERIFY(copy.open().ok());
        QCOMPARE(copy.total().entries, contents.size());
        QCOMPARE(copy.audit(), QStringList());
        QCOMPARE(copy.collect(), contents);
        copy.close();
    }
}

void TestQueueStore::a_restart_keeps_entries_and_totals()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    QVERIFY(queue.store(letter("two")).ok());
    const auto before = queue.total();
    queue.close();
    QVERIFY(!QFile::exists(queue.folder() + QStringLiteral("/queue.sqlite-wal")));
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.total().entries, 2);
    QCOMPARE(queue.total().bytes, before.bytes);
    QCOMPARE(queue.writer->counters().entries.load(), 2);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "two"}));
}

void TestQueueStore::entries_come_in_the_order_of_arrival_across_origins()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QByteArrayList contents;
    for (int i = 0; i < 30; ++i) {
        contents << QByteArray::number(i);
        QVERIFY(queue.store(letter(contents.last(), i % 2 == 0 ? "z.example" : "a.example")).ok());
        QVERIFY(queue.store(letter(contents.last(), "a.example", "other.example")).ok());
        queue.clock.setWall(queue.clock.wallMs() - 1'000); // a clock that goes back changes nothing
    }
    QCOMPARE(queue.collect(), contents);
    QCOMPARE(queue.collect("other.example"), contents);
}

void TestQueueStore::ids_grow_and_start_at_the_second_of_their_time()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const qint64 second = queue.clock.wallMs() / 1000 * SecondsInId;
    QCOMPARE(queue.store(letter("one"))->id.value, second);
    QCOMPARE(queue.store(letter("two"))->id.value, second + 1);
    QCOMPARE(queue.store(letter("one", "a.example", "other.example"))->id.value, second);
    queue.clock.advance(10'000);
    QCOMPARE(queue.store(letter("three"))->id.value, second + 2);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.store(letter("four"))->id.value, second + 10 * SecondsInId);
    queue.clock.setWall(queue.clock.wallMs() - 60'000);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.store(letter("five"))->id.value, second + 10 * SecondsInId + 1);
}

void TestQueueStore::ids_are_not_reused_after_a_restored_backup()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("old")).ok());
    QueueFixture backup;
    copyDatabase(queue.folder(), backup.folder());
    queue.clock.advance(5'000);
    QSet<qint64> given;
    for (int i = 0; i < 50; ++i)
        given.insert(queue.store(letter("lost " + QByteArray::number(i)))->id.value);
    backup.clock.setWall(queue.clock.wallMs() + 1'000);
    QVERIFY(backup.open().ok());
    for (int i = 0; i < 50; ++i)
        QVERIFY(!given.contains(backup.store(letter("new " + QByteArray::number(i)))->id.value));
}

void TestQueueStore::ids_are_not_reused_after_a_queue_was_forgotten()
{
    QueueFixture queue;
    queue.clock.setWall(0); // a computer without a clock: only the floor keeps ids apart
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const auto second = queue.store(letter("two"));
    QCOMPARE(second->id.value, 2);
    QCOMPARE(*queue.discardAll("b.example"), 2);
    queue.maintain();
    QTRY_COMPARE(queue.store(letter("x", "a.example", "later.example"))->id.value, 3);
    QCOMPARE(queue.store(letter("three"))->id.value, 3);
}

void TestQueueStore::an_impossible_clock_is_ignored_for_ids_data()
{
    QTest::addColumn<qint64>("wall");
    QTest::newRow("1970") << qint64(0);
    QTest::newRow("2023") << qint64(1'700'000'000'000);
    QTest::newRow("2201") << qint64(7'290'000'000'000);
    QTest::newRow("negative") << qint64(-5'000);
    QTest::newRow("end of time") << std::numeric_limits<qint64>::max() / 2;
}

void TestQueueStore::an_impossible_clock_is_ignored_for_ids()
{
    QFETCH(const qint64, wall);
    QueueFixture queue;
    queue.clock.setWall(wall);
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.store(letter("one"))->id.value, 1);
    QCOMPARE(queue.store(letter("two"))->id.value, 2);
}

void TestQueueStore::the_same_entry_is_handed_out_until_it_is_acknowledged()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto stored = queue.store(letter("one"));
    QVERIFY(queue.store(letter("two")).ok());
    QCOMPARE(queue.next().entry->id, stored->id);
    QCOMPARE(queue.next().entry->id, stored->id);
    QVERIFY(queue.next("b.example", stored->id).entry->id != stored->id);
}

void TestQueueStore::an_acknowledged_entry_is_not_handed_out_again_before_the_commit()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 200; ++i)
        QVERIFY(queue.store(letter(QByteArray::number(i))).ok());
    // No event loop runs between these calls, and the writer is slower than they are.
    QSet<qint64> seen;
    auto got = queue.next();
    while (got.entry) {
        QVERIFY(!seen.contains(got.entry->id.value));
        seen.insert(got.entry->id.value);
        const auto id = got.entry->id;
        got = queue.next("b.example", id);
        QVERIFY(!got.entry || got.entry->id != id);
    }
    QCOMPARE(seen.size(), 200);
    queue.settle();
    QVERIFY(!queue.writer->overlay().touches(server("b.example")));
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueStore::an_acknowledgement_removes_exactly_that_entry()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    const auto second = queue.store(letter("two"));
    QVERIFY(queue.store(letter("three")).ok());
    QCOMPARE(queue.next("b.example", second->id).entry->txnId, QByteArray("t-one"));
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "three"}));
}

void TestQueueStore::an_unknown_acknowledgement_changes_nothing()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    QCOMPARE(queue.next("b.example", {12345}).entry->txnId, QByteArray("t-one"));
    QCOMPARE(queue.next("b.example", {std::numeric_limits<qint64>::max()}).entry->txnId, QByteArray("t-one"));
    QVERIFY(!queue.next("unheard.example", {1}).entry);
    queue.settle();
    QCOMPARE(queue.total().entries, 1);
}

void TestQueueStore::an_acknowledgement_of_a_future_id_does_not_hide_that_entry()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("one"));
    QVERIFY(queue.next("b.example", {first->id.value + 1}).entry);
    QCOMPARE(queue.store(letter("two"))->id.value, first->id.value + 1);
    QCOMPARE(queue.collect(), (QByteArrayList{"one", "two"}));
}

void TestQueueStore::another_destination_cannot_acknowledge()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto stored = queue.store(letter("one"));
    QVERIFY(queue.store(letter("one", "a.example", "c.example")).ok());
    queue.next("c.example", stored->id);
    queue.settle();
    QCOMPARE(queue.collect("b.example"), QByteArrayList{"one"});
    QCOMPARE(queue.collect("c.example"), QByteArrayList());
}

void TestQueueStore::acknowledged_entries_stay_gone_after_a_restart()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("one"));
    QVERIFY(queue.store(letter("two")).ok());
    QVERIFY(queue.next("b.example", first->id).entry);
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.collect(), QByteArrayList{"two"});
}

/// All others wait meanwhile.
void TestQueueStore::the_writer_does_not_copy_large_entries_from_the_log_itself()
{
    constexpr qint64 size = qint64(6) << 20;
    constexpr int entries = 14; // together some times what the writer copies the rest of
    constexpr qint64 overhead = size * entries / 10;
    QueueFixture queue;
    queue.policy.quotas.originBytes = 2 * size * entries;
    QVERIFY(queue.open().ok());
    const qint64 before = writtenBy("queue writer");
    QVERIFY(before >= 0);
    int stored = 0;
    for (int i = 0; i < entries; ++i) {
        auto request = letter("large " + QByteArray::number(i));
        request.pdus.insert(1, QByteArray(size, ' '));
        queue.client->store(std::move(request),
                            [&stored](const Result<queue::Stored> &result) { stored += result.ok(); });
        if (i % 4 == 3) // no more than may wait
            QTRY_COMPARE_WITH_TIMEOUT(stored, i + 1, 30'000);
    }
    QTRY_COMPARE_WITH_TIMEOUT(stored, entries, 30'000);
    const qint64 written = writtenBy("queue writer") - before;
    QVERIFY2(written < entries * size + overhead, qPrintable(QString::number(written)));
}

void TestQueueStore::everything_that_waits_is_finished_at_the_end()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 700; ++i)
        queue.client->store(letter(QByteArray::number(i)), [](const Result<queue::Stored> &) {});
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.total().entries, 700);
    queue.client->discardAll(server("b.example"), [](const Result<qint64> &) {});
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.total().entries, 0);
}

void TestQueueStore::no_completion_comes_to_a_client_that_is_gone()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    int calls = 0;
    {
        queue::Client short_lived(*queue.writer);
        for (int i = 0; i < 20; ++i)
            short_lived.store(letter(QByteArray::number(i)), [&calls](const Result<queue::Stored> &) { ++calls; });
    }
    queue.settle();
    QCoreApplication::processEvents();
    QCOMPARE(calls, 0);
    QCOMPARE(queue.total().entries, 20);
}

void TestQueueStore::more_than_may_wait_is_told_to_come_back()
{
    QueueFixture queue;
    queue.tuning.waitingBytes = 100'000;
    QVERIFY(queue.open().ok());
    auto large = letter("large");
    large.pdus = "[" + QByteArray(200'000, ' ') + "]";
    const auto refused = queue.store(large);
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Errc::Busy);
    QVERIFY(refused.error().retryAfterMs > 0);
    QVERIFY(queue.store(letter("small")).ok());
}

void TestQueueStore::small_mail_waits_for_a_part_of_large_mail_at_most()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    std::promise<void> allPosted;
    queue.writer->perform([posted = allPosted.get_future().share()](base::Database &) {
        posted.wait();
        return Result<void>();
    });
    QByteArrayList stored;
    for (const QByteArray name : {"large 1", "large 2", "large 3", "small"}) {
        auto request = letter(name);
        if (name != "small")
            request.pdus.insert(1, QByteArray(2 << 20, ' '));
        queue.client->store(request, [&stored, name](const Result<queue::Stored> &result) {
            stored += result ? name : QByteArray("failed");
        });
    }
    allPosted.set_value();
    QTRY_COMPARE(stored.size(), 4);
    QVERIFY(stored.indexOf("small") < 2);
    stored.removeAll("small");
    QCOMPARE(stored, (QByteArrayList{"large 1", "large 2", "large 3"}));
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueStore::large_mail_that_waits_is_stored_at_the_end()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    for (const char *name : {"1", "2", "3"}) {
        auto request = letter(name);
        request.pdus.insert(1, QByteArray(2 << 20, ' '));
        queue.client->store(request, [](const Result<queue::Stored> &) {});
    }
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(queue.total().entries, 3);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueStore::discarding_removes_what_was_named()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto one = queue.store(letter("one"));
    const auto two = queue.store(letter("two"));
    QVERIFY(queue.store(letter("three")).ok());
    QCOMPARE(*queue.discard("b.example", {one->id, two->id, {77}}), 2);
    QCOMPARE(*queue.discard("b.example", {one->id}), 0);
    QCOMPARE(queue.writer->counters().discarded.load(), 2);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), QByteArrayList{"three"});
}

void TestQueueStore::discarding_all_leaves_what_comes_later()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    QVERIFY(queue.store(letter("else", "a.example", "other.example")).ok());
    QCOMPARE(*queue.discardAll("b.example"), 1);
    QCOMPARE(*queue.discardAll("b.example"), 0);
    QVERIFY(queue.store(letter("two")).ok());
    QCOMPARE(queue.collect(), QByteArrayList{"two"});
    QCOMPARE(queue.collect("other.example"), QByteArrayList{"else"});
}

void TestQueueStore::a_large_queue_is_discarded_as_a_whole()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QList<matrix::EntryId> ids;
    for (int i = 0; i < 1'300; ++i) {
        queue.client->store(letter(QByteArray::number(i)),
                            [&ids](const Result<queue::Stored> &stored) { ids.append(stored->id); });
    }
    QTRY_COMPARE(ids.size(), 1'300);
    const auto chosen = ids.first(700);
    QCOMPARE(*queue.discard("b.example", chosen), 700);
    QCOMPARE(*queue.discardAll("b.example"), 600);
    QCOMPARE(queue.total().entries, 0);
    QCOMPARE(queue.audit(), QStringList());
}

QTEST_GUILESS_MAIN(TestQueueStore)
#include "tst_queuestore.moc"
