// SPDX-License-Identifier: GPL-3.0-or-later
// Mail that a relay sends by itself, to destinations that the test plays.
#include "courier/dispatcher.h"
#include "fakecaller.h"
#include "matrix/attestation.h"
#include "meddler.h"
#include "queuefixture.h"

#include <QtTest/QTest>

#include <sodium.h>

using namespace restante;
using namespace restante::test;
using courier::Dispatcher;

namespace
{
constexpr qint64 MinuteMs = 60'000;
constexpr qint64 HourMs = 60 * MinuteMs;
constexpr qint64 DayMs = 24 * HourMs;

const QByteArray OnePdu = R"({"content":{},"room_id":"!r:a.example","type":"m.room.message"})";
const QByteArray ToDevice = R"({"content":{"message_id":"1"},"edu_type":"m.direct_to_device"})";
const QByteArray Typing = R"({"content":{"room_id":"!r"},"edu_type":"m.typing"})";

QByteArray bodyOf(const QByteArray &origin, qint64 ts, const QByteArray &pdus, const QByteArray &edus = {})
{
    return '{' + (edus.isNull() ? QByteArray() : "\"edus\":[" + edus + "],") + "\"origin\":\"" + origin +
           "\",\"origin_server_ts\":" + QByteArray::number(ts) + ",\"pdus\":[" + pdus + "]}";
}

/// As an outbox leaves it.
queue::StoreRequest mail(const QByteArray &origin, const QByteArray &txnId, const QByteArray &body,
                         const QByteArray &destination = "b.example")
{
    const auto scanned = matrix::ScannedObject::scan(body).value();
    queue::StoreRequest request = letter(origin + txnId + body, origin, destination);
    request.txnId = txnId;
    request.pdus = scanned.find("pdus")->text.toByteArray();
    request.edus = matrix::attestedEdus(scanned, server(origin), {"ed25519:1", {}}, txnId).value();
    request.attested = true;
    return request;
}
} // namespace

class TestDispatcher : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init();
    void cleanup();

    void a_destination_that_answers_gets_everything_once_and_in_order();
    void what_was_sent_was_not_collected();
    void it_gets_what_the_origins_homeserver_signed();
    void pauses_grow_from_the_probe_interval_to_six_hours();
    void one_that_is_away_is_tried_later_and_later();
    void a_request_of_it_ends_the_wait();
    void a_request_of_it_lets_nobody_be_asked_all_the_time();
    void a_hint_has_it_tried_at_once_and_proves_nothing();
    void mail_that_others_collect_is_not_sent();
    void what_came_before_the_start_is_sent();
    void nothing_is_sent_while_it_is_off();
    void a_poison_is_parked_and_the_rest_goes_on();
    void a_destination_that_fails_over_everything_parks_nothing();
    void what_is_refused_stays_parked_over_a_restart();
    void mail_without_its_homeservers_signature_is_parked();
    void an_origin_that_has_to_wait_holds_up_no_other_data();
    void an_origin_that_has_to_wait_holds_up_no_other();
    void that_it_is_being_sent_is_written_down_before();
    void after_a_crash_it_goes_again_under_its_id();
    void what_is_in_doubt_for_a_day_goes_only_if_it_does_no_harm();
    void one_that_never_arrived_leaves_no_doubt();
    void another_one_under_a_used_up_id_waits_for_a_day();
    void what_its_owner_has_collected_is_not_sent();
    void what_was_sent_is_not_taken_in_again();
    void one_that_is_served_now_is_waited_for_no_more();
    void nobody_is_waited_for_while_it_is_off();
    void new_mail_of_others_is_not_held_up_by_an_origin_that_waits();
    void the_one_that_has_waited_longest_goes_first();
    void one_that_much_is_held_for_makes_room_for_others();
    void a_large_one_gets_more_time();
    void what_is_parked_is_counted_while_its_destination_is_away();
    void an_entry_that_cannot_be_read_is_set_aside();
    void what_is_parked_is_tried_again_when_the_operator_asks();
    void a_retry_is_for_one_destination_or_for_all();
    void a_retry_in_the_middle_of_a_round_has_another_one_follow();
    void a_retry_does_not_forget_that_it_may_have_arrived();
    void nothing_can_be_retried_while_it_is_off();

