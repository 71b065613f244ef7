// SPDX-License-Identifier: GPL-3.0-or-later
// From the thread that asks for a key, through the client, to a server on loopback and back.
#include "clientfixture.h"
#include "federation/keylookup.h"
#include "identity/keyring.h"

#include <QtCore/QEventLoop>

#include <atomic>
#include <thread>

using namespace restante;
using namespace restante::federation;
using namespace restante::test;
using Seen = HostileServer::Seen;

namespace
{
using Keys = std::vector<identity::StoredKey>;

struct Scene {
    explicit Scene(const TestCertificates &certificates)
    {
        fixture.options.caFile = certificates.file("ca.pem");
        fixture.options.openNetworks = {{QHostAddress(QStringLiteral("127.0.0.0")), 8}};
        fixture.start();
        fixture.names->add("good.example", {QStringLiteral("127.0.0.1")});
        lookup = std::make_unique<KeyLookup>(*fixture.client, ring, KeyLookup::Options(), fixture.clock);
    }

    ClientFixture fixture;
    identity::KeyRing ring{fixture.clock, nullptr};
    std::unique_ptr<KeyLookup> lookup;
};
} // namespace

class KeyLookupTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_certificates.make()); }

    void several_threads_get_the_keys_of_one_fetch()
    {
        Scene scene(m_certificates);
        HostileServer server;
        QVERIFY(server.listen(QStringLiteral("127.0.0.1"), m_certificates.file("good.pem"),
                              m_certificates.file("good.key")));
        const auto name = nameOf("good.example:" + QByteArray::number(server.port()));
        const auto origin =
            identity::Identity::of(name, QByteArrayLiteral("ed25519:a"), identity::SecretKey::generate()).value();
        constexpr int many = 3;
        std::atomic<int> asked{0};
        std::atomic<int> right{0};
        std::atomic<int> ended{0};
        server.script = [&](QTcpSocket &socket, const Seen &) {
            // Only when all of them wait.
            QVERIFY(QTest::qWaitFor([&asked] { return asked == many; }));
            socket.write(httpAnswer(origin.keyDocument(scene.fixture.clock.wallMs())));
        };
        std::vector<std::thread> threads;
        threads.reserve(many);
        for (int i = 0; i < many; ++i) {
            threads.emplace_back([&] {
                QEventLoop loop;
                const auto fetcher = scene.lookup->makeFetcher();
                scene.ring.fetch(*fetcher, name, "ed25519:a", "client", [&](const Result<void> &result) {
                    if (result && scene.ring.find(name, "ed25519:a").key == origin.publicKey())
                        ++right;
                    loop.quit();
                });
                ++asked;
                loop.exec();
                ++ended;
            });
        }
        const bool all = ClientFixture::wait([&ended] { return ended == many; });
        for (auto &thread : threads)
            thread.join();
        QVERIFY(all);
        QCOMPARE(right.load(), many);
        QCOMPARE(server.seen.size(), 1);
        QCOMPARE(server.seen[0].target, "/_matrix/key/v2/server");
        QVERIFY(server.seen[0].value("authorization").isNull());
    }

    void a_name_that_leads_nowhere_refuses_nothing_data()
    {
        QTest::addColumn<QByteArray>("server");
        QTest::addColumn<bool>("nameServiceDown");
        QTest::newRow("no such name") << QByteArray("nobody.example") << false;
        QTest::newRow("number") << QByteArray("127.1") << false;
        QTest::newRow("loopback") << QByteArray("[::1]") << false;
        QTest::newRow("nobody there") << QByteArray("good.example:1024") << false;
        QTest::newRow("name service down") << QByteArray("nobody.example") << true;
    }
    void a_name_that_leads_nowhere_refuses_nothing()
    {
        QFETCH(const QByteArray, server);
        QFETCH(const bool, nameServiceDown);
        Scene scene(m_certificates);
        if (nameServiceDown)
            scene.fixture.names->fail();
        const auto fetcher = scene.lookup->makeFetcher();
        std::optional<Errc> got;
        fetcher->fetch(nameOf(server), "ed25519:a", "client",
                       [&got](const Result<Keys> &keys) { got = keys ? Errc::Internal : keys.error().code; });
        QVERIFY(ClientFixture::wait([&got] { return got.has_value(); }));
        QCOMPARE(*got, Errc::KeyUnavailable);
    }

    void a_fetcher_that_goes_is_told_nothing()
    {
        Scene scene(m_certificates);
        HostileServer server([](QTcpSocket &, const Seen &) {});
        QVERIFY(server.listen(QStringLiteral("127.0.0.1"), m_certificates.file("good.pem"),
                              m_certificates.file("good.key")));
        int told = 0;
        {
            const auto fetcher = scene.lookup->makeFetcher();
            fetcher->fetch(nameOf("good.example:" + QByteArray::number(server.port())), "ed25519:a", {},
                           [&told](const auto &) { ++told; });
            QVERIFY(ClientFixture::wait([&server] { return server.seen.size() == 1; }));
        }
        scene.lookup.reset(); // and the look-up, while a server is being asked
        scene.fixture.client.reset();
        QVERIFY(ClientFixture::wait([&server] { return server.gone == 1; }));
        QCOMPARE(told, 0);
    }

    void a_client_that_is_gone_finds_no_keys()
    {
        Scene scene(m_certificates);
        const auto fetcher = scene.lookup->makeFetcher();
        scene.lookup.reset();
        scene.fixture.client.reset();
        std::optional<Errc> got;
        fetcher->fetch(nameOf("good.example"), "ed25519:a", {},
                       [&got](const Result<Keys> &keys) { got = keys ? Errc::Internal : keys.error().code; });
        QVERIFY(got == Errc::KeyUnavailable);
    }

private:
    TestCertificates m_certificates;
};

QTEST_GUILESS_MAIN(KeyLookupTest)
#include "tst_keylookup.moc"
