// SPDX-License-Identifier: GPL-3.0-or-later
#include "queuefixture.h"

#include "base/database.h"
#include "base/sqlstatement.h"
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
    void a_key_that_is_told_as_pinned_survives_a_power_cut();
    void a_pin_that_could_not_be_kept_is_told();
    void a_key_is_replaced_by_server_and_id();
    void keys_are_removed_by_server_and_id();
    void a_row_that_cannot_be_read_does_not_hide_the_others();
    void unpinned_keys_are_bounded_oldest_first();
    void keys_of_origins_with_held_mail_are_spared();
    void keys_are_bounded_whoever_has_mail();
    void only_stale_documents_of_held_mail_are_found_data();
    void only_stale_documents_of_held_mail_are_found();
    void mail_that_was_collected_needs_no_keys();
    void what_is_stale_is_found_in_parts();
    void a_document_stands_once_for_all_keys_of_a_server();
    void a_document_goes_with_the_last_key();
    void documents_of_strangers_are_bounded_in_bytes();
    void keys_of_strangers_go_before_those_that_were_used();
    void an_older_database_is_taken_over();
};

void TestKeyCache::a_key_that_is_told_as_pinned_survives_a_power_cut()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    std::vector<Result<void>> told;
    const auto note = [&told](const Result<void> &done) { told.push_back(done); };
    queue.acknowledge("b.example", {1}); // which commits without waiting for the disk
    qint64 level = 0;
    queue.client->performDurably(
        [&level](base::Database &database) {
            base::SqlStatement synchronous(database, QStringLiteral("PRAGMA synchronous"));
            const auto done = synchronous.run();
            level = synchronous.next() ? synchronous.integer(0) : -1;
            return done;
        },
        note);
    QTRY_COMPARE(told.size(), size_t(1));
    QVERIFY(told[0].ok());
    constexpr int full = 2;
    QCOMPARE(level, full);
    cache.put({keyOf("a.example", "ed25519:1", true)});
    queue::KeyCache::confirmPinned(*queue.client, server("a.example"), "ed25519:1", note);
    QTRY_COMPARE(told.size(), size_t(2));
    QVERIFY(told[1].ok());
    QCOMPARE(cache.load()->size(), size_t(1));
    queue::KeyCache::confirmRemoved(*queue.client, server("a.example"), {}, note);
    QTRY_COMPARE(told.size(), size_t(3));
    QVERIFY(told[2].ok());
    QCOMPARE(cache.load()->size(), size_t(0));
}

void TestKeyCache::a_pin_that_could_not_be_kept_is_told()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    std::optional<Errc> told;
    queue::KeyCache::confirmPinned(*queue.client, server("a.example"), "ed25519:1", [&told](const Result<void> &done) {
        told = done ? Errc::NotFound : done.error().code;
    });
    QTRY_VERIFY(told);
    QCOMPARE(*told, Errc::StorageFailed);
}

void TestKeyCache::a_key_is_remembered_over_a_restart()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    auto written = keyOf("a.example");
    written.old = true;
    written.rank = identity::KeyRank::Proven;
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
    QVERIFY(read.rank == written.rank);
    QVERIFY(read.document.isEmpty()); // read when it is needed
    QCOMPARE(queue::KeyCache(*queue.writer).document(written.server).value(), written.document);
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

void TestKeyCache::keys_are_removed_by_server_and_id()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    const auto left = [&queue] {
        queue.settle();
        QByteArrayList texts;
        const auto keys = queue::KeyCache(*queue.writer).load();
        for (const auto &key : *keys)
            texts.append(key.server.bytes() + ' ' + key.keyId);
        return texts;
    };
    queue::KeyCache cache(*queue.writer);
    cache.put({keyOf("a.example", "ed25519:1", true), keyOf("a.example", "ed25519:2"), keyOf("a.example", "ed25519:3"),
               keyOf("b.example", "ed25519:1", true)});
    cache.remove(server("a.example"), "ed25519:2");
    QCOMPARE(left(), (QByteArrayList{"a.example ed25519:1", "a.example ed25519:3", "b.example ed25519:1"}));
    cache.put({keyOf("a.example", "ed25519:2")});
    cache.remove(server("a.example"), {});
    cache.put({keyOf("a.example", "ed25519:3")}); // what comes later stays
    QCOMPARE(left(), (QByteArrayList{"a.example ed25519:3", "b.example ed25519:1"}));
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