private:
    /// A new dispatcher over what is on disk, as after a crash.
    void start()
    {
        m_dispatcher.reset();
        m_caller = std::make_unique<FakeCaller>();
        m_dispatcher = std::make_unique<Dispatcher>(Dispatcher::Parts{*m_queue->writer, *m_desk, *m_queue->client,
                                                                      *m_ring, *m_policy, m_queue->clock, m_counters},
                                                    std::make_unique<Shoulder>(*m_caller));
        m_dispatcher->configure(MinuteMs, 30 * DayMs);
        idle();
    }
    void sendFor(const QSet<matrix::ServerName> &origins, const QSet<matrix::ServerName> &served = {})
    {
        relay::Policy policy;
        policy.sendsFor = origins;
        policy.served = served;
        m_policy->replace(policy);
    }
    void hold(const queue::StoreRequest &request) { QVERIFY(m_queue->store(request).ok()); }
    /// Until nothing more happens by itself: whatever a step asks of the desk or the writer is answered.
    void idle()
    {
        for (int turn = 0; turn < 6; ++turn) {
            QEventLoop loop;
            m_desk->ask<int>([](queue::Inspector &) { return Result<int>(0); }, this,
                             [&loop](const Result<int> &) { loop.quit(); });
            loop.exec();
            m_queue->settle();
        }
    }
    void pass(qint64 ms)
    {
        m_queue->clock.advance(ms);
        m_dispatcher->look();
        idle();
    }
    void answerLast(int status, const QByteArray &body = R"({"pdus":{}})", federation::Headers headers = {})
    {
        m_caller->answer(m_caller->asked.size() - 1, status, body, std::move(headers));
        idle();
    }
    void noConnection()
    {
        m_caller->answer(m_caller->asked.size() - 1,
                         Error{Errc::Unreachable, QStringLiteral("Nobody listens there"), 0, true});
        idle();
    }
    Result<qint64> retry(const matrix::ServerName &destination = {})
    {
        std::optional<Result<qint64>> found;
        m_dispatcher->retry(destination, [&found](const Result<qint64> &count) { found = count; });
        while (!found)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        idle();
        return *found;
    }
    /// Holds and parks one, and sends it never.
    void parkOne()
    {
        hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
        start();
        answerLast(403, R"({"errcode":"M_FORBIDDEN","error":"no"})");
        QCOMPARE(m_counters.parked.load(), 1);
    }
    /// Answers all that waits, and what comes then, with 200.
    void takeAll()
    {
        for (qsizetype at = 0; at < m_caller->asked.size(); ++at) {
            if (m_caller->waits(at)) {
                m_caller->answer(at, 200, R"({"pdus":{}})");
                idle();
            }
        }
    }
    /// Transaction ids of all that was sent, in order; "?" for the question whether a server is well.
    QByteArray sent() const
    {
        QByteArrayList ids;
        for (const auto &each : m_caller->asked)
            ids.append(each.request.method == "GET"
                           ? QByteArray("?")
                           : each.request.target.mid(each.request.target.lastIndexOf('/') + 1));
        return ids.join(' ');
    }

    std::unique_ptr<QueueFixture> m_queue;
    std::unique_ptr<queue::InspectionDesk> m_desk;
    std::unique_ptr<identity::KeyRing> m_ring;
    std::unique_ptr<relay::PolicyBoard> m_policy;
    telemetry::DispatchCounters m_counters;
    std::unique_ptr<FakeCaller> m_caller;
    std::unique_ptr<Dispatcher> m_dispatcher;
};

void TestDispatcher::init()
{
    m_queue = std::make_unique<QueueFixture>();
    QVERIFY(m_queue->open().ok());
    m_desk = std::make_unique<queue::InspectionDesk>(*m_queue->writer);
    m_ring = std::make_unique<identity::KeyRing>(m_queue->clock, nullptr);
    m_policy = std::make_unique<relay::PolicyBoard>(relay::Policy{});
    sendFor({server("a.example"), server("c.example")});
}

void TestDispatcher::cleanup()
{
    m_dispatcher.reset();
    m_caller.reset();
    m_desk.reset();
    m_queue.reset();
}

