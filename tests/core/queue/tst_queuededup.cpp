// SPDX-License-Identifier: GPL-3.0-or-later
// Promise 4: the same content is held once.
#include "queuefixture.h"

#include "matrix/edu.h"

#include <latch>
#include <optional>

using namespace restante;
using namespace restante::test;

namespace
{
constexpr qint64 DayMs = 86'400'000;
}

class TestQueueDedup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void of_typing_and_presence_only_the_newest_is_held();
    void a_batch_that_fails_forgets_no_typing_that_is_held();
    void the_same_content_is_held_once();
    void a_reused_transaction_id_with_other_content_is_another_entry();
    void the_key_holds_destination_and_origin();
    void without_its_senders_signature_it_does_not_stand_for_one_that_has_it();
    void a_repeat_in_the_same_batch_is_found();
    void an_acknowledged_content_does_not_come_back();
    void a_tombstone_survives_a_restart();
    void a_tombstone_is_forgotten_after_its_days();
    void only_so_many_tombstones_are_kept_oldest_first();
    void discarded_content_may_come_again();
    void expired_content_may_come_again();
    void what_is_held_is_found_even_where_the_queue_is_full();
};

void TestQueueDedup::the_same_content_is_held_once()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("same"));
    auto repeat = letter("same");
    repeat.txnId = "t-another attempt";
    const auto second = queue.store(repeat);
    QVERIFY(first->fresh);
    QVERIFY(!second->fresh);
    QCOMPARE(second->id, first->id);
    QCOMPARE(queue.writer->counters().duplicates.load(), 1);
    QCOMPARE(queue.collect(), QByteArrayList{"same"});
}

void TestQueueDedup::a_reused_transaction_id_with_other_content_is_another_entry()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("one")).ok());
    auto grown = letter("one and more");
    grown.txnId = "t-one";
    QVERIFY(queue.store(grown)->fresh);
    QCOMPARE(queue.total().entries, 2);
}

void TestQueueDedup::the_key_holds_destination_and_origin()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("same", "a.example", "b.example"))->fresh);
    QVERIFY(queue.store(letter("same", "c.example", "b.example"))->fresh);
    QVERIFY(queue.store(letter("same", "a.example", "d.example"))->fresh);
}

void TestQueueDedup::without_its_senders_signature_it_does_not_stand_for_one_that_has_it()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto attested = letter("same");
    attested.attested = true;
    QVERIFY(queue.store(letter("same"))->fresh);
    QVERIFY(queue.store(attested)->fresh); // a homeserver takes only this one
    QVERIFY(!queue.store(attested)->fresh);
    QCOMPARE(queue.collect(), (QByteArrayList{"same", "same"}));
    QVERIFY(queue.store(letter("other")).ok());
    QCOMPARE(queue.collect(), QByteArrayList{"other"});
    auto later = letter("other");
    later.attested = true;
    QVERIFY(queue.store(later)->fresh); // nor does a tombstone
}

void TestQueueDedup::a_repeat_in_the_same_batch_is_found()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QList<queue::Stored> results;
    for (int i = 0; i < 40; ++i)
        queue.client->store(letter(QByteArray::number(i % 4)),
                            [&results](Result<queue::Stored> stored) { results.append(*stored); });
    QTRY_COMPARE(results.size(), 40);
    QCOMPARE(std::count_if(results.begin(), results.end(), [](const auto &stored) { return stored.fresh; }), 4);
    QCOMPARE(results[0].id, results[36].id);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), (QByteArrayList{"0", "1", "2", "3"}));
}

void TestQueueDedup::an_acknowledged_content_does_not_come_back()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("same")).ok());
    QCOMPARE(queue.collect(), QByteArrayList{"same"});
    const auto again = queue.store(letter("same"));
    QVERIFY(again.ok());
    QVERIFY(!again->fresh);
    QVERIFY(again->id.isNull());
    QCOMPARE(queue.collect(), QByteArrayList());
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDedup::a_tombstone_survives_a_restart()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("same")).ok());
    QCOMPARE(queue.collect(), QByteArrayList{"same"});
    queue.close();
    QVERIFY(queue.open().ok());
    QVERIFY(!queue.store(letter("same"))->fresh);
}

