// SPDX-License-Identifier: GPL-3.0-or-later
#include "queuefixture.h"
#include "relay/keykeeper.h"

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::test;
using relay::KeyKeeper;

namespace
{
/// Answers when the test says so.
class ManualFetcher final : public identity::KeyFetcher
{
public:
    void fetch(const matrix::ServerName &server, const QByteArray &keyId, const QByteArray &addressKey,
               Done done) override
    {
        asked.append(server.bytes());
        keyIds.append(keyId);
        charged = charged || !addressKey.isEmpty();
        m_waiting.push_back(std::move(done));
    }
    void answerNext(Result<std::vector<identity::StoredKey>> keys)
    {
        const Done done = std::move(m_waiting.front());
        m_waiting.pop_front();
        done(std::move(keys));
    }
    size_t waiting() const { return m_waiting.size(); }

    QByteArrayList asked;
    QByteArrayList keyIds;
    bool charged = false;

private:
    std::deque<Done> m_waiting;
};
} // namespace

class TestKeyKeeper : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void origins_with_held_mail_are_asked_again();
    void what_it_brings_is_kept();
    void few_are_asked_at_once_and_not_all_in_one_look();
    void a_look_waits_for_the_one_before();
    void nobody_is_asked_for_whom_the_policy_does_not_let_in();
    void nobody_is_asked_while_the_relay_is_off();

private:
    /// Holds a transaction of each origin, and a key document that is past half of its time.
    void hold(const QByteArrayList &origins)
    {
        std::vector<identity::StoredKey> keys;
        for (const QByteArray &origin : origins) {
            QVERIFY(m_queue->store(letter(origin, origin)).ok());
            keys.push_back(keyOf(origin, m_queue->clock.wallMs() - identity::MaxKeyValidityMs / 2));
        }
        m_cache->put(keys);
        m_queue->maintain();
    }
    static identity::StoredKey keyOf(const QByteArray &origin, qint64 fetchedMs)
    {
        identity::StoredKey key;
        key.server = server(origin);
        key.keyId = "ed25519:a";
        key.fetchedMs = fetchedMs;
        key.validUntilMs = fetchedMs + identity::MaxKeyValidityMs;
        key.document = "{}";
        return key;
    }
    /// Looks, and waits until somebody is asked or the look is over.
    void look()
    {
        const QSignalSpy looked(m_keeper.get(), &KeyKeeper::looked);
        const auto before = m_fetcher->asked.size();
        m_keeper->look();
        QTRY_VERIFY(looked.count() > 0 || m_fetcher->asked.size() > before);
    }
    void fail() { m_fetcher->answerNext(Error{Errc::KeyUnavailable, QStringLiteral("It does not answer"), 0}); }

    std::unique_ptr<QueueFixture> m_queue;
    std::unique_ptr<queue::KeyCache> m_cache;
    std::unique_ptr<identity::KeyRing> m_ring;
    std::unique_ptr<queue::InspectionDesk> m_desk;
    std::unique_ptr<relay::PolicyBoard> m_policy;
    ManualFetcher *m_fetcher = nullptr;
    std::unique_ptr<KeyKeeper> m_keeper;
};

void TestKeyKeeper::init()
{
    m_queue = std::make_unique<QueueFixture>();
    QVERIFY(m_queue->open().ok());
    m_cache = std::make_unique<queue::KeyCache>(*m_queue->writer);
    m_ring = std::make_unique<identity::KeyRing>(m_queue->clock, m_cache.get());
    m_desk = std::make_unique<queue::InspectionDesk>(*m_queue->writer);
    m_policy = std::make_unique<relay::PolicyBoard>(relay::Policy{});
    auto fetcher = std::make_unique<ManualFetcher>();
    m_fetcher = fetcher.get();
    m_keeper = std::make_unique<KeyKeeper>(*m_desk, *m_cache, *m_ring, std::move(fetcher), *m_policy, m_queue->clock);
}