void TestDispatcher::a_destination_that_answers_gets_everything_once_and_in_order()
{
    const quint64 before = m_counters.sent.value();
    for (const char *id : {"1", "2", "3"})
        hold(mail("a.example", id, bodyOf("a.example", 1, OnePdu)));
    hold(mail("c.example", "4", bodyOf("c.example", 1, OnePdu)));
    start();
    QCOMPARE(sent(), QByteArray("1")); // one at a time
    QCOMPARE(m_counters.destinations.load(), 1);
    takeAll();
    QCOMPARE(sent(), QByteArray("1 2 3 4"));
    QCOMPARE(m_counters.sent.value() - before, quint64(4));
    QCOMPARE(m_counters.destinations.load(), 0);
    QCOMPARE(m_queue->total().entries, 0);
    pass(HourMs);
    start();
    QCOMPARE(sent(), QByteArray());
    QCOMPARE(m_queue->audit(), QStringList());
}

void TestDispatcher::what_was_sent_was_not_collected()
{
    sendFor({server("a.example")});
    hold(mail("stranger.example", "t-1", bodyOf("stranger.example", 1, OnePdu)));
    hold(mail("a.example", "2", bodyOf("a.example", 1, OnePdu)));
    hold(mail("a.example", "3", bodyOf("a.example", 1, {}, Typing))); // old: done with unsent
    const qint64 before = m_queue->writer->counters().acknowledged;
    start();
    takeAll();
    QCOMPARE(sent(), QByteArray("2"));
    QCOMPARE(m_queue->total().entries, 1);
    QCOMPARE(m_queue->total().lastCollectedMs, 0);
    QCOMPARE(m_queue->writer->counters().acknowledged.load(), before);
    QCOMPARE(m_queue->audit(), QStringList());
    m_dispatcher.reset();
    m_desk.reset();
    m_queue->close(); // everything is folded
    QVERIFY(m_queue->open().ok());
    m_desk = std::make_unique<queue::InspectionDesk>(*m_queue->writer);
    QCOMPARE(m_queue->total().lastCollectedMs, 0);
    QCOMPARE(m_queue->collect(), QByteArrayList{"1"});
    QCOMPARE(m_queue->total().lastCollectedMs, m_queue->clock.wallMs());
    QCOMPARE(m_queue->audit(), QStringList());
}

void TestDispatcher::it_gets_what_the_origins_homeserver_signed()
{
    const QByteArray body = bodyOf("a.example", 7, OnePdu, ToDevice);
    hold(mail("a.example", "t1", body));
    start();
    const federation::Request &request = m_caller->last();
    QCOMPARE(request.destination, server("b.example"));
    QCOMPARE(request.method, QByteArray("PUT"));
    QCOMPARE(request.target, QByteArray("/_matrix/federation/v1/send/t1"));
    QCOMPARE(request.body, body);
    QVERIFY(!request.sign && !request.peer);
    const auto claim = matrix::XMatrix::parse({request.headers.front().second}).value();
    QCOMPARE(claim.origin, server("a.example"));
    QCOMPARE(claim.destination, server("b.example"));
    QCOMPARE(claim.signatures.front().keyId, QByteArray("ed25519:1"));
}

