// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/bodymemory.h"

#include "base/addresskey.h"

#include <QtTest/QTest>

#include <algorithm>
#include <memory>
#include <vector>

using restante::http::BodyMemory;
using restante::http::Limits;

namespace
{

/// 1000 in all, 250 for one address, 200 kept for bodies up to 50.
Limits smallLimits()
{
    Limits limits;
    limits.bodyMemoryBytes = 1000;
    limits.bodyMemoryAddressDivisor = 4;
    limits.smallBodyReserveBytes = 200;
    limits.smallBodyBytes = 50;
    return limits;
}

/// 32,000 in all, 8,000 for one address and 8,000 kept for small bodies; 3,000 kept for those up to 1,000 of addresses
/// that hold no more than that.
Limits ordinaryLimits()
{
    Limits limits = smallLimits();
    limits.bodyMemoryBytes = 32'000;
    limits.smallBodyReserveBytes = 8'000;
    limits.mediumBodyBytes = 1'000;
    limits.mediumBodyReserveBytes = 3'000;
    limits.bodyBytes = 6'000;
    return limits;
}

} // namespace

class BodyMemoryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void one_address_may_hold_its_share()
    {
        BodyMemory memory(smallLimits());
        BodyMemory::Charge first(memory, "a", false);
        BodyMemory::Charge second(memory, "a", false);
        QVERIFY(first.resize(200, 200));
        QVERIFY(second.resize(50, 50));
        QVERIFY(!second.resize(51, 51));
        QCOMPARE_EQ(second.bytes(), 50);
        BodyMemory::Charge other(memory, "b", false);
        QVERIFY(other.resize(250, 250));
    }

    void a_network_of_one_customer_may_hold_half()
    {
        BodyMemory memory(smallLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> charges;
        const auto hold = [&](const char *address) {
            const auto key = restante::base::addressKey(QHostAddress(QString::fromLatin1(address)));
            charges.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            return charges.back()->resize(250, 250);
        };
        QVERIFY(hold("2001:db8:1:1::1"));
        QVERIFY(hold("2001:db8:1:2::1"));
        QVERIFY(!hold("2001:db8:1:3::1"));
        QVERIFY(hold("2001:db8:2:1::1"));
        charges.clear();
        QVERIFY(hold("2001:db8:1:3::1"));
    }

    void large_bodies_leave_the_reserve_to_small_ones()
    {
        BodyMemory memory(smallLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> large;
        for (const char *key : {"a", "b", "c", "d"}) {
            large.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            QVERIFY(large.back()->resize(200, 200));
        }
        BodyMemory::Charge another(memory, "e", false);
        QVERIFY(!another.resize(51, 51));
        QVERIFY(another.resize(50, 50));
    }

    void an_announced_large_body_is_large_from_its_first_byte()
    {
        BodyMemory memory(smallLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> large;
        for (const char *key : {"a", "b", "c", "d"}) {
            large.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            QVERIFY(large.back()->resize(200, 200));
        }
        BodyMemory::Charge announced(memory, "e", false);
        QVERIFY(!announced.resize(1, 100));
        QVERIFY(announced.resize(1, 1));
    }

    void a_body_that_grows_large_leaves_the_reserve()
    {
        BodyMemory memory(smallLimits());
        BodyMemory::Charge growing(memory, "a", false);
        QVERIFY(growing.resize(50, 50));
        QVERIFY(growing.resize(100, 100));
        std::vector<std::unique_ptr<BodyMemory::Charge>> large;
        for (const char *key : {"b", "c", "d"}) {
            large.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            QVERIFY(large.back()->resize(230, 230));
        }
        QVERIFY(growing.resize(110, 110));
        QVERIFY(!growing.resize(111, 111));
    }

    void small_bodies_may_fill_everything_and_no_more()
    {
        BodyMemory memory(smallLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> small;
        for (int i = 0; i < 20; ++i) {
            small.push_back(std::make_unique<BodyMemory::Charge>(memory, QByteArray::number(i), false));
            QVERIFY(small.back()->resize(50, 50));
        }
        QCOMPARE_EQ(memory.held(), 1000);
        BodyMemory::Charge another(memory, "z", false);
        QVERIFY(!another.resize(1, 1));
        QVERIFY(small.back()->resize(10, 10)); // shrinking is never refused
        QVERIFY(another.resize(40, 40));
    }

    void an_exempt_address_has_no_share_of_its_own()
    {
        BodyMemory memory(smallLimits());
        BodyMemory::Charge proxy(memory, "p", true);
        QVERIFY(proxy.resize(800, 800));
        QVERIFY(!proxy.resize(801, 801));
    }

    void a_slow_body_leaves_when_another_one_finds_no_memory()
    {
        BodyMemory memory(smallLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> held;
        for (const char *key : {"a", "b", "c", "d"}) { // each stops ten bytes before its end
            held.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            held.back()->begin(0);
            QVERIFY(held.back()->resize(200, 210));
        }
        BodyMemory::Charge late(memory, "e", false);
        late.begin(1'000);
        QVERIFY(!late.resize(100, 200));
        const auto leavers = [&held] {
            return std::count_if(held.begin(), held.end(), [](const auto &charge) { return charge->isToLeave(); });
        };
        QVERIFY(memory.makeRoom(late, 100, BodyMemory::GraceMs - 1)); // it waits: it is too early to tell which is slow
        QVERIFY(memory.makeRoom(late, 100, 60'000));                  // ten bytes more take three seconds
        QCOMPARE_EQ(leavers(), 0);
        QVERIFY(held[2]->resize(150, 210)); // this one has come less far
        QVERIFY(memory.makeRoom(late, 100, 60'000));
        QVERIFY(held[2]->isToLeave());
        QVERIFY(memory.makeRoom(late, 100, 60'100)); // and nobody else because of that
        QVERIFY(!held[0]->isToLeave() && !held[1]->isToLeave() && !held[3]->isToLeave());
        held[2]->release();
        QVERIFY(late.resize(100, 200));
        held[2]->begin(60'200); // the next request
        QVERIFY(!held[2]->isToLeave());
    }

    void what_becomes_free_is_for_the_one_that_holds_least()
    {
        BodyMemory memory(smallLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> held;
        for (const char *key : {"a", "b", "c", "d"}) {
            held.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            QVERIFY(held.back()->resize(200, 200));
        }
        BodyMemory::Charge greedy(memory, "a", false);
        BodyMemory::Charge modest(memory, "e", false);
        QVERIFY(!greedy.resize(50, 100) && !modest.resize(50, 100));
        QVERIFY(memory.makeRoom(greedy, 50, 0) && memory.makeRoom(modest, 50, 0));
        held[3]->release();
        QVERIFY(!greedy.resize(50, 100)); // another one waits that has nothing
        QVERIFY(modest.resize(50, 100));
        QVERIFY(greedy.resize(50, 100));
        // One that goes no longer keeps others waiting.
        {
            BodyMemory::Charge gone(memory, "f", false);
            QVERIFY(!gone.resize(200, 200));
            QVERIFY(memory.makeRoom(gone, 200, 0));
            QVERIFY(modest.resize(60, 100)); // which has begun
            BodyMemory::Charge more(memory, "e", false);
            QVERIFY(!more.resize(10, 100));
        }
        BodyMemory::Charge more(memory, "e", false);
        QVERIFY(more.resize(10, 100));
    }

    void bodies_that_wait_for_each_other_do_not_wait_for_long()
    {
        BodyMemory memory(smallLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> held;
        for (const char *key : {"a", "b", "c", "d"}) {
            held.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            held.back()->begin(qint64(held.size()));
            QVERIFY(held.back()->resize(200, 240));
        }
        for (const auto &each : held) { // none of them gets on
            QVERIFY(!each->resize(220, 240));
            QVERIFY(memory.makeRoom(*each, 220, 10));
        }
        QVERIFY(memory.makeRoom(*held[0], 220, 20));
        QVERIFY(!held[0]->isToLeave());
        for (const auto &each : held) {
            if (each->isToLeave())
                each->release();
        }
        QVERIFY(held[0]->resize(240, 240));
    }

    void a_body_whose_last_bytes_trickle_in_is_slow()
    {
        Limits limits = smallLimits();
        BodyMemory memory(limits);
        BodyMemory::Charge trickles(memory, "a", false);
        BodyMemory::Charge wanted(memory, "b", false);
        trickles.begin(0);
        QVERIFY(trickles.resize(190, 200)); // nearly all at once
        for (qint64 ms = 0; ms < 10'000; ms += 250)
            trickles.progress(ms);
        QVERIFY(memory.makeRoom(wanted, 100, 10'000));
        QVERIFY(trickles.isToLeave());
        BodyMemory::Charge flows(memory, "c", false);
        flows.begin(0);
        qint64 bytes = 0;
        for (qint64 ms = 0; ms <= 3'000; ms += 250) {
            QVERIFY(flows.resize(bytes += 10, 200));
            flows.progress(ms);
        }
        trickles.release();
        QVERIFY(memory.makeRoom(wanted, 100, 3'000));
        QVERIFY(!flows.isToLeave()); // 70 bytes more, 40 a second
    }

    void a_body_that_waits_for_its_answer_leaves_likewise()
    {
        BodyMemory memory(smallLimits());
        BodyMemory::Charge waits(memory, "a", false);
        BodyMemory::Charge wanted(memory, "b", false);
        waits.begin(0);
        QVERIFY(waits.resize(200, 200));
        waits.complete(10);
        QVERIFY(memory.makeRoom(wanted, 100, BodyMemory::WaitMs));
        QVERIFY(!waits.isToLeave());
        QVERIFY(memory.makeRoom(wanted, 100, BodyMemory::WaitMs + 11));
        QVERIFY(waits.isToLeave());
        // Its own share is full: nobody else need leave for that.
        BodyMemory::Charge more(memory, "c", false);
        QVERIFY(more.resize(250, 250));
        BodyMemory::Charge again(memory, "c", false);
        QVERIFY(!memory.makeRoom(again, 100, 100'000));
    }

    void very_large_bodies_leave_room_to_those_of_ordinary_transactions()
    {
        BodyMemory memory(ordinaryLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> large;
        for (const char *key : {"a", "b", "c"}) {
            large.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            QVERIFY(large.back()->resize(7'000, 7'000));
        }
        BodyMemory::Charge another(memory, "d", false);
        QVERIFY(!another.resize(20, 2'000));
        std::vector<std::unique_ptr<BodyMemory::Charge>> ordinary;
        for (const char *key : {"e", "f", "g"}) {
            ordinary.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            QVERIFY(ordinary.back()->resize(1'000, 1'000));
        }
        QVERIFY(!another.resize(1, 100)); // 24,000 of 32,000 are all that is not kept for small ones
        large.pop_back();
        QVERIFY(another.resize(2'000, 2'000));
    }

    void an_address_has_no_more_than_a_little_of_what_is_kept_for_ordinary_transactions()
    {
        BodyMemory memory(ordinaryLimits());
        std::vector<std::unique_ptr<BodyMemory::Charge>> large;
        for (const char *key : {"a", "b", "c"}) {
            large.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            QVERIFY(large.back()->resize(7'000, 7'000));
        }
        BodyMemory::Charge first(memory, "d", false);
        QVERIFY(first.resize(10, 600));
        BodyMemory::Charge second(memory, "d", false);
        QVERIFY(second.resize(400, 400)); // of 1,000, as far as they are there
        QVERIFY(first.resize(600, 600));
        BodyMemory::Charge third(memory, "d", false);
        QVERIFY(!third.resize(60, 60));
        BodyMemory::Charge other(memory, "e", false);
        QVERIFY(other.resize(1'000, 1'000));
        large.pop_back();
        QVERIFY(third.resize(60, 60));
    }

    void the_largest_body_has_room_whatever_is_kept_for_others()
    {
        Limits limits = smallLimits();
        limits.mediumBodyReserveBytes = 100;
        limits.bodyMemoryAddressDivisor = 1;
        limits.bodyBytes = 750;
        BodyMemory memory(limits);
        BodyMemory::Charge largest(memory, "a", false);
        QVERIFY(largest.resize(750, 750));
    }

    void whoever_asks_for_little_is_served_before_those_that_hold_much()
    {
        Limits limits = smallLimits();
        limits.smallBodyBytes = 5;
        BodyMemory memory(limits);
        std::vector<std::unique_ptr<BodyMemory::Charge>> held;
        for (const char *key : {"a", "b", "c", "d"}) {
            held.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            held.back()->begin(0);
            QVERIFY(held.back()->resize(200, 220));
        }
        BodyMemory::Charge modest(memory, "e", false);
        modest.begin(1'000);
        QVERIFY(!modest.resize(20, 20));
        QVERIFY(memory.makeRoom(modest, 20, BodyMemory::GraceForModestMs - 1));
        held[0]->release();
        // What is free now is its: those that have begun do not grow into it.
        QVERIFY(!held[1]->resize(205, 220));
        // Nor does one that has nothing yet and will have much.
        BodyMemory::Charge begins(memory, "f", false);
        QVERIFY(!begins.resize(10, 200));
        QVERIFY(memory.makeRoom(begins, 10, 0));
        QVERIFY(modest.resize(10, 20));
        QVERIFY(begins.resize(10, 200));
        QVERIFY(held[1]->resize(205, 220));
    }

    void those_who_ask_for_little_do_not_wait_for_each_other()
    {
        Limits limits = smallLimits();
        limits.smallBodyBytes = 5;
        BodyMemory memory(limits);
        BodyMemory::Charge begun(memory, "a", false);
        QVERIFY(begun.resize(10, 20));
        std::vector<std::unique_ptr<BodyMemory::Charge>> held;
        for (const char *key : {"b", "c", "d", "e"}) {
            held.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            QVERIFY(held.back()->resize(197, 197));
        }
        BodyMemory::Charge first(memory, "f", false);
        BodyMemory::Charge second(memory, "g", false);
        for (BodyMemory::Charge *waits : {&first, &second, &begun}) {
            QVERIFY(!waits->resize(20, 20));
            QVERIFY(memory.makeRoom(*waits, 20, 0));
        }
        held.clear();
        QVERIFY(begun.resize(20, 20)); // although the others wait with nothing
        QVERIFY(first.resize(20, 20));
    }

    void a_body_that_waits_for_memory_is_not_slow_for_that()
    {
        BodyMemory memory(smallLimits());
        BodyMemory::Charge waits(memory, "a", false);
        waits.begin(0);
        QVERIFY(waits.resize(100, 240));
        std::vector<std::unique_ptr<BodyMemory::Charge>> held;
        for (const char *key : {"b", "c", "d"}) {
            held.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            held.back()->begin(60'000);
            QVERIFY(held.back()->resize(230, 230));
        }
        QVERIFY(!waits.resize(240, 240));
        QVERIFY(memory.makeRoom(waits, 240, 60'000));
        BodyMemory::Charge another(memory, "e", false);
        QVERIFY(!another.resize(120, 120));
        QVERIFY(memory.makeRoom(another, 120, 60'000));
        QVERIFY(!waits.isToLeave());
    }

    void whoever_asks_for_little_waits_for_no_slow_one_that_has_much()
    {
        Limits limits = smallLimits();
        limits.smallBodyBytes = 5;
        BodyMemory memory(limits);
        std::vector<std::unique_ptr<BodyMemory::Charge>> held;
        for (const char *key : {"a", "b", "c", "d"}) {
            held.push_back(std::make_unique<BodyMemory::Charge>(memory, key, false));
            held.back()->begin(0);
            QVERIFY(held.back()->resize(200, 400)); // as much again takes as long again
        }
        BodyMemory::Charge greedy(memory, "f", false);
        QVERIFY(!greedy.resize(100, 100));
        QVERIFY(memory.makeRoom(greedy, 100, BodyMemory::GraceForModestMs));
        const auto leavers = [&held] {
            return std::count_if(held.begin(), held.end(), [](const auto &charge) { return charge->isToLeave(); });
        };
        QCOMPARE_EQ(leavers(), 0);
        BodyMemory::Charge modest(memory, "e", false);
        QVERIFY(!modest.resize(20, 20));
        QVERIFY(memory.makeRoom(modest, 20, BodyMemory::GraceForModestMs));
        QCOMPARE_EQ(leavers(), 1);
    }

    void everything_is_given_back()
    {
        BodyMemory memory(smallLimits());
        {
            BodyMemory::Charge first(memory, "a", false);
            BodyMemory::Charge second(memory, "a", false);
            QVERIFY(first.resize(200, 200));
            QVERIFY(second.resize(30, 30));
            first.release();
            QCOMPARE_EQ(memory.held(), 30);
            QVERIFY(second.resize(220, 220));
        }
        QCOMPARE_EQ(memory.held(), 0);
        BodyMemory::Charge again(memory, "a", false);
        QVERIFY(again.resize(250, 250));
    }
};

QTEST_GUILESS_MAIN(BodyMemoryTest)
#include "bodymemorytest.moc"
