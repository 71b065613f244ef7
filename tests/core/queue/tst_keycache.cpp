// SPDX-License-Identifier: GPL-3.0-or-later
#include "queuefixture.h"

#include "base/database.h"
#include "queue/keycache.h"

using namespace restante;
using namespace restante::test;

namespace
{

identity::StoredKey keyOf(const QByteArray &name, const QByteArray &keyId = "ed25519:1", bool pinned = false)
{
    identity::StoredKey key;
    key.server = server(name);
    key.keyId = keyId;
    key.key.fill(static_cast<unsigned char>(name.front()));
    key.validUntilMs = 1'800'000'000'000;
    key.fetchedMs = 1'790'000'000'000;
    key.pinned = pinned;
    key.document = pinned ? QByteArray() : QByteArray("{}");
    return key;
}

} // namespace

class TestKeyCache : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_key_is_remembered_over_a_restart();
    void a_key_is_replaced_by_server_and_id();
    void only_pinned_keys_of_that_server_are_removed();
    void a_row_that_cannot_be_read_does_not_hide_the_others();
    void unpinned_keys_are_bounded_oldest_first();
};

void TestKeyCache::a_key_is_remembered_over_a_restart()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto written = keyOf("a.example");
    written.old = true;
    queue::KeyCache(*queue.writer).put({written});
    queue.close();
    QVERIFY(queue.open().ok());
    const auto keys = queue::KeyCache(*queue.writer).load();
    QVERIFY(keys.ok());
    QCOMPARE(keys->size(), size_t(1));
    const auto &read = keys->front();
    QCOMPARE(read.server, written.server);
    QCOMPARE(read.keyId, written.keyId);
    QVERIFY(read.key == written.key);
    QCOMPARE(read.validUntilMs, written.validUntilMs);
    QCOMPARE(read.fetchedMs, written.fetchedMs);
    QCOMPARE(read.pinned, written.pinned);
    QCOMPARE(read.old, written.old);
    QCOMPARE(read.document, written.document);
}

void TestKeyCache::a_key_is_replaced_by_server_and_id()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    cache.put({keyOf("a.example"), keyOf("a.example", "ed25519:2")});
    auto newer = keyOf("a.example");
    newer.validUntilMs += 5;
    cache.put({newer});
    queue.settle();
    const auto keys = cache.load();
    QCOMPARE(keys->size(), size_t(2));
    QCOMPARE(keys->front().validUntilMs, newer.validUntilMs);
}

void TestKeyCache::only_pinned_keys_of_that_server_are_removed()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    cache.put({keyOf("a.example", "ed25519:1", true), keyOf("a.example", "ed25519:2"),
               keyOf("b.example", "ed25519:1", true)});
    cache.removePinned(server("a.example"));
    queue.settle();
    const auto keys = cache.load();
    QCOMPARE(keys->size(), size_t(2));
    QCOMPARE(keys->at(0).keyId, QByteArray("ed25519:2"));
    QCOMPARE(keys->at(1).server, server("b.example"));
}

void TestKeyCache::a_row_that_cannot_be_read_does_not_hide_the_others()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    cache.put({keyOf("a.example"), keyOf("b.example")});
    queue.writer->perform([](base::Database &database) {
        return database.run(
            QStringLiteral("UPDATE server_keys SET public_key = x'00' WHERE server = x'612e6578616d706c65'"));
    });
    queue.settle();
    const auto keys = cache.load();
    QVERIFY(keys.ok());
    QCOMPARE(keys->size(), size_t(1));
    QCOMPARE(keys->front().server, server("b.example"));
}

void TestKeyCache::unpinned_keys_are_bounded_oldest_first()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    std::vector<identity::StoredKey> keys;
    for (int i = 0; i < 20'010; ++i) {
        keys.push_back(keyOf("s" + QByteArray::number(i) + ".example"));
        keys.back().fetchedMs += i;
    }
    keys.front().pinned = true;
    cache.put(keys);
    queue.settle();
    const auto kept = cache.load();
    QCOMPARE(kept->size(), size_t(20'001));
    QVERIFY(std::any_of(kept->begin(), kept->end(), [](const auto &key) { return key.pinned; }));
    QVERIFY(
        std::none_of(kept->begin(), kept->end(), [](const auto &key) { return key.server == server("s5.example"); }));
}

QTEST_GUILESS_MAIN(TestKeyCache)
#include "tst_keycache.moc"