void TestDispatcher::pauses_grow_from_the_probe_interval_to_six_hours()
{
    QCOMPARE(Dispatcher::pauseMs(1, MinuteMs, 0), MinuteMs);
    QCOMPARE(Dispatcher::pauseMs(2, MinuteMs, 0), 2 * MinuteMs);
    QCOMPARE(Dispatcher::pauseMs(9, MinuteMs, 0), 256 * MinuteMs);
    QCOMPARE(Dispatcher::pauseMs(10, MinuteMs, 0), 6 * HourMs);
    QCOMPARE(Dispatcher::pauseMs(1'000, MinuteMs, 0), 6 * HourMs);
    QCOMPARE(Dispatcher::pauseMs(1, MinuteMs, 1), MinuteMs - 6'000);
    QCOMPARE(Dispatcher::pauseMs(3, 12 * HourMs, 0), 12 * HourMs); // as the operator wants it
}

void TestDispatcher::one_that_is_away_is_tried_later_and_later()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    noConnection();
    pass(MinuteMs / 2);
    QCOMPARE(sent(), QByteArray("1"));
    pass(MinuteMs / 2);
    QCOMPARE(sent(), QByteArray("1 1"));
    noConnection();
    pass(MinuteMs);
    QCOMPARE(sent(), QByteArray("1 1"));
    pass(MinuteMs);
    QCOMPARE(sent(), QByteArray("1 1 1"));
    hold(mail("a.example", "2", bodyOf("a.example", 2, OnePdu))); // does not make it any sooner
    noConnection();
    pass(3 * MinuteMs);
    QCOMPARE(sent(), QByteArray("1 1 1"));
    pass(MinuteMs);
    takeAll();
    QCOMPARE(sent(), QByteArray("1 1 1 1 2"));
}

void TestDispatcher::a_request_of_it_ends_the_wait()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    for (int failure = 0; failure < 6; ++failure) {
        noConnection();
        pass(HourMs);
    }
    noConnection();
    const qsizetype before = m_caller->asked.size();
    pass(5 * MinuteMs);
    m_dispatcher->noteContact(server("other.example"));
    idle();
    QCOMPARE(m_caller->asked.size(), before);
    m_dispatcher->noteContact(server("b.example"));
    QTRY_COMPARE(m_caller->asked.size(), before + 1);
    noConnection(); // it begins with the probe interval again
    pass(MinuteMs);
    QCOMPARE(m_caller->asked.size(), before + 2);
}

void TestDispatcher::a_request_of_it_lets_nobody_be_asked_all_the_time()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    noConnection();
    m_dispatcher->noteContact(server("b.example"));
    idle();
    QCOMPARE(sent(), QByteArray("1"));
    pass(MinuteMs);
    QCOMPARE(sent(), QByteArray("1 1"));
}

void TestDispatcher::a_hint_has_it_tried_at_once_and_proves_nothing()
{
    const auto hint = [this](const QByteArray &name) {
        m_dispatcher->noteNearby(server(name));
        idle();
    };
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    hint("b.example"); // it is being tried
    for (int failure = 0; failure < 5; ++failure) {
        noConnection();
        pass(HourMs);
    }
    noConnection(); // the next time is half an hour away
    const qsizetype before = m_caller->asked.size();
    hint("other.example"); // nothing waits for it
    QCOMPARE(m_caller->asked.size(), before);
    hint("b.example");
    QCOMPARE(m_caller->asked.size(), before + 1);
    noConnection();
    for (int times = 0; times < 100; ++times)
        hint("b.example");
    QCOMPARE(m_caller->asked.size(), before + 1);
    pass(MinuteMs);
    QCOMPARE(m_caller->asked.size(), before + 1); // a hint that was false makes nobody ask more often
    hint("b.example");
    QCOMPARE(m_caller->asked.size(), before + 2);
    takeAll();
    QCOMPARE(m_queue->total().entries, 0);
    hint("b.example");
    QCOMPARE(m_caller->asked.size(), before + 2);
}

void TestDispatcher::mail_that_others_collect_is_not_sent()
{
    sendFor({server("a.example")}, {server("served.example")});
    hold(mail("stranger.example", "1", bodyOf("stranger.example", 1, OnePdu)));
    hold(mail("a.example", "2", bodyOf("a.example", 1, OnePdu), "served.example"));
    start();
    pass(HourMs);
    QCOMPARE(sent(), QByteArray());
    QCOMPARE(m_queue->total().entries, 1);
    QCOMPARE(m_queue->total("served.example").entries, 1);
}

void TestDispatcher::what_came_before_the_start_is_sent()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    m_desk.reset();
    m_queue->close(); // everything is folded
    QVERIFY(m_queue->open().ok());
    m_desk = std::make_unique<queue::InspectionDesk>(*m_queue->writer);
    hold(mail("a.example", "2", bodyOf("a.example", 2, OnePdu), "other.example"));
    start();
    takeAll();
    QCOMPARE(QSet<QByteArray>({m_caller->asked.at(0).request.destination.bytes(),
                               m_caller->asked.at(1).request.destination.bytes()}),
             QSet<QByteArray>({"b.example", "other.example"}));
}

void TestDispatcher::nothing_is_sent_while_it_is_off()
{
    sendFor({});
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    pass(HourMs);
    QCOMPARE(sent(), QByteArray());
    sendFor({server("a.example")});
    m_dispatcher->configure(MinuteMs, 30 * DayMs);
    idle();
    QCOMPARE(sent(), QByteArray("1"));
}

