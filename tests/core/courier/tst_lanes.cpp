// SPDX-License-Identifier: GPL-3.0-or-later
// Which mail goes to the homeserver next, without any homeserver.
#include "courier/lanes.h"

#include <QtTest/QTest>

using namespace restante;
using courier::Lanes;
using courier::Turn;

namespace
{

matrix::ServerName server(const QByteArray &name)
{
    return *matrix::ServerName::parse(name);
}

/// `makes` and `needs` stand for events.
courier::Waiting mail(qint64 id, qint64 ts, const QByteArray &origin, std::vector<size_t> makes = {},
                      std::vector<size_t> needs = {})
{
    return {id, ts, server(origin), "ed25519:1", std::move(makes), std::move(needs)};
}

/// All that may go at once, in order.
QList<qint64> allNext(Lanes &lanes, qint64 nowMs)
{
    QList<qint64> ids;
    while (const auto id = lanes.next(nowMs))
        ids.append(*id);
    return ids;
}

} // namespace

class TestLanes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mail_of_an_origin_goes_in_the_order_of_its_time();
    void one_of_an_origin_is_on_its_way_at_a_time();
    void a_handful_of_origins_goes_at_once();
    void what_an_event_names_as_earlier_goes_first();
    void mail_that_waits_for_each_other_goes_all_the_same();
    void a_longer_circle_is_left_at_its_earliest_mail();
    void what_is_set_aside_is_not_waited_for();
    void an_origin_without_key_is_not_waited_for();
    void an_origin_that_is_refused_over_and_over_is_not_waited_for();
    void no_connection_stops_everything_for_longer_each_time();
    void a_wake_up_ends_the_stop_at_once();
    void after_a_stop_one_goes_ahead();
    void several_that_meet_the_same_stop_count_once();
    void an_unknown_key_pauses_its_origin_only();
    void mail_under_another_key_of_the_origin_goes_on();
    void two_keys_of_an_origin_never_go_at_once();
    void new_mail_has_an_unknown_key_tried_again();
    void a_busy_homeserver_says_when();
    void a_busy_homeserver_that_says_nothing_is_asked_later_each_time();
    void what_fails_five_times_while_others_go_is_parked();
    void what_fails_five_times_alone_has_the_homeserver_asked();
    void a_homeserver_that_is_down_parks_nothing();
    void one_origin_cannot_fill_the_lanes();
    void what_is_taken_out_leaves_no_trace();
};

void TestLanes::mail_of_an_origin_goes_in_the_order_of_its_time()
{
    Lanes lanes;
    lanes.add(mail(1, 300, "a"));
    lanes.add(mail(2, 100, "a"));
    lanes.add(mail(3, 100, "a"));
    QList<qint64> order;
    while (const auto id = lanes.next(0)) {
        order.append(*id);
        lanes.taken(*id);
    }
    QCOMPARE(order, (QList<qint64>{2, 3, 1}));
    QCOMPARE(lanes.size(), 0);
}

void TestLanes::one_of_an_origin_is_on_its_way_at_a_time()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    lanes.add(mail(2, 20, "a"));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
    lanes.add(mail(3, 5, "a")); // even if it should have gone before
    QCOMPARE(allNext(lanes, 0), QList<qint64>());
    QCOMPARE(lanes.turn(1, 0).state, Turn::State::Sending);
    lanes.taken(1);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{3}));
    QCOMPARE(lanes.turn(2, 0).state, Turn::State::Behind);
}

void TestLanes::a_handful_of_origins_goes_at_once()
{
    Lanes lanes;
    for (qint64 i = 1; i <= 6; ++i)
        lanes.add(mail(i, i, "s" + QByteArray::number(i)));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1, 2, 3, 4}));
    QCOMPARE(lanes.onTheWay(), Lanes::AtOnce);
    lanes.taken(2);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{5}));
}

void TestLanes::what_an_event_names_as_earlier_goes_first()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a", {100}, {200})); // dated earlier, but it follows that of b
    lanes.add(mail(2, 20, "b", {150}, {}));
    lanes.add(mail(3, 30, "b", {200}, {}));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{2}));
    QCOMPARE(lanes.turn(1, 0).state, Turn::State::After);
    QCOMPARE(lanes.turn(1, 0).other, server("b"));
    lanes.taken(2);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{3}));
    lanes.taken(3);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
}

void TestLanes::mail_that_waits_for_each_other_goes_all_the_same()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a", {1}, {3})); // 3 is b's second, b's first needs a's second
    lanes.add(mail(2, 20, "a", {2}, {}));
    lanes.add(mail(3, 15, "b", {4}, {2}));
    lanes.add(mail(4, 25, "b", {3}, {}));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
    lanes.taken(1);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{2}));
    lanes.taken(2);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{3}));
}

void TestLanes::a_longer_circle_is_left_at_its_earliest_mail()
{
    Lanes lanes;
    lanes.add(mail(1, 30, "a", {1}, {2}));
    lanes.add(mail(2, 20, "b", {2}, {3}));
    lanes.add(mail(3, 10, "c", {3}, {1}));
    lanes.add(mail(4, 1, "d", {4}, {1})); // outside of it, and waits for it
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{3}));
    lanes.taken(3);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{2}));
    lanes.taken(2);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
    lanes.taken(1);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{4}));
}

