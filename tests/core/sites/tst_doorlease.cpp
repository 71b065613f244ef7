// SPDX-License-Identifier: GPL-3.0-or-later
// The owner of a front door comes home and goes again (PROTOCOL 6.5, 8), with other servers played by the test.
#include "doorfixture.h"

using namespace restante;
using namespace restante::test;

class TestDoorLease : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init() { m_door = std::make_unique<DoorFixture>(); }
    void cleanup() { m_door.reset(); }

    void mail_is_passed_on_as_it_was_signed();
    void what_the_server_at_home_answers_is_the_answer_data();
    void what_the_server_at_home_answers_is_the_answer();
    void mail_that_gets_no_answer_is_held_data();
    void mail_that_gets_no_answer_is_held();
    void the_front_is_not_tired_of_waiting_before_mail_is_held();
    void mail_is_passed_on_only_if_its_signature_is_good();
    void other_requests_are_passed_on();
    void other_requests_that_get_no_answer_are_404_data();
    void other_requests_that_get_no_answer_are_404();
    void a_client_that_leaves_takes_its_request_along();
    void a_lease_ends_after_its_time();
    void a_lease_is_given_back();
    void no_lease_while_mail_is_held();
    void mail_that_send_relay_left_counts();
    void the_first_mail_that_is_held_ends_the_lease();
    void a_paused_relay_passes_on_to_an_owner_at_home();
    void a_paused_relay_holds_nothing_for_an_owner_that_left();
    void no_lease_while_mail_is_being_stored();
    void mail_that_is_on_its_way_when_it_fails_is_held_in_its_order();
    void a_restart_ends_the_lease();
    void a_copied_request_gets_no_lease();
    void a_copied_request_gets_no_lease_after_a_restart();
    void a_lease_needs_a_stamp();
    void bodies_of_door_data();
    void bodies_of_door();
    void an_upstream_is_no_front_door();
    void only_the_owner_opens_a_door();
    void nothing_is_passed_on_by_a_relay_that_cannot();

private:
    static QByteArray forwardedFor(const federation::Request &request)
    {
        QByteArrayList values;
        for (const auto &[name, value] : request.headers) {
            if (name.toLower() == "x-forwarded-for")
                values.append(value);
        }
        return values.join(" and ");
    }
    /// Waits until this many requests were passed on.
    bool passed(qsizetype count)
    {
        return QTest::qWaitFor([&] { return m_door->caller.asked.size() >= count; }, 10'000);
    }
    /// A request for a profile.
    DoorFixture::Pending ask() { return m_door->ask(DoorFixture::head("GET", Profile, "b.example", "X-Matrix any")); }

    static constexpr auto Profile = "/_matrix/federation/v1/query/profile?user_id=%40b%3Ab.example";
    std::unique_ptr<DoorFixture> m_door;
};

void TestDoorLease::mail_is_passed_on_as_it_was_signed()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const QByteArray body = R"( {"pdus" :[]})";
    auto head = m_door->sendHead(m_door->a, "1", body);
    const QByteArray authorization = head.headers.back().value;
    head.headers.push_back({"X-Forwarded-For", "192.0.2.66"});
    head.headers.push_back({"X-Forwarded-Host", "evil.example"});
    head.headers.push_back({"Forwarded", "for=192.0.2.66"});
    head.headers.push_back({"Cookie", "a=b"});
    const auto answer = m_door->ask(head, body);
    QVERIFY(passed(1));
    const federation::Request &out = m_door->caller.last();
    QCOMPARE(out.destination, *matrix::ServerName::parse("198.51.100.7:8448"));
    QCOMPARE(out.method, "PUT");
    QCOMPARE(out.target, DoorFixture::sendTarget("1"));
    QCOMPARE(out.body, body);
    QVERIFY(!out.sign);
    QCOMPARE(out.headers, (federation::Headers{{"X-Forwarded-For", "203.0.113.9"}, {"Authorization", authorization}}));
    QVERIFY(!answer->has_value());
    m_door->caller.answer(0, 200, R"({"pdus":{"$e":{"error":"no"}}})");
    QCOMPARE((*answer)->body, R"({"pdus":{"$e":{"error":"no"}}})");
    QVERIFY(m_door->held().empty());
}