void TestDispatcher::a_poison_is_parked_and_the_rest_goes_on()
{
    hold(mail("a.example", "poison", bodyOf("a.example", 1, OnePdu)));
    hold(mail("a.example", "2", bodyOf("a.example", 2, OnePdu)));
    hold(mail("c.example", "3", bodyOf("c.example", 3, OnePdu)));
    start();
    answerLast(500);
    QCOMPARE(sent(), QByteArray("poison ?"));
    answerLast(200);                            // it is well
    QCOMPARE(sent(), QByteArray("poison ? 3")); // the other origin goes on
    answerLast(200);
    for (int fault = 1; fault < Dispatcher::FaultsToPark; ++fault) {
        pass(6 * HourMs);
        answerLast(500);
        answerLast(200);
    }
    QCOMPARE(m_caller->last().target, QByteArray("/_matrix/federation/v1/send/2"));
    QCOMPARE(m_counters.parked.load(), 0); // told when the round is over
    answerLast(200);
    QCOMPARE(m_counters.parked.load(), 1);
    const qsizetype before = m_caller->asked.size();
    pass(6 * HourMs);
    QCOMPARE(m_caller->asked.size(), before);
    QCOMPARE(m_queue->total().entries, 1); // it stays until it expires or the operator discards it
}

void TestDispatcher::a_destination_that_fails_over_everything_parks_nothing()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    for (int fault = 0; fault < 2 * Dispatcher::FaultsToPark; ++fault) {
        answerLast(502);
        answerLast(502); // nor is it well
        pass(6 * HourMs);
    }
    answerLast(200);
    QCOMPARE(m_queue->total().entries, 0);
    QCOMPARE(m_counters.parked.load(), 0);
}

void TestDispatcher::what_is_refused_stays_parked_over_a_restart()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    answerLast(403, R"({"errcode":"M_FORBIDDEN","error":"no"})");
    QCOMPARE(m_counters.parked.load(), 1);
    start();
    pass(HourMs);
    QCOMPARE(sent(), QByteArray());
    QCOMPARE(m_counters.parked.load(), 1);
    QCOMPARE(m_queue->total().entries, 1);
    QVERIFY(m_queue->discardAll("b.example").ok());
    pass(HourMs);
    QCOMPARE(m_counters.parked.load(), 0);
}

void TestDispatcher::mail_without_its_homeservers_signature_is_parked()
{
    hold(letter("plain"));
    hold(mail("c.example", "2", bodyOf("c.example", 1, OnePdu)));
    start();
    takeAll();
    QCOMPARE(sent(), QByteArray("2"));
    QCOMPARE(m_counters.parked.load(), 1);
    QCOMPARE(m_queue->collect(), QByteArrayList{"plain"}); // its owner may collect it all the same
}

void TestDispatcher::an_origin_that_has_to_wait_holds_up_no_other_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<qint64>("waitMs");
    QTest::newRow("its key is unknown") << 401 << MinuteMs;
    QTest::newRow("it sends too much") << 429 << 10 * MinuteMs;
}

void TestDispatcher::an_origin_that_has_to_wait_holds_up_no_other()
{
    QFETCH(int, status);
    QFETCH(qint64, waitMs);
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    hold(mail("a.example", "2", bodyOf("a.example", 2, OnePdu)));
    hold(mail("c.example", "3", bodyOf("c.example", 3, OnePdu)));
    start();
    answerLast(status, R"({"errcode":"M_UNKNOWN"})", {{"retry-after", QByteArray::number(waitMs / 1'000)}});
    answerLast(200);
    QCOMPARE(sent(), QByteArray("1 3"));
    pass(waitMs - MinuteMs / 2);
    QCOMPARE(sent(), QByteArray("1 3"));
    pass(MinuteMs / 2);
    takeAll();
    QCOMPARE(sent(), QByteArray("1 3 1 2"));
}

void TestDispatcher::that_it_is_being_sent_is_written_down_before()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    QCOMPARE(sent(), QByteArray("1"));
    const queue::DispatchRecords records(*m_queue->writer);
    const auto id = m_queue->next().entry->id;
    const auto standing = records.standing({server("b.example"), id, server("a.example"), "1"});
    QVERIFY(standing.ok());
    QVERIFY(standing->state == queue::Dispatch::State::Sending);
    QCOMPARE(standing->sinceMs, m_queue->clock.wallMs());
}

void TestDispatcher::after_a_crash_it_goes_again_under_its_id()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu, ToDevice)));
    start();
    start(); // what came of it was lost
    QCOMPARE(sent(), QByteArray("1"));
    takeAll();
    QCOMPARE(m_queue->total().entries, 0);
}

