// SPDX-License-Identifier: GPL-3.0-or-later
// What a homeserver gets that asks its node for the keys of a server that may be away (core/README 3.6).
#include "fakecaller.h"
#include "fakeclock.h"
#include "identity/identity.h"
#include "identity/keydocument.h"
#include "identity/secretkey.h"
#include "sites/senderkeys.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;
using sites::SenderKeys;

namespace
{
matrix::ServerName named(const char *name)
{
    return *matrix::ServerName::parse(name);
}

identity::Identity senderWith(const QByteArray &keyId)
{
    return *identity::Identity::of(named("a.example"), keyId, identity::SecretKey::generate());
}

/// Answers with what the test says, at once or when it says so.
class Fetcher final : public identity::KeyFetcher
{
public:
    Fetcher(const Result<std::vector<identity::StoredKey>> &answer, const bool &isSlow, std::vector<Done> &waiting)
        : m_answer(answer)
        , m_isSlow(isSlow)
        , m_waiting(waiting)
    {
    }
    void fetch(const matrix::ServerName &, const QByteArray &, const QByteArray &, Done done) override
    {
        if (m_isSlow)
            m_waiting.push_back(std::move(done));
        else
            done(m_answer);
    }

private:
    const Result<std::vector<identity::StoredKey>> &m_answer;
    const bool &m_isSlow;
    std::vector<Done> &m_waiting;
};

/// Keeps what is answered.
class Sink final : public http::Reply::Sink
{
public:
    explicit Sink(std::pair<int, QByteArray> &answer)
        : m_answer(answer)
    {
    }
    void deliver(int status, const QByteArray &, const QByteArray &body, const http::Reply::ExtraHeaders &) override
    {
        m_answer = {status, body};
    }
    void deliver(http::Reply::Stream, const http::Reply::ExtraHeaders &) override { m_answer.first = -1; }
    void whenUnwanted(std::function<void()>) override {}

private:
    std::pair<int, QByteArray> &m_answer;
};
} // namespace

class TestSenderKeys : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void a_server_that_answers_is_believed_and_remembered();
    void one_that_is_away_is_answered_from_what_is_held_while_that_is_valid();
    void relays_are_asked_all_at_once();
    void a_server_that_lets_wait_is_answered_for_meanwhile();
    void what_a_slow_server_says_itself_counts_if_it_comes_first();
    void a_silent_server_is_not_waited_for_with_each_question();
    void a_silent_relay_is_not_waited_for_with_each_question();
    void a_relay_shows_that_a_known_key_is_still_in_use();
    void what_only_a_relay_says_is_not_believed();
    void a_trusted_relay_is_believed();
    void another_servers_or_a_forged_document_is_not_passed_on_data();
    void another_servers_or_a_forged_document_is_not_passed_on();
    void nobody_who_knows_it_is_as_if_it_were_away();

private:
    void ask()
    {
        m_answer = {};
        m_keys->answer(named("a.example"), std::make_shared<http::Reply>(std::make_unique<Sink>(m_answer)));
    }
    /// And why the server itself gave none.
    bool isToldOfNone() const
    {
        return m_answer.first == 404 && m_answer.second.contains("\"M_NOT_FOUND\"") &&
               m_answer.second.contains("It does not answer");
    }
    QByteArray document(const identity::Identity &sender) const { return sender.keyDocument(m_clock.wallMs()); }
    std::vector<identity::StoredKey> keysOf(const QByteArray &document) const
    {
        return *identity::checkKeyDocument(document, named("a.example"), m_clock.wallMs());
    }

    std::pair<int, QByteArray> m_answer; ///< outlives what waits for it
    FakeClock m_clock{1'764'446'400'000};
    FakeCaller m_caller;
    node::AssociationBoard m_board{m_clock};
    std::unique_ptr<identity::KeyRing> m_ring;
    Result<std::vector<identity::StoredKey>> m_fetched =
        Error{Errc::KeyUnavailable, QStringLiteral("It does not answer"), 0};
    QByteArray m_held;
    bool m_trusted = false;
    bool m_isSlow = false;
    std::vector<identity::KeyFetcher::Done> m_waiting; ///< questions to the server itself
    std::unique_ptr<SenderKeys> m_keys;
};

