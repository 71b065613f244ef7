// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakecaller.h"
#include "fakeclock.h"
#include "node/relaytrial.h"
#include "samples.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;
using Outcome = node::RelayReport::Outcome;

class TestRelayTrial : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_report.reset(); }
    void cleanup() { m_caller.asked.clear(); }
    void the_requests_change_nothing_at_the_relay();
    void only_a_relay_that_says_so_holds_mail_data();
    void only_a_relay_that_says_so_holds_mail();
    void a_server_that_is_no_relay_is_asked_no_more();
    void a_clock_that_is_off_is_no_other_server();
    void why_nothing_is_taken_in_just_now_is_told();
    void an_answer_is_judged_data();
    void an_answer_is_judged();
    void what_is_no_relays_answer_is_called_so();
    void a_failure_is_judged_data();
    void a_failure_is_judged();

private:
    void start(const node::Association &relay)
    {
        node::tryRelay(m_caller, m_clock, relay, server("me.example"),
                       [this](const node::RelayReport &report) { m_report = report; });
    }
    void tryMine() { start({server("r.example"), federation::FixedPeer{"https://x", {}}, {}}); }

    FakeClock m_clock;
    FakeCaller m_caller;
    std::optional<node::RelayReport> m_report;
};

void TestRelayTrial::the_requests_change_nothing_at_the_relay()
{
    tryMine();
    const auto &request = m_caller.last();
    QCOMPARE(request.method, "GET");
    QCOMPARE(request.target, "/_matrix/federation/v1/relay_txn/@user:me.example");
    QVERIFY(request.body.startsWith(R"({"entry_id":0,"nonce":")"));
    QVERIFY(!request.body.contains("acknowledge"));
    QCOMPARE(request.peer->baseUrl, "https://x");
    QVERIFY(request.sign);
    m_caller.answerLast(200, EmptyAnswer);
    QCOMPARE(m_caller.last().method, "GET");
    QCOMPARE(m_caller.last().target, "/_matrix/federation/unstable/org.restante/mailbox/me.example");
    QVERIFY(m_caller.last().body.isNull());
    QCOMPARE(m_caller.last().peer->baseUrl, "https://x");
    QVERIFY(m_caller.last().sign);
}

void TestRelayTrial::only_a_relay_that_says_so_holds_mail_data()
{
    QTest::addColumn<QByteArray>("about");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("outcome");
    QTest::addColumn<QString>("answer");
    const auto row = [](const char *name, const QByteArray &about, int status, const QByteArray &body, Outcome outcome,
                        const QString &answer = {}) {
        QTest::newRow(name) << about << status << body << int(outcome) << answer;
    };
    const QByteArray mine = "me.example";
    const QByteArray other = "b.example";
    row("holds", mine, 200, R"({"server_name":"me.example","holds":true,"paused":false})", Outcome::Works);
    row("paused", mine, 200, R"({"server_name":"me.example","holds":true,"paused":true})", Outcome::Paused);
    row("full", mine, 200, R"({"server_name":"me.example","holds":true,"paused":false,"full":true,"reason":"No room"})",
        Outcome::Paused, QStringLiteral("No room"));
    row("full for unknown senders", mine, 200,
        R"({"server_name":"me.example","holds":true,"paused":false,"full_for_unknown":true,"reason":"No room"})",
        Outcome::Works, QStringLiteral("No room"));
    row("cannot store", mine, 200, R"({"server_name":"me.example","holds":true,"paused":true,"reason":"Disk"})",
        Outcome::Paused, QStringLiteral("Disk"));
    row("does not", mine, 200, R"({"server_name":"me.example","holds":false,"reason":"Not on my list"})",
        Outcome::NotHeld, QStringLiteral("Not on my list"));
    row("accepts", other, 200, R"({"server_name":"b.example","accepts":true})", Outcome::Works);
    row("does not accept", other, 200,
        R"({"server_name":"b.example","accepts":false,"errcode":"M_FORBIDDEN","error":"Not served"})", Outcome::NotHeld,
        QStringLiteral("M_FORBIDDEN: Not served"));
    row("Dendrite", mine, 404, R"({"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"})", Outcome::CannotSay,
        QStringLiteral("404 M_UNRECOGNIZED: Unrecognized request"));
    row("a page", mine, 200, "<html>", Outcome::CannotSay, QStringLiteral("200"));
    row("another's mailbox", mine, 200, R"({"server_name":"b.example","holds":true})", Outcome::CannotSay,
        QStringLiteral("200"));
    row("another question", mine, 200, R"({"server_name":"me.example","accepts":true})", Outcome::CannotSay,
        QStringLiteral("200"));
    row("busy", mine, 503, "{}", Outcome::CannotSay, QStringLiteral("503"));
}

void TestRelayTrial::only_a_relay_that_says_so_holds_mail()
{
    QFETCH(const QByteArray, about);
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    QFETCH(const int, outcome);
    QFETCH(const QString, answer);
    const bool mine = about == "me.example";
    start({server("r.example"), std::nullopt, mine ? matrix::ServerName() : server(about)});
    m_caller.answerLast(200, EmptyAnswer);
    QVERIFY(!m_report);
    m_caller.answerLast(status, body);
    QVERIFY(m_report.has_value());
    QCOMPARE(int(m_report->outcome), outcome);
    QCOMPARE(m_report->answer, answer);
    QCOMPARE(m_report->mine, mine);
}

void TestRelayTrial::a_server_that_is_no_relay_is_asked_no_more()
{
    tryMine();
    m_caller.answerLast(403, R"({"errcode":"M_FORBIDDEN","error":"Not you"})");
    QCOMPARE(m_caller.asked.size(), 1);
    QCOMPARE(int(m_report->outcome), int(Outcome::Refused));
    QCOMPARE(m_report->answer, QStringLiteral("403 M_FORBIDDEN: Not you"));
    QCOMPARE(m_report->detail, QStringLiteral("The relay answered 403 M_FORBIDDEN: Not you"));
}

void TestRelayTrial::why_nothing_is_taken_in_just_now_is_told()
{
    tryMine();
    m_caller.answerLast(200, EmptyAnswer);
    m_caller.answerLast(
        200, R"({"server_name":"me.example","holds":true,"paused":false,"full":true,"reason":"It is full"})");
    QCOMPARE(m_report->detail, QStringLiteral("Asked whether it holds mail for this server, it says yes, but that it "
                                              "takes in nothing at the moment: It is full"));
}

void TestRelayTrial::a_clock_that_is_off_is_no_other_server()
{
    tryMine();
    m_caller.answer(0, 401, R"({"errcode":"ORG.RESTANTE.NOT_FRESH","error":"Old"})",
                    {{"date", "Mon, 21 Sep 2026 17:13:20 GMT"}});
    QVERIFY(!m_report);
    QVERIFY(m_caller.last().body.contains(R"("ts":1790010800000)"));
    m_caller.answerLast(200, EmptyAnswer);
    m_caller.answerLast(200, R"({"server_name":"me.example","holds":true})");
    QCOMPARE(int(m_report->outcome), int(Outcome::Works));
}

void TestRelayTrial::an_answer_is_judged_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("outcome");
    const auto row = [](int status, const QByteArray &body, Outcome outcome) {
        QTest::addRow("%d %s", status, body.left(12).constData()) << status << body << int(outcome);
    };
    row(200, EmptyAnswer, Outcome::Works);
    row(200, answerWith({entryMembers("x", 1, 1)}), Outcome::Works);
    row(200, "<html>", Outcome::NotARelay);
    row(200, "{}", Outcome::NotARelay);
    row(200, R"({"errcode":"M_X"})", Outcome::BadAnswer);
    row(200, R"({"transaction":{"origin":"","pdus":null},"entries_queued":"yes"})", Outcome::BadAnswer);
    row(200, R"({"entry_id":-1,"transaction":{"origin":"a.example","pdus":[]},"entries_queued":true})",
        Outcome::BadAnswer);
    row(401, "{}", Outcome::WrongServer);
    row(403, "{}", Outcome::Refused);
    row(404, "{}", Outcome::NotARelay);
    row(405, "{}", Outcome::NotARelay);
    row(429, "{}", Outcome::Busy);
    row(500, "{}", Outcome::Busy);
    row(503, "{}", Outcome::Busy);
    row(302, "", Outcome::BadAnswer);
    row(400, "{}", Outcome::BadAnswer);
}