void TestDispatcher::what_is_in_doubt_for_a_day_goes_only_if_it_does_no_harm()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, {}, ToDevice)));
    hold(mail("c.example", "2", bodyOf("c.example", 1, OnePdu), "d.example"));
    start();
    QCOMPARE(m_caller->asked.size(), 2);
    m_queue->clock.advance(25 * HourMs);
    start();
    QCOMPARE(sent(), QByteArray("2")); // events may come twice, and a homeserver knows no id for longer than a day
    takeAll();
    QCOMPARE(m_queue->total().entries, 0);
    QCOMPARE(m_queue->total("d.example").entries, 0);
}

void TestDispatcher::one_that_never_arrived_leaves_no_doubt()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, {}, ToDevice)));
    start();
    noConnection();
    m_queue->clock.advance(25 * HourMs);
    start();
    QCOMPARE(sent(), QByteArray("1"));
}

void TestDispatcher::another_one_under_a_used_up_id_waits_for_a_day()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu, ToDevice)));
    start();
    takeAll();
    QCOMPARE(sent(), QByteArray("1"));
    pass(6 * HourMs);
    QCOMPARE(sent(), QByteArray("1"));
    pass(20 * HourMs);
    takeAll();
    QCOMPARE(sent(), QByteArray("1 1"));
    QCOMPARE(m_queue->total().entries, 0);
}

void TestDispatcher::what_its_owner_has_collected_is_not_sent()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    hold(mail("a.example", "2", bodyOf("a.example", 2, OnePdu)));
    start();
    noConnection();
    auto got = m_queue->next();
    while (got.entry)
        got = m_queue->next("b.example", got.entry->id);
    m_queue->settle(); // the last acknowledgement is on its way
    pass(HourMs);
    QCOMPARE(sent(), QByteArray("1"));
    QCOMPARE(m_counters.destinations.load(), 0);
    QCOMPARE(m_queue->audit(), QStringList());
}

void TestDispatcher::what_was_sent_is_not_taken_in_again()
{
    const auto request = mail("a.example", "1", bodyOf("a.example", 1, OnePdu));
    hold(request);
    start();
    takeAll();
    const auto again = m_queue->store(request);
    QVERIFY(again.ok());
    QVERIFY(!again->fresh);
    pass(HourMs);
    QCOMPARE(sent(), QByteArray("1"));
}

void TestDispatcher::one_that_is_served_now_is_waited_for_no_more()
{
    for (const char *destination : {"b.example", "d.example", "e.example"})
        hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu), destination));
    start();
    for (int each = 0; each < 3; ++each) {
        m_caller->answer(each, Error{Errc::Unreachable, QStringLiteral("Nobody listens there"), 0, true});
        idle();
    }
    QCOMPARE(m_counters.destinations.load(), 3);
    QCOMPARE(m_dispatcher->sendings().size(), 3);
    sendFor({server("a.example")}, {server("b.example"), server("d.example")});
    m_dispatcher->configure(MinuteMs, 30 * DayMs);
    QCOMPARE(m_counters.destinations.load(), 1);
    pass(MinuteMs);
    QCOMPARE(m_caller->asked.size(), 4);
    QCOMPARE(m_caller->last().destination, server("e.example"));
}

void TestDispatcher::nobody_is_waited_for_while_it_is_off()
{
    parkOne();
    hold(mail("a.example", "2", bodyOf("a.example", 2, OnePdu), "d.example"));
    pass(MinuteMs);
    QCOMPARE(m_counters.destinations.load(), 2);
    sendFor({});
    m_dispatcher->configure(MinuteMs, 30 * DayMs);
    QCOMPARE(m_counters.parked.load(), 0);
    answerLast(200); // which was on its way
    QCOMPARE(m_counters.destinations.load(), 0);
    QVERIFY(m_dispatcher->sendings().isEmpty());
}

