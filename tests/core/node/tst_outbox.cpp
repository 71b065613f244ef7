// SPDX-License-Identifier: GPL-3.0-or-later
#include "captures.h"
#include "fakecaller.h"
#include "fakeclock.h"
#include "matrix/attestation.h"
#include "matrix/transaction.h"
#include "node/outbox.h"
#include "samples.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace restante;
using namespace restante::test;
using Way = node::SendReport::Way;

namespace
{
/// Whether there is nothing but typing and presence in a body.
bool isFleeting(const QByteArray &body)
{
    const auto whole = matrix::Transaction::fromBody(matrix::ScannedObject::scan(body).value()).value();
    const auto events = matrix::summarise(whole.pdus(), whole.edus(), 150);
    return !events.empty() && std::all_of(events.begin(), events.end(), [](const matrix::EventSummary &event) {
        return event.edu && (event.type == QLatin1String("m.typing") || event.type == QLatin1String("m.presence"));
    });
}
} // namespace

class TestOutbox : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void a_transaction_goes_directly_first();
    void the_homeservers_own_request_goes_out_as_it_came();
    void a_relay_gets_the_homeservers_signature_with_it_data();
    void a_relay_gets_the_homeservers_signature_with_it();
    void what_cannot_carry_a_signature_goes_to_relays_as_it_came_data();
    void what_cannot_carry_a_signature_goes_to_relays_as_it_came();
    void what_counts_as_an_answer_data();
    void what_counts_as_an_answer();
    void only_what_was_taken_counts_as_sent_data();
    void only_what_was_taken_counts_as_sent();
    void relays_are_used_after_so_many_failures();
    void what_was_never_sent_is_no_failure_of_the_destination();
    void authorities_that_cannot_be_read_here_count_against_nobody();
    void all_relays_are_asked_at_once_and_any_success_counts();
    void what_no_relay_answers_takes_nothing_data();
    void what_no_relay_answers_takes_nothing();
    void when_nobody_takes_it_the_homeserver_keeps_it();
    void what_relays_answered_is_told_to_who_sent_it();
    void the_state_of_a_destinations_relays_is_what_they_answered_last();
    void a_contacts_relay_that_moved_inherits_nothing();
    void only_a_trial_that_hears_yes_ends_what_a_relay_refused();
    void a_relay_that_refused_mail_works_only_when_it_takes_some();
    void that_nobody_answered_is_no_refusal_of_mail();
    void a_slow_relay_gets_them_in_the_order_they_were_sent();
    void one_destinations_mail_does_not_wait_for_anothers();
    void a_failure_lets_the_next_one_go();
    void the_answer_waits_for_no_slow_relay_longer_than_for_one();
    void what_waits_for_a_slow_relay_is_bounded_data();
    void what_waits_for_a_slow_relay_is_bounded();
    void what_nobody_took_is_dropped_last();
    void after_a_direct_success_the_relays_see_nothing();
    void a_transaction_of_another_origin_goes_to_no_relay();
    void what_holds_our_own_mail_is_no_contacts_relay();
    void without_a_relay_of_its_own_our_relays_get_it();
    void our_relays_are_asked_only_if_those_of_the_destination_take_nothing();
    void our_relays_get_only_what_they_can_send();
    void a_relay_that_is_also_ours_is_asked_once();
    void when_our_relays_do_not_take_it_the_homeserver_keeps_it();
    void typing_and_presence_are_left_at_no_relay_data();
    void typing_and_presence_are_left_at_no_relay();
    void what_was_given_up_is_told_of_its_destination();
    void deadlines_grow_with_the_size();
    void nothing_comes_after_the_outbox_is_gone();