void TestRelayTrial::an_answer_is_judged()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    QFETCH(const int, outcome);
    const auto report = node::judgeTrial(federation::Response{status, {}, body});
    QCOMPARE(int(report.outcome), outcome);
    QCOMPARE(report.status, status);
}

void TestRelayTrial::what_is_no_relays_answer_is_called_so()
{
    for (const QByteArray &body : {QByteArray("<html>It works!</html>"), QByteArray("{}")}) {
        const auto report = node::judgeTrial(federation::Response{200, {}, body});
        QCOMPARE(report.detail, QStringLiteral("The relay answered 200, but not in the way a relay does"));
    }
}

void TestRelayTrial::a_failure_is_judged_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<int>("outcome");
    QTest::newRow("unreachable") << int(Errc::Unreachable) << int(Outcome::Unreachable);
    QTest::newRow("address") << int(Errc::AddressRefused) << int(Outcome::AddressRefused);
    QTest::newRow("certificate") << int(Errc::CertificateRefused) << int(Outcome::CertificateRefused);
    QTest::newRow("authorities") << int(Errc::AuthoritiesUnreadable) << int(Outcome::NotAsked);
    QTest::newRow("no HTTP") << int(Errc::BadAnswer) << int(Outcome::BadAnswer);
    QTest::newRow("busy") << int(Errc::Busy) << int(Outcome::Busy);
}

void TestRelayTrial::a_failure_is_judged()
{
    QFETCH(const int, code);
    QFETCH(const int, outcome);
    const auto report = node::judgeTrial(Error{Errc(code), QStringLiteral("why"), 0});
    QCOMPARE(int(report.outcome), outcome);
    QCOMPARE(report.status, 0);
    QCOMPARE(report.detail, QStringLiteral("why"));
}

QTEST_GUILESS_MAIN(TestRelayTrial)
#include "tst_relaytrial.moc"