void TestLanes::what_is_set_aside_is_not_waited_for()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a", {1}, {2}));
    lanes.add(mail(2, 20, "b", {2}));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{2}));
    lanes.refused(2);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
}

void TestLanes::an_origin_without_key_is_not_waited_for()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a", {1}, {2}));
    lanes.add(mail(2, 20, "b", {2}));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{2}));
    lanes.keyMissing(2, 0);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
}

void TestLanes::an_origin_that_is_refused_over_and_over_is_not_waited_for()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a", {1}, {2}));
    lanes.add(mail(2, 20, "b", {2}));
    qint64 now = 0;
    for (int i = 0; i < 4; ++i, now += 2'000) {
        QCOMPARE(allNext(lanes, now), (QList<qint64>{2}));
        lanes.busy(2, now, 1'000);
        QCOMPARE(allNext(lanes, now), QList<qint64>());
    }
    QCOMPARE(allNext(lanes, now), (QList<qint64>{2}));
    lanes.busy(2, now, 1'000);
    QCOMPARE(allNext(lanes, now), (QList<qint64>{1}));
}

void TestLanes::no_connection_stops_everything_for_longer_each_time()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    qint64 now = 0;
    for (const qint64 seconds : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
        QCOMPARE(allNext(lanes, now), (QList<qint64>{1}));
        lanes.stopped(1, now);
        QCOMPARE(lanes.nextMs(), std::optional(now + seconds * 1'000));
        QCOMPARE(lanes.turn(1, now).state, Turn::State::Stopped);
        QCOMPARE(allNext(lanes, now + seconds * 1'000 - 1), QList<qint64>());
        now += seconds * 1'000;
    }
    QCOMPARE(allNext(lanes, now), (QList<qint64>{1}));
    QVERIFY(!lanes.nextMs());
    lanes.busy(1, now, 1'000); // an answer: there is a connection again
    lanes.add(mail(2, 10, "b"));
    QCOMPARE(allNext(lanes, now), (QList<qint64>{2}));
    lanes.stopped(2, now);
    QCOMPARE(lanes.turn(2, now).untilMs, now + 1'000);
}

void TestLanes::a_wake_up_ends_the_stop_at_once()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    QVERIFY(lanes.next(0));
    lanes.stopped(1, 0);
    QVERIFY(!lanes.next(0));
    lanes.wake();
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
}

void TestLanes::after_a_stop_one_goes_ahead()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    lanes.add(mail(2, 20, "b"));
    QCOMPARE(allNext(lanes, 0).size(), 2);
    lanes.stopped(1, 0);
    lanes.stopped(2, 0);
    QCOMPARE(allNext(lanes, 1'000), (QList<qint64>{1}));
    lanes.taken(1);
    QCOMPARE(allNext(lanes, 1'000), (QList<qint64>{2}));
}

void TestLanes::several_that_meet_the_same_stop_count_once()
{
    Lanes lanes;
    for (qint64 i = 1; i <= 4; ++i)
        lanes.add(mail(i, i, "s" + QByteArray::number(i)));
    QCOMPARE(allNext(lanes, 0).size(), 4);
    for (qint64 i = 1; i <= 4; ++i)
        lanes.stopped(i, 0);
    QCOMPARE(lanes.nextMs(), std::optional<qint64>(1'000));
}

void TestLanes::an_unknown_key_pauses_its_origin_only()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    lanes.add(mail(2, 20, "a"));
    lanes.add(mail(3, 30, "b"));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1, 3}));
    lanes.keyMissing(1, 0);
    lanes.taken(3);
    QCOMPARE(allNext(lanes, 59'999), QList<qint64>());
    QCOMPARE(lanes.turn(2, 0).state, Turn::State::NoKey);
    QCOMPARE(lanes.withoutKey().front().first, server("a"));
    QCOMPARE(lanes.nextMs(), std::optional<qint64>(60'000));
    QCOMPARE(allNext(lanes, 60'000), (QList<qint64>{1}));
    lanes.keyMissing(1, 60'000);
    QCOMPARE(lanes.nextMs(), std::optional<qint64>(180'000));
    for (int i = 0; i < 10; ++i) {
        const qint64 then = *lanes.nextMs();
        QCOMPARE(allNext(lanes, then), (QList<qint64>{1}));
        lanes.keyMissing(1, then);
        QVERIFY(*lanes.nextMs() <= then + 3'600'000);
    }
}

void TestLanes::mail_under_another_key_of_the_origin_goes_on()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a", {1}));
    auto later = mail(2, 20, "a", {2}, {1});
    later.keyId = "ed25519:2"; // it has another key now, and the old one is gone for good
    lanes.add(later);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
    lanes.keyMissing(1, 0);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{2}));
    lanes.taken(2);
    lanes.wakeOrigin(server("a"));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
}

void TestLanes::two_keys_of_an_origin_never_go_at_once()
{
    Lanes lanes;
    for (qint64 id = 1; id <= 4; ++id) {
        auto one = mail(id, id, "a");
        one.keyId += QByteArray::number(id % 2);
        lanes.add(one);
    }
    for (qint64 id = 1; id <= 4; ++id) {
        QCOMPARE(allNext(lanes, 0), (QList<qint64>{id}));
        lanes.taken(id);
    }
    QCOMPARE(lanes.onTheWay(), 0);
}

void TestLanes::new_mail_has_an_unknown_key_tried_again()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    QVERIFY(lanes.next(0));
    lanes.keyMissing(1, 0);
    lanes.add(mail(2, 20, "b"));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{2}));
    lanes.add(mail(3, 20, "a"));
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{1}));
}

void TestLanes::a_busy_homeserver_says_when()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    QVERIFY(lanes.next(0));
    lanes.busy(1, 0, 7'000);
    QCOMPARE(lanes.turn(1, 0).state, Turn::State::Busy);
    QCOMPARE(allNext(lanes, 6'999), QList<qint64>());
    QCOMPARE(allNext(lanes, 7'000), (QList<qint64>{1}));
}

void TestLanes::a_busy_homeserver_that_says_nothing_is_asked_later_each_time()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    qint64 now = 0;
    for (const qint64 seconds : {1, 2, 4}) {
        QVERIFY(lanes.next(now));
        lanes.busy(1, now, 0);
        QCOMPARE(lanes.nextMs(), std::optional(now + seconds * 1'000));
        now += seconds * 1'000;
    }
}

void TestLanes::what_fails_five_times_while_others_go_is_parked()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    lanes.add(mail(2, 20, "a"));
    qint64 now = 0;
    for (int i = 0; i < 4; ++i) {
        QCOMPARE(allNext(lanes, now), (QList<qint64>{1}));
        QCOMPARE(lanes.failed(1, now), Lanes::After::Again);
        QCOMPARE(lanes.turn(1, now).state, Turn::State::Failing);
        now = *lanes.nextMs();
    }
    lanes.add(mail(3, 30, "b"));
    QCOMPARE(allNext(lanes, now), (QList<qint64>{1, 3}));
    lanes.taken(3);
    QCOMPARE(lanes.failed(1, now), Lanes::After::Park);
    lanes.refused(1);
    QCOMPARE(allNext(lanes, now), (QList<qint64>{2}));
}

void TestLanes::what_fails_five_times_alone_has_the_homeserver_asked()
{
    Lanes lanes;
    lanes.add(mail(2, 20, "b"));
    QVERIFY(lanes.next(0));
    lanes.taken(2); // before: it says nothing about now
    lanes.add(mail(1, 10, "a"));
    qint64 now = 0;
    for (int i = 0; i < 4; ++i) {
        QVERIFY(lanes.next(now));
        QCOMPARE(lanes.failed(1, now), Lanes::After::Again);
        now = *lanes.nextMs();
    }
    QVERIFY(lanes.next(now));
    QCOMPARE(lanes.failed(1, now), Lanes::After::Probe);
    QCOMPARE(lanes.probed(1, true, now), Lanes::After::Park);
}

void TestLanes::a_homeserver_that_is_down_parks_nothing()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a"));
    lanes.add(mail(2, 20, "b"));
    qint64 now = 0;
    qint64 longest = 0;
    for (int i = 0; i < 60; ++i) {
        for (const qint64 id : allNext(lanes, now)) {
            if (lanes.failed(id, now) == Lanes::After::Probe)
                QCOMPARE(lanes.probed(id, false, now), Lanes::After::Again);
        }
        longest = std::max(longest, *lanes.nextMs() - now);
        now = *lanes.nextMs();
    }
    QCOMPARE(lanes.size(), 2);
    QCOMPARE(longest, 300'000);
}

void TestLanes::one_origin_cannot_fill_the_lanes()
{
    Lanes lanes;
    qint64 id = 0;
    while (lanes.hasRoom(server("a"))) {
        ++id;
        lanes.add(mail(id, id, "a"));
    }
    QCOMPARE(id, qint64(Lanes::MostOfOrigin));
    QVERIFY(lanes.hasRoom(server("b")));
}

void TestLanes::what_is_taken_out_leaves_no_trace()
{
    Lanes lanes;
    lanes.add(mail(1, 10, "a", {1}));
    lanes.add(mail(2, 20, "b", {2}, {1}));
    lanes.add(mail(3, 30, "a", {3}));
    lanes.remove(1);
    QCOMPARE(allNext(lanes, 0), (QList<qint64>{2, 3}));
    lanes.keyMissing(3, 0);
    lanes.remove(3);
    lanes.remove(99);
    QVERIFY(!lanes.nextMs());
    lanes.taken(2);
    QCOMPARE(lanes.size(), 0);
    QCOMPARE(lanes.onTheWay(), 0);
}

QTEST_GUILESS_MAIN(TestLanes)
#include "tst_lanes.moc"
