// SPDX-License-Identifier: GPL-3.0-or-later
// The answers of send_relay and relay_txn, in the order of checks (core/README 4; PROTOCOL 1.3, 5.1, 5.2), without a
// network.
#include "fakeclock.h"
#include "http/addressbudget.h"
#include "http/tokenbuckets.h"
#include "identity/identity.h"
#include "identity/keyring.h"
#include "recorder.h"
#include "sites/relaysite.h"
#include "telemetry/counters.h"
#include "testserver.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::http;
using namespace restante::sites;
using test::Answer;
using test::FakeClock;
using test::Recorder;
using test::TestServer;

namespace
{

/// Finds nothing, and notes which servers were asked.
class FailingKeyFetcher final : public identity::KeyFetcher
{
public:
    explicit FailingKeyFetcher(QByteArrayList &asked)
        : m_asked(asked)
    {
    }
    void fetch(const matrix::ServerName &server, const QByteArray &, const QByteArray &, Done done) override
    {
        m_asked.append(server.bytes());
        done({Errc::KeyUnavailable, QStringLiteral("later")});
    }

private:
    QByteArrayList &m_asked;
};

/// Leaves the answer to the test.
class HoldingKeyFetcher final : public identity::KeyFetcher
{
public:
    explicit HoldingKeyFetcher(Done &held)
        : m_held(held)
    {
    }
    void fetch(const matrix::ServerName &, const QByteArray &, const QByteArray &, Done done) override
    {
        m_held = std::move(done);
    }

private:
    Done &m_held;
};

constexpr auto OnePdu = R"({"pdus":[{"type":"m.room.message"}]})";

} // namespace

class TestRelaySite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init();
    void cleanup();

    void a_transaction_is_taken_in_and_handed_out();
    void a_refusal_comes_in_the_order_of_checks_data();
    void a_refusal_comes_in_the_order_of_checks();
    void only_served_destinations_are_taken_in_but_every_owner_may_collect();
    void for_a_server_that_it_works_for_mail_is_taken_in_if_it_can_be_sent();
    void a_server_is_told_what_was_given_up_of_its_mail();
    void typing_takes_the_place_of_what_was_held_of_it();
    void paused_takes_nothing_in_but_hands_out();
    void switched_off_answers_404_to_both();
    void a_blocked_origin_is_refused_by_both();
    void an_owner_is_told_whether_mail_for_him_is_taken_in();
    void who_asks_about_anothers_mailbox_is_told_what_send_relay_would_say_data();
    void who_asks_about_anothers_mailbox_is_told_what_send_relay_would_say();
    void who_asks_about_a_mailbox_is_told_that_it_is_full();
    void who_asks_an_open_relay_is_told_that_it_is_full();
    void room_for_known_senders_is_told_to_them_and_to_the_owner();
    void a_sender_that_used_up_its_share_is_told_when_it_asks();
    void who_asks_about_a_mailbox_is_told_that_nothing_can_be_stored();
    void a_question_about_a_mailbox_is_checked_like_any_other_request_data();
    void a_question_about_a_mailbox_is_checked_like_any_other_request();
    void an_empty_answer_to_our_own_collector_says_whether_mail_for_it_is_taken_in();
    void an_owner_who_has_collected_all_is_not_told_that_the_mailbox_is_full();
    void a_copied_request_hands_out_nothing_and_acknowledges_nothing();
    void a_copied_request_is_at_nobodys_expense();
    void a_request_from_before_a_restart_is_refused();
    void a_name_that_used_stamps_must_always();
    void a_setting_asks_everybody_for_stamps();
    void stamps_of_another_form_are_refused_data();
    void stamps_of_another_form_are_refused();
    void a_full_queue_answers_429_and_keeps_what_it_has();
    void too_little_disk_space_answers_503();
    void an_address_over_its_budget_gets_429_before_its_body_is_read();
    void an_origin_is_charged_only_once_its_signature_is_verified();
    void an_address_whose_requests_are_worth_nothing_waits();
    void large_mail_that_is_asked_for_again_and_again_costs_its_address();
    void large_mail_is_not_read_if_it_could_not_be_sent();
    void large_mail_is_read_beside_small_answers();
    void many_medium_entries_come_with_one_answer();
    void one_signature_is_one_entry_however_its_numbers_are_spelt();
    void a_large_transaction_is_taken_in_beside_small_ones();
    void a_body_goes_with_its_client();
    void content_types_other_than_json_are_refused_data();
    void content_types_other_than_json_are_refused();
    void bodies_of_send_relay_data();
    void bodies_of_send_relay();
    void storage_that_cannot_be_read_has_words_of_its_own();
    void bodies_of_relay_txn_data();
    void bodies_of_relay_txn();
    void path_segments_are_decoded_once_data();
    void path_segments_are_decoded_once();
    void an_unknown_key_is_401_and_nothing_is_kept();
    void a_batch_is_handed_out_and_acknowledged_at_once();
    void only_origins_that_the_policy_lets_in_are_asked_for_their_keys_data();
    void only_origins_that_the_policy_lets_in_are_asked_for_their_keys();
    void a_closed_relay_asks_nobody_for_the_keys_of_those_it_has_nothing_for();
    void a_reply_carries_transaction_id_received_time_and_expired();
    void the_body_limit_is_larger_for_send_relay();
    void the_key_document_is_signed_anew_each_day();

private:
    /// A site with what a restart leaves.
    void openSite();
    QByteArray stamped(const QByteArray &nonce, qint64 entryId = 0) const;
    static QString errcodeOf(const Answer &answer) { return answer.json().value(QLatin1String("errcode")).toString(); }
    QByteArray sendRelayTarget(const QByteArray &txnId, const QByteArray &user) const
    {
        return "/_matrix/federation/v1/send_relay/" + txnId + '/' + user;
    }
    QByteArray relayTxnTarget(const QByteArray &user) const { return "/_matrix/federation/v1/relay_txn/" + user; }
    RequestHead head(const QByteArray &method, const QByteArray &target, const QByteArray &authorization,
                     const QByteArray &contentType = "application/json") const;
    Answer call(RequestHead head, const QByteArray &body);
    /// A signed request; a null body means none.
    Answer signedCall(const TestServer &signer, const QByteArray &method, const QByteArray &target,
                      const QByteArray &body, const QByteArray &contentType = "application/json");
    static QByteArray mailboxTarget(const QByteArray &name)
    {
        return "/_matrix/federation/unstable/org.restante/mailbox/" + name;
    }
    Answer askMailbox(const TestServer &caller, const QByteArray &name)
    {
        return signedCall(caller, "GET", mailboxTarget(name), {}, {});
    }
    Answer leave(const QByteArray &txnId = "t", const QByteArray &body = OnePdu)
    {
        return signedCall(m_sender, "PUT", sendRelayTarget(txnId, m_owner.user()), body);
    }
    Answer collect(const QByteArray &body = R"({"entry_id":0})")
    {
        return signedCall(m_owner, "GET", relayTxnTarget(m_owner.user()), body);
    }
    bool holdsSomething() { return collect().json().value(QLatin1String("entries_queued")).toBool(); }
    void setPolicy(const std::function<void(relay::Policy &)> &change)
    {
        relay::Policy policy = *m_policy->current();
        change(policy);
        m_policy->replace(policy);
    }
    const matrix::ServerName &us() const { return m_identity->name(); }

    TestServer m_sender{"sender"};
    TestServer m_owner{"owner"};
    qint64 m_answerMemory = std::numeric_limits<qint64>::max(); ///< for one answer
    FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<identity::Identity> m_identity;
    std::unique_ptr<queue::Writer> m_writer;
    std::unique_ptr<identity::KeyRing> m_keyRing;
    std::unique_ptr<relay::PolicyBoard> m_policy;
    std::unique_ptr<AddressBudget> m_addressBudget;
    std::unique_ptr<TokenBuckets> m_originBudget;
    std::unique_ptr<AddressBudget> m_failedWork;
    std::unique_ptr<telemetry::Counters> m_counters;
    std::unique_ptr<queue::FreshNames> m_freshNames;
    std::unique_ptr<relay::FreshnessBook> m_freshness;
    std::unique_ptr<RelaySite> m_site;
    int m_contacts = 0; ///< of verified origins
    std::atomic<bool> m_storing{true};
    queue::Policy m_queuePolicy;
};