void TestKeyKeeper::cleanup()
{
    m_keeper.reset();
    m_desk.reset();
    m_ring.reset();
    m_cache.reset();
    m_queue.reset();
}

void TestKeyKeeper::origins_with_held_mail_are_asked_again()
{
    hold({"a.example", "b.example"});
    m_cache->put({keyOf("stranger.example", 0), keyOf("a.example", m_queue->clock.wallMs())});
    m_queue->settle();
    look();
    QCOMPARE(m_fetcher->asked, QByteArrayList{"b.example"});
    QCOMPARE(m_fetcher->keyIds, QByteArrayList{"ed25519:a"});
    QVERIFY(!m_fetcher->charged);
}

void TestKeyKeeper::what_it_brings_is_kept()
{
    hold({"a.example"});
    look();
    m_fetcher->answerNext(std::vector{keyOf("a.example", m_queue->clock.wallMs())});
    QCOMPARE(m_ring->usableKeys(server("a.example")).size(), size_t(1));
    m_queue->settle();
    look();
    QCOMPARE(m_fetcher->asked.size(), 1); // nothing is stale any more
}

void TestKeyKeeper::few_are_asked_at_once_and_not_all_in_one_look()
{
    QByteArrayList origins;
    for (int i = 0; i < KeyKeeper::MostALook + 3; ++i)
        origins.append(QByteArray::number(i + 10) + ".example");
    hold(origins);
    QSignalSpy looked(m_keeper.get(), &KeyKeeper::looked);
    look();
    QCOMPARE(m_fetcher->waiting(), size_t(KeyKeeper::MostAtOnce));
    while (m_fetcher->waiting() > 0) {
        fail();
        QVERIFY(m_fetcher->waiting() <= size_t(KeyKeeper::MostAtOnce));
    }
    QCOMPARE(m_fetcher->asked, origins.first(KeyKeeper::MostALook));
    QCOMPARE(looked.count(), 1);
    look(); // goes on with those behind, though nobody answered
    while (m_fetcher->waiting() > 0)
        fail();
    QCOMPARE(m_fetcher->asked, origins);
    look(); // and then from the first again
    QCOMPARE(m_fetcher->asked.last(), origins.at(KeyKeeper::MostAtOnce - 1));
}

void TestKeyKeeper::a_look_waits_for_the_one_before()
{
    hold({"a.example"});
    QSignalSpy looked(m_keeper.get(), &KeyKeeper::looked);
    look();
    m_keeper->look();
    m_keeper->look();
    bool answered = false;
    m_desk->totals(this, [&answered](const Result<queue::Totals> &) { answered = true; });
    QTRY_VERIFY(answered); // behind whatever a look would have asked of the desk
    QCOMPARE(m_fetcher->asked.size(), 1);
    fail();
    QCOMPARE(looked.count(), 1);
    look();
    QCOMPARE(m_fetcher->asked.size(), 2);
}

void TestKeyKeeper::nobody_is_asked_for_whom_the_policy_does_not_let_in()
{
    hold({"blocked.example", "other.example", "served.example"});
    relay::Policy policy;
    policy.blockedOrigins = {server("blocked.example")};
    policy.served = {server("served.example")};
    m_policy->replace(policy);
    look();
    QCOMPARE(m_fetcher->asked, QByteArrayList{"other.example"});
}

void TestKeyKeeper::nobody_is_asked_while_the_relay_is_off()
{
    hold({"a.example"});
    relay::Policy policy;
    policy.enabled = false;
    m_policy->replace(policy);
    QSignalSpy looked(m_keeper.get(), &KeyKeeper::looked);
    m_keeper->look();
    QCOMPARE(looked.count(), 1);
    QVERIFY(m_fetcher->asked.isEmpty());
}

QTEST_GUILESS_MAIN(TestKeyKeeper)
#include "tst_keykeeper.moc"
