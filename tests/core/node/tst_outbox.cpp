// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakecaller.h"
#include "fakeclock.h"
#include "node/outbox.h"
#include "samples.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;
using Way = node::SendReport::Way;

class TestOutbox : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void a_transaction_goes_directly_first();
    void the_homeservers_own_request_goes_out_as_it_came();
    void what_counts_as_an_answer_data();
    void what_counts_as_an_answer();
    void relays_are_used_after_so_many_failures();
    void what_was_never_sent_is_no_failure_of_the_destination();
    void all_relays_are_asked_at_once_and_any_success_counts();
    void when_nobody_takes_it_the_homeserver_keeps_it();
    void after_a_direct_success_the_relays_see_nothing();
    void a_transaction_of_another_origin_goes_to_no_relay();
    void what_holds_our_own_mail_is_no_contacts_relay();
    void deadlines_grow_with_the_size();
    void nothing_comes_after_the_outbox_is_gone();

private:
    void send(const QByteArray &body = R"({"pdus":[]})", bool mayRelay = true)
    {
        m_reports.clear();
        m_outbox->send({server("b.example"), "t1", body, {}, {}, mayRelay},
                       [this](const node::SendReport &report) { m_reports.append(report); });
    }
    /// Direct attempts that fail, until the destination counts as offline.
    void makeOffline()
    {
        send();
        m_caller.fail(m_caller.asked.size() - 1);
        QVERIFY(!m_book->isOffline(server("b.example")));
        m_book->noteFailure(server("b.example"), {});
        QVERIFY(m_book->isOffline(server("b.example")));
    }

    FakeClock m_clock;
    FakeCaller m_caller;
    node::AssociationBoard m_board;
    std::unique_ptr<node::DestinationBook> m_book;
    telemetry::NodeCounters m_counters;
    std::unique_ptr<node::Outbox> m_outbox;
    QList<node::SendReport> m_reports;
};

void TestOutbox::init()
{
    m_caller.asked.clear();
    m_caller.cancelled.clear();
    m_reports.clear();
    m_book = std::make_unique<node::DestinationBook>(m_clock, [] {});
    m_board.replace({{server("r.example"), std::nullopt, server("b.example")},
                     {server("s.example"), federation::FixedPeer{"https://10.0.0.1", {}}, server("b.example")},
                     {server("mine.example"), std::nullopt, {}},
                     {server("other.example"), std::nullopt, server("c.example")}});
    m_outbox = std::make_unique<node::Outbox>(m_caller, *m_book, m_board, m_counters);
}

void TestOutbox::cleanup()
{
    m_outbox.reset();
    QCOMPARE(m_caller.waiting(), 0);
}

void TestOutbox::a_transaction_goes_directly_first()
{
    send();
    QCOMPARE(m_caller.asked.size(), 1);
    const federation::Request &request = m_caller.last();
    QCOMPARE(request.method, "PUT");
    QCOMPARE(request.target, "/_matrix/federation/v1/send/t1");
    QCOMPARE(request.destination, server("b.example"));
    QCOMPARE(request.body, R"({"pdus":[]})");
    QVERIFY(request.sign);
    m_caller.answer(0, 200, R"({"pdus":{"$e":{}}})");
    QCOMPARE(m_reports.size(), 1);
    QCOMPARE(m_reports[0].way, Way::Direct);
    QCOMPARE(m_reports[0].body, R"({"pdus":{"$e":{}}})");
    QCOMPARE(m_book->rows().first().sentDirect, 1);
}

void TestOutbox::the_homeservers_own_request_goes_out_as_it_came()
{
    m_outbox->send({server("b.example"), "t1", "{}", "/_matrix/federation/v1/send/t%31?x", {"X-Matrix origin=a"}, true},
                   [](const node::SendReport &) {});
    const federation::Request &request = m_caller.last();
    QCOMPARE(request.target, "/_matrix/federation/v1/send/t%31?x");
    QVERIFY(!request.sign);
    QCOMPARE(request.headers.size(), size_t(1));
    QCOMPARE(request.headers[0].first, "Authorization");
    QCOMPARE(request.headers[0].second, "X-Matrix origin=a");
}

void TestOutbox::what_counts_as_an_answer_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("answer");
    for (const int status : {200, 400, 401, 403, 404, 413})
        QTest::addRow("%d", status) << status << true;
    for (const int status : {301, 408, 429, 500, 502, 503, 504})
        QTest::addRow("%d", status) << status << (status == 301);
}

void TestOutbox::what_counts_as_an_answer()
{
    QFETCH(const int, status);
    QFETCH(const bool, answer);
    makeOffline();
    send();
    const qsizetype direct = m_caller.asked.size() - 1;
    m_caller.answer(direct, status);
    QCOMPARE(m_reports.size(), answer ? 1 : 0);
    QCOMPARE(m_caller.waiting(), answer ? 0 : 2);
    QCOMPARE(m_book->isOffline(server("b.example")), !answer);
}