void TestQueueDedup::a_tombstone_is_forgotten_after_its_days()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("same")).ok());
    QCOMPARE(queue.collect(), QByteArrayList{"same"});
    queue.clock.advance(29 * DayMs);
    queue.maintain();
    QVERIFY(!queue.store(letter("same"))->fresh);
    queue.clock.advance(2 * DayMs);
    queue.maintain();
    QVERIFY(queue.store(letter("same"))->fresh);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDedup::only_so_many_tombstones_are_kept_oldest_first()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.tombstones = 3;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 5; ++i)
        QVERIFY(queue.store(letter(QByteArray::number(i))).ok());
    QCOMPARE(queue.collect().size(), 5);
    queue.maintain();
    QVERIFY(queue.store(letter("0"))->fresh);
    QVERIFY(queue.store(letter("1"))->fresh);
    QVERIFY(!queue.store(letter("2"))->fresh);
    QVERIFY(!queue.store(letter("4"))->fresh);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDedup::discarded_content_may_come_again()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("same")).ok());
    QCOMPARE(*queue.discardAll("b.example"), 1);
    QVERIFY(queue.store(letter("same"))->fresh);
}

void TestQueueDedup::expired_content_may_come_again()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("same")).ok());
    queue.clock.advance(31 * DayMs);
    queue.maintain();
    QCOMPARE(queue.total().entries, 0);
    QVERIFY(queue.store(letter("same"))->fresh);
}

void TestQueueDedup::what_is_held_is_found_even_where_the_queue_is_full()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.originEntries = 1;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    const auto first = queue.store(letter("same"));
    QVERIFY(!queue.store(letter("other")).ok());
    const auto again = queue.store(letter("same"));
    QVERIFY(again.ok());
    QCOMPARE(again->id, first->id);
}

void TestQueueDedup::of_typing_and_presence_only_the_newest_is_held()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto hold = [&queue](const QByteArray &content, unsigned kinds, const QByteArray &origin = "a.example",
                               const QByteArray &destination = "b.example") {
        auto request = letter(content, origin, destination);
        request.fleeting = kinds;
        return queue.store(request).ok();
    };
    QVERIFY(hold("event", 0));
    QVERIFY(hold("typing1", matrix::TypingKind));
    QVERIFY(hold("presence1", matrix::PresenceKind));
    QVERIFY(hold("of another", matrix::TypingKind, "c.example"));
    QVERIFY(hold("for another", matrix::TypingKind, "a.example", "d.example"));
    QVERIFY(hold("typing2", matrix::TypingKind));
    QVERIFY(hold("typing3", matrix::TypingKind));
    QVERIFY(hold("typing3", matrix::TypingKind)); // a copy is held already
    QVERIFY(hold("presence2", matrix::PresenceKind));
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect(), (QByteArrayList{"event", "of another", "typing3", "presence2"}));
    QCOMPARE(queue.collect("d.example"), QByteArrayList{"for another"});
    QVERIFY(hold("typing4", matrix::TypingKind)); // the one before it has been collected
    QCOMPARE(queue.collect(), QByteArrayList{"typing4"});
    QCOMPARE(queue.writer->counters().discarded.load(), 0); // nobody threw anything away
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueDedup::a_batch_that_fails_forgets_no_typing_that_is_held()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto typing = letter("typing1");
    typing.fleeting = matrix::TypingKind;
    QVERIFY(queue.store(typing).ok());
    // Together in one batch, because the writer is busy meanwhile.
    std::latch goOn(1);
    queue.client->perform(
        [&goOn](base::Database &) {
            goOn.wait();
            return Result<void>();
        },
        [](const Result<void> &) {});
    typing = letter("typing2");
    typing.fleeting = matrix::TypingKind;
    std::optional<bool> stored;
    std::optional<bool> performed;
    queue.client->store(typing, [&stored](const Result<queue::Stored> &result) { stored = result.ok(); });
    queue.client->perform([](base::Database &) { return Result<void>(Errc::Internal, QStringLiteral("planned")); },
                          [&performed](const Result<void> &result) { performed = result.ok(); });
    goOn.count_down();
    QTRY_COMPARE(stored, std::optional(true));
    QTRY_COMPARE(performed, std::optional(false));
    QCOMPARE(queue.collect(), QByteArrayList{"typing2"});
    QCOMPARE(queue.audit(), QStringList());
}

QTEST_GUILESS_MAIN(TestQueueDedup)
#include "tst_queuededup.moc"