void TestKeyCache::keys_of_origins_with_held_mail_are_spared()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("x", "s3.example")).ok());
    queue.maintain();
    queue::KeyCache cache(*queue.writer);
    std::vector<identity::StoredKey> keys;
    for (int i = 0; i < 20'010; ++i) {
        keys.push_back(keyOf("s" + QByteArray::number(i) + ".example"));
        keys.back().fetchedMs += i;
    }
    cache.put(keys);
    queue.settle();
    const auto kept = cache.load();
    QCOMPARE(kept->size(), size_t(20'000));
    const auto has = [&kept](const QByteArray &name) {
        return std::any_of(kept->begin(), kept->end(), [&](const auto &key) { return key.server == server(name); });
    };
    QVERIFY(has("s3.example"));
    QVERIFY(!has("s2.example"));
    QVERIFY(!has("s10.example"));
    QVERIFY(has("s11.example"));
}

void TestKeyCache::keys_are_bounded_whoever_has_mail()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("x", "s0.example")).ok());
    queue.maintain();
    queue::KeyCache cache(*queue.writer);
    std::vector<identity::StoredKey> keys;
    for (int i = 0; i < 40'001; ++i) {
        keys.push_back(keyOf("s" + QByteArray::number(i) + ".example"));
        keys.back().fetchedMs += i;
    }
    cache.put(keys);
    queue.settle();
    const auto kept = cache.load();
    QCOMPARE(kept->size(), size_t(40'000));
    QVERIFY(
        std::none_of(kept->begin(), kept->end(), [](const auto &key) { return key.server == server("s0.example"); }));
}

void TestKeyCache::only_stale_documents_of_held_mail_are_found_data()
{
    constexpr qint64 hour = 3'600'000;
    constexpr qint64 day = 24 * hour;
    QTest::addColumn<QByteArray>("origin"); ///< whose mail is held
    QTest::addColumn<qint64>("valid");      ///< of the document, after it was fetched
    QTest::addColumn<qint64>("age");
    QTest::addColumn<bool>("found");
    QTest::newRow("young") << QByteArray("a.example") << 7 * day << day << false;
    QTest::newRow("nearly half") << QByteArray("a.example") << 7 * day << 84 * hour - 1 << false;
    QTest::newRow("half") << QByteArray("a.example") << 7 * day << 84 * hour << true;
    QTest::newRow("nobody's document counts for longer") << QByteArray("a.example") << 365 * day << 84 * hour << true;
    QTest::newRow("a short one") << QByteArray("a.example") << 2 * hour << hour << true;
    QTest::newRow("over") << QByteArray("a.example") << 7 * day << 20 * day << true;
    QTest::newRow("mail of another") << QByteArray("aa.example") << 7 * day << 6 * day << false;
}

void TestKeyCache::only_stale_documents_of_held_mail_are_found()
{
    QFETCH(const QByteArray, origin);
    QFETCH(const qint64, valid);
    QFETCH(const qint64, age);
    QFETCH(const bool, found);
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("x", origin)).ok());
    queue.maintain();
    queue::KeyCache cache(*queue.writer);
    const auto made = [&](const QByteArray &keyId, qint64 fetchedMs) {
        auto key = keyOf("a.example", keyId);
        key.fetchedMs = fetchedMs;
        key.validUntilMs = fetchedMs + valid;
        return key;
    };
    const qint64 now = queue.clock.wallMs();
    auto former = made("ed25519:3", now);
    former.old = true;
    // A key that the newest document no longer has tells nothing, nor does one that it calls old.
    cache.put({made("ed25519:1", now - age - 1), made("ed25519:2", now - age), former});
    queue.settle();
    const auto nobody = [](const matrix::ServerName &) { return false; };
    auto stale = cache.staleOfHeldMail({}, 10, now, nobody);
    QVERIFY(stale.ok());
    QCOMPARE(stale->size(), size_t(found ? 1 : 0));
    if (!found)
        return;
    QCOMPARE(stale->front().server, server("a.example"));
    QCOMPARE(stale->front().keyId, QByteArray("ed25519:2"));
    QVERIFY(
        cache.staleOfHeldMail({}, 10, now, [](const matrix::ServerName &name) { return name == server("a.example"); })
            ->empty());
    cache.put({keyOf("a.example", "ed25519:4", true)}); // the operator knows better
    queue.settle();
    QVERIFY(cache.staleOfHeldMail({}, 10, now, nobody)->empty());
}