void TestRelaySite::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_identity = std::make_unique<identity::Identity>(identity::Identity::generate());
    m_queuePolicy = {};
    m_queuePolicy.quotas.diskFloorBytes = 0;
    m_storing = true;
    queue::Writer::Observers observers;
    observers.health = [this](const queue::QueueHealth &health) { m_storing = health.storing; };
    auto writer = queue::Writer::open({m_folder->path()}, m_queuePolicy, m_clock, std::move(observers));
    QVERIFY2(writer.ok(), writer.ok() ? "" : qPrintable(writer.error().detail));
    m_writer = std::move(*writer);
    m_keyRing = std::make_unique<identity::KeyRing>(m_clock, nullptr);
    relay::Policy policy;
    policy.open = true;
    m_policy = std::make_unique<relay::PolicyBoard>(policy);
    m_addressBudget = std::make_unique<AddressBudget>(0, 1, m_clock);
    m_originBudget = std::make_unique<TokenBuckets>(0, 1, m_clock);
    m_failedWork = std::make_unique<AddressBudget>(0, 1, m_clock);
    m_counters = std::make_unique<telemetry::Counters>();
    openSite();
}

/// The body of a request for mail, made now.
QByteArray TestRelaySite::stamped(const QByteArray &nonce, qint64 entryId) const
{
    const QJsonObject body{{QStringLiteral("entry_id"), entryId},
                           {QStringLiteral("nonce"), QString::fromLatin1(nonce)},
                           {QStringLiteral("ts"), m_clock.wallMs()}};
    return QJsonDocument(body).toJson(QJsonDocument::Compact);
}

void TestRelaySite::openSite()
{
    m_site.reset();
    m_freshNames = std::make_unique<queue::FreshNames>(*m_writer);
    m_freshness = std::make_unique<relay::FreshnessBook>(m_clock);
    const auto names = m_freshNames->load();
    QVERIFY(names.ok());
    m_freshness->load(*names);
    RelayServices services{m_clock,   *m_identity,      *m_keyRing,      *m_policy,
                           *m_writer, *m_addressBudget, *m_originBudget, *m_counters};
    services.freshness = m_freshness.get();
    services.storing = &m_storing;
    services.failedWork = m_failedWork.get();
    m_contacts = 0;
    services.verified = [this](const matrix::ServerName &) { ++m_contacts; };
    m_site = std::make_unique<RelaySite>(services);
}

void TestRelaySite::cleanup()
{
    m_site.reset();
    m_freshness.reset();
    m_freshNames.reset();
    m_keyRing.reset();
    m_writer.reset();
}

RequestHead TestRelaySite::head(const QByteArray &method, const QByteArray &target, const QByteArray &authorization,
                                const QByteArray &contentType) const
{
    RequestHead head;
    head.method = method;
    head.target = target;
    head.peer = QHostAddress(QHostAddress::LocalHost);
    if (!contentType.isNull())
        head.headers.push_back({"Content-Type", contentType});
    if (!authorization.isNull())
        head.headers.push_back({"Authorization", authorization});
    return head;
}

Answer TestRelaySite::call(RequestHead head, const QByteArray &body)
{
    const auto answer = std::make_shared<std::optional<Answer>>();
    auto recorder = std::make_unique<Recorder>(answer);
    recorder->mostBytes = m_answerMemory;
    Reply reply(std::move(recorder));
    Verdict verdict = m_site->gate(head);
    if (verdict.refusal) {
        reply.fail(*verdict.refusal,
                   verdict.allow.isEmpty() ? Reply::ExtraHeaders() : Reply::ExtraHeaders{{"Allow", verdict.allow}});
    } else {
        m_site->handle({std::move(head), body, std::move(verdict.admitted)}, std::move(reply));
    }
    if (!QTest::qWaitFor([&] { return answer->has_value(); }, 10'000))
        return {};
    return **answer;
}

Answer TestRelaySite::signedCall(const TestServer &signer, const QByteArray &method, const QByteArray &target,
                                 const QByteArray &body, const QByteArray &contentType)
{
    return call(head(method, target, signer.authorization(method, target, us(), body), contentType), body);
}

void TestRelaySite::a_transaction_is_taken_in_and_handed_out()
{
    const Answer stored = leave();
    QCOMPARE(stored.status, 200);
    QCOMPARE(stored.body, "{}");
    const Answer got = collect();
    QCOMPARE(got.status, 200);
    QVERIFY(got.body.startsWith(R"({"transaction":{"origin":")" + m_sender.name().bytes() +
                                R"(","origin_server_ts":0,"pdus":[{"type":"m.room.message"}]},"entry_id":)"));
    const QByteArray id = QByteArray::number(qint64(got.json().value(QLatin1String("entry_id")).toDouble()));
    const Answer empty = collect(R"({"entry_id":)" + id + '}');
    QCOMPARE(empty.body,
             R"({"transaction":{"origin":"","origin_server_ts":0,"pdus":[]},"entries_queued":false,"expired":0})");
}

void TestRelaySite::a_refusal_comes_in_the_order_of_checks_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("authorization");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("errcode");

    const QByteArray user = "@user:" + TestServer("owner").name().bytes();
    const QByteArray put = "/_matrix/federation/v1/send_relay/t/" + user;
    const QByteArray get = "/_matrix/federation/v1/relay_txn/" + user;
    const QByteArray none;
    const QByteArray wrongDestination =
        R"(X-Matrix origin="a.example",destination="b.example",key="ed25519:a",sig=")" + QByteArray(86, 'A') + '"';
    const QByteArray anyone = R"(X-Matrix origin="a.example",key="ed25519:a",sig=")" + QByteArray(86, 'A') + '"';

    QTest::newRow("no route") << QByteArray("GET") << QByteArray("/nothing") << none << 404
                              << QByteArray("M_UNRECOGNIZED");
    QTest::newRow("one segment too many")
        << QByteArray("PUT") << put + "/x" << none << 404 << QByteArray("M_UNRECOGNIZED");
    QTest::newRow("encoded literal segment") << QByteArray("GET") << QByteArray("/_matrix/federation/v1/versio%6e")
                                             << none << 404 << QByteArray("M_UNRECOGNIZED");
    for (const char *method : {"GET", "POST", "DELETE", "HEAD", "OPTIONS", "put"})
        QTest::addRow("send_relay by %s", method)
            << QByteArray(method) << put << none << 405 << QByteArray("M_UNRECOGNIZED");
    for (const char *method : {"PUT", "POST", "HEAD", "OPTIONS"})
        QTest::addRow("relay_txn by %s", method)
            << QByteArray(method) << get << none << 405 << QByteArray("M_UNRECOGNIZED");
    QTest::newRow("no header") << QByteArray("PUT") << put << none << 401 << QByteArray("M_UNAUTHORIZED");
    QTest::newRow("another scheme") << QByteArray("PUT") << put << QByteArray("Bearer x") << 401
                                    << QByteArray("M_UNAUTHORIZED");
    QTest::newRow("another algorithm") << QByteArray("PUT") << put
                                       << QByteArray(R"(X-Matrix origin="a.example",key="rsa:a",sig="AAAA")") << 401
                                       << QByteArray("M_UNAUTHORIZED");
    QTest::newRow("malformed header before a bad user id")
        << QByteArray("PUT") << QByteArray("/_matrix/federation/v1/send_relay/t/nobody")
        << QByteArray("X-Matrix origin") << 400 << QByteArray("M_UNAUTHORIZED");
    QTest::newRow("wrong destination before a bad user id")
        << QByteArray("GET") << QByteArray("/_matrix/federation/v1/relay_txn/nobody") << wrongDestination << 401
        << QByteArray("M_UNAUTHORIZED");
    QTest::newRow("bad user id before the owner check")
        << QByteArray("GET") << QByteArray("/_matrix/federation/v1/relay_txn/nobody") << anyone << 400
        << QByteArray("M_INVALID_USERNAME");
    QTest::newRow("undecodable segment") << QByteArray("PUT")
                                         << QByteArray("/_matrix/federation/v1/send_relay/t%zz/") + user << anyone
                                         << 400 << QByteArray("M_INVALID_PARAM");
    QTest::newRow("undecodable user id") << QByteArray("GET") << QByteArray("/_matrix/federation/v1/relay_txn/%4")
                                         << anyone << 400 << QByteArray("M_INVALID_PARAM");
    QTest::newRow("no transaction id") << QByteArray("PUT") << QByteArray("/_matrix/federation/v1/send_relay//") + user
                                       << anyone << 400 << QByteArray("M_INVALID_PARAM");
    QTest::newRow("transaction id of 256 bytes")
        << QByteArray("PUT") << QByteArray("/_matrix/federation/v1/send_relay/") + QByteArray(256, 't') + '/' + user
        << anyone << 400 << QByteArray("M_INVALID_PARAM");
    QTest::newRow("transaction id that is no UTF-8")
        << QByteArray("PUT") << QByteArray("/_matrix/federation/v1/send_relay/%ff/") + user << anyone << 400
        << QByteArray("M_INVALID_PARAM");
    QTest::newRow("another's user before the key is looked up")
        << QByteArray("GET") << get << anyone << 403 << QByteArray("M_FORBIDDEN");
}