void TestDoorLease::what_the_server_at_home_answers_is_the_answer_data()
{
    QTest::addColumn<int>("status");
    for (const int status : {200, 400, 401, 403, 404, 413, 429, 500})
        QTest::addRow("%d", status) << status;
}

void TestDoorLease::what_the_server_at_home_answers_is_the_answer()
{
    QFETCH(int, status);
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto answer = m_door->send("1");
    QVERIFY(passed(1));
    m_door->caller.answer(0, status, R"({"x":1})");
    QCOMPARE((*answer)->status, status);
    QCOMPARE((*answer)->body, R"({"x":1})");
    QVERIFY(m_door->held().empty());
    QVERIFY(m_door->doors->upstream(m_door->b.name()));
}

void TestDoorLease::mail_that_gets_no_answer_is_held_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("wasSent");
    QTest::newRow("connection refused") << 0 << false;
    QTest::newRow("no answer") << 0 << true;
    for (const int status : {502, 503, 504})
        QTest::addRow("%d", status) << status << true;
}

void TestDoorLease::mail_that_gets_no_answer_is_held()
{
    QFETCH(int, status);
    QFETCH(bool, wasSent);
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto answer = m_door->send("1");
    QVERIFY(passed(1));
    if (status)
        m_door->caller.answer(0, status, "gone");
    else
        m_door->caller.answer(0, Error{Errc::Unreachable, QStringLiteral("It does not answer"), 0, !wasSent});
    QCOMPARE(DoorFixture::answered(answer).status, 200);
    QCOMPARE((*answer)->body, R"({"pdus":{}})");
    QCOMPARE(m_door->held().size(), size_t(1));
    QVERIFY(!m_door->doors->upstream(m_door->b.name()));
    QCOMPARE(DoorFixture::answered(m_door->send("2")).status, 200); // at once: nobody is asked
    QCOMPARE(m_door->caller.asked.size(), 1);
    QCOMPARE(m_door->held().size(), size_t(2));
}

void TestDoorLease::the_front_is_not_tired_of_waiting_before_mail_is_held()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto small = m_door->send("1");
    QVERIFY(passed(1));
    QCOMPARE(m_door->caller.last().deadlineMs, sites::DoorSite::PassMs);
    const auto large = m_door->send("2", DoorFixture::message(QByteArray(8 << 20, 'x')));
    QVERIFY(passed(2));
    QVERIFY(m_door->caller.last().deadlineMs > sites::DoorSite::PassMs);
    QVERIFY(m_door->caller.last().deadlineMs < http::Limits{}.handlerMs / 2);
    const auto other = ask();
    QVERIFY(m_door->caller.last().deadlineMs < http::Limits{}.handlerMs);
}

void TestDoorLease::mail_is_passed_on_only_if_its_signature_is_good()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto head = m_door->sendHead(m_door->a, "1", "{}");
    QCOMPARE(m_door->call(head, R"({"pdus":[]})").status, 401);
    QVERIFY(m_door->caller.asked.isEmpty());
}

void TestDoorLease::other_requests_are_passed_on()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    auto head = DoorFixture::head("GET", Profile, "b.example", "X-Matrix any");
    head.headers.push_back({"X-Forwarded-For", "192.0.2.66"});
    const auto answer = m_door->ask(head);
    QCOMPARE(m_door->caller.asked.size(), 1);
    const federation::Request &out = m_door->caller.last();
    QCOMPARE(out.target, QByteArray(Profile));
    QVERIFY(out.body.isNull());
    QCOMPARE(out.headers, (federation::Headers{{"X-Forwarded-For", "203.0.113.9"}, {"Authorization", "X-Matrix any"}}));
    m_door->caller.answer(0, 403, R"({"errcode":"M_FORBIDDEN"})",
                          {{"content-type", "application/json"}, {"x-powered-by", "x"}});
    QCOMPARE((*answer)->status, 403);
    QCOMPARE((*answer)->rest->take(), R"({"errcode":"M_FORBIDDEN"})");
    QVERIFY((*answer)->header("x-powered-by").isNull());
    // the key document is answered here
    const Answer keys = m_door->call(DoorFixture::head("GET", "/_matrix/key/v2/server", "b.example"));
    QTRY_COMPARE(m_door->call(DoorFixture::head("GET", "/_matrix/key/v2/server", "b.example")).status, 200);
    QCOMPARE(m_door->caller.asked.size(), 1);
}

