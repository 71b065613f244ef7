// SPDX-License-Identifier: GPL-3.0-or-later
// Promise 6: who may hold how much.
#include "queuefixture.h"

#include "queue/knownsender.h"
#include "queue/quotarule.h"

using namespace restante;
using namespace restante::test;

namespace
{

constexpr qint64 DayMs = 86'400'000;

queue::Policy policyOf(qint64 destinationEntries)
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.destinationEntries = destinationEntries;
    return policy;
}

/// Stores until it is refused; how many went in.
int fill(QueueFixture &queue, const QByteArray &origin, const QByteArray &destination = "b.example",
         const QByteArray &address = {}, int most = 200)
{
    for (int i = 0; i < most; ++i) {
        auto request = letter(origin + address + QByteArray::number(i), origin, destination);
        request.addressKey = address;
        const auto stored = queue.store(request);
        if (!stored) {
            if (stored.error().code != Errc::QuotaExceeded || stored.error().retryAfterMs <= 0)
                return -1;
            return i;
        }
    }
    return most;
}

} // namespace

class TestQueueQuota : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unknown_senders_share_half_of_the_queue();
    void a_refusal_says_which_quota_is_full();
    void the_ones_that_are_held_stay();
    void one_origin_has_a_quota_of_its_own();
    void bytes_count_as_well();
    void one_address_gets_half_of_what_unknown_senders_share();
    void no_address_is_stored();
    void a_listed_origin_has_the_reserved_half();
    void an_origin_becomes_known_after_two_days();
    void who_asks_hears_whom_an_owner_knows();
    void acknowledgements_of_one_day_make_nobody_known();
    void a_learned_origin_gets_a_tenth_of_the_reserved_half();
    void what_was_learned_survives_a_restart();
    void the_whole_relay_has_a_quota();
    void a_served_destination_keeps_its_guarantee();
    void an_open_relay_takes_only_so_many_destinations();
    void changed_quotas_take_effect();
    void a_lowered_quota_removes_nothing();
};