void TestDispatcher::new_mail_of_others_is_not_held_up_by_an_origin_that_waits()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    for (int times = 0; times < 8; ++times) { // it does not know the key
        answerLast(401);
        pass(6 * HourMs);
    }
    answerLast(401);
    hold(mail("c.example", "2", bodyOf("c.example", 2, OnePdu)));
    pass(MinuteMs);
    QVERIFY(sent().endsWith(" 1 2"));
    answerLast(200);
    const QByteArray before = sent();
    pass(HourMs);
    QCOMPARE(sent(), before); // and the other one waits as before
    const auto row = m_dispatcher->sendings().first();
    QVERIFY(row.state == queue::Sending::State::Waiting);
    QVERIFY(row.nextMs > m_queue->clock.wallMs());
    QVERIFY(row.nextMs <= m_queue->clock.wallMs() + 6 * HourMs);
}

void TestDispatcher::the_one_that_has_waited_longest_goes_first()
{
    for (int number = 0; number < Dispatcher::AtOnce; ++number)
        hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu), "m" + QByteArray::number(number) + ".example"));
    start();
    QCOMPARE(m_caller->asked.size(), Dispatcher::AtOnce);
    for (const char *late : {"z.example", "b.example"}) {
        hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu), late));
        pass(MinuteMs);
    }
    m_caller->answer(0, 200, R"({"pdus":{}})");
    idle();
    QCOMPARE(m_caller->last().destination, server("z.example"));
}

void TestDispatcher::one_that_much_is_held_for_makes_room_for_others()
{
    for (int number = 0; number <= Dispatcher::AtOnce; ++number) {
        for (const char *id : {"1", "2"})
            hold(mail("a.example", id, bodyOf("a.example", 1, OnePdu), "m" + QByteArray::number(number) + ".example"));
    }
    start();
    QCOMPARE(m_caller->asked.size(), Dispatcher::AtOnce);
    m_queue->clock.advance(Dispatcher::TurnMs);
    m_caller->answer(0, 200, R"({"pdus":{}})");
    idle();
    QCOMPARE(m_caller->asked.size(), Dispatcher::AtOnce + 1);
    QCOMPARE(m_caller->last().destination, server("m8.example"));
    const auto rows = m_dispatcher->sendings();
    QVERIFY(rows.first().state == queue::Sending::State::Waiting); // for a place
    QVERIFY(rows.last().state == queue::Sending::State::Going);
    takeAll();
    QCOMPARE(m_caller->asked.size(), 2 * (Dispatcher::AtOnce + 1)); // nothing is left out for that, nor sent twice
    QCOMPARE(m_counters.destinations.load(), 0);
}

void TestDispatcher::a_large_one_gets_more_time()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    start();
    const int usual = m_caller->last().deadlineMs;
    answerLast(200);
    hold(mail("a.example", "2", bodyOf("a.example", 1, '"' + QByteArray(640 * 1024, 'x') + '"')));
    pass(MinuteMs);
    QVERIFY(usual < 181'000);
    QCOMPARE(m_caller->last().deadlineMs / 1'000, 190); // at 64 KiB a second
}

void TestDispatcher::what_is_parked_is_counted_while_its_destination_is_away()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    hold(mail("c.example", "2", bodyOf("c.example", 2, OnePdu)));
    start();
    answerLast(401);
    answerLast(403);
    QCOMPARE(sent(), QByteArray("1 2"));
    QCOMPARE(m_counters.parked.load(), 1);
    pass(MinuteMs);
    QCOMPARE(sent(), QByteArray("1 2 1"));
    noConnection();
    QCOMPARE(m_counters.parked.load(), 1);
    const auto row = m_dispatcher->sendings().first();
    QVERIFY(row.state == queue::Sending::State::Away);
    QCOMPARE(row.reason, QStringLiteral("Nobody listens there"));
    QCOMPARE(row.parked, 1);
}