void TestRelaySite::a_refusal_comes_in_the_order_of_checks()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, authorization);
    QFETCH(int, status);
    QFETCH(QByteArray, errcode);
    RequestHead request = head(method, target, authorization);
    const Verdict verdict = m_site->gate(request);
    QVERIFY2(verdict.refusal.has_value(), "refused from the head alone");
    QCOMPARE(verdict.allow.isEmpty(), status != 405);
    const Answer answer = call(request, {});
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.errcode(), errcode);
    QVERIFY(!answer.json().value(QLatin1String("error")).toString().isEmpty());
}

void TestRelaySite::only_served_destinations_are_taken_in_but_every_owner_may_collect()
{
    QCOMPARE(leave().status, 200);
    setPolicy([](relay::Policy &policy) { policy.open = false; });
    const Answer refused = leave("u");
    QCOMPARE(refused.status, 403);
    QCOMPARE(refused.errcode(), "M_FORBIDDEN");
    QVERIFY(holdsSomething());
    setPolicy([this](relay::Policy &policy) { policy.served.insert(m_owner.name()); });
    QCOMPARE(leave("u").status, 200);
}

void TestRelaySite::for_a_server_that_it_works_for_mail_is_taken_in_if_it_can_be_sent()
{
    setPolicy([this](relay::Policy &policy) {
        policy.open = false;
        policy.sendsFor = {m_sender.name()};
    });
    const QByteArray attested = R"({"edus":[{"content":{},"edu_type":"org.restante.attestation"}],)"
                                R"("pdus":[{"type":"m.room.message"}]})";
    const Answer plain = leave("t", OnePdu);
    QCOMPARE(plain.status, 403);
    QVERIFY2(plain.body.contains("signature"), plain.body.constData());
    QCOMPARE(leave("t", attested).status, 200);
    QVERIFY(holdsSomething()); // whom it is for may collect it as well
    setPolicy([this](relay::Policy &policy) { policy.served.insert(m_owner.name()); });
    QCOMPARE(leave("u", OnePdu).status, 200); // held for its owner
    setPolicy([](relay::Policy &policy) {
        policy.served.clear();
        policy.sendsFor.clear();
    });
    QCOMPARE(leave("v", attested).status, 403);
}

void TestRelaySite::a_server_is_told_what_was_given_up_of_its_mail()
{
    const QByteArray target = "/_matrix/federation/unstable/org.restante/sent";
    QCOMPARE(signedCall(m_sender, "GET", target, {}, {}).status, 403);
    setPolicy([this](relay::Policy &policy) { policy.sendsFor = {m_sender.name()}; });
    QCOMPARE(signedCall(m_sender, "GET", target, {}, {}).body, QByteArray(R"({"given_up":[]})"));
    m_queuePolicy.sendsFor = {m_sender.name()};
    m_writer->setPolicy(m_queuePolicy);
    QCOMPARE(leave().status, 200);
    m_clock.advance(31 * qint64(24) * 3'600'000);
    m_writer->maintain();
    const QByteArray expected = R"({"given_up":[{"destination":")" + m_owner.name().bytes() +
                                R"(","discarded":0,"last_ts":)" + QByteArray::number(m_clock.wallMs()) +
                                R"(,"transactions":1}]})";
    QTRY_COMPARE(signedCall(m_sender, "GET", target, {}, {}).body, expected);
    QCOMPARE(signedCall(m_owner, "GET", target, {}, {}).status, 403);
}

void TestRelaySite::typing_takes_the_place_of_what_was_held_of_it()
{
    const auto typing = [](const QByteArray &user) {
        return R"({"edus":[{"content":{"user_id":")" + user + R"("},"edu_type":"m.typing"}],"pdus":[]})";
    };
    QCOMPARE(leave("1", typing("@a:sender")).status, 200);
    QCOMPARE(leave("2", OnePdu).status, 200);
    QCOMPARE(leave("3", typing("@b:sender")).status, 200);
    const QJsonObject first = collect().json();
    QCOMPARE(first.value(QLatin1String("transaction_id")).toString(), QStringLiteral("2"));
    const qint64 id = first.value(QLatin1String("entry_id")).toInteger();
    const QJsonObject second = collect("{\"entry_id\":" + QByteArray::number(id) + '}').json();
    QCOMPARE(second.value(QLatin1String("transaction_id")).toString(), QStringLiteral("3"));
}

void TestRelaySite::paused_takes_nothing_in_but_hands_out()
{
    QCOMPARE(leave().status, 200);
    setPolicy([](relay::Policy &policy) { policy.paused = true; });
    const Answer refused = leave("u");
    QCOMPARE(refused.status, 503);
    QVERIFY(refused.header("Retry-After").toInt() > 0);
    QVERIFY(holdsSomething());
}

void TestRelaySite::switched_off_answers_404_to_both()
{
    setPolicy([](relay::Policy &policy) {
        policy.enabled = false;
        policy.paused = true; // off comes first
    });
    QCOMPARE(leave().status, 404);
    QCOMPARE(leave().errcode(), "M_UNRECOGNIZED");
    QCOMPARE(collect().status, 404);
    QCOMPARE(call(head("GET", "/_matrix/federation/v1/version", {}), {}).status, 200);
}

void TestRelaySite::a_blocked_origin_is_refused_by_both()
{
    setPolicy([this](relay::Policy &policy) { policy.blockedOrigins = {m_sender.name(), m_owner.name()}; });
    QCOMPARE(leave().status, 403);
    QCOMPARE(collect().status, 403);
    QCOMPARE(collect().errcode(), "M_FORBIDDEN");
}

void TestRelaySite::an_owner_is_told_whether_mail_for_him_is_taken_in()
{
    const QByteArray name = m_owner.name().bytes();
    QCOMPARE(askMailbox(m_owner, name).body, R"({"holds":true,"paused":false,"server_name":")" + name + R"("})");
    setPolicy([](relay::Policy &policy) { policy.open = false; });
    QCOMPARE(askMailbox(m_owner, name).body,
             R"({"holds":false,"paused":false,"reason":"This relay does not act for your server","server_name":")" +
                 name + R"("})");
    setPolicy([this](relay::Policy &policy) {
        policy.served = {m_owner.name()};
        policy.paused = true;
    });
    const Answer paused = askMailbox(m_owner, name);
    QCOMPARE(paused.status, 200);
    QCOMPARE(paused.body, R"({"holds":true,"paused":true,"server_name":")" + name + R"("})");
}

void TestRelaySite::who_asks_about_anothers_mailbox_is_told_what_send_relay_would_say_data()
{
    QTest::addColumn<bool>("served");
    QTest::addColumn<bool>("paused");
    QTest::addColumn<bool>("blocked");
    QTest::newRow("served") << true << false << false;
    QTest::newRow("not served") << false << false << false;
    QTest::newRow("paused") << true << true << false;
    QTest::newRow("blocked") << true << false << true;
}

void TestRelaySite::who_asks_about_anothers_mailbox_is_told_what_send_relay_would_say()
{
    QFETCH(const bool, served);
    QFETCH(const bool, paused);
    QFETCH(const bool, blocked);
    setPolicy([&](relay::Policy &policy) {
        policy.open = false;
        policy.paused = paused;
        if (served)
            policy.served = {m_owner.name()};
        if (blocked)
            policy.blockedOrigins = {m_sender.name()};
    });
    const Answer left = leave();
    const Answer asked = askMailbox(m_sender, m_owner.name().bytes());
    if (blocked) { // told already by the names alone, as everywhere
        QCOMPARE(asked.status, left.status);
        QCOMPARE(asked.body, left.body);
        return;
    }
    QCOMPARE(asked.status, 200);
    QCOMPARE(asked.json().value(QLatin1String("server_name")).toString(), m_owner.name().toString());
    QCOMPARE(asked.json().value(QLatin1String("accepts")).toBool(), left.status == 200);
    for (const auto member : {QLatin1String("errcode"), QLatin1String("error")})
        QCOMPARE(asked.json().value(member), left.json().value(member));
}