private:
    void send(const QByteArray &body = R"({"pdus":[]})", bool mayRelay = true)
    {
        m_reports.clear();
        m_outbox->send({server("b.example"), "t1", body, {}, {}, mayRelay},
                       [this](const node::SendReport &report) { m_reports.append(report); });
    }
    /// Sends one to a destination that is offline; the direct attempt fails. The name of the transaction is its body.
    void sendToRelays(const QByteArray &txnId, const QByteArray &destination = "b.example")
    {
        m_outbox->send({server(destination), txnId, "{\"" + txnId + "\":0}", {}, {}, true},
                       [this, txnId](const node::SendReport &report) { m_answers += txnId + ' ' + wayOf(report); });
        m_caller.fail(m_caller.asked.size() - 1);
    }
    static QByteArray wayOf(const node::SendReport &report)
    {
        return report.way == Way::Relays ? report.relays.join(QLatin1Char(' ')).toLatin1() : QByteArray("nowhere");
    }
    /// What a relay has been asked to hold so far, in order: transaction ids.
    QByteArray sentTo(const QByteArray &relay) const
    {
        QByteArrayList ids;
        for (const auto &asked : m_caller.asked) {
            if (asked.request.destination == server(relay))
                ids += asked.request.target.split('/').at(5);
        }
        return ids.join(' ');
    }
    /// Answers the one request that waits at a relay.
    void relayAnswers(const QByteArray &relay, int status = 200)
    {
        for (qsizetype at = 0; at < m_caller.asked.size(); ++at) {
            if (m_caller.asked.at(at).request.destination == server(relay) && m_caller.waits(at))
                return m_caller.answer(at, status);
        }
        QFAIL("nothing waits there");
    }
    void refuseByRelay();
    /// Sends as a homeserver does, to a destination that is offline; the direct attempt fails.
    void sendSigned(const QByteArray &destination, const QByteArray &body = "{\"pdus\":[{}]}");
    /// Whom the outbox has asked, in order.
    QByteArray asked() const
    {
        QByteArrayList names;
        for (const auto &each : m_caller.asked)
            names += each.request.destination.bytes();
        return names.join(' ');
    }
    void makeOutbox(const node::OutboxLimits &limits)
    {
        m_outbox = std::make_unique<node::Outbox>(m_caller, *m_book, m_board, m_counters, limits);
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
    node::AssociationBoard m_board{m_clock};
    std::unique_ptr<node::DestinationBook> m_book;
    telemetry::NodeCounters m_counters;
    std::unique_ptr<node::Outbox> m_outbox;
    QList<node::SendReport> m_reports;
    QByteArrayList m_answers; ///< to sendToRelays: transaction and the relay that took it
};

void TestOutbox::init()
{
    m_caller.asked.clear();
    m_caller.cancelled.clear();
    m_reports.clear();
    m_answers.clear();
    m_book = std::make_unique<node::DestinationBook>(m_clock, [] {});
    m_board.replace({}); // forgets what the relays answered
    m_board.setOwnRelays({});
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

void TestOutbox::a_relay_gets_the_homeservers_signature_with_it_data()
{
    QTest::addColumn<QString>("file");
    const QStringList files = captureFiles();
    QCOMPARE(files.size(), 45);
    for (const QString &file : files) {
        if (!isFleeting(readCapture(file).body))
            QTest::newRow(qPrintable(file)) << file;
    }
}

void TestOutbox::a_relay_gets_the_homeservers_signature_with_it()
{
    QFETCH(const QString, file);
    const Capture capture = readCapture(file);
    m_book->noteFailure(server("b.example"), {});
    m_book->noteFailure(server("b.example"), {});
    m_outbox->send({server("b.example"), capture.txnId(), capture.body, capture.target, {capture.authorization}, true},
                   [](const node::SendReport &) {});
    QCOMPARE(m_caller.asked.constLast().request.body, capture.body);
    m_caller.fail(m_caller.asked.size() - 1);
    const auto &relayed = m_caller.asked.constLast().request;
    QVERIFY(relayed.target.contains("/send_relay/"));
    const auto left = matrix::ScannedObject::scan(relayed.body);
    QVERIFY(left.ok() && left->isCanonical());
    const auto whole = matrix::Transaction::fromBody(*left);
    QVERIFY(whole.ok() && whole->isAttested());
    const auto rebuilt = matrix::rebuildRequest(whole->pdus(), whole->edus());
    QVERIFY(rebuilt.ok());
    QCOMPARE(rebuilt->body, capture.body);
    QCOMPARE(rebuilt->target(), capture.target);
    const auto claim = matrix::XMatrix::parse({capture.authorization});
    QCOMPARE(rebuilt->claim(claim->destination).toHeader(), claim->toHeader());
}

void TestOutbox::what_cannot_carry_a_signature_goes_to_relays_as_it_came_data()
{
    QTest::addColumn<QByteArray>("txnId");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("body");
    const QByteArray signature = QByteArray(64, 'x').toBase64(QByteArray::OmitTrailingEquals);
    const QByteArray header = R"(X-Matrix origin="a.example",key="ed25519:1",sig=")" + signature + '"';
    const QByteArray path = "/_matrix/federation/v1/send/";
    QTest::newRow("signed by us on the way") << QByteArray("1") << QByteArray() << QByteArray() << QByteArray("{}");
    QTest::newRow("another path") << QByteArray("1") << path + "1?x=1" << header << QByteArray("{}");
    QTest::newRow("an odd id") << QByteArray("a b") << path + "a%20b" << header << QByteArray("{}");
    QTest::newRow("not JSON") << QByteArray("1") << path + "1" << header << QByteArray("{");
    QTest::newRow("an EDU that is none") << QByteArray("1") << path + "1" << header << QByteArray(R"({"edus":[1]})");
    QTest::newRow("no X-Matrix") << QByteArray("1") << path + "1" << QByteArray("Bearer x") << QByteArray("{}");
}