void TestDispatcher::an_entry_that_cannot_be_read_is_set_aside()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu)));
    hold(mail("a.example", "2", bodyOf("a.example", 2, OnePdu)));
    QVERIFY(Meddler(m_queue->folder()).run(QStringLiteral("UPDATE entries SET pdus = x'' WHERE txn_id = x'31'")));
    start();
    QCOMPARE(sent(), QByteArray("2"));
    takeAll();
    const auto totals = m_queue->inspector->totals();
    QVERIFY(totals.ok());
    QCOMPARE(totals->quarantined, 1);
    QCOMPARE(m_counters.destinations.load(), 0);
}

void TestDispatcher::what_is_parked_is_tried_again_when_the_operator_asks()
{
    parkOne();
    start();
    const auto row = m_dispatcher->sendings().first();
    QVERIFY(row.state == queue::Sending::State::Parked);
    QCOMPARE(row.reason, QStringLiteral("the homeserver answered 403, M_FORBIDDEN, no"));
    pass(HourMs);
    QCOMPARE(sent(), QByteArray());
    QCOMPARE(retry().value(), 1);
    QCOMPARE(sent(), QByteArray("1"));
    answerLast(200);
    QCOMPARE(m_queue->total().entries, 0);
    QCOMPARE(m_counters.parked.load(), 0);
    QCOMPARE(m_counters.destinations.load(), 0);
}

void TestDispatcher::a_retry_is_for_one_destination_or_for_all()
{
    for (const char *destination : {"b.example", "d.example"})
        hold(mail("a.example", "1", bodyOf("a.example", 1, OnePdu), destination));
    start();
    for (int each = 0; each < 2; ++each) {
        m_caller->answer(each, Error{Errc::Unreachable, QStringLiteral("Nobody listens there"), 0, true});
        idle();
    }
    QCOMPARE(retry(server("d.example")).value(), 1);
    QCOMPARE(m_caller->asked.size(), 3);
    QCOMPARE(m_caller->last().destination, server("d.example"));
    QCOMPARE(retry(server("nobody.example")).value(), 0);
    QCOMPARE(m_caller->asked.size(), 3);
    answerLast(403);
    QCOMPARE(retry().value(), 2); // the pause of one, what the other has parked
    QCOMPARE(m_caller->asked.size(), 5);
}

void TestDispatcher::a_retry_in_the_middle_of_a_round_has_another_one_follow()
{
    parkOne();
    hold(mail("a.example", "2", bodyOf("a.example", 2, OnePdu)));
    pass(MinuteMs);
    QCOMPARE(sent(), QByteArray("1 2"));
    QCOMPARE(retry().value(), 1);
    QCOMPARE(sent(), QByteArray("1 2")); // one at a time
    answerLast(200);
    QCOMPARE(sent(), QByteArray("1 2 1"));
}

void TestDispatcher::a_retry_does_not_forget_that_it_may_have_arrived()
{
    hold(mail("a.example", "1", bodyOf("a.example", 1, {}, ToDevice)));
    start();
    for (int fault = 0; fault < Dispatcher::FaultsToPark; ++fault) {
        m_caller->answer(m_caller->asked.size() - 1,
                         Error{Errc::Unreachable, QStringLiteral("It did not answer in time"), 0});
        idle();
        answerLast(200); // it is well
        pass(HourMs);
    }
    QCOMPARE(m_counters.parked.load(), 1);
    const qsizetype before = m_caller->asked.size();
    m_queue->clock.advance(25 * HourMs); // the homeserver does not know its id any more
    QCOMPARE(retry().value(), 1);
    QCOMPARE(m_caller->asked.size(), before);
    QCOMPARE(m_queue->total().entries, 0);
}

void TestDispatcher::nothing_can_be_retried_while_it_is_off()
{
    sendFor({});
    start();
    const auto retried = retry();
    QVERIFY(!retried.ok());
    QCOMPARE(retried.error().code, Errc::InvalidSetting);
    QVERIFY(retried.error().detail.startsWith(QStringLiteral("relay.sends_for is empty")));
    relay::Policy noRelay;
    noRelay.enabled = false;
    noRelay.sendsFor = {server("a.example")};
    m_policy->replace(noRelay);
    QVERIFY(retry().error().detail.startsWith(QStringLiteral("relay.enabled is false")));
}

QTEST_GUILESS_MAIN(TestDispatcher)
#include "tst_dispatcher.moc"