void TestKeyCache::mail_that_was_collected_needs_no_keys()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("x")).ok());
    QVERIFY(queue.store(letter("y")).ok());
    queue::KeyCache cache(*queue.writer);
    cache.put({keyOf("a.example")});
    queue.maintain();
    const auto stale = [&] {
        return cache.staleOfHeldMail({}, 10, queue.clock.wallMs() + identity::MaxKeyValidityMs,
                                     [](const matrix::ServerName &) { return false; });
    };
    QCOMPARE(stale()->size(), size_t(1));
    QCOMPARE(queue.collect(), (QByteArrayList{"x", "y"}));
    queue.maintain();
    QVERIFY(stale()->empty());
}

void TestKeyCache::what_is_stale_is_found_in_parts()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    std::vector<identity::StoredKey> keys;
    for (const QByteArray name : {"a.example", "b.example", "c.example", "d.example", "e.example"}) {
        QVERIFY(queue.store(letter(name, name)).ok());
        keys.push_back(keyOf(name));
        keys.push_back(keyOf(name, "ed25519:2")); // of the same document
    }
    cache.put(keys);
    queue.maintain();
    const auto part = [&](const matrix::ServerName &after) {
        QByteArray names;
        const auto stale =
            cache.staleOfHeldMail(after, 2, queue.clock.wallMs() + identity::MaxKeyValidityMs,
                                  [](const matrix::ServerName &name) { return name == server("b.example"); });
        for (const auto &each : *stale)
            names += each.server.bytes().first(1);
        return names;
    };
    QCOMPARE(part({}), "ac");
    QCOMPARE(part(server("c.example")), "de");
    QCOMPARE(part(server("d.example")), "e");
    QCOMPARE(part(server("e.example")), "");
}

void TestKeyCache::a_document_stands_once_for_all_keys_of_a_server()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    std::vector<identity::StoredKey> keys;
    constexpr int count = 128;
    const QByteArray document(64 * 1024, 'x');
    for (int i = 0; i < count; ++i) {
        keys.push_back(keyOf("a.example", "ed25519:" + QByteArray::number(i)));
        keys.back().document = document;
    }
    cache.put(keys);
    for (auto &key : keys)
        key.document = "newer";
    cache.put(keys);
    queue.settle();
    QCOMPARE(cache.load()->size(), size_t(count));
    QCOMPARE(cache.document(server("a.example")).value(), QByteArray("newer"));
    QCOMPARE(cache.document(server("b.example")).value(), QByteArray());
    queue.close();
    QVERIFY(QFileInfo(queue.folder() + QStringLiteral("/queue.sqlite")).size() < count * document.size() / 4);
}

void TestKeyCache::a_document_goes_with_the_last_key()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    cache.put({keyOf("a.example", "ed25519:1"), keyOf("a.example", "ed25519:2"), keyOf("b.example")});
    cache.remove(server("a.example"), "ed25519:1");
    cache.remove(server("b.example"), {});
    queue.settle();
    QCOMPARE(cache.document(server("a.example")).value(), QByteArray("{}"));
    QCOMPARE(cache.document(server("b.example")).value(), QByteArray());
    cache.remove(server("a.example"), "ed25519:2");
    queue.settle();
    QCOMPARE(cache.document(server("a.example")).value(), QByteArray());
}

