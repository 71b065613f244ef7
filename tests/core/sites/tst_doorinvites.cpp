// SPDX-License-Identifier: GPL-3.0-or-later
// Invites at a front door that cannot be passed on are shown to the operator (core/README 3.5).
#include "doorfixture.h"

using namespace restante;
using namespace restante::test;

namespace
{
const QByteArray Event = R"({"content":{"membership":"invite"},"room_id":"!r:a.example","sender":"@al:a.example",)"
                         R"("state_key":"@bob:b.example","type":"m.room.member"})";
const QByteArray V1 = "/_matrix/federation/v1/invite/%21r%3Aa.example/%24e";
const QByteArray V2 = "/_matrix/federation/v2/invite/%21r%3Aa.example/%24e";

QByteArray wrapped(const QByteArray &event)
{
    return R"({"event":)" + event + R"(,"invite_room_state":[],"room_version":"10"})";
}
} // namespace

class TestDoorInvites : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init() { m_door = std::make_unique<DoorFixture>(); }
    void cleanup() { m_door.reset(); }

    void one_that_is_signed_well_is_noted_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("v1") << V1 << Event;
        QTest::newRow("v2") << V2 << wrapped(Event);
    }
    void one_that_is_signed_well_is_noted()
    {
        QFETCH(QByteArray, target);
        QFETCH(QByteArray, body);
        isAway(send(target, body));
        isAway(send(target, body));
        const auto noted = m_door->invites.list();
        QCOMPARE(noted.size(), 1);
        QCOMPARE(noted[0].origin, m_door->a.name());
        QCOMPARE(noted[0].server, m_door->b.name());
        QCOMPARE(noted[0].sender, "@al:a.example");
        QCOMPARE(noted[0].invited, "@bob:b.example");
        QCOMPARE(noted[0].room, "!r:a.example");
        QCOMPARE(noted[0].lastMs, m_door->clock.wallMs());
        QCOMPARE(noted[0].times, 2);
        QVERIFY(m_door->held().empty());
    }

    void nothing_else_is_noted_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("body");
        const auto with = [](const QByteArray &before, const QByteArray &after) {
            QByteArray event = Event;
            return event.replace(before, after);
        };
        QTest::newRow("in another server's name") << V1 << with("@al:a.example", "@al:c.example");
        QTest::newRow("to another server's user") << V1 << with("@bob:b.example", "@bob:d.example");
        QTest::newRow("to no user") << V1 << with("@bob:b.example", "b.example");
        QTest::newRow("an endless user") << V1 << with("@bob", "@" + QByteArray(300, 'b'));
        QTest::newRow("no sender") << V1 << with("sender", "Sender");
        QTest::newRow("a sender that is a number") << V1 << with("\"@al:a.example\"", "1");
        QTest::newRow("v2 without an event") << V2 << Event;
        QTest::newRow("v2 with a list") << V2 << wrapped("[]");
        QTest::newRow("not JSON") << V1 << QByteArray("{");
        QTest::newRow("to no room") << QByteArray("/_matrix/federation/v1/invite/r/%24e") << Event;
        QTest::newRow("an endless room") << "/_matrix/federation/v1/invite/%21" + QByteArray(300, 'r') + "/e" << Event;
        QTest::newRow("v3") << QByteArray("/_matrix/federation/v3/invite/%21r/e") << Event;
        QTest::newRow("too large") << V1 << with("invite", QByteArray(int(sites::DoorSite::MostInviteBytes), 'i'));
    }
    void nothing_else_is_noted()
    {
        QFETCH(QByteArray, target);
        QFETCH(QByteArray, body);
        auto head = DoorFixture::head("PUT", target, "b.example",
                                      m_door->a.authorization("PUT", target, m_door->b.name(), Event));
        if (const auto canonical = matrix::canonicalJson(body, matrix::NumberRule::Lenient))
            head.headers.back().value = m_door->a.authorization("PUT", target, m_door->b.name(), body);
        isAway(m_door->call(head, body));
        QVERIFY(m_door->invites.list().isEmpty());
    }

    void one_with_a_bad_signature_is_404_and_costs_its_address()
    {
        m_door->failedWork.configure(0.001, 1);
        auto head =
            DoorFixture::head("PUT", V1, "b.example", m_door->a.authorization("PUT", V2, m_door->b.name(), Event));
        isAway(m_door->call(head, Event));
        QVERIFY(m_door->invites.list().isEmpty());
        QCOMPARE(m_door->call(head, Event).status, 429);
    }

    void one_without_a_good_claim_is_404_data()
    {
        QTest::addColumn<QByteArray>("authorization");
        QTest::newRow("none") << QByteArray();
        QTest::newRow("malformed") << QByteArray("X-Matrix origin");
        QTest::newRow("for another server")
            << TestServer::named("a.example").authorization("PUT", V1, *matrix::ServerName::parse("d.example"), Event);
        QTest::newRow("of a server that nobody knows")
            << TestServer::named("x.example").authorization("PUT", V1, *matrix::ServerName::parse("b.example"), Event);
    }
    void one_without_a_good_claim_is_404()
    {
        QFETCH(QByteArray, authorization);
        isAway(m_door->call(DoorFixture::head("PUT", V1, "b.example", authorization), Event));
        QVERIFY(m_door->invites.list().isEmpty());
    }

    void one_of_a_server_that_is_refused_or_over_its_budget_is_not_noted()
    {
        m_door->setPolicy([this](relay::Policy &policy) { policy.blockedOrigins.insert(m_door->a.name()); });
        isAway(send(V1, Event));
        m_door->setPolicy([](relay::Policy &policy) { policy.blockedOrigins.clear(); });
        m_door->originBudget.configure(0.001, 1);
        QCOMPARE(DoorFixture::answered(m_door->send("1")).status, 200);
        isAway(send(V1, Event));
        QVERIFY(m_door->invites.list().isEmpty());
    }

    void one_that_is_passed_on_is_noted_only_if_nobody_answers_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("isNoted");
        QTest::newRow("200") << 200 << false;
        QTest::newRow("403") << 403 << false;
        QTest::newRow("502") << 502 << true;
        QTest::newRow("nobody") << 0 << true;
    }
    void one_that_is_passed_on_is_noted_only_if_nobody_answers()
    {
        QFETCH(int, status);
        QFETCH(bool, isNoted);
        QCOMPARE(m_door->comeHome().body, DoorFixture::Passes);
        const auto answer = ask(V1, Event);
        QTRY_COMPARE(m_door->caller.asked.size(), 1);
        QCOMPARE(m_door->caller.last().body, Event);
        if (status)
            m_door->caller.answer(0, status);
        else
            m_door->caller.fail(0);
        QCOMPARE(DoorFixture::answered(answer).status, isNoted ? 404 : status);
        QCOMPARE(m_door->invites.list().size(), isNoted ? 1 : 0);
    }

private:
    DoorFixture::Pending ask(const QByteArray &target, const QByteArray &body)
    {
        return m_door->ask(DoorFixture::head("PUT", target, "b.example",
                                             m_door->a.authorization("PUT", target, m_door->b.name(), body)),
                           body);
    }
    Answer send(const QByteArray &target, const QByteArray &body) { return DoorFixture::answered(ask(target, body)); }
    static void isAway(const Answer &answer)
    {
        QCOMPARE(answer.status, 404);
        QCOMPARE(answer.errcode(), "M_NOT_FOUND");
    }

    std::unique_ptr<DoorFixture> m_door;
};

QTEST_GUILESS_MAIN(TestDoorInvites)
#include "tst_doorinvites.moc"