void TestRelaySite::who_asks_about_a_mailbox_is_told_that_it_is_full()
{
    const QByteArray name = m_owner.name().bytes();
    setPolicy([this](relay::Policy &policy) { policy.served = {m_owner.name()}; });
    m_queuePolicy.served.insert(m_owner.name(), {});
    m_queuePolicy.quotas.destinationEntries = 1;
    m_writer->setPolicy(m_queuePolicy);
    QCOMPARE(leave().status, 200);
    QVERIFY(askMailbox(m_sender, name).json().value(QLatin1String("accepts")).toBool());
    const Answer refused = leave("u", R"({"pdus":[{"type":"another"}]})");
    QCOMPARE(refused.status, 429);
    QCOMPARE(askMailbox(m_owner, name).body,
             R"({"full":true,"holds":true,"paused":false,"reason":"The queue of this destination is full.",)"
             R"("server_name":")" +
                 name + R"("})");
    const Answer asked = askMailbox(m_sender, name);
    QVERIFY(!asked.json().value(QLatin1String("accepts")).toBool(true));
    for (const auto member : {QLatin1String("errcode"), QLatin1String("error")})
        QCOMPARE(asked.json().value(member), refused.json().value(member));
    QVERIFY(askMailbox(m_sender, "c.example").json().value(QLatin1String("accepts")).toBool()); // another mailbox
    const qint64 id = collect().json().value(QLatin1String("entry_id")).toInteger();
    QVERIFY(
        !collect(R"({"entry_id":)" + QByteArray::number(id) + '}').json().value(QLatin1String("entry_id")).toInteger());
    QTRY_VERIFY(askMailbox(m_sender, name).json().value(QLatin1String("accepts")).toBool());
    QVERIFY(!askMailbox(m_owner, name).json().contains(QLatin1String("full")));
}

void TestRelaySite::room_for_known_senders_is_told_to_them_and_to_the_owner()
{
    const TestServer known("known");
    const QByteArray name = m_owner.name().bytes();
    setPolicy([&](relay::Policy &policy) {
        policy.served = {m_owner.name()};
        policy.known = {{m_owner.name(), {known.name()}}};
    });
    m_queuePolicy.served.insert(m_owner.name(), {{known.name()}});
    m_queuePolicy.quotas.destinationEntries = 2; // one of them for those that the owner does not know
    m_writer->setPolicy(m_queuePolicy);
    QCOMPARE(leave().status, 200);
    const Answer refused = leave("u", R"({"pdus":[{"type":"another"}]})");
    QCOMPARE(refused.status, 429);
    const QJsonObject stranger = askMailbox(m_sender, name).json();
    QVERIFY(!stranger.value(QLatin1String("accepts")).toBool(true));
    QCOMPARE(stranger.value(QLatin1String("error")), refused.json().value(QLatin1String("error")));
    QVERIFY(askMailbox(known, name).json().value(QLatin1String("accepts")).toBool());
    const QJsonObject owner = askMailbox(m_owner, name).json();
    QVERIFY(owner.value(QLatin1String("full_for_unknown")).toBool());
    QVERIFY(!owner.contains(QLatin1String("full")) && !owner.value(QLatin1String("paused")).toBool(true));
    QCOMPARE(owner.value(QLatin1String("reason")), refused.json().value(QLatin1String("error")));
    QCOMPARE(signedCall(known, "PUT", sendRelayTarget("k", m_owner.user()), R"({"pdus":[{"type":"k"}]})").status, 200);
}

void TestRelaySite::a_sender_that_used_up_its_share_is_told_when_it_asks()
{
    const TestServer other("other");
    const QByteArray name = m_owner.name().bytes();
    setPolicy([this](relay::Policy &policy) { policy.served = {m_owner.name()}; });
    m_queuePolicy.served.insert(m_owner.name(), {});
    m_queuePolicy.quotas.originEntries = 1;
    m_writer->setPolicy(m_queuePolicy);
    QCOMPARE(leave().status, 200);
    const Answer refused = leave("u", R"({"pdus":[{"type":"another"}]})");
    QCOMPARE(refused.status, 429);
    const QJsonObject asked = askMailbox(m_sender, name).json();
    QVERIFY(!asked.value(QLatin1String("accepts")).toBool(true));
    QCOMPARE(asked.value(QLatin1String("error")), refused.json().value(QLatin1String("error")));
    QVERIFY(askMailbox(other, name).json().value(QLatin1String("accepts")).toBool());
    QVERIFY(!askMailbox(m_owner, name).json().contains(QLatin1String("reason")));
}

void TestRelaySite::who_asks_an_open_relay_is_told_that_it_is_full()
{
    m_queuePolicy.quotas.totalEntries = 1;
    m_writer->setPolicy(m_queuePolicy);
    QCOMPARE(leave().status, 200);
    QCOMPARE(leave("u", R"({"pdus":[{"type":"another"}]})").status, 429);
    const QByteArray name = m_owner.name().bytes();
    QVERIFY(askMailbox(m_owner, name).json().value(QLatin1String("full")).toBool());
    const Answer asked = askMailbox(m_sender, "c.example");
    QVERIFY(!asked.json().value(QLatin1String("accepts")).toBool(true));
    QCOMPARE(asked.json().value(QLatin1String("error")).toString(), QStringLiteral("This relay is full."));
    setPolicy([this](relay::Policy &policy) { policy.served = {m_owner.name()}; });
    QVERIFY(!askMailbox(m_owner, name).json().contains(QLatin1String("full"))); // for whom room is kept
}

void TestRelaySite::who_asks_about_a_mailbox_is_told_that_nothing_can_be_stored()
{
    const QByteArray name = m_owner.name().bytes();
    m_queuePolicy.quotas.diskFloorBytes = qint64(1) << 60;
    m_writer->setPolicy(m_queuePolicy);
    const Answer refused = leave();
    QCOMPARE(refused.status, 503);
    QTRY_VERIFY(!m_storing);
    QCOMPARE(askMailbox(m_owner, name).body,
             R"({"holds":true,"paused":true,"reason":"Nothing can be stored or read here just now","server_name":")" +
                 name + R"("})");
    const Answer asked = askMailbox(m_sender, name);
    QVERIFY(!asked.json().value(QLatin1String("accepts")).toBool(true));
    for (const auto member : {QLatin1String("errcode"), QLatin1String("error")})
        QCOMPARE(asked.json().value(member), refused.json().value(member));
}

void TestRelaySite::a_question_about_a_mailbox_is_checked_like_any_other_request_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("enabled");
    QTest::addColumn<QByteArray>("authorization"); // null: a good one
    QTest::addColumn<int>("status");
    QTest::newRow("no signature") << QByteArray("b.example") << true << QByteArray("") << 401;
    QTest::newRow("no name") << QByteArray("a%20b") << true << QByteArray() << 400;
    QTest::newRow("off") << QByteArray("b.example") << false << QByteArray() << 404;
    QTest::newRow("forged") << QByteArray("b.example") << true
                            << QByteArray("X-Matrix origin=\"" + m_owner.name().bytes() +
                                          "\",key=\"ed25519:1\",sig=\"" + QByteArray(86, 'A') + '"')
                            << 401;
}

void TestRelaySite::a_question_about_a_mailbox_is_checked_like_any_other_request()
{
    QFETCH(const QByteArray, name);
    QFETCH(const bool, enabled);
    QFETCH(const QByteArray, authorization);
    QFETCH(const int, status);
    setPolicy([enabled](relay::Policy &policy) { policy.enabled = enabled; });
    const QByteArray target = mailboxTarget(name);
    QByteArray sent = authorization;
    if (authorization.isNull())
        sent = m_owner.authorization("GET", target, us(), {});
    const Answer answer = call(head("GET", target, sent.isEmpty() ? QByteArray() : sent, {}), {});
    QCOMPARE(answer.status, status);
}

void TestRelaySite::an_empty_answer_to_our_own_collector_says_whether_mail_for_it_is_taken_in()
{
    const QByteArray batch = R"({"entry_id":0,"org.restante.batch":{"limit":2}})";
    const auto holds = QLatin1String("org.restante.holds");
    const auto paused = QLatin1String("org.restante.paused");
    QCOMPARE(collect(batch).json().value(holds), QJsonValue(true));
    QCOMPARE(collect(batch).json().value(paused), QJsonValue(false));
    setPolicy([](relay::Policy &policy) { policy.paused = true; });
    QCOMPARE(collect(batch).json().value(holds), QJsonValue(true));
    QCOMPARE(collect(batch).json().value(paused), QJsonValue(true));
    setPolicy([](relay::Policy &policy) { policy.open = false; });
    QCOMPARE(collect(batch).json().value(holds), QJsonValue(false));
    QVERIFY(!collect().json().contains(holds)); // a client that does not know us gets what it always got
}