void TestKeyCache::documents_of_strangers_are_bounded_in_bytes()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    QVERIFY(queue.store(letter("x", "held.example")).ok());
    queue.maintain();
    queue::KeyCache cache(*queue.writer);
    cache.put({keyOf("owner.example"), keyOf("proven.example"), keyOf("held.example"), keyOf("unproven.example")});
    cache.setOwners({server("owner.example")});
    cache.prove(server("proven.example"));
    const QByteArray document(64 * 1024, 'x');
    const auto most = int(queue::KeyCache::MaxDocumentBytes / document.size());
    for (int i = 0; i <= most; ++i) {
        auto key = keyOf("s" + QByteArray::number(i) + ".example");
        key.fetchedMs += 1 + i; // all of them later than the others
        key.document = document;
        cache.put({key});
    }
    queue.settle();
    const auto has = [&cache](const QByteArray &name) { return !cache.document(server(name)).value().isEmpty(); };
    QVERIFY(has("owner.example") && has("proven.example") && has("held.example"));
    QVERIFY(!has("unproven.example") && !has("s0.example"));
    QVERIFY(has("s" + QByteArray::number(most) + ".example"));
    QCOMPARE(cache.load()->size(), size_t(most + 5)); // the keys still count
    queue.close();
    const qint64 size = QFileInfo(queue.folder() + QStringLiteral("/queue.sqlite")).size();
    QVERIFY2(size < queue::KeyCache::MaxDocumentBytes * 3 / 2, qPrintable(QString::number(size)));
}

void TestKeyCache::keys_of_strangers_go_before_those_that_were_used()
{
    QueueFixture queue;
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    cache.put({keyOf("owner.example"), keyOf("proven.example"), keyOf("unproven.example")});
    cache.setOwners({server("owner.example")});
    cache.prove(server("proven.example"));
    std::vector<identity::StoredKey> keys;
    for (int i = 0; i < 20'000; ++i) {
        keys.push_back(keyOf("s" + QByteArray::number(i) + ".example"));
        keys.back().fetchedMs += 1 + i;
    }
    cache.put(keys);
    queue.settle();
    const auto kept = cache.load();
    const auto has = [&kept](const QByteArray &name) {
        return std::any_of(kept->begin(), kept->end(), [&](const auto &key) { return key.server == server(name); });
    };
    QCOMPARE(kept->size(), size_t(20'000));
    QVERIFY(has("owner.example") && has("proven.example"));
    QVERIFY(!has("unproven.example") && !has("s0.example") && !has("s1.example"));
    QVERIFY(has("s2.example"));
}

/// As the second version of the schema left it.
void TestKeyCache::an_older_database_is_taken_over()
{
    QueueFixture queue;
    {
        base::ConnectionOptions options;
        options.database = queue.folder() + QStringLiteral("/queue.sqlite");
        const auto database = base::Database::open(options);
        QVERIFY(database.ok());
        QVERIFY((*database)->migrate({}, 2).ok());
        for (const char *row : {"x'612e6578616d706c65', x'31', 5, x'6f6c64'",
                                "x'612e6578616d706c65', x'32', 9, x'6e6577'", "x'622e6578616d706c65', x'31', 7, x''"})
            QVERIFY((*database)
                        ->run(QStringLiteral("INSERT INTO server_keys (server, key_id, fetched_ms, document, "
                                             "public_key, valid_until_ms, pinned, old) VALUES (%1, zeroblob(32), 11, "
                                             "0, 1)")
                                  .arg(QLatin1String(row)))
                        .ok());
        QVERIFY((*database)->run(QStringLiteral("INSERT INTO origins (name) VALUES (x'622e6578616d706c65')")).ok());
    }
    QVERIFY(queue.open().ok());
    queue::KeyCache cache(*queue.writer);
    const auto keys = cache.load();
    QCOMPARE(keys->size(), size_t(3));
    QCOMPARE(keys->at(2).server, server("b.example")); // its mail was taken in
    QVERIFY(keys->at(2).rank == identity::KeyRank::Proven);
    QVERIFY(keys->at(1).rank == identity::KeyRank::Unproven);
    QCOMPARE(keys->at(1).keyId, "2");
    QCOMPARE(keys->at(1).validUntilMs, 11);
    QVERIFY(keys->at(1).old);
    QCOMPARE(cache.document(server("a.example")).value(), QByteArray("new"));
    QCOMPARE(cache.document(server("b.example")).value(), QByteArray());
}

QTEST_GUILESS_MAIN(TestKeyCache)
#include "tst_keycache.moc"