void TestDoorLease::other_requests_that_get_no_answer_are_404_data()
{
    QTest::addColumn<int>("status");
    QTest::newRow("none") << 0;
    for (const int status : {502, 503, 504})
        QTest::addRow("%d", status) << status;
}

void TestDoorLease::other_requests_that_get_no_answer_are_404()
{
    QFETCH(int, status);
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto answer = ask();
    if (status)
        m_door->caller.answer(0, status, "gone");
    else
        m_door->caller.fail(0);
    QCOMPARE((*answer)->status, 404);
    QCOMPARE((*answer)->errcode(), "M_NOT_FOUND");
    QVERIFY(!m_door->caller.streams(0));
}

void TestDoorLease::a_client_that_leaves_takes_its_request_along()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto answer = m_door->send("1");
    QVERIFY(passed(1));
    (*m_door->unwanted)();
    QCOMPARE(m_door->caller.cancelled.size(), 1);
    const auto other = ask();
    (*m_door->unwanted)();
    QCOMPARE(m_door->caller.cancelled.size(), 2);
    QVERIFY(m_door->held().empty());
}

void TestDoorLease::a_lease_ends_after_its_time()
{
    QCOMPARE(m_door->comeHome(10'000).body, DoorFixture::Passes);
    m_door->clock.advance(9'999);
    const auto live = m_door->send("1");
    QVERIFY(passed(1));
    m_door->caller.answer(0, 200);
    m_door->clock.advance(1);
    QCOMPARE(DoorFixture::answered(m_door->send("2")).status, 200);
    QCOMPARE(DoorFixture::answered(ask()).status, 404);
    QCOMPARE(m_door->caller.asked.size(), 1);
    QCOMPARE(m_door->held().size(), size_t(1));
}

void TestDoorLease::a_lease_is_given_back()
{
    for (const QByteArray members : {"", R"("upstream":null)", R"("lease_ms":60000)"}) {
        QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
        QCOMPARE(m_door->door(m_door->b, m_door->doorBody(members)).body, R"({"held":false,"passes":false})");
        QCOMPARE(DoorFixture::answered(ask()).status, 404);
    }
    QVERIFY(m_door->caller.asked.isEmpty());
}

void TestDoorLease::no_lease_while_mail_is_held()
{
    QCOMPARE(DoorFixture::answered(m_door->send("1")).status, 200);
    QCOMPARE(m_door->comeHome().body, DoorFixture::HeldFirst);
    QCOMPARE(DoorFixture::answered(m_door->send("2")).status, 200);
    QVERIFY(m_door->caller.asked.isEmpty());
    m_door->collect();
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
}

void TestDoorLease::mail_that_send_relay_left_counts()
{
    const QByteArray target = "/_matrix/federation/v1/send_relay/1/@user:b.example";
    const auto leave = [&](const QByteArray &body) {
        return m_door->call(DoorFixture::head("PUT", target, "relay.example",
                                              m_door->c.authorization("PUT", target, m_door->us.name(), body)),
                            body);
    };
    QCOMPARE(leave(DoorFixture::message("1")).status, 200);
    QCOMPARE(m_door->comeHome().body, DoorFixture::HeldFirst);
    m_door->collect();
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    QCOMPARE(leave(DoorFixture::message("2")).status, 200);
    QCOMPARE(DoorFixture::answered(m_door->send("3")).status, 200); // behind it
    QVERIFY(m_door->caller.asked.isEmpty());
    QCOMPARE(m_door->held().size(), size_t(2));
}

void TestDoorLease::the_first_mail_that_is_held_ends_the_lease()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto first = m_door->send("1");
    QVERIFY(passed(1));
    m_door->caller.fail(0);
    QCOMPARE(DoorFixture::answered(first).status, 200);
    QCOMPARE(m_door->comeHome().body, DoorFixture::HeldFirst);
    QCOMPARE(DoorFixture::answered(ask()).status, 404);
}

void TestDoorLease::a_paused_relay_passes_on_to_an_owner_at_home()
{
    m_door->setPolicy([](relay::Policy &policy) { policy.paused = true; });
    QCOMPARE(DoorFixture::answered(m_door->send("1")).status, 503); // nobody is at home
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto answer = m_door->send("2");
    QVERIFY(passed(1));
    m_door->caller.answer(0, 200, R"({"pdus":{}})");
    QCOMPARE(DoorFixture::answered(answer).status, 200);
    QVERIFY(m_door->held().empty());
    m_door->setPolicy([this](relay::Policy &policy) { policy.blockedOrigins.insert(m_door->a.name()); });
    QCOMPARE(DoorFixture::answered(m_door->send("3")).status, 403);
    QCOMPARE(m_door->caller.asked.size(), 1);
}

void TestDoorLease::a_paused_relay_holds_nothing_for_an_owner_that_left()
{
    m_door->setPolicy([](relay::Policy &policy) { policy.paused = true; });
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto answer = m_door->send("1");
    QVERIFY(passed(1));
    m_door->caller.answer(0, Error{Errc::Unreachable, QStringLiteral("It does not answer"), 0, true});
    QCOMPARE(DoorFixture::answered(answer).status, 503);
    QVERIFY(!(*answer)->header("Retry-After").isNull());
    QVERIFY(m_door->held().empty());
    QCOMPARE(DoorFixture::answered(m_door->send("2")).status, 503); // at once: nobody is asked
    QCOMPARE(m_door->caller.asked.size(), 1);
    m_door->setPolicy([](relay::Policy &policy) { policy.paused = false; });
    QCOMPARE(DoorFixture::answered(m_door->send("1")).status, 200);
    QCOMPARE(m_door->held().size(), size_t(1));
}

void TestDoorLease::no_lease_while_mail_is_being_stored()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    QVERIFY(m_door->doors->beginHold(m_door->b.name())); // in another worker's thread
    QCOMPARE(m_door->comeHome().body, R"({"held":false,"passes":false})");
    m_door->doors->endHold(m_door->b.name());
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
}

void TestDoorLease::mail_that_is_on_its_way_when_it_fails_is_held_in_its_order()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const auto first = m_door->send("1");
    QVERIFY(passed(1));
    m_door->clock.advance(60'000); // the lease ends meanwhile
    m_door->caller.fail(0);
    const auto second = m_door->send("2");
    QCOMPARE(DoorFixture::answered(first).status, 200);
    QCOMPARE(DoorFixture::answered(second).status, 200);
    const auto held = m_door->held();
    QCOMPARE(held.size(), size_t(2));
    QCOMPARE(held[0].txnId, "1");
    QCOMPARE(held[1].txnId, "2");
}

void TestDoorLease::a_restart_ends_the_lease()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    m_door->open();
    QCOMPARE(DoorFixture::answered(m_door->send("1")).status, 200);
    QVERIFY(m_door->caller.asked.isEmpty());
}