void TestOutbox::relays_are_used_after_so_many_failures()
{
    send();
    m_caller.fail(0);
    QCOMPARE(m_reports.size(), 1);
    QCOMPARE(m_reports[0].way, Way::Nowhere);
    QCOMPARE(m_caller.asked.size(), 1);
    send();
    m_caller.fail(1); // the second in a row
    QCOMPARE(m_caller.waiting(), 2);
    QVERIFY(m_reports.isEmpty());
    const federation::Request &relay = m_caller.asked[2].request;
    QCOMPARE(relay.destination, server("r.example"));
    QCOMPARE(relay.target, "/_matrix/federation/v1/send_relay/t1/@user:b.example");
    QCOMPARE(relay.body, R"({"pdus":[]})");
    QVERIFY(relay.sign);
    QVERIFY(!relay.peer);
    QCOMPARE(m_caller.asked[3].request.peer->baseUrl, "https://10.0.0.1");
}

void TestOutbox::what_was_never_sent_is_no_failure_of_the_destination()
{
    for (const Errc code : {Errc::Busy, Errc::InvalidParam, Errc::Busy}) {
        send();
        m_caller.fail(m_caller.asked.size() - 1, code);
        QCOMPARE(m_reports.takeFirst().way, Way::Nowhere);
    }
    QVERIFY(!m_book->isOffline(server("b.example")));
    QCOMPARE(m_caller.asked.size(), 3);
}

void TestOutbox::all_relays_are_asked_at_once_and_any_success_counts()
{
    makeOffline();
    send();
    const qsizetype first = m_caller.asked.size();
    m_caller.fail(first - 1);
    m_caller.answer(first, 500, "null");
    QVERIFY(m_reports.isEmpty());
    m_caller.answer(first + 1, 200, "null"); // Dendrite's success
    QCOMPARE(m_reports.size(), 1);
    QCOMPARE(m_reports[0].way, Way::Relays);
    QCOMPARE(m_reports[0].status, 200);
    QCOMPARE(m_reports[0].body, R"({"pdus":{}})");
    QCOMPARE(m_reports[0].relays, QStringList{QStringLiteral("s.example")});
    QCOMPARE(m_book->rows().first().sentByRelay, 1);
    QVERIFY(m_book->isOffline(server("b.example")));
}

void TestOutbox::when_nobody_takes_it_the_homeserver_keeps_it()
{
    makeOffline();
    send();
    const qsizetype first = m_caller.asked.size();
    m_caller.fail(first - 1);
    m_caller.fail(first);
    m_caller.answer(first + 1, 429);
    QCOMPARE(m_reports.size(), 1);
    QCOMPARE(m_reports[0].way, Way::Nowhere);
    QVERIFY(!m_reports[0].detail.isEmpty());
}

void TestOutbox::after_a_direct_success_the_relays_see_nothing()
{
    makeOffline();
    send();
    m_caller.answerLast(200);
    send();
    m_caller.fail(m_caller.asked.size() - 1);
    QCOMPARE(m_reports.size(), 1); // one failure is none yet
    QCOMPARE(m_caller.waiting(), 0);
    for (const auto &asked : std::as_const(m_caller.asked))
        QCOMPARE(asked.request.destination, server("b.example"));
}

void TestOutbox::a_transaction_of_another_origin_goes_to_no_relay()
{
    makeOffline();
    send(R"({"pdus":[]})", false);
    m_caller.fail(m_caller.asked.size() - 1);
    QCOMPARE(m_caller.waiting(), 0);
    QCOMPARE(m_reports.size(), 1);
    QCOMPARE(m_reports[0].way, Way::Nowhere);
}

void TestOutbox::what_holds_our_own_mail_is_no_contacts_relay()
{
    const QList<node::Association> associations = {{server("r.example"), std::nullopt, server("me.example")}};
    m_board.replace(associations);
    QCOMPARE(m_board.relaysOf(server("me.example")).size(), 1);
    m_board.replace(associations, server("me.example"));
    QVERIFY(m_board.relaysOf(server("me.example")).isEmpty());
}

void TestOutbox::deadlines_grow_with_the_size()
{
    send();
    QCOMPARE(m_caller.last().deadlineMs, 15'000);
    send('{' + QByteArray(640 * 1024 - 2, ' ') + '}');
    QCOMPARE(m_caller.last().deadlineMs, 25'000);
}

void TestOutbox::nothing_comes_after_the_outbox_is_gone()
{
    send();
    m_outbox.reset();
    QCOMPARE(m_caller.cancelled.size(), 1);
    QVERIFY(m_reports.isEmpty());
}

QTEST_GUILESS_MAIN(TestOutbox)
#include "tst_outbox.moc"
