// SPDX-License-Identifier: GPL-3.0-or-later
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
    void the_request_acknowledges_nothing();
    void an_answer_is_judged_data();
    void an_answer_is_judged();
    void a_failure_is_judged_data();
    void a_failure_is_judged();
};

void TestRelayTrial::the_request_acknowledges_nothing()
{
    const auto request =
        node::trialRequest({server("r.example"), federation::FixedPeer{"https://x", {}}, {}}, server("me.example"));
    QCOMPARE(request.method, "GET");
    QCOMPARE(request.target, "/_matrix/federation/v1/relay_txn/@user:me.example");
    QCOMPARE(request.body, R"({"entry_id":0})");
    QCOMPARE(request.peer->baseUrl, "https://x");
    QVERIFY(request.sign);
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

void TestRelayTrial::a_failure_is_judged_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<int>("outcome");
    QTest::newRow("unreachable") << int(Errc::Unreachable) << int(Outcome::Unreachable);
    QTest::newRow("address") << int(Errc::AddressRefused) << int(Outcome::AddressRefused);
    QTest::newRow("certificate") << int(Errc::CertificateRefused) << int(Outcome::CertificateRefused);
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