void TestDoorLease::a_copied_request_gets_no_lease()
{
    const QByteArray body = m_door->doorBody(R"("lease_ms":60000,"upstream":"198.51.100.7:8448")");
    const auto head = m_door->doorHead(m_door->b, body);
    QCOMPARE(m_door->call(head, body).body, DoorFixture::Passes);
    m_door->doors->revoke(m_door->b.name());
    const Answer copied = m_door->call(head, body);
    QCOMPARE(copied.status, 401);
    QCOMPARE(copied.errcode(), "ORG.RESTANTE.NOT_FRESH");
    QVERIFY(!m_door->doors->upstream(m_door->b.name()));
    const QByteArray late = m_door->doorBody(R"("lease_ms":60000,"upstream":"198.51.100.7:8448")");
    const auto lateHead = m_door->doorHead(m_door->b, late);
    m_door->clock.advance(relay::FreshnessBook::WindowMs + 1);
    QCOMPARE(m_door->call(lateHead, late).status, 401);
}

void TestDoorLease::a_copied_request_gets_no_lease_after_a_restart()
{
    const QByteArray body = m_door->doorBody(R"("lease_ms":60000,"upstream":"198.51.100.7:8448")");
    const auto head = m_door->doorHead(m_door->b, body);
    QCOMPARE(m_door->call(head, body).body, DoorFixture::Passes);
    m_door->clock.advance(1'000);
    m_door->open();
    QCOMPARE(m_door->call(head, body).status, 401);
    QVERIFY(!m_door->doors->upstream(m_door->b.name()));
}

void TestDoorLease::a_lease_needs_a_stamp()
{
    const QByteArray upstream = R"({"lease_ms":60000,"upstream":"198.51.100.7:8448"})";
    QCOMPARE(m_door->door(m_door->b, upstream).errcode(), "ORG.RESTANTE.NOT_FRESH");
    QVERIFY(!m_door->doors->upstream(m_door->b.name()));
    QCOMPARE(m_door->door(m_door->b, "{}").status, 200);
}

void TestDoorLease::bodies_of_door_data()
{
    QTest::addColumn<QByteArray>("members");
    QTest::newRow("upstream without a port") << QByteArray(R"("lease_ms":1,"upstream":"198.51.100.7")");
    QTest::newRow("upstream that is none") << QByteArray(R"("lease_ms":1,"upstream":"http://x:1")");
    QTest::newRow("upstream that is a number") << QByteArray(R"("lease_ms":1,"upstream":8448)");
    QTest::newRow("upstream with a line end") << QByteArray(R"("lease_ms":1,"upstream":"x.example:1\r\nA: b")");
    QTest::newRow("no lease") << QByteArray(R"("upstream":"198.51.100.7:8448")");
    QTest::newRow("a lease of 0") << QByteArray(R"("lease_ms":0,"upstream":"198.51.100.7:8448")");
    QTest::newRow("a negative lease") << QByteArray(R"("lease_ms":-5,"upstream":"198.51.100.7:8448")");
    QTest::newRow("a lease that is a text") << QByteArray(R"("lease_ms":"1","upstream":"198.51.100.7:8448")");
    QTest::newRow("half a millisecond") << QByteArray(R"("lease_ms":0.5,"upstream":"198.51.100.7:8448")");
}

void TestDoorLease::bodies_of_door()
{
    QFETCH(QByteArray, members);
    const Answer answer = m_door->door(m_door->b, m_door->doorBody(members));
    QCOMPARE(answer.status, 400);
    QCOMPARE(answer.errcode(), "M_BAD_JSON");
    QVERIFY(!m_door->doors->upstream(m_door->b.name()));
}

void TestDoorLease::an_upstream_is_no_front_door()
{
    QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
    const Answer answer =
        m_door->door(m_door->b, m_door->doorBody(R"("lease_ms":60000,"upstream":"Door.example:8443")"));
    QCOMPARE(answer.status, 400);
    QCOMPARE(answer.errcode(), "M_BAD_JSON");
}

void TestDoorLease::only_the_owner_opens_a_door()
{
    const Answer stranger =
        m_door->door(m_door->c, m_door->doorBody(R"("lease_ms":60000,"upstream":"198.51.100.7:8448")"));
    QCOMPARE(stranger.status, 403);
    QCOMPARE(stranger.errcode(), "M_FORBIDDEN");
    const QByteArray body = m_door->doorBody(R"("lease_ms":60000,"upstream":"198.51.100.7:8448")");
    auto forged = m_door->doorHead(m_door->c, body);
    forged.headers.back().value.replace("c.example", "b.example");
    QCOMPARE(m_door->call(forged, body).status, 401);
    // Another owner opens his own.
    QCOMPARE(m_door->door(m_door->d, m_door->doorBody(R"("lease_ms":60000,"upstream":"198.51.100.7:8448")")).body,
             DoorFixture::Passes);
    QVERIFY(!m_door->doors->upstream(m_door->b.name()));
    m_door->setPolicy([this](relay::Policy &policy) { policy.blockedOrigins.insert(m_door->b.name()); });
    QCOMPARE(m_door->comeHome().status, 403);
}

void TestDoorLease::nothing_is_passed_on_by_a_relay_that_cannot()
{
    m_door->front({});
    QCOMPARE(m_door->comeHome().status, 403);
    m_door->setPolicy([](relay::Policy &policy) { policy.enabled = false; });
    QCOMPARE(m_door->comeHome().status, 404);
}

QTEST_GUILESS_MAIN(TestDoorLease)
#include "tst_doorlease.moc"
