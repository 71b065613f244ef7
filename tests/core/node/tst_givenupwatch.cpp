// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakecaller.h"
#include "fakeclock.h"
#include "node/givenupwatch.h"
#include "samples.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;

class TestGivenUpWatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_caller = std::make_unique<FakeCaller>();
        m_board = std::make_unique<node::AssociationBoard>(m_clock);
        m_changes = 0;
        m_watch = std::make_unique<node::GivenUpWatch>(*m_caller, *m_board, [this] { ++m_changes; });
    }
    void cleanup() { m_watch.reset(); }

    void our_own_relays_are_asked_and_nobody_else();
    void only_news_is_told();
    void a_relay_cannot_fill_the_log();
    void what_cannot_be_read_is_left_out_data();
    void what_cannot_be_read_is_left_out();

private:
    qint64 givenUp(const QByteArray &destination) const
    {
        node::DestinationRow row;
        row.destination = server(destination);
        m_board->describe(row);
        return row.givenUp.transactions;
    }

    FakeClock m_clock;
    int m_changes = 0;
    std::unique_ptr<FakeCaller> m_caller;
    std::unique_ptr<node::AssociationBoard> m_board;
    std::unique_ptr<node::GivenUpWatch> m_watch;
};

void TestGivenUpWatch::our_own_relays_are_asked_and_nobody_else()
{
    m_board->replace({{server("mine.example"), {}, {}}, {server("r.example"), {}, server("b.example")}});
    m_watch->ask();
    QVERIFY(m_caller->asked.isEmpty());
    const federation::FixedPeer place{"https://192.0.2.9:8449", {}};
    m_board->setOwnRelays({{server("own.example"), place, {}}});
    m_watch->ask();
    m_watch->ask(); // it is being asked
    QCOMPARE(m_caller->asked.size(), 1);
    QCOMPARE(m_caller->last().destination, server("own.example"));
    QCOMPARE(m_caller->last().target, QByteArray("/_matrix/federation/unstable/org.restante/sent"));
    QVERIFY(m_caller->last().sign && m_caller->last().peer == place);
    m_caller->fail(0);
    m_watch->ask();
    QCOMPARE(m_caller->asked.size(), 2);
}

void TestGivenUpWatch::only_news_is_told()
{
    m_board->setOwnRelays({{server("own.example"), {}, {}}});
    const auto hear = [this](int status, const QByteArray &body) {
        m_watch->ask();
        m_caller->answerLast(status, body);
    };
    const QByteArray two = R"({"given_up":[{"destination":"b.example","last_ts":5,"transactions":2}]})";
    QTest::ignoreMessage(QtWarningMsg,
                         "The relay own.example has given up 2 transactions for b.example so far: that server did not "
                         "come back in time");
    hear(200, two);
    QCOMPARE(givenUp("b.example"), 2);
    QCOMPARE(m_changes, 1);
    hear(200, two);
    hear(403, R"({"errcode":"M_FORBIDDEN"})");
    QCOMPARE(m_changes, 1);
    QCOMPARE(givenUp("b.example"), 2);
    QTest::ignoreMessage(QtWarningMsg,
                         "The relay own.example has given up 3 transactions for b.example so far: for 2 of them that "
                         "server did not come back in time, and its operator discarded the others");
    hear(200, R"({"given_up":[{"destination":"b.example","last_ts":5,"transactions":3,"discarded":1}]})");
    QTest::ignoreMessage(QtWarningMsg, "The relay own.example has given up 1 transactions for d.example so far: its "
                                       "operator discarded them");
    hear(200, R"({"given_up":[{"destination":"d.example","last_ts":5,"transactions":1,"discarded":1}]})");
    hear(200, R"({"given_up":[]})"); // the relay has forgotten it
    QCOMPARE(m_changes, 4);
    QCOMPARE(givenUp("b.example"), 0);
}

void TestGivenUpWatch::a_relay_cannot_fill_the_log()
{
    m_board->setOwnRelays({{server("own.example"), {}, {}}});
    QByteArrayList rows;
    for (int number = 0; number < 1'000; ++number)
        rows.append(R"({"destination":"d)" + QByteArray::number(number) + R"(.example","transactions":1})");
    static int lines = 0;
    static QString last;
    const auto before = qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &text) {
        ++lines;
        last = text;
    });
    m_watch->ask();
    m_caller->answerLast(200, R"({"given_up":[)" + rows.join(',') + "]}");
    qInstallMessageHandler(before);
    QCOMPARE(lines, 11);
    QCOMPARE(last, QStringLiteral("The relay own.example has given up transactions for 990 more servers"));
    QCOMPARE(givenUp("d999.example"), 1);
}

void TestGivenUpWatch::what_cannot_be_read_is_left_out_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<qint64>("transactions");
    QTest::newRow("not JSON") << QByteArray("<html>") << qint64(0);
    QTest::newRow("another shape") << QByteArray(R"({"given_up":{"b.example":2}})") << qint64(0);
    QTest::newRow("not a name") << QByteArray(R"({"given_up":[{"destination":"b b","transactions":2},7]})")
                                << qint64(0);
    QTest::newRow("below nothing") << QByteArray(R"({"given_up":[{"destination":"b.example","transactions":-2}]})")
                                   << qint64(0);
    QTest::newRow("more than can be added up")
        << QByteArray(R"({"given_up":[{"destination":"b.example","transactions":9223372036854775807}]})")
        << matrix::EntryId::Largest;
    QTest::newRow("more discarded than there were")
        << QByteArray(R"({"given_up":[{"destination":"b.example","transactions":2,"discarded":9}]})") << qint64(2);
    QTest::newRow("some of it") << QByteArray(R"({"given_up":[null,{"destination":"b.example","transactions":2}]})")
                                << qint64(2);
}

void TestGivenUpWatch::what_cannot_be_read_is_left_out()
{
    QFETCH(const QByteArray, body);
    QFETCH(const qint64, transactions);
    QCOMPARE(node::readGivenUp(body).value(server("b.example")).transactions, transactions);
    QVERIFY(node::readGivenUp(body).value(server("b.example")).discarded <= transactions);
}

QTEST_GUILESS_MAIN(TestGivenUpWatch)
#include "tst_givenupwatch.moc"
