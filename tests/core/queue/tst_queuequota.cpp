// SPDX-License-Identifier: GPL-3.0-or-later
// Promise 6: who may hold how much.
#include "meddler.h"
#include "queuefixture.h"

#include "queue/acquaintance.h"
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
    void names_of_one_address_leave_room_for_those_that_are_listed();
    void one_address_makes_few_names_known_and_keeps_nobody_out();
    void no_origin_or_address_takes_all_places_of_an_open_relay();
    void one_origin_takes_a_part_of_what_an_open_relay_has();
    void tombstones_are_shared_by_destinations();
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
    for (int i = 0; i < 7; ++i) {
        const QByteArray number = QByteArray::number(i);
        QVERIFY(queue.store(letter("x", number + ".example", "for" + number + ".example")).ok());
    }
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
    for (const char *origin : {"1.example", "2.example", "3.example", "4.example"})
        QCOMPARE(fill(queue, origin, "stranger.example"), 5);
    QCOMPARE(fill(queue, "5.example", "stranger.example"), 0);
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
    QVERIFY(queue.store(letter("x", "c.example", "two.example")).ok());
    const auto refused = queue.store(letter("x", "a.example", "three.example"));
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Errc::QuotaExceeded);
    QVERIFY(queue.store(letter("y", "c.example", "two.example")).ok());
    QVERIFY(queue.store(letter("x", "a.example", "mine.example")).ok());
    QCOMPARE(queue.collect("one.example").size(), 1);
    QVERIFY(queue.store(letter("x", "d.example", "three.example")).ok());
}

/// Names cost nothing, and the owner's node acknowledges by itself whatever comes.
void TestQueueQuota::names_of_one_address_leave_room_for_those_that_are_listed()
{
    auto policy = policyOf(200);
    policy.served[server("b.example")].knownOrigins = {server("friend.example")};
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    constexpr int names = 40;
    const auto nameOf = [](int i) { return "n" + QByteArray::number(i) + ".example"; };
    for (int day = 0; day < 3; ++day) {
        for (int i = 0; i < names; ++i) {
            auto request = letter("day " + QByteArray::number(day), nameOf(i));
            request.addressKey = "192.0.2.1";
            QVERIFY(queue.store(request).ok());
        }
        QCOMPARE(queue.collect().size(), names);
        queue.clock.advance(DayMs);
    }
    int taken = 0;
    for (int i = 0; i < names; ++i)
        taken += fill(queue, nameOf(i), "b.example", "192.0.2.1");
    QCOMPARE(taken, 50); // half of what the unknown ones share, learned or not
    for (int i = 0; i < names; ++i)
        taken += fill(queue, nameOf(i), "b.example", "198.51.100." + QByteArray::number(i));
    QVERIFY2(taken <= 150, qPrintable(QString::number(taken)));
    QVERIFY(fill(queue, "friend.example") >= 50);
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueQuota::one_address_makes_few_names_known_and_keeps_nobody_out()
{
    QueueFixture queue(policyOf(2'000));
    QVERIFY(queue.open().ok());
    for (int day = 0; day < 2; ++day) {
        for (int i = 0; i < 100; ++i) {
            auto request = letter("day " + QByteArray::number(day), "n" + QByteArray::number(i) + ".example");
            request.addressKey = "192.0.2.1";
            QVERIFY(queue.store(request).ok());
        }
        auto request = letter("day " + QByteArray::number(day), "honest.example");
        request.addressKey = "198.51.100.1";
        QVERIFY(queue.store(request).ok());
        QCOMPARE(queue.collect().size(), 101);
        queue.clock.advance(DayMs);
    }
    queue.close(); // what was learned is written down
    Meddler meddler(queue.folder());
    const auto rowsOf = [&meddler](const QString &condition) {
        return meddler.number(QStringLiteral("SELECT COUNT(*) FROM pairs WHERE ") + condition);
    };
    QCOMPARE(rowsOf(QStringLiteral("known = 1")), queue::Acquaintance::MostOfOneAddress + 1);
    QCOMPARE(rowsOf(QStringLiteral(
                 "known = 1 AND origin = (SELECT id FROM origins WHERE CAST(name AS TEXT) = 'honest.example')")),
             1);
    QVERIFY(rowsOf(QStringLiteral("1")) <=
            queue::Acquaintance::MostHalvesOfOneAddress + queue::Acquaintance::MostOfOneAddress + 1);
}

void TestQueueQuota::no_origin_or_address_takes_all_places_of_an_open_relay()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.unservedDestinations = 80;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    const auto spread = [&queue](const QByteArray &origin, const QByteArray &address) {
        int places = 0;
        for (int i = 0; i < 100; ++i) {
            auto request = letter("x", origin, origin + "-" + QByteArray::number(i) + ".example");
            request.addressKey = address;
            places += queue.store(request).ok() ? 1 : 0;
        }
        return places;
    };
    QCOMPARE(spread("greedy.example", "192.0.2.1"), 80 / queue::OriginParts);
    int ofAddress = 80 / queue::OriginParts;
    for (int i = 0; i < 8; ++i)
        ofAddress += spread("n" + QByteArray::number(i) + ".example", "192.0.2.1");
    QCOMPARE(ofAddress, 80 / queue::AddressParts);
    QCOMPARE(spread("honest.example", "198.51.100.1"), 80 / queue::OriginParts);
    // What is known of them survives a restart, and ends with what they hold.
    queue.close();
    QVERIFY(queue.open().ok());
    QCOMPARE(spread("late.example", "192.0.2.1"), 0);
    QCOMPARE(queue.collect("greedy.example-0.example").size(), 1);
    QVERIFY(queue.store(letter("x", "greedy.example", "another.example")).ok());
    QVERIFY(!queue.store(letter("x", "greedy.example", "more.example")).ok());
    QCOMPARE(queue.audit(), QStringList());
}

void TestQueueQuota::one_origin_takes_a_part_of_what_an_open_relay_has()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.totalEntries = 80;
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    int taken = 0;
    for (int i = 0; i < 50; ++i)
        taken += fill(queue, "greedy.example", "d" + QByteArray::number(i) + ".example", {}, 2);
    QCOMPARE(taken, 80 / queue::OriginParts);
    QCOMPARE(fill(queue, "honest.example", "d1.example", {}, 5), 5);
}

void TestQueueQuota::tombstones_are_shared_by_destinations()
{
    auto policy = QueueFixture::smallDisk();
    policy.quotas.tombstones = 20;
    policy.served[server("mine.example")] = {};
    QueueFixture queue(policy);
    QVERIFY(queue.open().ok());
    const auto deliver = [&queue](int number, const QByteArray &destination) {
        const auto stored = queue.store(letter(QByteArray::number(number), "a.example", destination));
        return stored.ok() && stored->fresh && queue.collect(destination).size() == 1;
    };
    for (int i = 0; i < 5; ++i)
        QVERIFY(deliver(i, "mine.example"));
    for (int i = 0; i < 100; ++i)
        QVERIFY(deliver(i, "greedy.example"));
    queue.clock.advance(3'600'000); // housekeeping
    for (int i = 0; i < 5; ++i)
        QVERIFY(!deliver(i, "mine.example")); // all are remembered
    QVERIFY(deliver(99, "greedy.example"));
    QCOMPARE(queue.audit(), QStringList());
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