void TestOutbox::what_cannot_carry_a_signature_goes_to_relays_as_it_came()
{
    QFETCH(const QByteArray, txnId);
    QFETCH(const QByteArray, target);
    QFETCH(const QByteArray, header);
    QFETCH(const QByteArray, body);
    m_book->noteFailure(server("b.example"), {});
    m_book->noteFailure(server("b.example"), {});
    const QList<QByteArray> headers = header.isEmpty() ? QList<QByteArray>() : QList<QByteArray>{header};
    m_outbox->send({server("b.example"), txnId, body, target, headers, true}, [](const node::SendReport &) {});
    m_caller.fail(m_caller.asked.size() - 1);
    QVERIFY(m_caller.asked.constLast().request.target.contains("/send_relay/"));
    QCOMPARE(m_caller.asked.constLast().request.body, body);
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
    m_caller.answer(direct, status, R"({"pdus":{}})");
    QCOMPARE(m_reports.size(), answer ? 1 : 0);
    QCOMPARE(m_caller.waiting(), answer ? 0 : 2);
    QCOMPARE(m_book->isOffline(server("b.example")), !answer);
}

void TestOutbox::only_what_was_taken_counts_as_sent_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("answered");
    QTest::addColumn<bool>("taken");
    QTest::newRow("taken") << 200 << QByteArray(R"({"pdus":{"$e":{"error":"soft-failed"}}})") << true << true;
    QTest::newRow("refused") << 403 << QByteArray(R"({"errcode":"M_FORBIDDEN"})") << true << false;
    QTest::newRow("not found, with a page") << 404 << QByteArray("<html>") << true << false;
    QTest::newRow("moved") << 301 << QByteArray() << true << false;
    QTest::newRow("a page") << 200 << QByteArray("<html>portal</html>") << false << false;
    QTest::newRow("an error") << 200 << QByteArray(R"({"errcode":"M_UNKNOWN","error":"No"})") << false << false;
    QTest::newRow("no content") << 204 << QByteArray() << false << false;
}

void TestOutbox::only_what_was_taken_counts_as_sent()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    QFETCH(const bool, answered);
    QFETCH(const bool, taken);
    telemetry::NodeCounters counters;
    node::Outbox outbox(m_caller, *m_book, m_board, counters);
    std::optional<node::SendReport> report;
    outbox.send({server("b.example"), "t1", R"({"pdus":[]})", {}, {}, true},
                [&report](const node::SendReport &told) { report = told; });
    m_caller.answerLast(status, body);
    QVERIFY(report.has_value());
    QCOMPARE(report->taken, taken);
    QCOMPARE(report->way == Way::Direct, answered);
    QCOMPARE(m_book->rows().constFirst().sentDirect, taken ? 1 : 0);
    QCOMPARE(m_book->rows().constFirst().failures, answered ? 0 : 1);
    QCOMPARE(counters.sentDirect.value(), quint64(taken ? 1 : 0));
    QCOMPARE(counters.sendRefused.value(), quint64(answered && !taken ? 1 : 0));
    QCOMPARE(counters.sendFailed.value(), quint64(answered ? 0 : 1));
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

void TestOutbox::what_no_relay_answers_takes_nothing_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("a captive portal") << 200 << QByteArray("<html>portal</html>");
    QTest::newRow("nothing") << 200 << QByteArray();
    QTest::newRow("a list") << 200 << QByteArray("[]");
    QTest::newRow("a text") << 200 << QByteArray("\"ok\"");
    QTest::newRow("an error") << 200 << QByteArray(R"({"errcode":"M_LIMIT_EXCEEDED","error":"Full"})");
    QTest::newRow("no content") << 204 << QByteArray();
    QTest::newRow("accepted") << 202 << QByteArray("{}");
}

void TestOutbox::what_no_relay_answers_takes_nothing()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    makeOffline();
    send();
    const qsizetype first = m_caller.asked.size();
    m_caller.fail(first - 1);
    m_caller.answer(first, status, body);
    m_caller.answer(first + 1, status, body);
    QCOMPARE(m_reports.size(), 1);
    QVERIFY(m_reports[0].way != Way::Relays);
    QCOMPARE(m_reports[0].refusals.size(), 2);
    QCOMPARE(m_reports[0].refusals[0].error.code, Errc::BadAnswer);
    QCOMPARE(m_book->rows().first().sentByRelay, 0);
}

