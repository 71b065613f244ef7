// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakecaller.h"
#include "fakeclock.h"
#include "homeserver/trial.h"
#include "identity/identity.h"

#include <QtTest/QTest>

#include <optional>

using namespace restante;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;
using Outcome = homeserver::TrialReport::Outcome;

class TestHomeserverTrial : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_caller = std::make_unique<FakeCaller>();
        m_report.reset();
    }
    void it_asks_twice_unsigned_and_changes_nothing();
    void the_homeserver_with_our_name_and_key_works();
    void another_homeserver_is_named();
    void another_key_of_our_name_is_told();
    void keys_that_it_did_not_sign_are_not_believed();
    void what_does_not_answer_as_a_homeserver_is_told_data();
    void what_does_not_answer_as_a_homeserver_is_told();
    void a_restante_with_the_same_key_is_no_homeserver();
    void a_failure_at_the_keys_is_told_too();
    void what_it_calls_itself_cannot_break_a_line();

private:
    static identity::Identity identityOf(const QByteArray &name)
    {
        auto made =
            identity::Identity::of(*matrix::ServerName::parse(name), "ed25519:a_1", identity::SecretKey::generate());
        return *std::move(made);
    }
    void start()
    {
        homeserver::tryHomeserver(*m_caller, m_clock, "http://127.0.0.1:8008",
                                  {m_own.name(), m_own.keyId(), m_own.publicKey()},
                                  [this](const homeserver::TrialReport &report) { m_report = report; });
    }
    void answerVersion() { m_caller->answerLast(200, R"({"server":{"name":"Synapse","version":"1.160.0"}})"); }
    Outcome outcome() const { return m_report ? m_report->outcome : Outcome(-1); }

    const identity::Identity m_own = identityOf("a.example");
    FakeClock m_clock;
    std::unique_ptr<FakeCaller> m_caller;
    std::optional<homeserver::TrialReport> m_report;
};

void TestHomeserverTrial::it_asks_twice_unsigned_and_changes_nothing()
{
    start();
    answerVersion();
    QCOMPARE(m_caller->asked.size(), 2);
    QCOMPARE(m_caller->asked[0].request.target, "/_matrix/federation/v1/version");
    QCOMPARE(m_caller->asked[1].request.target, "/_matrix/key/v2/server");
    for (const auto &asked : std::as_const(m_caller->asked)) {
        QCOMPARE(asked.request.method, "GET");
        QVERIFY(!asked.request.sign);
        QCOMPARE(asked.request.peer->baseUrl, "http://127.0.0.1:8008");
    }
}

void TestHomeserverTrial::the_homeserver_with_our_name_and_key_works()
{
    start();
    answerVersion();
    m_clock.advance(7);
    m_caller->answerLast(200, m_own.keyDocument(m_clock.wallMs()));
    QVERIFY(outcome() == Outcome::Works);
    QCOMPARE(m_report->software, u"Synapse 1.160.0"_s);
    QCOMPARE(m_report->serverName, u"a.example"_s);
    QCOMPARE(m_report->keyIds, u"ed25519:a_1"_s);
    QCOMPARE(m_report->tookMs, 7);
}

void TestHomeserverTrial::another_homeserver_is_named()
{
    start();
    answerVersion();
    m_caller->answerLast(200, identityOf("b.example").keyDocument(m_clock.wallMs()));
    QVERIFY(outcome() == Outcome::OtherServer);
    QCOMPARE(m_report->serverName, u"b.example"_s);
    QCOMPARE(m_report->detail, u"it is b.example, but this installation is a.example"_s);
}

void TestHomeserverTrial::another_key_of_our_name_is_told()
{
    start();
    answerVersion();
    m_caller->answerLast(200, identityOf("a.example").keyDocument(m_clock.wallMs())); // under the same id
    QVERIFY(outcome() == Outcome::OtherKey);
}

void TestHomeserverTrial::keys_that_it_did_not_sign_are_not_believed()
{
    start();
    answerVersion();
    m_caller->answerLast(200,
                         m_own.keyDocument(m_clock.wallMs()).replace("\"server_name\"", "\"x\":1,\"server_name\""));
    QVERIFY(outcome() == Outcome::BadKeys);
}

void TestHomeserverTrial::what_does_not_answer_as_a_homeserver_is_told_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("outcome");
    const auto row = [](const char *name, int status, const QByteArray &body, Outcome outcome) {
        QTest::newRow(name) << status << body << int(outcome);
    };
    row("a listener for clients alone", 404, R"({"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"})",
        Outcome::NoFederation);
    row("a web server", 404, "<html>", Outcome::NotHomeserver);
    row("a page that wants a password", 401, "", Outcome::NotHomeserver);
    row("starting", 503, "", Outcome::Busy);
    row("too many requests", 429, R"({"errcode":"M_LIMIT_EXCEEDED"})", Outcome::Busy);
}

void TestHomeserverTrial::what_does_not_answer_as_a_homeserver_is_told()
{
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    start();
    m_caller->answerLast(status, body);
    QCOMPARE(m_caller->asked.size(), 1);
    QTEST(int(outcome()), "outcome");
    QCOMPARE(m_report->status, status);
}

void TestHomeserverTrial::a_restante_with_the_same_key_is_no_homeserver()
{
    start();
    m_caller->answerLast(200, R"({"server":{"name":"Restante","version":"1.0.0"}})");
    if (m_caller->waiting() > 0)
        m_caller->answerLast(200, m_own.keyDocument(m_clock.wallMs()));
    QVERIFY(outcome() == Outcome::NotHomeserver);
    QCOMPARE(m_report->detail, u"a Restante answers there"_s);
}

void TestHomeserverTrial::a_failure_at_the_keys_is_told_too()
{
    start();
    m_caller->fail(0);
    QVERIFY(outcome() == Outcome::Unreachable);
    QCOMPARE(m_report->detail, u"It does not answer"_s);
    m_report.reset();
    start();
    answerVersion();
    m_caller->answerLast(200, "{}");
    QVERIFY(outcome() == Outcome::NotHomeserver);
}

void TestHomeserverTrial::what_it_calls_itself_cannot_break_a_line()
{
    start();
    m_caller->answerLast(200, R"({"server":{"name":"Syn\napse\u202e","version":")" + QByteArray(5000, 'x') + R"("}})");
    m_caller->answerLast(200, "{}");
    QVERIFY(m_report->software.size() <= 100);
    QVERIFY(!m_report->software.contains(u'\n'));
    QVERIFY(!m_report->software.contains(QChar(0x202e)));
}

QTEST_GUILESS_MAIN(TestHomeserverTrial)
#include "tst_homeservertrial.moc"
