// SPDX-License-Identifier: GPL-3.0-or-later
// What the relays that are front doors of our homeserver are told (PROTOCOL 6.5).
#include "fakecaller.h"
#include "fakeclock.h"
#include "identity/keydocument.h"
#include "node/doorkeeper.h"
#include "samples.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;
using node::DoorKeeper;

class TestDoorKeeper : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void every_relay_gets_the_key_document_at_once();
    void a_lease_is_asked_for_once_everything_is_delivered();
    void it_is_renewed_before_its_time();
    void mail_that_is_held_is_collected_first_and_then_asked_again();
    void a_relay_that_is_no_door_is_left_alone_for_a_while_data();
    void a_relay_that_is_no_door_is_left_alone_for_a_while();
    void one_that_does_not_answer_is_asked_again_soon();
    void leaving_home_is_told_at_once();
    void without_an_upstream_nothing_is_opened();
    void each_request_has_its_own_nonce();

private:
    QJsonObject lastBody() const { return QJsonDocument::fromJson(m_caller.last().body).object(); }
    bool lastOpens() const { return lastBody().contains(QLatin1String("upstream")); }
    void later(qint64 ms)
    {
        m_clock.advance(ms);
        m_keeper->look();
    }
    void answer(const char *body) { m_caller.answerLast(200, body); }

    FakeClock m_clock{1'764'446'400'000};
    FakeCaller m_caller;
    identity::Identity m_identity = identity::Identity::generate();
    std::unique_ptr<DoorKeeper> m_keeper;
    int m_held = 0;
};

void TestDoorKeeper::init()
{
    m_caller.asked.clear();
    m_held = 0;
    m_keeper = std::make_unique<DoorKeeper>(m_caller, m_identity, m_clock, [this] { ++m_held; });
    m_keeper->configure({{server("r.example"), std::nullopt, {}}}, "198.51.100.7:8448");
}

void TestDoorKeeper::every_relay_gets_the_key_document_at_once()
{
    QCOMPARE(m_caller.asked.size(), 1);
    const auto &request = m_caller.last();
    QCOMPARE(request.destination, server("r.example"));
    QCOMPARE(request.method, QByteArray("PUT"));
    QCOMPARE(request.target, QByteArray("/_matrix/federation/unstable/org.restante/door"));
    QVERIFY(request.sign);
    const auto document =
        QJsonDocument(lastBody().value(QLatin1String("document")).toObject()).toJson(QJsonDocument::Compact);
    QVERIFY(identity::checkKeyDocument(document, m_identity.name(), m_clock.wallMs()).ok());
    QVERIFY(!lastOpens()); // nothing is known of what waits yet
}

void TestDoorKeeper::a_lease_is_asked_for_once_everything_is_delivered()
{
    answer(R"({"held":false,"passes":false})");
    QCOMPARE(m_caller.asked.size(), 1);
    m_keeper->setAtHome(true);
    QCOMPARE(m_caller.asked.size(), 2);
    QVERIFY(lastOpens());
    QCOMPARE(lastBody().value(QLatin1String("upstream")).toString(), QStringLiteral("198.51.100.7:8448"));
    QCOMPARE(lastBody().value(QLatin1String("lease_ms")).toInteger(), DoorKeeper::LeaseMs);
    QCOMPARE(m_keeper->passing(), 0);
    answer(R"({"held":false,"passes":true})");
    QCOMPARE(m_keeper->passing(), 1);
    m_keeper->setAtHome(true);
    QCOMPARE(m_caller.asked.size(), 2); // another sweep changes nothing
}

void TestDoorKeeper::it_is_renewed_before_its_time()
{
    answer("{}");
    m_keeper->setAtHome(true);
    answer(R"({"held":false,"passes":true})");
    later(DoorKeeper::RenewMs - 1);
    QCOMPARE(m_caller.asked.size(), 2);
    later(1);
    QCOMPARE(m_caller.asked.size(), 3);
    QVERIFY(lastOpens());
    QCOMPARE(m_keeper->passing(), 1);
    later(DoorKeeper::LeaseMs); // it does not answer
    QCOMPARE(m_keeper->passing(), 0);
}

void TestDoorKeeper::mail_that_is_held_is_collected_first_and_then_asked_again()
{
    answer("{}");
    m_keeper->setAtHome(true);
    answer(R"({"held":true,"passes":false})");
    QCOMPARE(m_held, 1);
    QCOMPARE(m_keeper->passing(), 0);
    QCOMPARE(m_caller.asked.size(), 2);
    m_keeper->setAtHome(true); // the sweep has ended
    QCOMPARE(m_caller.asked.size(), 3);
    QVERIFY(lastOpens());
}

void TestDoorKeeper::a_relay_that_is_no_door_is_left_alone_for_a_while_data()
{
    QTest::addColumn<int>("status");
    QTest::newRow("it does not front this server") << 403;
    QTest::newRow("it knows no front doors") << 404;
}

void TestDoorKeeper::a_relay_that_is_no_door_is_left_alone_for_a_while()
{
    QFETCH(const int, status);
    m_caller.answerLast(status);
    m_keeper->setAtHome(true);
    later(DoorKeeper::AwayMs - 1);
    QCOMPARE(m_caller.asked.size(), 1);
    later(1);
    QCOMPARE(m_caller.asked.size(), 2);
    answer(R"({"held":false,"passes":true})"); // it is one by now
    QCOMPARE(m_keeper->passing(), 1);
}

void TestDoorKeeper::one_that_does_not_answer_is_asked_again_soon()
{
    answer("{}");
    m_keeper->setAtHome(true);
    m_caller.fail(1);
    later(DoorKeeper::RenewMs);
    QCOMPARE(m_caller.asked.size(), 3);
    m_caller.answerLast(503);
    later(DoorKeeper::RenewMs);
    QCOMPARE(m_caller.asked.size(), 4);
}

void TestDoorKeeper::leaving_home_is_told_at_once()
{
    answer("{}");
    m_keeper->setAtHome(true);
    answer(R"({"held":false,"passes":true})");
    m_keeper->setAtHome(false); // the homeserver does not take what was collected
    QCOMPARE(m_caller.asked.size(), 3);
    QVERIFY(!lastOpens());
    m_keeper->setAtHome(true); // before the answer has come
    QCOMPARE(m_caller.asked.size(), 3);
    answer(R"({"held":false,"passes":false})");
    m_keeper->look();
    QCOMPARE(m_caller.asked.size(), 4);
    QVERIFY(lastOpens());
}

void TestDoorKeeper::without_an_upstream_nothing_is_opened()
{
    m_keeper->configure({{server("r.example"), std::nullopt, {}}}, {});
    m_keeper->setAtHome(true);
    for (const auto &asked : std::as_const(m_caller.asked))
        QVERIFY(!asked.request.body.contains("upstream"));
    m_keeper->configure({}, {});
    QCOMPARE(m_caller.waiting(), 0);
}

void TestDoorKeeper::each_request_has_its_own_nonce()
{
    const QString first = lastBody().value(QLatin1String("nonce")).toString();
    answer("{}");
    m_keeper->setAtHome(true);
    QVERIFY(!first.isEmpty());
    QVERIFY(lastBody().value(QLatin1String("nonce")).toString() != first);
    QCOMPARE(lastBody().value(QLatin1String("ts")).toInteger(), m_clock.wallMs());
}

QTEST_GUILESS_MAIN(TestDoorKeeper)
#include "tst_doorkeeper.moc"
