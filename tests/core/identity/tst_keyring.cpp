// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakeclock.h"
#include "identity/identity.h"
#include "identity/keyring.h"
#include "keysource.h"

#include <QtTest/QTest>

#include <atomic>
#include <thread>

using namespace restante;
using namespace restante::identity;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
constexpr qint64 Now = 1'790'000'000'000;
constexpr qint64 Day = 86'400'000;
const char First[] = "kfm6u3NrI4guA7mTLrDKz+sf62oe7bHnZDscWcYjYsA";
const char Second[] = "JWJVcAXPUzTV9itH1sRlnUYegSprQlcNG4I+eyOHzNo";

StoredKey stored(QByteArrayView server, const char *key, qint64 validUntilMs, qint64 fetchedMs)
{
    StoredKey result;
    result.server = nameOf(server);
    result.keyId = "ed25519:a";
    result.key = publicKey(key);
    result.validUntilMs = validUntilMs;
    result.fetchedMs = fetchedMs;
    return result;
}

using Standing = KeyRing::Standing;
} // namespace

class KeyRingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_first_key_seen_stays_until_it_expires()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        KeyRing ring(clock, &store);
        const auto server = nameOf("example.org");
        ring.remember({stored("example.org", First, Now + Day, Now)});

        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"example.org now says that ed25519:a"_s));
        ring.remember({stored("example.org", Second, Now + 2 * Day, Now)});
        QVERIFY(ring.find(server, "ed25519:a").key == publicKey(First));
        QCOMPARE(store.held.size(), size_t(1));

        clock.advance(Day + 1);
        QCOMPARE(ring.find(server, "ed25519:a").standing, Standing::Expired);
        ring.remember({stored("example.org", Second, Now + 2 * Day, Now + Day)});
        QCOMPARE(ring.find(server, "ed25519:a").standing, Standing::Usable);
        QVERIFY(ring.find(server, "ed25519:a").key == publicKey(Second));
    }

    void the_same_key_is_refreshed()
    {
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        ring.remember({stored("example.org", First, Now + Day, Now)});
        clock.advance(Day);
        ring.remember({stored("example.org", First, Now + 3 * Day, Now + Day)});
        clock.advance(Day);
        QCOMPARE(ring.find(nameOf("example.org"), "ed25519:a").standing, Standing::Usable);
    }

    void a_fetched_key_never_replaces_a_pinned_one()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        KeyRing ring(clock, &store);
        const auto server = nameOf("example.org");
        QVERIFY(ring.pin(server, "ed25519:a", publicKey(First)));
        clock.advance(1000 * Day);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"example.org now says"_s));
        ring.remember({stored("example.org", Second, Now + 2000 * Day, Now + 1000 * Day)});
        ring.remember({stored("example.org", First, Now, Now)});
        QCOMPARE(ring.find(server, "ed25519:a").standing, Standing::Usable);
        QVERIFY(ring.find(server, "ed25519:a").key == publicKey(First));
        QCOMPARE(store.held.size(), size_t(1));
        QVERIFY(store.held[0].pinned);

        QCOMPARE(ring.forget(server, {}).value(), 1);
        QCOMPARE(ring.find(server, "ed25519:a").standing, Standing::Unknown);
        QVERIFY(store.held.empty());
    }

    void the_document_of_a_pinned_key_is_kept_and_the_key_stays_pinned()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        KeyRing ring(clock, &store);
        QVERIFY(ring.pin(nameOf("example.org"), "ed25519:a", publicKey(First)));
        auto fetched = stored("example.org", First, Now + Day, Now);
        fetched.document = "{}";
        ring.remember({fetched});
        QCOMPARE(store.held.size(), size_t(2));
        QCOMPARE(store.held[1].document, "{}");
        QVERIFY(store.held[1].pinned);
        clock.advance(1000 * Day);
        QCOMPARE(ring.find(nameOf("example.org"), "ed25519:a").standing, Standing::Usable);
    }

    void a_pinned_key_replaces_a_fetched_one()
    {
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        ring.remember({stored("example.org", First, Now + Day, Now)});
        QVERIFY(ring.pin(nameOf("example.org"), "ed25519:a", publicKey(Second)).value());
        QVERIFY(ring.find(nameOf("example.org"), "ed25519:a").key == publicKey(Second));
        QVERIFY(!ring.pin(nameOf("example.org"), "ed25519:a", publicKey(Second)).value()); // nothing changes
        QVERIFY(!ring.pin(nameOf("new.example"), "ed25519:a", publicKey(Second)).value());
    }

    void what_cannot_be_a_servers_key_is_not_pinned_data()
    {
        QTest::addColumn<QByteArray>("server");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<int>("error");
        const QByteArray self = "67e0304dfd117d024cd001a498f637eb9e82dfad503101c53cba83a07f8cad9e";
        QTest::newRow("the name is a key") << self << QByteArray(First) << int(Errc::InvalidParam);
        QTest::newRow("small order") << QByteArray("example.org") << ("AQ" + QByteArray(41, 'A'))
                                     << int(Errc::InvalidParam);
        QTest::newRow("known to everybody")
            << QByteArray("example.org") << QByteArray("l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og")
            << int(Errc::Refused);
    }
    void what_cannot_be_a_servers_key_is_not_pinned()
    {
        QFETCH(const QByteArray, server);
        QFETCH(const QByteArray, key);
        QFETCH(const int, error);
        FakeClock clock(Now);
        MemoryKeyStore store;
        KeyRing ring(clock, &store);
        const auto pinned = ring.pin(nameOf(server), "ed25519:a", publicKey(key));
        QVERIFY(!pinned);
        QCOMPARE(int(pinned.error().code), error);
        QVERIFY(store.held.empty());
        QVERIFY(ring.list({}, 10).keys.empty());
    }

    void a_forgotten_key_is_unknown_and_another_may_come()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        KeyRing ring(clock, &store);
        const auto server = nameOf("example.org");
        auto other = stored("example.org", Second, Now + Day, Now);
        other.keyId = "ed25519:b";
        ring.remember({stored("example.org", First, Now + Day, Now), other, stored("c.d", First, Now + Day, Now)});
        QVERIFY(ring.pin(server, "ed25519:pinned", publicKey(Second)));
        QCOMPARE(ring.forget(server, "ed25519:none").value(), 0);
        QCOMPARE(ring.forget(server, "ed25519:a").value(), 1);
        QCOMPARE(ring.find(server, "ed25519:a").standing, Standing::Unknown);
        QCOMPARE(ring.find(server, "ed25519:b").standing, Standing::Usable);
        ring.remember({stored("example.org", Second, Now + Day, Now)});
        QVERIFY(ring.find(server, "ed25519:a").key == publicKey(Second));

        QCOMPARE(ring.forget(server, {}).value(), 3);
        QCOMPARE(ring.find(server, "ed25519:pinned").standing, Standing::Unknown);
        QCOMPARE(ring.find(nameOf("c.d"), "ed25519:a").standing, Standing::Usable);
        QCOMPARE(store.held.size(), size_t(1));
        QCOMPARE(store.held[0].server, nameOf("c.d"));
        const auto self = Identity::generate();
        QCOMPARE(ring.forget(self.name(), {}).error().code, Errc::InvalidParam);
        QCOMPARE(ring.find(self.name(), "ed25519:a").standing, Standing::Usable);
    }

    void a_refused_key_is_listed_until_it_is_decided_about_data()
    {
        QTest::addColumn<int>("decision");
        QTest::newRow("it is pinned") << 0;
        QTest::newRow("the first one is pinned") << 1;
        QTest::newRow("the server is forgotten") << 2;
        QTest::newRow("the first one has expired") << 3;
    }
    void a_refused_key_is_listed_until_it_is_decided_about()
    {
        QFETCH(const int, decision);
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        const auto server = nameOf("example.org");
        ring.remember({stored("example.org", First, Now + Day, Now)});
        QVERIFY(ring.list(server, 10).refused.empty());
        clock.advance(5);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"example.org now says"_s));
        const auto another = stored("example.org", Second, Now + 2 * Day, Now + 5);
        ring.remember({another});
        clock.advance(5);
        QTest::failOnWarning(QRegularExpression(u"now says"_s)); // once is enough
        ring.remember({another});
        const auto listing = ring.list({}, 10);
        QCOMPARE(listing.keys.size(), size_t(1));
        QVERIFY(listing.keys[0].key.key == publicKey(First));
        QCOMPARE(listing.refused.size(), size_t(1));
        QCOMPARE(listing.refused[0].server, server);
        QCOMPARE(listing.refused[0].keyId, "ed25519:a");
        QVERIFY(listing.refused[0].key == publicKey(Second));
        QCOMPARE(listing.refused[0].refusedMs, Now + 10);
        QVERIFY(ring.list(nameOf("c.d"), 10).refused.empty());

        QVERIFY(ring.pin(server, "ed25519:b", publicKey(Second))); // says nothing about the other id
        QCOMPARE(ring.list(server, 10).refused.size(), size_t(1));
        if (decision < 2) {
            QVERIFY(ring.pin(server, "ed25519:a", publicKey(decision == 0 ? Second : First)));
        } else if (decision == 2) {
            QVERIFY(ring.forget(server, {}));
        } else {
            clock.advance(Day);
            ring.remember({another});
            QVERIFY(ring.find(server, "ed25519:a").key == publicKey(Second));
        }
        QVERIFY(ring.list(server, 10).refused.empty());
    }

    void keys_of_strangers_go_before_those_that_were_used()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        KeyRing ring(clock, &store);
        const auto put = [&](QByteArrayView server, qint64 ms) {
            ring.remember({stored(server, First, Now + 2 * Day, Now + ms)});
        };
        put("owner.example", 0);
        put("proven.example", 0);
        put("unproven.example", 0);
        ring.setOwners({nameOf("owner.example")});
        QCOMPARE(store.owners, QList{nameOf("owner.example")});
        QVERIFY(!ring.find(nameOf("proven.example"), "ed25519:a").proven);
        ring.prove(nameOf("proven.example"));
        ring.prove(nameOf("proven.example")); // is nothing new
        QVERIFY(ring.find(nameOf("proven.example"), "ed25519:a").proven);
        QCOMPARE(store.proven, QList{nameOf("proven.example")});
        for (int i = 0; i < KeyRing::MostKeys; ++i)
            put("s" + QByteArray::number(i) + ".example", 1 + i);
        QCOMPARE(ring.find(nameOf("owner.example"), "ed25519:a").standing, Standing::Usable);
        QCOMPARE(ring.find(nameOf("proven.example"), "ed25519:a").standing, Standing::Usable);
        QCOMPARE(ring.find(nameOf("unproven.example"), "ed25519:a").standing, Standing::Unknown);
        QCOMPARE(ring.find(nameOf("s1.example"), "ed25519:a").standing, Standing::Unknown);
    }

    void failures_to_fetch_are_bounded()
    {
        FetchFailures failures;
        const auto nth = [](qsizetype i) { return nameOf("s" + QByteArray::number(i) + ".example"); };
        for (qsizetype i = 0; i < FetchFailures::MostServers; ++i)
            failures.note(nth(i), u"Nobody there"_s, Now + i);
        failures.note(nth(0), u"No route"_s, Now + Day);
        failures.note(nth(FetchFailures::MostServers), u"Nobody there"_s, Now + Day);
        QCOMPARE(failures.list({}).size(), size_t(FetchFailures::MostServers));
        QVERIFY(failures.list(nth(1)).empty());
        QCOMPARE(failures.list(nth(0)).at(0).reason, u"No route"_s);
    }

    void refused_keys_are_bounded()
    {
        RefusedKeys refused;
        const auto nth = [](qsizetype i) { return stored("s" + QByteArray::number(i) + ".example", First, Now, Now); };
        for (qsizetype i = 0; i < RefusedKeys::MostServers; ++i)
            QVERIFY(refused.note(nth(i), Now + i));
        QVERIFY(!refused.note(nth(0), Now + Day)); // came again
        QVERIFY(refused.note(nth(RefusedKeys::MostServers), Now + Day));
        QCOMPARE(refused.list({}).size(), size_t(RefusedKeys::MostServers));
        QVERIFY(refused.list(nth(1).server).empty());
        QCOMPARE(refused.list(nth(0).server).size(), size_t(1));
    }

    void the_list_has_pinned_keys_and_those_seen_last()
    {
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        QVERIFY(ring.pin(nameOf("z.example"), "ed25519:a", publicKey(First)));
        auto old = stored("b.example", First, Now + Day, Now + 2);
        old.keyId = "ed25519:old";
        old.old = true;
        ring.remember({stored("b.example", First, Now + Day, Now + 2), old,
                       stored("a.example", First, Now - 1, Now + 1), stored("c.example", First, Now + Day, Now - 5)});
        const auto names = [](const KeyRing::Listing &listing) {
            QByteArrayList texts;
            for (const auto &[key, usable] : listing.keys)
                texts.append(key.server.bytes() + ' ' + key.keyId + (key.pinned ? " pinned" : "") +
                             (key.old ? " old" : "") + (usable ? " usable" : ""));
            return texts;
        };
        const QByteArrayList last{"b.example ed25519:a usable", "b.example ed25519:old old",
                                  "z.example ed25519:a pinned usable"};
        QCOMPARE(names(ring.list({}, 3)), last);
        QCOMPARE(ring.list({}, 3).left, 2);
        QCOMPARE(names(ring.list({}, 5)).size(), 5);
        QCOMPARE(ring.list({}, 5).left, 0);
        QCOMPARE(names(ring.list({}, 5)).first(), "a.example ed25519:a"); // expired
        QCOMPARE(names(ring.list(nameOf("b.example"), 5)), last.first(2));
        QVERIFY(ring.list(nameOf("nobody.example"), 5).keys.empty());
    }

    void a_doubt_asks_once_in_a_while_and_charges_the_address()
    {
        FakeClock clock(Now);
        ManualKeyFetcher fetcher;
        KeyRing ring(clock, nullptr);
        const auto server = nameOf("example.org");
        ring.doubt(fetcher, server, "ed25519:a", "client"); // not held at all
        QVERIFY(fetcher.asked.empty());
        ring.remember({stored("example.org", First, Now + Day, Now)});
        clock.advance(KeyRing::DoubtAgeMs - 1);
        ring.doubt(fetcher, server, "ed25519:a", "client");
        QVERIFY(fetcher.asked.empty()); // it came just now
        clock.advance(1);
        ring.doubt(fetcher, server, "ed25519:a", "client");
        QCOMPARE(fetcher.asked.size(), size_t(1));
        QCOMPARE(fetcher.asked[0].addressKey, "client");
        fetcher.asked[0].done(std::vector{stored("example.org", First, Now + Day, Now + 1)});
        clock.advance(KeyRing::RefreshMs - 1);
        ring.doubt(fetcher, server, "ed25519:a", "client");
        QCOMPARE(fetcher.asked.size(), size_t(1)); // although the answer took the place of what was held
        ring.refresh(fetcher, server, "ed25519:a");
        QCOMPARE(fetcher.asked.size(), size_t(2)); // strangers do not keep it from being refreshed
        clock.advance(1);
        ring.doubt(fetcher, server, "ed25519:a", "client");
        QCOMPARE(fetcher.asked.size(), size_t(3));
    }

    void an_old_key_verifies_no_request()
    {
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        auto key = stored("example.org", First, Now + Day, Now);
        ring.remember({key});
        key.old = true; // the server moved it
        ring.remember({key});
        QCOMPARE(ring.find(nameOf("example.org"), "ed25519:a").standing, Standing::Expired);
    }

    void what_the_store_holds_is_there_after_a_restart()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        auto pinned = stored("pinned.example", Second, 0, 0);
        pinned.pinned = true;
        store.held = {stored("example.org", First, Now + Day, Now), stored("stale.example", First, Now - 1, Now - Day),
                      pinned};
        KeyRing ring(clock, &store);
        QCOMPARE(ring.find(nameOf("example.org"), "ed25519:a").standing, Standing::Unknown);
        QVERIFY(ring.load());
        QCOMPARE(ring.find(nameOf("example.org"), "ed25519:a").standing, Standing::Usable);
        QCOMPARE(ring.find(nameOf("example.org"), "ed25519:b").standing, Standing::Unknown);
        QCOMPARE(ring.find(nameOf("stale.example"), "ed25519:a").standing, Standing::Expired);
        QCOMPARE(ring.find(nameOf("pinned.example"), "ed25519:a").standing, Standing::Usable);
        QCOMPARE(store.held.size(), size_t(3));
    }

    void a_store_that_fails_leaves_an_empty_ring_that_works()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        store.failure = Error{Errc::Corrupt, u"damaged"_s};
        KeyRing ring(clock, &store);
        QCOMPARE(ring.load().error().code, Errc::Corrupt);
        ring.remember({stored("example.org", First, Now + Day, Now)});
        QCOMPARE(ring.find(nameOf("example.org"), "ed25519:a").standing, Standing::Usable);
    }

    void a_self_certifying_name_is_its_own_key_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<int>("standing");
        const auto row = [](const char *tag, const char *name, Standing standing) {
            QTest::newRow(tag) << QByteArray(name) << int(standing);
        };
        row("key", "67e0304dfd117d024cd001a498f637eb9e82dfad503101c53cba83a07f8cad9e", Standing::Usable);
        row("upper case", "67E0304DFD117D024CD001A498F637EB9E82DFAD503101C53CBA83A07F8CAD9E", Standing::Unknown);
        row("port", "67e0304dfd117d024cd001a498f637eb9e82dfad503101c53cba83a07f8cad9e:1", Standing::Unknown);
        row("small order", "0100000000000000000000000000000000000000000000000000000000000000", Standing::Refused);
        row("off the curve", "0200000000000000000000000000000000000000000000000000000000000000", Standing::Refused);
        row("known to everybody", "97f3bd871315281e8b83edc7a9fd0541066154449070ccdb3cdd42cf69ccde88",
            Standing::Refused);
    }
    void a_self_certifying_name_is_its_own_key()
    {
        QFETCH(const QByteArray, name);
        QFETCH(const int, standing);
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        for (int time = 0; time < 2; ++time) { // the second answer comes from memory
            const auto found = ring.find(nameOf(name), "ed25519:any");
            QCOMPARE(int(found.standing), standing);
            if (found.standing == Standing::Usable)
                QCOMPARE(selfCertifyingName(found.key), nameOf(name));
        }
    }

    void nobody_can_give_a_self_certifying_name_another_key()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        KeyRing ring(clock, &store);
        const QByteArray name = "67e0304dfd117d024cd001a498f637eb9e82dfad503101c53cba83a07f8cad9e";
        ring.remember({stored(name, First, Now + Day, Now)});
        QCOMPARE(selfCertifyingName(ring.find(nameOf(name), "ed25519:a").key).bytes(), name);
        QVERIFY(store.held.empty());
    }

    void names_beyond_the_memory_are_computed_again()
    {
        SelfCertifiedNames names(2);
        const auto a = Identity::generate();
        const auto b = Identity::generate();
        const auto c = Identity::generate();
        for (int round = 0; round < 3; ++round) {
            for (const Identity *each : {&a, &b, &c})
                QVERIFY(names.keyOf(each->name()) == each->publicKey());
        }
    }

    void strangers_cannot_fill_the_memory()
    {
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        QVERIFY(ring.pin(nameOf("pinned.example"), "ed25519:a", publicKey(First)));
        ring.remember({stored("early.example", First, Now + Day, Now - 1)});
        std::vector<StoredKey> keys;
        keys.reserve(size_t(KeyRing::MostKeys));
        for (int i = 0; i < KeyRing::MostKeys; ++i)
            keys.push_back(stored("s" + QByteArray::number(i) + ".example", First, Now + Day, Now + i));
        ring.remember(keys);
        QCOMPARE(ring.find(nameOf("early.example"), "ed25519:a").standing, Standing::Unknown);
        QCOMPARE(ring.find(nameOf("s0.example"), "ed25519:a").standing, Standing::Unknown);
        const auto latest = "s" + QByteArray::number(KeyRing::MostKeys - 1) + ".example";
        QCOMPARE(ring.find(nameOf(latest), "ed25519:a").standing, Standing::Usable);
        QCOMPARE(ring.find(nameOf("pinned.example"), "ed25519:a").standing, Standing::Usable);

        keys.clear();
        for (int i = 0; i < 2 * KeyRing::MostKeysOfOneServer; ++i) {
            auto key = stored("pinned.example", Second, Now + Day, Now + i);
            key.keyId = "ed25519:k" + QByteArray::number(i);
            keys.push_back(key);
        }
        ring.remember(keys);
        QCOMPARE(ring.find(nameOf("pinned.example"), "ed25519:k0").standing, Standing::Unknown);
        QCOMPARE(ring.find(nameOf("pinned.example"), keys.back().keyId).standing, Standing::Usable);
        QCOMPARE(ring.find(nameOf("pinned.example"), "ed25519:a").standing, Standing::Usable);
    }

    void a_stranger_has_few_keys_until_one_has_signed()
    {
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        const auto document = [] {
            std::vector<StoredKey> keys;
            for (int i = 0; i < 64; ++i) {
                auto key = stored("stranger.example", First, Now + Day, Now);
                key.keyId = "ed25519:k" + QByteArray::number(i);
                key.old = i < 32; // those come last all the same
                keys.push_back(key);
            }
            return keys;
        };
        ring.remember(document());
        QCOMPARE(ring.list({}, 1'000).keys.size(), size_t(KeyRing::MostKeysOfAStranger));
        QCOMPARE(ring.find(nameOf("stranger.example"), "ed25519:k32").standing, Standing::Usable);
        ring.prove(nameOf("stranger.example"));
        ring.remember(document());
        QCOMPARE(ring.list({}, 1'000).keys.size(), size_t(64));
    }

    void a_key_is_stale_from_half_of_its_time_on_data()
    {
        QTest::addColumn<qint64>("validMs");
        QTest::addColumn<qint64>("halfMs");
        QTest::newRow("as the document says") << Day << Day / 2;
        QTest::newRow("no more than seven days") << 100 * Day << 7 * Day / 2;
    }
    void a_key_is_stale_from_half_of_its_time_on()
    {
        QFETCH(const qint64, validMs);
        QFETCH(const qint64, halfMs);
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        const auto server = nameOf("example.org");
        ring.remember({stored("example.org", First, Now + validMs, Now)});
        clock.advance(halfMs - 1);
        QVERIFY(!ring.find(server, "ed25519:a").stale);
        clock.advance(1);
        QVERIFY(ring.find(server, "ed25519:a").stale);
        QCOMPARE(ring.find(server, "ed25519:a").standing, Standing::Usable);
        QVERIFY(ring.pin(server, "ed25519:a", publicKey(First)));
        QVERIFY(!ring.find(server, "ed25519:a").stale);
    }

    void a_refresh_asks_once_in_a_while_and_charges_nobody()
    {
        FakeClock clock(Now);
        ManualKeyFetcher fetcher;
        KeyRing ring(clock, nullptr);
        const auto server = nameOf("example.org");
        ring.refresh(fetcher, server, "ed25519:a"); // not held at all
        QVERIFY(fetcher.asked.empty());
        ring.remember({stored("example.org", First, Now + Day, Now)});
        clock.advance(Day / 2);
        ring.refresh(fetcher, server, "ed25519:a");
        clock.advance(KeyRing::RefreshMs - 1);
        ring.refresh(fetcher, server, "ed25519:a");
        QCOMPARE(fetcher.asked.size(), size_t(1));
        QVERIFY(fetcher.asked[0].addressKey.isEmpty());
        clock.advance(1);
        ring.refresh(fetcher, server, "ed25519:a");
        QCOMPARE(fetcher.asked.size(), size_t(2));
        fetcher.asked[1].done(std::vector{stored("example.org", First, Now + 2 * Day, clock.wallMs())});
        QVERIFY(!ring.find(server, "ed25519:a").stale);
    }

    void a_document_that_several_bring_is_stored_once()
    {
        FakeClock clock(Now);
        MemoryKeyStore store;
        KeyRing ring(clock, &store);
        for (int i = 0; i < 3; ++i)
            ring.remember({stored("example.org", First, Now + Day, Now)});
        QCOMPARE(store.held.size(), size_t(1));
    }

    void the_usable_keys_of_a_server_are_listed()
    {
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        auto old = stored("example.org", First, Now + Day, Now);
        old.keyId = "ed25519:old";
        old.old = true;
        ring.remember(
            {stored("example.org", First, Now + Day, Now), old, stored("other.example", First, Now + Day, Now)});
        QVERIFY(ring.pin(nameOf("example.org"), "ed25519:pinned", publicKey(Second)));
        const auto keys = ring.usableKeys(nameOf("example.org"));
        QCOMPARE(keys.size(), size_t(2));
        QCOMPARE(keys[0].keyId, "ed25519:a");
        QVERIFY(keys[1].pinned);
        clock.advance(Day + 1);
        QCOMPARE(ring.usableKeys(nameOf("example.org")).size(), size_t(1));
        QVERIFY(ring.usableKeys(nameOf("nobody.example")).empty());
    }

    void threads_may_look_learn_and_pin_at_once()
    {
        FakeClock clock(Now);
        KeyRing ring(clock, nullptr);
        const auto self = Identity::generate();
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        threads.reserve(4);
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                const auto mine = "t" + QByteArray::number(t) + ".example";
                for (int i = 0; i < 200; ++i) {
                    ring.remember({stored(mine, First, Now + Day, Now + i)});
                    const bool pinned = ring.pin(nameOf("shared.example"), "ed25519:a", publicKey(Second)).ok();
                    const bool good = pinned && ring.list({}, 100).keys.size() <= 5 &&
                                      ring.find(nameOf(mine), "ed25519:a").standing == Standing::Usable &&
                                      ring.find(self.name(), "ed25519:a").key == self.publicKey();
                    wrong += good ? 0 : 1;
                    wrong += ring.forget(nameOf("shared.example"), {}).ok() ? 0 : 1;
                }
            });
        }
        for (auto &thread : threads)
            thread.join();
        QCOMPARE(wrong.load(), 0);
    }
};

QTEST_GUILESS_MAIN(KeyRingTest)
#include "tst_keyring.moc"