void TestSenderKeys::init()
{
    m_caller.asked.clear();
    m_held.clear();
    m_trusted = false;
    m_isSlow = false;
    m_waiting.clear();
    m_fetched = Error{Errc::KeyUnavailable, QStringLiteral("It does not answer"), 0};
    m_ring = std::make_unique<identity::KeyRing>(m_clock, nullptr);
    m_board.replace({{named("r.example"), federation::FixedPeer{"https://10.0.0.1", {}}, {}},
                     {named("s.example"), std::nullopt, {}},
                     {named("contact.example"), std::nullopt, named("b.example")}});
    m_keys = std::make_unique<SenderKeys>(
        SenderKeys::Sources{*m_ring, [this] { return std::make_unique<Fetcher>(m_fetched, m_isSlow, m_waiting); },
                            [this](const matrix::ServerName &) { return Result<QByteArray>(m_held); },
                            [this](const matrix::ServerName &) { return m_trusted; }, 0},
        m_caller, m_board, m_clock);
}

void TestSenderKeys::a_server_that_answers_is_believed_and_remembered()
{
    const auto sender = senderWith("ed25519:a_1");
    m_fetched = keysOf(document(sender));
    ask();
    QCOMPARE(m_answer.first, 200);
    QCOMPARE(m_answer.second, document(sender));
    QCOMPARE(m_ring->find(sender.name(), "ed25519:a_1").key, sender.publicKey());
    QCOMPARE(m_caller.asked.size(), 0);
}

void TestSenderKeys::one_that_is_away_is_answered_from_what_is_held_while_that_is_valid()
{
    m_held = document(senderWith("ed25519:a_1"));
    ask();
    QCOMPARE(m_answer, std::pair(200, m_held));
    m_clock.advance(identity::MaxKeyValidityMs + 1);
    ask();
    QCOMPARE(m_answer.first, 0);
    QCOMPARE(m_caller.asked.size(), 2); // a relay may have a newer one
}

void TestSenderKeys::relays_are_asked_all_at_once()
{
    m_trusted = true;
    ask();
    QCOMPARE(m_caller.asked.size(), 2); // a contact's relay is none of ours
    const federation::Request &first = m_caller.asked[0].request;
    QCOMPARE(first.destination, named("r.example"));
    QCOMPARE(first.peer->baseUrl, QByteArray("https://10.0.0.1"));
    QCOMPARE(first.target, QByteArray("/_matrix/federation/unstable/org.restante/keys/a.example"));
    QVERIFY(first.sign);
    QCOMPARE(m_caller.last().destination, named("s.example"));
    m_caller.answer(1, 404);
    QCOMPARE(m_answer.first, 0);
    const QByteArray known = document(senderWith("ed25519:a_1"));
    m_caller.answer(0, 200, known);
    QCOMPARE(m_answer, std::pair(200, known));
    ask();
    m_caller.answer(2, 200, known);
    QCOMPARE(m_answer, std::pair(200, known));
    m_caller.answer(3, 404); // nobody waits for it any more
    QCOMPARE(m_answer, std::pair(200, known));
}

void TestSenderKeys::a_server_that_lets_wait_is_answered_for_meanwhile()
{
    m_isSlow = true;
    m_held = document(senderWith("ed25519:a_1"));
    ask();
    QCOMPARE(m_answer.first, 0);
    QTRY_COMPARE(m_answer, std::pair(200, m_held));
    m_waiting[0](m_fetched);
    m_held.clear();
    m_trusted = true;
    ask();
    QTRY_COMPARE(m_caller.asked.size(), 2);
    const QByteArray known = document(senderWith("ed25519:a_1"));
    m_caller.answer(1, 200, known);
    QCOMPARE(m_answer, std::pair(200, known));
    const auto sender = senderWith("ed25519:a_2"); // what it says at last is known then
    m_waiting[1](keysOf(document(sender)));
    QCOMPARE(m_answer, std::pair(200, known));
    QCOMPARE(m_ring->find(sender.name(), "ed25519:a_2").key, sender.publicKey());
}