void TestOutbox::authorities_that_cannot_be_read_here_count_against_nobody()
{
    const Error ours{Errc::AuthoritiesUnreadable, QStringLiteral("no authorities"), 0};
    send();
    m_caller.answer(m_caller.asked.size() - 1, ours);
    QCOMPARE(m_reports.size(), 1);
    QVERIFY(m_book->rows().isEmpty() || m_book->rows().constFirst().failures == 0);

    makeOffline(); // its relays are used all the same: one with a pin needs no authorities
    send();
    m_caller.answer(m_caller.asked.size() - 1, ours);
    m_caller.answer(m_caller.asked.size() - 2, ours);
    QCOMPARE(m_caller.waiting(), 1);
    m_caller.answer(m_caller.asked.size() - 1, ours);
    QCOMPARE(m_reports.size(), 1);
    QCOMPARE(m_reports.constFirst().refusals.size(), 2);
    node::DestinationRow row;
    row.destination = server("b.example");
    m_board.describe(row);
    QCOMPARE(row.relaysFailing, 0);
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

void TestOutbox::what_relays_answered_is_told_to_who_sent_it()
{
    makeOffline();
    send();
    const qsizetype first = m_caller.asked.size();
    m_caller.fail(first - 1);
    m_caller.answer(first, 403, R"({"errcode":"M_FORBIDDEN","error":"This relay does not act for that server"})");
    m_caller.answer(first + 1, 429, R"({"errcode":"M_LIMIT_EXCEEDED","error":"Full"})");
    QCOMPARE(m_reports[0].way, Way::Nowhere);
    QCOMPARE(m_reports[0].refusals.size(), 2);
    QCOMPARE(m_reports[0].refusals[0].relay, QStringLiteral("r.example"));
    QCOMPARE(m_reports[0].refusals[0].error.code, Errc::Refused);
    QVERIFY(m_reports[0].detail.contains(
        u"r.example: The relay answered 403 M_FORBIDDEN: This relay does not act for that server"));
    QVERIFY(m_reports[0].detail.contains(u"s.example: The relay answered 429 M_LIMIT_EXCEEDED: Full"));
}

void TestOutbox::the_state_of_a_destinations_relays_is_what_they_answered_last()
{
    const auto row = [this] {
        node::DestinationRow described = m_book->rows().first();
        m_board.describe(described);
        return described;
    };
    makeOffline();
    QCOMPARE(row().relays, 2);
    QCOMPARE(row().relaysTaking + row().relaysFailing, 0); // nothing is known of them
    send();
    const qint64 since = m_clock.wallMs();
    const qsizetype first = m_caller.asked.size();
    m_caller.fail(first - 1);
    m_caller.answer(first, 403, R"({"errcode":"M_FORBIDDEN","error":"No"})");
    m_caller.fail(first + 1);
    QCOMPARE(row().relaysTaking, 0);
    QCOMPARE(row().relaysFailing, 2);
    QCOMPARE(row().relayError, QStringLiteral("r.example: The relay answered 403 M_FORBIDDEN: No"));
    QCOMPARE(row().relayFailingSinceMs, since);
    m_clock.advance(1'000);
    send();
    m_caller.fail(first + 2);
    m_caller.answer(first + 3, 200);
    m_caller.fail(first + 4);
    QCOMPARE(row().relaysTaking, 1);
    QCOMPARE(row().relaysFailing, 1);
    QVERIFY(row().relayError.startsWith(u"s.example: "));
    QCOMPARE(row().relayFailingSinceMs, since);
    QCOMPARE(row().relayErrorSinceMs, since);
    m_clock.advance(1'000);
    const node::Association second = m_board.relaysOf(server("b.example")).at(1);
    m_board.record().noteRefused(second, Error{Errc::Busy, QStringLiteral("No"), 0});
    QCOMPARE(row().relayFailingSinceMs, since);
    QCOMPARE(row().relayErrorSinceMs, since + 2'000);
    m_board.replace({second}); // what is gone is forgotten
    QCOMPARE(row().relaysTaking, 0);
    QCOMPARE(row().relaysFailing, 1);
}

void TestOutbox::a_contacts_relay_that_moved_inherits_nothing()
{
    const auto status = [this] {
        node::RelayStatus described;
        described.relay = QStringLiteral("s.example");
        described.destination = QStringLiteral("b.example");
        m_board.describe(described);
        return described;
    };
    const node::Association before = m_board.relaysOf(server("b.example")).at(1);
    const Error refusal{Errc::Busy, QStringLiteral("Full"), 0};
    m_board.record().noteTaken(before);
    m_board.record().noteRefused(before, refusal);
    QCOMPARE(status().state, node::RelayStatus::State::Failing);
    node::Association moved = before;
    moved.peer = federation::FixedPeer{"https://10.0.0.2", {}};
    m_board.replace({moved});
    QCOMPARE(status().state, node::RelayStatus::State::Unknown);
    QCOMPARE(status().lastSuccessMs, 0);
    QVERIFY(!status().error);
    m_board.record().noteRefused(before, refusal); // came late
    m_board.record().noteTaken(before);
    QCOMPARE(status().state, node::RelayStatus::State::Unknown);
    m_board.record().noteTaken(moved);
    QCOMPARE(status().state, node::RelayStatus::State::Good);
    m_board.replace({moved}); // as with any other change of the settings
    QCOMPARE(status().state, node::RelayStatus::State::Good);
}

/// The direct attempt fails, r.example answers 429 and s.example not at all.
void TestOutbox::refuseByRelay()
{
    makeOffline();
    send();
    const qsizetype at = m_caller.asked.size();
    m_caller.fail(at - 1);
    QCOMPARE(m_caller.asked.at(at).request.destination, server("r.example"));
    m_caller.answer(at, 429, R"({"errcode":"M_LIMIT_EXCEEDED","error":"Full"})");
    m_caller.fail(at + 1);
}

void TestOutbox::only_a_trial_that_hears_yes_ends_what_a_relay_refused()
{
    using Outcome = node::RelayReport::Outcome;
    const node::Association relay{server("r.example"), std::nullopt, server("b.example")};
    const auto error = [&](Outcome outcome) {
        m_board.noteTrial(relay, {outcome, 200, 1, QStringLiteral("Tried")});
        const auto told = m_board.record().of(relay.relay, relay.destination).error;
        return told ? told->detail : QString();
    };
    QCOMPARE(error(Outcome::NotHeld), QStringLiteral("Tried"));
    QCOMPARE(error(Outcome::CannotSay), QString()); // which is all that trials know of it
    refuseByRelay();
    const QString refusal = QStringLiteral("The relay answered 429 M_LIMIT_EXCEEDED: Full");
    QCOMPARE(error(Outcome::CannotSay), refusal);
    QCOMPARE(error(Outcome::Unreachable), QStringLiteral("Tried"));
    QCOMPARE(error(Outcome::CannotSay), refusal);
    QCOMPARE(error(Outcome::Works), QString());
    QCOMPARE(error(Outcome::CannotSay), QString());
}

void TestOutbox::a_relay_that_refused_mail_works_only_when_it_takes_some()
{
    using Outcome = node::RelayReport::Outcome;
    using State = node::RelayStatus::State;
    const node::Association relay{server("r.example"), std::nullopt, server("b.example")};
    const auto tried = [&](Outcome outcome) {
        node::RelayReport report{outcome, 200, 1, QStringLiteral("Tried")};
        report.mine = false;
        m_board.noteTrial(relay, report);
        m_board.describe(report, relay);
        return report;
    };
    const auto status = [&] {
        node::RelayStatus told;
        told.relay = QStringLiteral("r.example");
        told.destination = QStringLiteral("b.example");
        m_board.describe(told);
        return told;
    };
    const auto row = [this] {
        node::DestinationRow told;
        told.destination = server("b.example");
        m_board.describe(told);
        return told;
    };
    QVERIFY(tried(Outcome::Works).works());
    QCOMPARE(status().state, State::Good);
    refuseByRelay();
    const QString refusal = QStringLiteral("The relay answered 429 M_LIMIT_EXCEEDED: Full");
    const qint64 refusedMs = m_clock.wallMs();
    m_clock.advance(60'000);
    for (const Outcome outcome : {Outcome::CannotSay, Outcome::Works}) {
        const node::RelayReport report = tried(outcome);
        QVERIFY(!report.works());
        QCOMPARE(report.refusal, refusal);
        QCOMPARE(report.refusedMs, refusedMs);
        QCOMPARE(status().state, outcome == Outcome::Works ? State::CannotSay : State::Failing);
        QCOMPARE(status().refusal, refusal);
        QCOMPARE(status().refusedMs, refusedMs);
        QCOMPARE(row().relaysTaking, 0);
        QVERIFY(row().relayError.endsWith(refusal) || row().relayError.startsWith(u"s.example"));
        QCOMPARE(row().relayFailingSinceMs, refusedMs);
    }
    sendToRelays("t2");
    relayAnswers("r.example");
    QVERIFY(tried(Outcome::CannotSay).refusal.isEmpty());
    QVERIFY(tried(Outcome::Works).works());
    QCOMPARE(status().state, State::Good);
    QVERIFY(status().refusal.isEmpty());
    for (qsizetype at = 0; at < m_caller.asked.size(); ++at) {
        if (m_caller.waits(at))
            m_caller.fail(at);
    }
}

void TestOutbox::that_nobody_answered_is_no_refusal_of_mail()
{
    const node::Association relay{server("s.example"), federation::FixedPeer{"https://10.0.0.1", {}},
                                  server("b.example")};
    refuseByRelay();
    QVERIFY(m_board.record().of(relay.relay, relay.destination).error.has_value());
    m_board.noteTrial(relay, {node::RelayReport::Outcome::CannotSay, 200, 1, QStringLiteral("Tried")});
    QVERIFY(!m_board.record().of(relay.relay, relay.destination).error);
    QVERIFY(m_board.record().of(relay.relay, relay.destination).unsure);
}

void TestOutbox::a_slow_relay_gets_them_in_the_order_they_were_sent()
{
    makeOffline();
    sendToRelays("t1");
    relayAnswers("r.example");
    sendToRelays("t2");
    relayAnswers("r.example");
    sendToRelays("t3");
    relayAnswers("r.example");
    // The quick one has them all, and so has the homeserver its answers.
    QCOMPARE(sentTo("r.example"), "t1 t2 t3");
    QCOMPARE(m_answers.join(','), "t1 r.example,t2 r.example,t3 r.example");
    // The slow one gets each when the one before it has ended.
    QCOMPARE(sentTo("s.example"), "t1");
    relayAnswers("s.example");
    QCOMPARE(sentTo("s.example"), "t1 t2");
    relayAnswers("s.example");
    QCOMPARE(sentTo("s.example"), "t1 t2 t3");
    QCOMPARE(m_caller.last().body, R"({"t3":0})");
    QCOMPARE(m_caller.last().deadlineMs, 20'000);
    QCOMPARE(m_caller.last().peer->baseUrl, "https://10.0.0.1");
    relayAnswers("s.example");
    QCOMPARE(m_caller.waiting(), 0);
    sendToRelays("t4"); // nothing is left in its way
    QCOMPARE(sentTo("s.example"), "t1 t2 t3 t4");
    QCOMPARE(m_counters.copiesDropped.value(), 0);
}

void TestOutbox::one_destinations_mail_does_not_wait_for_anothers()
{
    m_board.replace({{server("r.example"), std::nullopt, server("b.example")},
                     {server("r.example"), std::nullopt, server("c.example")}});
    makeOffline();
    m_book->noteFailure(server("c.example"), {});
    m_book->noteFailure(server("c.example"), {});
    sendToRelays("t1", "b.example");
    sendToRelays("t2", "c.example");
    QCOMPARE(sentTo("r.example"), "t1 t2");
}

void TestOutbox::a_failure_lets_the_next_one_go()
{
    makeOffline();
    sendToRelays("t1");
    relayAnswers("r.example");
    sendToRelays("t2");
    relayAnswers("r.example", 500);
    QCOMPARE(m_answers.join(','), "t1 r.example"); // the slow one may still take it
    relayAnswers("s.example", 500);
    QCOMPARE(sentTo("s.example"), "t1 t2");
    relayAnswers("s.example");
    QCOMPARE(m_answers.join(','), "t1 r.example,t2 s.example");
}

void TestOutbox::the_answer_waits_for_no_slow_relay_longer_than_for_one()
{
    makeOutbox({1, 1'000, 10}); // 1 ms, else 20 s
    makeOffline();
    sendToRelays("t1");
    relayAnswers("r.example");
    sendToRelays("t2");
    relayAnswers("r.example", 500);
    QTRY_COMPARE(m_answers.join(','), "t1 r.example,t2 nowhere");
    // The homeserver has it and sends it again: it is not sent from here.
    relayAnswers("s.example");
    QCOMPARE(sentTo("s.example"), "t1");
    sendToRelays("t2");
    QCOMPARE(sentTo("s.example"), "t1 t2");
    QCOMPARE(m_counters.copiesDropped.value(), 0);
}

void TestOutbox::what_waits_for_a_slow_relay_is_bounded_data()
{
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<qsizetype>("copies");
    QTest::newRow("copies") << qint64(1'000) << qsizetype(2);
    QTest::newRow("bytes") << qint64(16) << qsizetype(1'000); // each has 8
}

void TestOutbox::what_waits_for_a_slow_relay_is_bounded()
{
    QFETCH(const qint64, bytes);
    QFETCH(const qsizetype, copies);
    const quint64 before = m_counters.copiesDropped.value();
    makeOutbox({20'000, bytes, copies});
    makeOffline();
    QTest::ignoreMessage(QtWarningMsg, "s.example takes transactions for b.example too slowly: the oldest "
                                       "that are waiting are dropped");
    for (const char *const id : {"t1", "t2", "t3", "t4", "t5"}) {
        sendToRelays(id);
        relayAnswers("r.example");
    }
    QCOMPARE(m_answers.size(), 5);
    QCOMPARE(m_counters.copiesDropped.value() - before, 2);
    relayAnswers("s.example");
    relayAnswers("s.example");
    QTest::ignoreMessage(QtWarningMsg, "s.example has caught up; it did not get 2 transactions for b.example");
    relayAnswers("s.example");
    QCOMPARE(sentTo("s.example"), "t1 t4 t5");
    QCOMPARE(m_caller.waiting(), 0);
}

void TestOutbox::what_nobody_took_is_dropped_last()
{
    makeOutbox({20'000, 1'000, 2});
    makeOffline();
    sendToRelays("t1");
    relayAnswers("r.example");
    QTest::ignoreMessage(QtWarningMsg, "s.example takes transactions for b.example too slowly: the oldest "
                                       "that are waiting are dropped");
    for (const char *const id : {"t2", "t3", "t4"}) {
        sendToRelays(id);
        relayAnswers("r.example", id == QByteArrayView("t3") ? 200 : 500);
    }
    QCOMPARE(m_answers.join(','), "t1 r.example,t3 r.example"); // and t3's copy was dropped
    sendToRelays("t5"); // nobody has any that waits: the oldest goes, and its homeserver hears of it
    QCOMPARE(m_answers.join(','), "t1 r.example,t3 r.example,t2 nowhere");
    relayAnswers("r.example");
    for (int left = 3; left > 0; --left) {
        if (left == 1)
            QTest::ignoreMessage(QtWarningMsg, "s.example has caught up; it did not get 2 transactions for b.example");
        relayAnswers("s.example");
    }
    QCOMPARE(sentTo("s.example"), "t1 t4 t5");
    QCOMPARE(m_answers.last(), "t4 s.example");
}

void TestOutbox::after_a_direct_success_the_relays_see_nothing()
{
    makeOffline();
    send();
    m_caller.answerLast(200, R"({"pdus":{}})");
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

void TestOutbox::sendSigned(const QByteArray &destination, const QByteArray &body)
{
    m_reports.clear();
    m_book->noteFailure(server(destination), {});
    m_book->noteFailure(server(destination), {});
    const QByteArray signature = QByteArray(64, 'x').toBase64(QByteArray::OmitTrailingEquals);
    const QByteArray header = R"(X-Matrix origin="a.example",key="ed25519:1",sig=")" + signature + '"';
    m_outbox->send({server(destination), "t1", body, "/_matrix/federation/v1/send/t1", {header}, true},
                   [this](const node::SendReport &report) { m_reports.append(report); });
    m_caller.fail(m_caller.asked.size() - 1);
}

void TestOutbox::without_a_relay_of_its_own_our_relays_get_it()
{
    const federation::FixedPeer place{"https://192.0.2.9:8449", QByteArray(32, 'p')};
    m_board.setOwnRelays({{server("own.example"), place, {}}});
    sendSigned("lonely.example");
    QCOMPARE(asked(), QByteArray("lonely.example own.example"));
    const federation::Request &left = m_caller.last();
    QCOMPARE(left.target, node::sendRelayTarget("t1", server("lonely.example")));
    QVERIFY(left.peer == place && left.sign);
    QVERIFY(matrix::Transaction::fromBody(matrix::ScannedObject::scan(left.body).value())->isAttested());
    m_caller.answerLast(200);
    QCOMPARE(m_reports.size(), 1);
    QCOMPARE(wayOf(m_reports[0]), QByteArray("own.example"));
    QCOMPARE(m_reports[0].status, 200);
}

void TestOutbox::our_relays_are_asked_only_if_those_of_the_destination_take_nothing()
{
    m_board.setOwnRelays({{server("own.example"), {}, {}}});
    sendSigned("b.example");
    QVERIFY(!asked().contains("own.example"));
    const qsizetype last = m_caller.asked.size() - 1;
    m_caller.fail(last - 1);
    QVERIFY(!asked().contains("own.example"));
    m_caller.answer(last, 429);
    QVERIFY(asked().endsWith("own.example"));
    QVERIFY(m_reports.isEmpty());
    m_caller.answerLast(200);
    QCOMPARE(wayOf(m_reports.at(0)), QByteArray("own.example"));
    sendSigned("b.example");
    m_caller.answerLast(200); // the destination's own relay
    QVERIFY(!asked().endsWith("own.example"));
}

void TestOutbox::our_relays_get_only_what_they_can_send()
{
    m_board.setOwnRelays({{server("own.example"), {}, {}}});
    m_book->noteFailure(server("lonely.example"), {});
    m_outbox->send({server("lonely.example"), "t1", R"({"pdus":[{"type":"x"}]})", {}, {}, true},
                   [this](const node::SendReport &report) { m_reports.append(report); });
    m_caller.fail(0);
    QCOMPARE(asked(), QByteArray("lonely.example")); // there is no signature of a homeserver
    QCOMPARE(m_reports.at(0).way, Way::Nowhere);
}

void TestOutbox::a_relay_that_is_also_ours_is_asked_once()
{
    m_board.replace({{server("own.example"), {}, server("b.example")}});
    m_board.setOwnRelays({{server("own.example"), {}, {}}});
    sendSigned("b.example");
    m_caller.answerLast(429);
    QCOMPARE(asked(), QByteArray("b.example own.example"));
    QCOMPARE(m_reports.at(0).way, Way::Nowhere);
}

void TestOutbox::when_our_relays_do_not_take_it_the_homeserver_keeps_it()
{
    m_board.setOwnRelays({{server("own.example"), {}, {}}});
    sendSigned("lonely.example");
    m_caller.answerLast(403, R"({"errcode":"M_FORBIDDEN","error":"This relay does not act for that server"})");
    QCOMPARE(m_reports.at(0).way, Way::Nowhere);
    QVERIFY(m_reports.at(0).detail.contains(QLatin1String("own.example")));
}

void TestOutbox::typing_and_presence_are_left_at_no_relay_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("isLeft");
    const QByteArray typing = R"({"content":{"room_id":"!r"},"edu_type":"m.typing"})";
    const QByteArray presence = R"({"content":{"push":[]},"edu_type":"m.presence"})";
    const QByteArray receipt = R"({"content":{},"edu_type":"m.receipt"})";
    QTest::newRow("typing") << "{\"edus\":[" + typing + "],\"pdus\":[]}" << false;
    QTest::newRow("presence, and no pdus at all") << "{\"edus\":[" + presence + "]}" << false;
    QTest::newRow("both") << "{\"edus\":[" + typing + ',' + presence + "],\"pdus\":[]}" << false;
    QTest::newRow("with an event") << "{\"edus\":[" + typing + "],\"pdus\":[{}]}" << true;
    QTest::newRow("with a receipt") << "{\"edus\":[" + typing + ',' + receipt + "],\"pdus\":[]}" << true;
    QTest::newRow("nothing") << QByteArray(R"({"pdus":[]})") << true;
    int captured = 0;
    for (const QString &file : captureFiles()) { // as Synapse sends them
        const QByteArray body = readCapture(file).body;
        captured += isFleeting(body);
        if (isFleeting(body))
            QTest::newRow(qPrintable(file)) << body << false;
    }
    QCOMPARE(captured, 4);
}

void TestOutbox::typing_and_presence_are_left_at_no_relay()
{
    QFETCH(const QByteArray, body);
    QFETCH(const bool, isLeft);
    m_board.setOwnRelays({{server("own.example"), {}, {}}});
    for (const QByteArray destination : {"b.example", "lonely.example"}) {
        const qsizetype before = m_caller.asked.size();
        sendSigned(destination, body);
        QCOMPARE(m_caller.asked.size() > before + 1, isLeft);
        if (isLeft)
            continue;
        QCOMPARE(m_reports.size(), 1); // a failure would stop the homeserver's mail for that server
        QVERIFY(m_reports[0].taken);
        QCOMPARE(m_reports[0].status, 200);
        QCOMPARE(m_reports[0].body, QByteArray(R"({"pdus":{}})"));
        QVERIFY(m_reports[0].relays.isEmpty());
    }
}

void TestOutbox::what_was_given_up_is_told_of_its_destination()
{
    m_board.setOwnRelays({{server("own.example"), {}, {}}, {server("other.example"), {}, {}}});
    QVERIFY(m_board.setGivenUp(server("own.example"), {{server("b.example"), {2, 5}}})->isEmpty());
    m_board.setGivenUp(server("other.example"), {{server("b.example"), {1, 7}}, {server("c.example"), {9, 9}}});
    node::DestinationRow row;
    row.destination = server("b.example");
    m_board.describe(row);
    QCOMPARE(row.givenUp, (node::GivenUpMail{3, 7}));
    m_board.setOwnRelays({{server("own.example"), {}, {}}});
    row.givenUp = {};
    m_board.describe(row);
    QCOMPARE(row.givenUp, (node::GivenUpMail{2, 5}));
    // One that was asked and is ours no more when it answers.
    QVERIFY(!m_board.setGivenUp(server("other.example"), {{server("b.example"), {1, 7}}}));
    row.givenUp = {};
    m_board.describe(row);
    QCOMPARE(row.givenUp, (node::GivenUpMail{2, 5}));
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