void TestRelaySite::an_owner_who_has_collected_all_is_not_told_that_the_mailbox_is_full()
{
    setPolicy([this](relay::Policy &policy) { policy.served = {m_owner.name()}; });
    m_queuePolicy.served.insert(m_owner.name(), {});
    m_queuePolicy.quotas.destinationEntries = 1;
    m_writer->setPolicy(m_queuePolicy);
    QCOMPARE(leave().status, 200);
    QCOMPARE(leave("u", R"({"pdus":[{"type":"another"}]})").status, 429);
    const qint64 id = collect(R"({"entry_id":0,"org.restante.batch":{"limit":2}})")
                          .json()
                          .value(QLatin1String("entry_id"))
                          .toInteger();
    const Answer last = collect(R"({"entry_id":)" + QByteArray::number(id) + R"(,"org.restante.batch":{"limit":2}})");
    QCOMPARE(last.json().value(QLatin1String("entries_queued")), QJsonValue(false));
    QCOMPARE(last.json().value(QLatin1String("org.restante.paused")), QJsonValue(false));
}

void TestRelaySite::a_copied_request_hands_out_nothing_and_acknowledges_nothing()
{
    QCOMPARE(leave("t1").status, 200);
    const Answer got = collect(stamped("1"));
    QCOMPARE(got.status, 200);
    const qint64 id = qint64(got.json().value(QLatin1String("entry_id")).toDouble());
    const Answer copied = collect(stamped("1"));
    QCOMPARE(copied.status, 401);
    QCOMPARE(errcodeOf(copied), QStringLiteral("ORG.RESTANTE.NOT_FRESH"));
    QVERIFY(!copied.body.contains("m.room.message"));

    QCOMPARE(collect(stamped("2", id)).json().value(QLatin1String("entries_queued")), QJsonValue(false));
    QCOMPARE(leave("t2", R"({"pdus":[{"type":"m.other"}]})").status, 200);
    QCOMPARE(collect(stamped("2", id)).status, 401);
    QCOMPARE(collect(stamped("3")).json().value(QLatin1String("entries_queued")), QJsonValue(true));
    // A copy of one that came while nothing was held, too.
    QCOMPARE(collect(stamped("1")).status, 401);
}

void TestRelaySite::a_copied_request_is_at_nobodys_expense()
{
    m_originBudget->configure(0.001, 2);
    QCOMPARE(collect(stamped("1")).status, 200);
    QCOMPARE(m_contacts, 1);
    for (int i = 0; i < 5; ++i)
        QCOMPARE(collect(stamped("1")).status, 401);
    QCOMPARE(m_contacts, 1); // its owner was not here
    QCOMPARE(collect(stamped("2")).status, 200);
    QCOMPARE(collect(stamped("3")).status, 429);
}

void TestRelaySite::a_request_from_before_a_restart_is_refused()
{
    const QByteArray recorded = stamped("1");
    QCOMPARE(collect(recorded).status, 200);
    openSite();
    QCOMPARE(collect(recorded).status, 401);
    m_clock.advance(1);
    QCOMPARE(collect(stamped("2")).status, 200);
    QCOMPARE(collect(recorded).status, 401);
}

void TestRelaySite::a_name_that_used_stamps_must_always()
{
    QCOMPARE(collect().status, 200); // Dendrite's client
    QCOMPARE(collect(stamped("1")).status, 200);
    for (const char *half : {R"({"entry_id":0})", R"({"nonce":"2"})", R"({"ts":1790000000000})"})
        QCOMPARE(errcodeOf(collect(half)), QStringLiteral("ORG.RESTANTE.NOT_FRESH"));
    openSite();
    QCOMPARE(errcodeOf(collect()), QStringLiteral("ORG.RESTANTE.NOT_FRESH"));
    QCOMPARE(signedCall(m_sender, "GET", relayTxnTarget(m_sender.user()), R"({"entry_id":0})").status, 200);
}

void TestRelaySite::a_setting_asks_everybody_for_stamps()
{
    setPolicy([](relay::Policy &policy) { policy.requireFresh = true; });
    QCOMPARE(errcodeOf(collect()), QStringLiteral("ORG.RESTANTE.NOT_FRESH"));
    QCOMPARE(collect(stamped("1")).status, 200);
}