void TestSenderKeys::what_a_slow_server_says_itself_counts_if_it_comes_first()
{
    m_isSlow = true;
    ask();
    QTRY_COMPARE(m_caller.asked.size(), 2);
    m_caller.answer(0, 404);
    m_caller.answer(1, 404);
    QCOMPARE(m_answer.first, 0);
    const QByteArray known = document(senderWith("ed25519:a_1"));
    m_waiting[0](keysOf(known));
    QCOMPARE(m_answer, std::pair(200, known));
    ask();
    QTRY_COMPARE(m_caller.asked.size(), 4);
    m_caller.answer(2, 404);
    m_caller.answer(3, 404);
    m_waiting[1](m_fetched);
    QVERIFY(isToldOfNone());
}

void TestSenderKeys::a_silent_server_is_not_waited_for_with_each_question()
{
    m_isSlow = true;
    m_board.replace({});
    ask();
    m_clock.advance(10'000);
    m_waiting[0](m_fetched);
    QVERIFY(isToldOfNone());
    ask();
    QVERIFY(isToldOfNone());
    QCOMPARE(m_waiting.size(), size_t(1));
    m_clock.advance(sites::SilentServers::PauseMs);
    ask();
    QCOMPARE(m_waiting.size(), size_t(2));
}

void TestSenderKeys::a_silent_relay_is_not_waited_for_with_each_question()
{
    ask();
    m_clock.advance(SenderKeys::RelayMs);
    m_caller.fail(0);
    m_caller.answer(1, 404);
    QVERIFY(isToldOfNone());
    ask();
    QCOMPARE(m_caller.asked.size(), 3);
    QCOMPARE(m_caller.last().destination, named("s.example"));
    m_caller.answerLast(404);
    QVERIFY(isToldOfNone());
}

void TestSenderKeys::a_relay_shows_that_a_known_key_is_still_in_use()
{
    const auto sender = senderWith("ed25519:a_1");
    m_ring->remember(keysOf(document(sender)));
    m_clock.advance(2 * identity::MaxKeyValidityMs); // it has expired meanwhile
    ask();
    m_caller.answerLast(200, document(sender));
    QCOMPARE(m_answer, std::pair(200, document(sender)));
}

void TestSenderKeys::what_only_a_relay_says_is_not_believed()
{
    ask();
    m_caller.answer(0, 200, document(senderWith("ed25519:a_1"))); // nobody here has seen that key
    QVERIFY(m_answer.first != 200);
    m_ring->remember(keysOf(document(senderWith("ed25519:a_1"))));
    m_caller.answerLast(200, document(senderWith("ed25519:a_1"))); // nor this one under that id
    QVERIFY(m_answer.first != 200);
    QVERIFY(isToldOfNone());
}

void TestSenderKeys::a_trusted_relay_is_believed()
{
    m_trusted = true;
    const auto sender = senderWith("ed25519:a_1");
    ask();
    m_caller.answerLast(200, document(sender));
    QCOMPARE(m_answer.first, 200);
    QCOMPARE(m_ring->find(sender.name(), "ed25519:a_1").key, sender.publicKey());
}

void TestSenderKeys::another_servers_or_a_forged_document_is_not_passed_on_data()
{
    QTest::addColumn<QByteArray>("answer");
    const auto other = *identity::Identity::of(named("c.example"), "ed25519:c", identity::SecretKey::generate());
    QTest::newRow("another server's") << other.keyDocument(m_clock.wallMs());
    QByteArray forged = senderWith("ed25519:a_1").keyDocument(m_clock.wallMs());
    QTest::newRow("forged") << forged.replace("old_verify_keys\":{}",
                                              "old_verify_keys\":{\"ed25519:0\":{\"expired_ts\":1,"
                                              "\"key\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                              "aaaa\"}}");
    QTest::newRow("expired")
        << senderWith("ed25519:a_1").keyDocument(m_clock.wallMs() - 2 * identity::MaxKeyValidityMs);
    QTest::newRow("no document") << QByteArray("{}");
}

void TestSenderKeys::another_servers_or_a_forged_document_is_not_passed_on()
{
    QFETCH(const QByteArray, answer);
    m_trusted = true;
    ask();
    m_caller.answer(0, 200, answer);
    m_caller.answer(1, 200, answer);
    QVERIFY(m_answer.first != 200);
    QVERIFY(isToldOfNone());
}

void TestSenderKeys::nobody_who_knows_it_is_as_if_it_were_away()
{
    m_board.replace({});
    ask();
    QVERIFY(isToldOfNone());
}

QTEST_GUILESS_MAIN(TestSenderKeys)
#include "tst_senderkeys.moc"