void TestQueueQuota::unknown_senders_share_half_of_the_queue()
{
    QueueFixture queue(policyOf(20));
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example"), 10);
    QCOMPARE(fill(queue, "c.example"), 0);
    QCOMPARE(fill(queue, "a.example", "other.example"), 10);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueQuota::a_refusal_says_which_quota_is_full()
{
    auto policy = policyOf(20);
    policy.quotas.originEntries = 3;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example"), 3);
    const auto refused = queue.store(letter("more"));
    QCOMPARE(refused.error().detail, QStringLiteral("One server may not leave more for this destination."));
    QCOMPARE(queue.writer->counters().refused.load(), 2);
}

void TestQueueQuota::the_ones_that_are_held_stay()
{
    QueueFixture queue(policyOf(4));
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example"), 2);
    QVERIFY(!queue.store(letter("new")).ok());
    QCOMPARE(queue.collect(), (QByteArrayList{"a.example0", "a.example1"}));
    QVERIFY(queue.store(letter("new")).ok());
}

void TestQueueQuota::one_origin_has_a_quota_of_its_own()
{
    auto policy = policyOf(20);
    policy.quotas.originEntries = 3;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example"), 3);
    QCOMPARE(fill(queue, "c.example"), 3);
    QCOMPARE(fill(queue, "a.example", "other.example"), 3);
}

void TestQueueQuota::bytes_count_as_well()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.destinationBytes = 4'000;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    auto request = letter("x");
    request.pdus = "[" + QByteArray(1'500, ' ') + "]";
    QVERIFY(queue.store(request).ok());
    request.digest = digestOf("y");
    QVERIFY(!queue.store(request).ok());
    QVERIFY(queue.store(letter("small")).ok());
}

void TestQueueQuota::one_address_gets_half_of_what_unknown_senders_share()
{
    QueueFixture queue(policyOf(40));
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example", "b.example", "192.0.2.1"), 10);
    QCOMPARE(fill(queue, "c.example", "b.example", "192.0.2.1"), 0);
    QCOMPARE(fill(queue, "c.example", "b.example", "192.0.2.2"), 10);
    QCOMPARE(fill(queue, "d.example", "b.example", "192.0.2.3"), 0);
    QCOMPARE(queue.audit(), QStringList());
    QCOMPARE(queue.collect().size(), 20);
    QCOMPARE(fill(queue, "e.example", "b.example", "192.0.2.1"), 10);
}

void TestQueueQuota::no_address_is_stored()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto request = letter("x");
    request.addressKey = "198.51.100.77";
    QVERIFY(queue.store(request).ok());
    queue.close();
    QFile file(queue.folder() + QStringLiteral("/queue.sqlite"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(!file.readAll().contains("198.51.100.77"));
}

void TestQueueQuota::a_listed_origin_has_the_reserved_half()
{
    auto policy = policyOf(20);
    policy.served[server("b.example")].knownOrigins = {server("friend.example")};
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example", "b.example", "192.0.2.1"), 5);
    QCOMPARE(fill(queue, "c.example"), 5);
    QCOMPARE(fill(queue, "friend.example", "b.example", "192.0.2.1"), 10);
    QCOMPARE(queue.total().entries, 20);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueQuota::an_origin_becomes_known_after_two_days()
{
    QueueFixture queue(policyOf(40));
    QVERIFY(queue.open().ok());
    for (int day = 0; day < 2; ++day) {
        QVERIFY(queue.store(letter("day " + QByteArray::number(day), "friend.example")).ok());
        QCOMPARE(queue.collect().size(), 1);
        queue.clock.advance(DayMs);
    }
    QCOMPARE(fill(queue, "a.example"), 20);
    QCOMPARE(fill(queue, "c.example"), 0);
    QCOMPARE(fill(queue, "friend.example"), 2);
}

void TestQueueQuota::who_asks_hears_whom_an_owner_knows()
{
    QueueFixture queue(policyOf(40));
    QVERIFY(queue.open().ok());
    const auto isLearned = [&queue](const QByteArray &origin) {
        std::optional<bool> told;
        queue::askIfLearned(*queue.client, server("b.example"), server(origin), [&told](bool known) { told = known; });
        return QTest::qWaitFor([&told] { return told.has_value(); }, 20'000) && *told;
    };
    for (int day = 0; day < 2; ++day) {
        QVERIFY(queue.store(letter("day " + QByteArray::number(day), "friend.example")).ok());
        QVERIFY(queue.store(letter("other " + QByteArray::number(day), "other.example", "c.example")).ok());
        QVERIFY(!isLearned("friend.example"));
        QCOMPARE(queue.collect().size(), 1);
        queue.clock.advance(DayMs);
    }
    queue.close();
    QVERIFY(queue.open().ok()); // what was learned is written down
    QVERIFY(isLearned("friend.example"));
    QVERIFY(!isLearned("other.example"));
    QVERIFY(!isLearned("nobody.example"));
}

void TestQueueQuota::acknowledgements_of_one_day_make_nobody_known()
{
    QueueFixture queue(policyOf(40));
    QVERIFY(queue.open().ok());
    for (int i = 0; i < 5; ++i) {
        QVERIFY(queue.store(letter(QByteArray::number(i), "friend.example")).ok());
        QCOMPARE(queue.collect().size(), 1);
    }
    QCOMPARE(fill(queue, "a.example"), 20);
    QCOMPARE(fill(queue, "friend.example"), 0);
}

void TestQueueQuota::a_learned_origin_gets_a_tenth_of_the_reserved_half()
{
    QueueFixture queue(policyOf(200));
    QVERIFY(queue.open().ok());
    for (int day = 0; day < 2; ++day) {
        QVERIFY(queue.store(letter("day " + QByteArray::number(day), "friend.example")).ok());
        QCOMPARE(queue.collect().size(), 1);
        queue.clock.advance(DayMs);
    }
    QCOMPARE(fill(queue, "a.example"), 100);
    QCOMPARE(fill(queue, "friend.example"), 10);
    QCOMPARE(queue.collect().size(), 110);
    // Beyond its tenth it shares with the unknown ones; its first ten letters were acknowledged.
    QCOMPARE(fill(queue, "friend.example"), 10 + 110);
    QCOMPARE(fill(queue, "a.example"), 100); // these were acknowledged, too
    QVERIFY(!queue.store(letter("fresh", "a.example")).ok());
}

void TestQueueQuota::what_was_learned_survives_a_restart()
{
    QueueFixture queue(policyOf(40));
    QVERIFY(queue.open().ok());
    for (int day = 0; day < 2; ++day) {
        QVERIFY(queue.store(letter("day " + QByteArray::number(day), "friend.example")).ok());
        QCOMPARE(queue.collect().size(), 1);
        queue.clock.advance(DayMs);
        queue.close();
        QVERIFY(queue.open().ok());
    }
    QCOMPARE(fill(queue, "a.example"), 20);
    QCOMPARE(fill(queue, "friend.example"), 2);
}

void TestQueueQuota::the_whole_relay_has_a_quota()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.totalEntries = 7;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example", "b.example", {}, 4), 4);
    QCOMPARE(fill(queue, "a.example", "c.example"), 3);
    QCOMPARE(queue.store(letter("x", "a.example", "d.example")).error().detail, QStringLiteral("This relay is full."));
}

void TestQueueQuota::a_served_destination_keeps_its_guarantee()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.totalEntries = 40;
    policy.served[server("mine.example")] = {};
    policy.served[server("yours.example")] = {};
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    // 2 × 10 are promised, so that others get 20.
    QCOMPARE(fill(queue, "a.example", "stranger.example"), 20);
    QCOMPARE(fill(queue, "a.example", "mine.example"), 10);
    QCOMPARE(fill(queue, "a.example", "yours.example"), 10);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueQuota::an_open_relay_takes_only_so_many_destinations()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.unservedDestinations = 2;
    policy.served[server("mine.example")] = {};
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("x", "a.example", "one.example")).ok());
    QVERIFY(queue.store(letter("x", "a.example", "two.example")).ok());
    const auto refused = queue.store(letter("x", "a.example", "three.example"));
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Errc::QuotaExceeded);
    QVERIFY(queue.store(letter("y", "a.example", "two.example")).ok());
    QVERIFY(queue.store(letter("x", "a.example", "mine.example")).ok());
    QCOMPARE(queue.collect("one.example").size(), 1);
    QVERIFY(queue.store(letter("x", "a.example", "three.example")).ok());
}

void TestQueueQuota::changed_quotas_take_effect()
{
    QueueFixture queue(policyOf(4));
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example"), 2);
    auto policy = policyOf(8);
    policy.served[server("b.example")].knownOrigins = {server("friend.example")};
    queue.writer->setPolicy(policy);
    QCOMPARE(fill(queue, "c.example"), 2);
    QCOMPARE(fill(queue, "friend.example"), 4);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueQuota::a_lowered_quota_removes_nothing()
{
    QueueFixture queue(policyOf(40));
    QVERIFY(queue.open().ok());
    QCOMPARE(fill(queue, "a.example"), 20);
    queue.writer->setPolicy(policyOf(4));
    QVERIFY(!queue.store(letter("more")).ok());
    QCOMPARE(queue.collect().size(), 20);
    QVERIFY(queue.store(letter("more")).ok());
}

QTEST_GUILESS_MAIN(TestQueueQuota)
#include "tst_queuequota.moc"