void TestRelaySite::stamps_of_another_form_are_refused_data()
{
    QTest::addColumn<QByteArray>("members");
    QTest::newRow("a time in words") << QByteArray(R"("nonce":"1","ts":"now")");
    QTest::newRow("a time before all times") << QByteArray(R"("nonce":"1","ts":-1)");
    QTest::newRow("a fraction") << QByteArray(R"("nonce":"1","ts":1790000000000.5)");
    QTest::newRow("an empty nonce") << QByteArray(R"("nonce":"","ts":1790000000000)");
    QTest::newRow("a number as nonce") << QByteArray(R"("nonce":1,"ts":1790000000000)");
    QTest::newRow("a long nonce") << QByteArray(R"("nonce":")") + QByteArray(129, 'n') + R"(","ts":1790000000000)";
}

void TestRelaySite::stamps_of_another_form_are_refused()
{
    QFETCH(const QByteArray, members);
    const Answer answer = collect('{' + members + '}');
    // A fraction cannot be signed, so that it fails there.
    QCOMPARE(answer.status, members.contains("000.5") ? answer.status : 400);
    QVERIFY(answer.status >= 400 && answer.status < 500);
}

void TestRelaySite::a_full_queue_answers_429_and_keeps_what_it_has()
{
    QCOMPARE(leave().status, 200);
    m_queuePolicy.quotas.originEntries = 1;
    m_writer->setPolicy(m_queuePolicy);
    const Answer refused = leave("u", R"({"pdus":[{"type":"another"}]})");
    QCOMPARE(refused.status, 429);
    QCOMPARE(refused.errcode(), "M_LIMIT_EXCEEDED");
    QVERIFY(refused.json().value(QLatin1String("retry_after_ms")).toInt() > 0);
    QVERIFY(refused.header("Retry-After").toInt() > 0);
    QVERIFY(holdsSomething());
}

void TestRelaySite::too_little_disk_space_answers_503()
{
    m_queuePolicy.quotas.diskFloorBytes = qint64(1) << 60;
    m_writer->setPolicy(m_queuePolicy);
    const Answer refused = leave();
    QCOMPARE(refused.status, 503);
    QCOMPARE(refused.errcode(), "M_UNKNOWN");
    QVERIFY(!holdsSomething());
}

void TestRelaySite::an_address_over_its_budget_gets_429_before_its_body_is_read()
{
    m_addressBudget->configure(1, 2);
    const QByteArray target = sendRelayTarget("t", m_owner.user());
    const RequestHead request = head("PUT", target, m_sender.authorization("PUT", target, us(), OnePdu));
    QVERIFY(!m_site->gate(request).refusal);
    QVERIFY(!m_site->gate(request).refusal);
    const Verdict refused = m_site->gate(request);
    QVERIFY(refused.refusal.has_value());
    QCOMPARE(refused.refusal->code, Errc::RateLimited);
    QVERIFY(refused.refusal->retryAfterMs > 0);
    m_clock.advance(1'000);
    QVERIFY(!m_site->gate(request).refusal);
}

void TestRelaySite::an_origin_is_charged_only_once_its_signature_is_verified()
{
    m_originBudget->configure(1, 2);
    const QByteArray target = sendRelayTarget("t", m_owner.user());
    const QByteArray forged = m_sender.authorization("PUT", target, us(), R"({"pdus":[]})");
    for (int i = 0; i < 5; ++i)
        QCOMPARE(call(head("PUT", target, forged), OnePdu).status, 401);
    QCOMPARE(leave("1").status, 200);
    QCOMPARE(leave("2").status, 200);
    const Answer refused = leave("3");
    QCOMPARE(refused.status, 429);
    QVERIFY(refused.json().value(QLatin1String("retry_after_ms")).toInt() > 0);
    QCOMPARE(collect().status, 200); // another origin
}

void TestRelaySite::an_address_whose_requests_are_worth_nothing_waits()
{
    m_failedWork->configure(64, 128);
    const QByteArray target = sendRelayTarget("t", m_owner.user());
    const QByteArray large = R"({"pdus":[{"x":")" + QByteArray(100 * 1024, 'x') + R"("}]})";
    const RequestHead forged = head("PUT", target, m_sender.authorization("PUT", target, us(), "{}"));
    QCOMPARE(call(forged, large).status, 401);
    QCOMPARE(leave().status, 200); // something is left
    QCOMPARE(call(forged, "no JSON" + large).status, 400);
    const Verdict refused = m_site->gate(forged);
    QVERIFY(refused.refusal.has_value());
    QCOMPARE(refused.refusal->code, Errc::RateLimited);
    RequestHead elsewhere = forged;
    elsewhere.peer = QHostAddress(QStringLiteral("192.0.2.1"));
    QVERIFY(!m_site->gate(elsewhere).refusal);
    m_clock.advance(refused.refusal->retryAfterMs);
    QCOMPARE(leave().status, 200);
}

/// 500 bytes make the relay read megabytes. An owner that acknowledges what it got pays for the request alone.
void TestRelaySite::large_mail_that_is_asked_for_again_and_again_costs_its_address()
{
    constexpr qsizetype size = qsizetype(1024) * 1024; // as much as 64 requests
    for (qsizetype i = 0; i < 3; ++i) {
        const QByteArray body = R"({"pdus":[{"x":")" + QByteArray(size + i, 'x') + R"("}]})";
        QCOMPARE(leave(QByteArray::number(i), body).status, 200);
    }
    m_addressBudget->configure(1, 100);
    QByteArray id = "0";
    const auto ask = [&] {
        const Answer got = collect(R"({"entry_id":)" + id + '}');
        id = QByteArray::number(qint64(got.json().value(QLatin1String("entry_id")).toDouble()));
        return got.status;
    };
    for (int i = 0; i < 3; ++i)
        QCOMPARE(ask(), 200);
    id = "0"; // the last one again
    QCOMPARE(ask(), 200);
    id = "0";
    QCOMPARE(ask(), 200);
    QCOMPARE(ask(), 429);
}

void TestRelaySite::large_mail_is_not_read_if_it_could_not_be_sent()
{
    for (const char *id : {"1", "2"}) {
        const QByteArray body = R"({"pdus":[{"x":")" + QByteArray(qsizetype(1024) * 1024, *id) + R"("}]})";
        QCOMPARE(leave(id, body).status, 200);
    }
    const auto idOf = [](const Answer &answer) { return answer.json().value(QLatin1String("entry_id")).toInteger(); };
    const qint64 first = idOf(collect());
    m_answerMemory = 64 * 1024;
    const QByteArray next = R"({"entry_id":)" + QByteArray::number(first) + '}';
    QCOMPARE(collect(next).status, 503);
    m_answerMemory = std::numeric_limits<qint64>::max();
    QVERIFY(idOf(collect(next)) > first);
}

/// Also the first time that it is asked for, when nobody knows yet that it is large.
void TestRelaySite::large_mail_is_read_beside_small_answers()
{
    const QByteArray large = R"({"pdus":[{"x":")" + QByteArray(qsizetype(1024) * 1024, 'x') + R"("}]})";
    QCOMPARE(leave("large", large).status, 200);
    const QByteArray target = relayTxnTarget(m_owner.user());
    const RequestHead request = head("GET", target, m_owner.authorization("GET", target, us(), "{}"));
    const auto answer = std::make_shared<std::optional<Answer>>();
    Verdict verdict = m_site->gate(request);
    QVERIFY(!verdict.refusal);
    m_site->handle({request, "{}", std::move(verdict.admitted)}, Reply(std::make_unique<Recorder>(answer)));
    QVERIFY(!answer->has_value()); // this thread is free for others
    QCOMPARE(signedCall(m_sender, "GET", relayTxnTarget(m_sender.user()), "{}").status, 200);
    QVERIFY(QTest::qWaitFor([&] { return answer->has_value(); }, 10'000));
    QCOMPARE((*answer)->status, 200);
    QVERIFY((*answer)->body.contains(large.sliced(1, large.size() - 2)));
}

void TestRelaySite::many_medium_entries_come_with_one_answer()
{
    constexpr qsizetype size = qsizetype(100) * 1024;
    for (int i = 0; i < 12; ++i) {
        const QByteArray body = R"({"pdus":[{"x":")" + QByteArray::number(i) + QByteArray(size, 'x') + R"("}]})";
        QCOMPARE(leave(QByteArray::number(i), body).status, 200);
    }
    const Answer got = collect(R"({"entry_id":0,"org.restante.batch":{"limit":32}})");
    QCOMPARE(got.status, 200);
    QCOMPARE(got.json().value(QLatin1String("org.restante.batch")).toArray().size(), 9); // about 1 MiB in all
    const Answer few = collect(R"({"entry_id":0,"org.restante.batch":{"limit":3}})");
    QCOMPARE(few.json().value(QLatin1String("org.restante.batch")).toArray().size(), 2);
}

/// Signed once, in CPython's spelling; anybody who saw it can spell the number in many ways.
void TestRelaySite::one_signature_is_one_entry_however_its_numbers_are_spelt()
{
    const auto body = [](const QByteArray &number) { return R"({"pdus":[{"n":)" + number + "}]}"; };
    const QByteArray target = sendRelayTarget("t", m_owner.user());
    const QByteArray authorization = m_sender.authorization("PUT", target, us(), body("1.5"));
    for (const char *number : {"1.50", "15e-1", "0.15e1", "150E-2", "1.5", "1.500"})
        QCOMPARE(call(head("PUT", target, authorization), body(number)).status, 200);
    const Answer got = collect();
    QVERIFY2(got.body.contains(R"("pdus":[{"n":1.5}])"), got.body.constData());
    const QByteArray id = QByteArray::number(qint64(got.json().value(QLatin1String("entry_id")).toDouble()));
    QVERIFY(collect(R"({"entry_id":)" + id + '}').body.contains(R"("pdus":[])"));
}

void TestRelaySite::a_large_transaction_is_taken_in_beside_small_ones()
{
    const QByteArray target = sendRelayTarget("large", m_owner.user());
    const QByteArray large = R"({"pdus":[{"x":")" + QByteArray(2 * 1024 * 1024, 'x') + R"("}]})";
    RequestHead request = head("PUT", target, m_sender.authorization("PUT", target, us(), large));
    const auto answer = std::make_shared<std::optional<Answer>>();
    Verdict verdict = m_site->gate(request);
    QVERIFY(!verdict.refusal);
    m_site->handle({request, large, std::move(verdict.admitted)}, Reply(std::make_unique<Recorder>(answer)));
    QVERIFY(!answer->has_value()); // its turn comes when this thread is free for others, too
    QCOMPARE(leave("small").status, 200);
    QVERIFY(QTest::qWaitFor([&] { return answer->has_value(); }, 10'000));
    QCOMPARE((*answer)->status, 200);
    QVERIFY(collect().body.contains("\"pdus\":[{\""));
}

/// What waits for a key holds its body only as long as the client waits, too.
void TestRelaySite::a_body_goes_with_its_client()
{
    identity::KeyFetcher::Done held;
    RelayServices services{m_clock,   *m_identity,      *m_keyRing,      *m_policy,
                           *m_writer, *m_addressBudget, *m_originBudget, *m_counters};
    services.makeKeyFetcher = [&held] { return std::make_unique<HoldingKeyFetcher>(held); };
    m_site = std::make_unique<RelaySite>(services);
    const QByteArray authorization =
        R"(X-Matrix origin="slow.example",key="ed25519:a",sig=")" + QByteArray(86, 'A') + '"';
    for (const qsizetype size : {qsizetype(1'000), qsizetype(1024 * 1024)}) {
        const QByteArray body = R"({"pdus":[{"x":")" + QByteArray(size, 'x') + R"("}]})";
        const RequestHead request = head("PUT", sendRelayTarget("t", m_owner.user()), authorization);
        const auto answer = std::make_shared<std::optional<Answer>>();
        const auto leave = std::make_shared<std::function<void()>>();
        Verdict verdict = m_site->gate(request);
        QVERIFY(!verdict.refusal);
        m_site->handle({request, body, std::move(verdict.admitted)}, Reply(std::make_unique<Recorder>(answer, leave)));
        QVERIFY(QTest::qWaitFor([&] { return bool(held); }, 10'000));
        QVERIFY(!body.isDetached()); // the request has it, too
        QVERIFY(*leave);
        (*leave)();
        QVERIFY(body.isDetached());
        std::exchange(held, nullptr)({Errc::KeyUnavailable, QStringLiteral("late")});
    }
}

void TestRelaySite::content_types_other_than_json_are_refused_data()
{
    QTest::addColumn<QByteArray>("contentType");
    QTest::addColumn<bool>("accepted");
    QTest::newRow("missing") << QByteArray() << true;
    QTest::newRow("plain") << QByteArray("application/json") << true;
    QTest::newRow("upper case") << QByteArray("Application/JSON") << true;
    QTest::newRow("parameter") << QByteArray("application/json; charset=utf-8") << true;
    QTest::newRow("text") << QByteArray("text/plain") << false;
    QTest::newRow("empty") << QByteArray("") << false;
    QTest::newRow("form") << QByteArray("application/x-www-form-urlencoded") << false;
    QTest::newRow("longer") << QByteArray("application/json5") << false;
}

void TestRelaySite::content_types_other_than_json_are_refused()
{
    QFETCH(QByteArray, contentType);
    QFETCH(bool, accepted);
    const Answer left = signedCall(m_sender, "PUT", sendRelayTarget("t", m_owner.user()), OnePdu, contentType);
    const Answer got = signedCall(m_owner, "GET", relayTxnTarget(m_owner.user()), "{}", contentType);
    for (const Answer &answer : {left, got}) {
        QCOMPARE(answer.status, accepted ? 200 : 400);
        QCOMPARE(answer.errcode(), accepted ? QByteArray() : QByteArray("M_NOT_JSON"));
    }
}

void TestRelaySite::bodies_of_send_relay_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("errcode");
    const auto bad = [](const char *name, const QByteArray &body, const char *errcode) {
        QTest::newRow(name) << body << 400 << QByteArray(errcode);
    };
    const auto good = [](const char *name, const QByteArray &body) {
        QTest::newRow(name) << body << 200 << QByteArray();
    };
    bad("empty", QByteArray(""), "M_NOT_JSON");
    bad("syntax", "{", "M_NOT_JSON");
    bad("trailing bytes", "{\"pdus\":[]}x", "M_NOT_JSON");
    bad("byte order mark", "\xef\xbb\xbf{\"pdus\":[]}", "M_NOT_JSON");
    bad("not UTF-8", "{\"a\":\"\xff\"}", "M_NOT_JSON");
    bad("duplicate key", R"({"pdus":[],"pdus":[]})", "M_BAD_JSON");
    bad("lone surrogate", R"({"a":"\ud800"})", "M_BAD_JSON");
    bad("too deep", "{\"a\":" + QByteArray(300, '[') + QByteArray(300, ']') + "}", "M_BAD_JSON");
    bad("null", "null", "M_BAD_JSON");
    bad("array", "[]", "M_BAD_JSON");
    bad("pdus object", R"({"pdus":{}})", "M_BAD_JSON");
    bad("edus text", R"({"pdus":[],"edus":"x"})", "M_BAD_JSON");
    bad("pdu number", R"({"pdus":[1]})", "M_BAD_JSON");
    bad("edu without type", R"({"edus":[{"content":{}}]})", "M_BAD_JSON");
    bad("edu type number", R"({"edus":[{"edu_type":1}]})", "M_BAD_JSON");
    bad("edu content list", R"({"edus":[{"edu_type":"a","content":[]}]})", "M_BAD_JSON");
    bad("timestamp text", R"({"pdus":[],"origin_server_ts":"1"})", "M_BAD_JSON");
    bad("timestamp float", R"({"pdus":[],"origin_server_ts":1.5})", "M_BAD_JSON");
    bad("timestamp negative", R"({"pdus":[],"origin_server_ts":-1})", "M_BAD_JSON");
    bad("timestamp too large", R"({"pdus":[],"origin_server_ts":9007199254740992})", "M_BAD_JSON");
    good("nothing in it", "{}");
    good("nulls", R"({"pdus":null,"edus":null})");
    good("unknown members", R"({"pdus":[],"later":{"x":[1.5e3]}})");
    good("edu without content", R"({"edus":[{"edu_type":"a"}]})");
    good("white space", " { \"pdus\" : [ {} ] } \n");
}

void TestRelaySite::bodies_of_send_relay()
{
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    QFETCH(QByteArray, errcode);
    const QByteArray target = sendRelayTarget("t", m_owner.user());
    // What cannot be signed is signed as an empty object: it must be refused before the signature is looked at.
    const bool signable = matrix::canonicalJson(body, matrix::NumberRule::Lenient).ok();
    const QByteArray authorization = m_sender.authorization("PUT", target, us(), signable ? body : QByteArray("{}"));
    const Answer answer = call(head("PUT", target, authorization), body);
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.errcode(), errcode);
    QCOMPARE(holdsSomething(), status == 200);
}

void TestRelaySite::storage_that_cannot_be_read_has_words_of_its_own()
{
    QCOMPARE(leave().status, 200);
    const QDir folder(m_folder->path());
    QVERIFY(QFile::rename(folder.filePath(QStringLiteral("queue.sqlite")), folder.filePath(QStringLiteral("away"))));
    const Answer away = collect();
    QCOMPARE(away.status, 503);
    QCOMPARE(away.json().value(QLatin1String("error")).toString(),
             QStringLiteral("Nothing can be stored or read here just now"));
    QVERIFY(QFile::rename(folder.filePath(QStringLiteral("away")), folder.filePath(QStringLiteral("queue.sqlite"))));
    QVERIFY(holdsSomething());
}

void TestRelaySite::bodies_of_relay_txn_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("errcode");
    const auto row = [](const char *name, const QByteArray &body, int status, const char *errcode) {
        QTest::newRow(name) << body << status << QByteArray(errcode);
    };
    row("no body", QByteArray(), 200, "");
    row("empty object", "{}", 200, "");
    row("zero", R"({"entry_id":0})", 200, "");
    row("minus zero", R"({"entry_id":-0})", 200, "");
    row("unknown", R"({"entry_id":77})", 200, "");
    row("beyond any id", R"({"entry_id":9223372036854775807})", 200, "");
    row("unknown member", R"({"entry_id":0,"nonce":"x"})", 200, "");
    row("null", "null", 400, "M_BAD_JSON");
    row("entry_id null", R"({"entry_id":null})", 400, "M_BAD_JSON");
    row("text", R"({"entry_id":"1"})", 400, "M_BAD_JSON");
    row("float", R"({"entry_id":1.0})", 400, "M_BAD_JSON");
    row("exponent", R"({"entry_id":1e2})", 400, "M_BAD_JSON");
    row("negative", R"({"entry_id":-1})", 400, "M_BAD_JSON");
    row("beyond 64 bits", R"({"entry_id":9223372036854775808})", 400, "M_BAD_JSON");
    row("not JSON", "{", 400, "M_NOT_JSON");
    row("empty batch", R"({"org.restante.batch":{}})", 200, "");
    row("batch larger than is given", R"({"org.restante.batch":{"limit":9000}})", 200, "");
    row("batch of nothing", R"({"org.restante.batch":{"limit":0}})", 400, "M_BAD_JSON");
    row("batch is a list", R"({"org.restante.batch":[]})", 400, "M_BAD_JSON");
    row("batch acknowledges text", R"({"org.restante.batch":{"acknowledge":["1"]}})", 400, "M_BAD_JSON");
    row("batch acknowledges too many",
        R"({"org.restante.batch":{"acknowledge":[0)" + QByteArray(",1").repeated(32) + "]}}", 400, "M_BAD_JSON");
    row("capital letters are another member", R"({"ENTRY_ID":"x"})", 200, "");
}

void TestRelaySite::bodies_of_relay_txn()
{
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    QFETCH(QByteArray, errcode);
    QCOMPARE(leave().status, 200);
    const QByteArray target = relayTxnTarget(m_owner.user());
    const bool signable = body.isNull() || matrix::canonicalJson(body, matrix::NumberRule::Lenient).ok();
    const Answer answer =
        call(head("GET", target, m_owner.authorization("GET", target, us(), signable ? body : "{}")), body);
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.errcode(), errcode);
    QVERIFY(holdsSomething());
}

void TestRelaySite::path_segments_are_decoded_once_data()
{
    QTest::addColumn<QByteArray>("segment");
    QTest::addColumn<int>("status");
    const QByteArray name = TestServer("owner").name().bytes();
    QTest::newRow("bare") << "@user:" + name << 200;
    QTest::newRow("encoded") << "%40user%3A" + name << 200;
    QTest::newRow("lower-case hex") << "%40us%65r%3a" + name << 200;
    QTest::newRow("encoded twice") << "%2540user%3A" + name << 400;
    QTest::newRow("slash in the localpart") << "@a%2Fb:" + name << 200;
    QTest::newRow("plus in the localpart") << "@a+b:" + name << 200;
    QTest::newRow("space") << "@a%20b:" + name << 400;
    QTest::newRow("NUL") << "@a%00b:" + name << 400;
    QTest::newRow("query is signed but ignored") << "@user:" + name + "?x=/y" << 200;
}

void TestRelaySite::path_segments_are_decoded_once()
{
    QFETCH(QByteArray, segment);
    QFETCH(int, status);
    const Answer left = signedCall(m_sender, "PUT", sendRelayTarget("t", segment), OnePdu);
    const Answer got = signedCall(m_owner, "GET", relayTxnTarget(segment), "{}");
    for (const Answer &answer : {left, got}) {
        QCOMPARE(answer.status, status);
        QCOMPARE(answer.errcode(), status == 200 ? QByteArray() : QByteArray("M_INVALID_USERNAME"));
    }
    QCOMPARE(holdsSomething(), status == 200);
}

void TestRelaySite::an_unknown_key_is_401_and_nothing_is_kept()
{
    const QByteArray authorization = R"(X-Matrix origin="a.example",key="ed25519:a",sig=")" + QByteArray(86, 'A') + '"';
    const Answer answer = call(head("PUT", sendRelayTarget("t", m_owner.user()), authorization), OnePdu);
    QCOMPARE(answer.status, 401);
    QCOMPARE(answer.errcode(), "M_UNAUTHORIZED");
    QVERIFY(!holdsSomething());
}

void TestRelaySite::a_batch_is_handed_out_and_acknowledged_at_once()
{
    for (int i = 0; i < 5; ++i) {
        const QByteArray number = QByteArray::number(i);
        QCOMPARE(leave("t" + number, R"({"pdus":[{"n":)" + number + "}]}").status, 200);
    }
    const QJsonObject answer = collect(R"({"entry_id":0,"org.restante.batch":{"limit":3}})").json();
    const QJsonArray further = answer.value(QLatin1String("org.restante.batch")).toArray();
    QCOMPARE(further.size(), 2);
    QCOMPARE(answer.value(QLatin1String("transaction_id")).toString(), QStringLiteral("t0"));
    QCOMPARE(further.last().toObject().value(QLatin1String("transaction_id")).toString(), QStringLiteral("t2"));
    const auto idOf = [](const QJsonValue &entry) {
        return QByteArray::number(entry.toObject().value(QLatin1String("entry_id")).toInteger());
    };
    // The second of them is not acknowledged, and comes again before those that are new.
    const QJsonObject rest = collect(R"({"entry_id":)" + idOf(answer) + R"(,"org.restante.batch":{"acknowledge":[)" +
                                     idOf(further.last()) + R"(],"limit":32}})")
                                 .json();
    QCOMPARE(rest.value(QLatin1String("transaction_id")).toString(), QStringLiteral("t1"));
    const QJsonArray behind = rest.value(QLatin1String("org.restante.batch")).toArray();
    QCOMPARE(behind.size(), 2);
    QCOMPARE(behind.first().toObject().value(QLatin1String("transaction_id")).toString(), QStringLiteral("t3"));
}

void TestRelaySite::only_origins_that_the_policy_lets_in_are_asked_for_their_keys_data()
{
    QTest::addColumn<QByteArray>("origin");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("open");
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("asked");
    const QByteArray body = OnePdu;
    QTest::newRow("let in") << QByteArray("a.example") << body << true << 503 << true;
    QTest::newRow("blocked") << QByteArray("blocked.example") << body << true << 403 << false;
    QTest::newRow("destination not served") << QByteArray("a.example") << body << false << 403 << false;
    QTest::newRow("body that is no JSON") << QByteArray("a.example") << QByteArray("{") << true << 400 << false;
}

void TestRelaySite::only_origins_that_the_policy_lets_in_are_asked_for_their_keys()
{
    QFETCH(const QByteArray, origin);
    QFETCH(const QByteArray, body);
    QFETCH(const bool, open);
    QFETCH(const int, status);
    QFETCH(const bool, asked);
    QByteArrayList servers;
    RelayServices services{m_clock,   *m_identity,      *m_keyRing,      *m_policy,
                           *m_writer, *m_addressBudget, *m_originBudget, *m_counters};
    services.makeKeyFetcher = [&servers] { return std::make_unique<FailingKeyFetcher>(servers); };
    m_site = std::make_unique<RelaySite>(services);
    setPolicy([open](relay::Policy &policy) {
        policy.open = open;
        policy.blockedOrigins = {*matrix::ServerName::parse("blocked.example")};
    });
    const QByteArray authorization =
        "X-Matrix origin=\"" + origin + "\",key=\"ed25519:a\",sig=\"" + QByteArray(86, 'A') + '"';
    QCOMPARE(call(head("PUT", sendRelayTarget("t", m_owner.user()), authorization), body).status, status);
    QCOMPARE(servers, asked ? QByteArrayList{origin} : QByteArrayList());
}

void TestRelaySite::a_closed_relay_asks_nobody_for_the_keys_of_those_it_has_nothing_for()
{
    QByteArrayList servers;
    RelayServices services{m_clock,   *m_identity,      *m_keyRing,      *m_policy,
                           *m_writer, *m_addressBudget, *m_originBudget, *m_counters};
    services.makeKeyFetcher = [&servers] { return std::make_unique<FailingKeyFetcher>(servers); };
    m_site = std::make_unique<RelaySite>(services);
    const auto nobody = *matrix::ServerName::parse("nobody.example");
    const auto owner = *matrix::ServerName::parse("owner.example");
    const auto left = *matrix::ServerName::parse("left.example");
    QCOMPARE(signedCall(m_sender, "PUT", sendRelayTarget("t", "@a:left.example"), OnePdu).status, 200);
    setPolicy([&owner](relay::Policy &policy) {
        policy.open = false;
        policy.served = {owner};
    });
    const auto ask = [this](const matrix::ServerName &who, const QByteArray &target) {
        return call(
                   head("GET", target,
                        "X-Matrix origin=\"" + who.bytes() + "\",key=\"ed25519:a\",sig=\"" + QByteArray(86, 'A') + '"'),
                   {})
            .status;
    };
    const QByteArray mailbox = "/_matrix/federation/unstable/org.restante/mailbox/";
    QCOMPARE(ask(nobody, relayTxnTarget("@a:nobody.example")), 401);
    QCOMPARE(ask(nobody, mailbox + nobody.bytes()), 401);
    QCOMPARE(ask(nobody, mailbox + left.bytes()), 401);
    QCOMPARE(servers, QByteArrayList());
    QCOMPARE(ask(owner, relayTxnTarget("@a:owner.example")), 503);
    QCOMPARE(ask(nobody, mailbox + owner.bytes()), 503);
    QCOMPARE(ask(left, relayTxnTarget("@a:left.example")), 503); // it may still collect
    QCOMPARE(ask(left, mailbox + left.bytes()), 503);
    QCOMPARE(servers, (QByteArrayList{"owner.example", "nobody.example", "left.example", "left.example"}));
}

void TestRelaySite::a_reply_carries_transaction_id_received_time_and_expired()
{
    const qint64 received = m_clock.wallMs();
    QCOMPARE(leave("t%22%5C%C3%A9", R"({"origin_server_ts":1700000000123,"pdus":[]})").status, 200);
    m_clock.advance(60'000);
    const QJsonObject reply = collect().json();
    QCOMPARE(reply.value(QLatin1String("transaction_id")).toString(), QStringLiteral("t\"\\\u00e9"));
    QCOMPARE(qint64(reply.value(QLatin1String("received_ts")).toDouble()), received);
    QCOMPARE(reply.value(QLatin1String("expired")).toInt(-1), 0);
    const QJsonObject transaction = reply.value(QLatin1String("transaction")).toObject();
    QCOMPARE(qint64(transaction.value(QLatin1String("origin_server_ts")).toDouble()), 1'700'000'000'123);
}

void TestRelaySite::the_body_limit_is_larger_for_send_relay()
{
    const QByteArray put = sendRelayTarget("t", m_owner.user());
    const Verdict leaving = m_site->gate(head("PUT", put, m_sender.authorization("PUT", put, us(), OnePdu)));
    QCOMPARE(leaving.maxBody, 13'107'200 + 65'536);
    const QByteArray get = relayTxnTarget(m_owner.user());
    const Verdict collecting = m_site->gate(head("GET", get, m_owner.authorization("GET", get, us(), "{}")));
    QCOMPARE(collecting.maxBody, 65'536);

    RequestHead huge = head("PUT", put, {});
    huge.contentLength = leaving.maxBody + 1;
    const Verdict refused = m_site->gate(huge);
    QVERIFY2(refused.refusal.has_value(), "the size is looked at before the signature is asked for");
    QCOMPARE(refused.refusal->code, Errc::TooLarge);
}

void TestRelaySite::the_key_document_is_signed_anew_each_day()
{
    const auto document = [this] { return call(head("GET", "/_matrix/key/v2/server", {}), {}); };
    const Answer first = document();
    QCOMPARE(first.status, 200);
    QCOMPARE(document().body, first.body);
    m_clock.advance(qint64(25) * 3600 * 1000);
    const qint64 before = qint64(first.json().value(QLatin1String("valid_until_ts")).toDouble());
    const qint64 after = qint64(document().json().value(QLatin1String("valid_until_ts")).toDouble());
    QCOMPARE(after - before, qint64(25) * 3600 * 1000);
}

QTEST_GUILESS_MAIN(TestRelaySite)
#include "tst_relaysite.moc"
