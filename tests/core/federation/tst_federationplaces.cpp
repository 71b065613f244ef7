// SPDX-License-Identifier: GPL-3.0-or-later
// Where requests go and whom they trust: names that lead astray, certificates, pins.
#include "clientfixture.h"
#include "federation/clockcompare.h"

using namespace restante;
using namespace restante::federation;
using namespace restante::test;
using Seen = HostileServer::Seen;

class FederationPlacesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_certificates.make()); }

    void a_name_that_leads_inside_is_refused_data()
    {
        QTest::addColumn<QByteArray>("server"); // %1 is the port
        QTest::addColumn<QStringList>("addresses");
        QTest::addColumn<int>("code");
        const auto row = [](const char *server, const QStringList &addresses, Errc code) {
            QTest::addRow("%s %s", server, qPrintable(addresses.join(QLatin1Char(' '))))
                << QByteArray(server) << addresses << int(code);
        };
        for (const char *address :
             {"127.0.0.1", "127.9.9.9", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
              "0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1",
              "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"})
            row("evil.example:%1", {QString::fromLatin1(address)}, Errc::AddressRefused);
        row("evil.example:%1", {QStringLiteral("127.0.0.1"), QStringLiteral("10.0.0.1")}, Errc::AddressRefused);
        row("127.0.0.1:%1", {}, Errc::AddressRefused);
        row("127.0.0.1", {}, Errc::AddressRefused);
        row("[::1]:%1", {}, Errc::AddressRefused);
        row("[::ffff:127.0.0.1]:%1", {}, Errc::AddressRefused);
        row("10.0.0.1:%1", {}, Errc::AddressRefused);
        row("evil.example:22", {QStringLiteral("127.0.0.1")}, Errc::AddressRefused);
        row("evil.example:25", {QStringLiteral("1.1.1.1")}, Errc::AddressRefused);
        row("evil.example:0", {QStringLiteral("1.1.1.1")}, Errc::AddressRefused);
        for (const char *number : {"127.1:%1", "2130706433:%1", "0x7f.1:%1", "0x7f000001:%1", "0177.0.0.1:%1",
                                   "127.0.0.01:%1", "evil.example.:%1"})
            row(number, {QStringLiteral("127.0.0.1")}, Errc::Unreachable);
        row("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", {QStringLiteral("127.0.0.1")},
            Errc::Unreachable);
        row("nobody.example:%1", {}, Errc::Unreachable);
    }
    void a_name_that_leads_inside_is_refused()
    {
        QFETCH(QByteArray, server);
        QFETCH(const QStringList, addresses);
        QFETCH(const int, code);
        ClientFixture fixture;
        fixture.start();
        HostileServer inside;
        QVERIFY(listen(inside, "good"));
        server.replace("%1", QByteArray::number(inside.port()));
        const auto name = nameOf(server);
        if (!addresses.isEmpty())
            fixture.names->add(name.host().toByteArray(), addresses);
        const Error error = fixture.failure(ClientFixture::requestTo(server));
        QVERIFY2(int(error.code) == code, qPrintable(error.detail));
        QCOMPARE(inside.connections, 0);
        if (code == int(Errc::Unreachable) && !server.startsWith("nobody"))
            QCOMPARE(fixture.names->askedInAll(), 0); // such names are handed to no resolver
    }

    void a_request_that_nobody_can_have_got_says_so_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<bool>("notSent");
        for (const char *how : {"nobody listens", "no such name", "refused by the address rules",
                                "a strange certificate", "a kept connection, and nobody listens any more"})
            QTest::newRow(how) << QString::fromLatin1(how) << true;
        for (const char *how : {"cut off", "no HTTP", "a redirect"})
            QTest::newRow(how) << QString::fromLatin1(how) << false;
    }
    void a_request_that_nobody_can_have_got_says_so()
    {
        QFETCH(const QString, how);
        QFETCH(const bool, notSent);
        ClientFixture fixture;
        fixture.start();
        auto server = std::make_unique<HostileServer>();
        QVERIFY(how.contains(QLatin1String("certificate")) ? listen(*server, "own") : server->listen());
        auto request = ClientFixture::request(*server);
        if (how == QLatin1String("nobody listens"))
            server.reset();
        else if (how.startsWith(QLatin1String("a kept"))) {
            QVERIFY(fixture.send(request).ok());
            server.reset();
        } else if (how == QLatin1String("no such name"))
            request = ClientFixture::requestTo("nobody.example:8448");
        else if (how.startsWith(QLatin1String("refused")))
            request = ClientFixture::requestTo("127.0.0.1:8448");
        else if (how == QLatin1String("cut off"))
            server->script = [](QTcpSocket &socket, const Seen &) { socket.abort(); };
        else if (how == QLatin1String("no HTTP"))
            server->script = [](QTcpSocket &socket, const Seen &) {
                socket.write("hello\r\n\r\n");
                socket.disconnectFromHost();
            };
        else if (how == QLatin1String("a redirect"))
            server->script = [](QTcpSocket &socket, const Seen &) {
                socket.write(httpAnswer("", "302 Found", "Location: /x\r\n"));
            };
        const Error error = fixture.failure(request);
        QVERIFY(error.code != Errc::Internal);
        QVERIFY2(error.notSent == notSent, qPrintable(error.detail));
        const auto flow = fixture.beginStream(request);
        QVERIFY(ClientFixture::wait([&flow] { return flow->head.has_value(); }));
        QVERIFY(!flow->head->ok());
        QCOMPARE(flow->head->error().notSent, notSent);
    }

    void the_clock_is_compared_with_that_of_who_answers()
    {
        int changes = 0;
        ClockCompare compare([&changes] { ++changes; });
        ClientFixture fixture;
        fixture.options.clockCompare = &compare;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        QByteArray fields = "Date: Thu, 01 Jan 2015 00:00:00 GMT\r\nAge: 7\r\n";
        server.script = [&fields](QTcpSocket &socket, const Seen &) {
            socket.write(httpAnswer("{}", "200 OK", fields));
        };
        QVERIFY(fixture.send(ClientFixture::request(server)).ok());
        QCOMPARE(compare.trouble(), QString()); // out of a cache
        fields = "Date: Thu, 01 Jan 2015 00:00:00 GMT\r\n";
        QVERIFY(fixture.send(ClientFixture::request(server)).ok());
        QVERIFY2(compare.trouble().contains(QLatin1String("ahead of that of peer.example")),
                 qPrintable(compare.trouble()));
        const auto flow = fixture.beginStream(ClientFixture::request(server));
        QVERIFY(ClientFixture::wait([&flow] { return flow->ended.has_value(); }));
        fixture.port.reset();
        fixture.client.reset();
        QVERIFY(changes >= 1);
    }

    void an_open_network_lets_a_name_through_data()
    {
        QTest::addColumn<QString>("network");
        QTest::addColumn<int>("bits");
        QTest::addColumn<bool>("through");
        QTest::newRow("covers") << QStringLiteral("127.0.0.0") << 8 << true;
        QTest::newRow("covers just it") << QStringLiteral("127.0.0.1") << 32 << true;
        QTest::newRow("covers its neighbour") << QStringLiteral("127.0.0.2") << 32 << false;
        QTest::newRow("another family") << QStringLiteral("::") << 0 << false;
    }
    void an_open_network_lets_a_name_through()
    {
        QFETCH(const QString, network);
        QFETCH(const int, bits);
        QFETCH(const bool, through);
        ClientFixture fixture;
        openTo(fixture, network, bits);
        HostileServer server;
        QVERIFY(listen(server, "good"));
        fixture.names->add("good.example", {QStringLiteral("127.0.0.1")});
        const auto result = fixture.send(ClientFixture::requestTo(at("good.example", server)));
        QCOMPARE(result.ok(), through);
        QCOMPARE(server.connections, through ? 1 : 0);
        if (through) {
            QCOMPARE(server.seen[0].value("host"), at("good.example", server));
            QVERIFY(
                server.seen[0].value("authorization").contains("destination=\"" + at("good.example", server) + '"'));
        }
    }

    void a_name_that_changes_its_mind_is_judged_by_where_it_leads_now()
    {
        ClientFixture fixture;
        openTo(fixture, QStringLiteral("127.0.0.2"), 32);
        HostileServer outside;
        QVERIFY(listen(outside, "good", "127.0.0.2"));
        fixture.names->add("good.example", {QStringLiteral("127.0.0.2")});
        fixture.names->add("good.example", {QStringLiteral("127.0.0.1")});
        const QByteArray server = at("good.example", outside);
        QVERIFY(fixture.send(ClientFixture::requestTo(server)).ok());
        QCOMPARE(fixture.failure(ClientFixture::requestTo(server)).code, Errc::AddressRefused);
        QCOMPARE(outside.seen.size(), 1);
    }

    void a_connection_that_the_operators_place_opened_serves_nobody_else()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer inside;
        QVERIFY(listen(inside, "good"));
        auto request = ClientFixture::requestTo("peer.example");
        request.peer = inside.peer(m_certificates.pinOf("good.pem"));
        QVERIFY(fixture.send(request).ok());
        QCOMPARE(fixture.failure(ClientFixture::requestTo(inside.place())).code, Errc::AddressRefused);
        QCOMPARE(inside.seen.size(), 1);
    }

    void the_next_address_and_the_next_target_are_tried()
    {
        ClientFixture fixture;
        openTo(fixture, QStringLiteral("127.0.0.0"), 8);
        HostileServer server;
        QVERIFY(listen(server, "good"));
        fixture.names->addService("_matrix-fed._tcp.good.example", "down.example", server.port(), 1);
        fixture.names->addService("_matrix-fed._tcp.good.example", "up.example", server.port(), 2);
        fixture.names->addService("_matrix-fed._tcp.good.example", "never.example", server.port(), 3);
        fixture.names->add("down.example", {QStringLiteral("127.0.0.3"), QStringLiteral("10.0.0.1")});
        fixture.names->add("up.example", {QStringLiteral("127.0.0.4"), QStringLiteral("127.0.0.1")});
        QVERIFY(fixture.send(ClientFixture::requestTo("good.example")).ok());
        QCOMPARE(server.seen.size(), 1);
        QCOMPARE(server.seen[0].value("host"), "good.example"); // and so is the certificate: not the target's
        QCOMPARE(fixture.names->asked("never.example"), 0);
    }

    void a_target_that_took_the_request_is_the_last()
    {
        ClientFixture fixture;
        openTo(fixture, QStringLiteral("127.0.0.0"), 8);
        HostileServer cuts([](QTcpSocket &socket, const Seen &) { socket.disconnectFromHost(); });
        HostileServer second;
        QVERIFY(listen(cuts, "good"));
        QVERIFY(listen(second, "good"));
        fixture.names->addService("_matrix-fed._tcp.good.example", "one.example", cuts.port(), 1);
        fixture.names->addService("_matrix-fed._tcp.good.example", "two.example", second.port(), 2);
        fixture.names->add("one.example", {QStringLiteral("127.0.0.1")});
        fixture.names->add("two.example", {QStringLiteral("127.0.0.1")});
        QCOMPARE(fixture.failure(ClientFixture::requestTo("good.example")).code, Errc::Unreachable);
        QCOMPARE(cuts.seen.size(), 1);
        QCOMPARE(second.connections, 0);
    }

    void a_well_known_file_is_followed_data()
    {
        QTest::addColumn<QByteArray>(
            "location"); // of the first answer; %1 the same server, %2 another inside; null: none
        QTest::addColumn<bool>("followed");
        QTest::addColumn<int>("insideConnections");
        const auto row = [](const char *tag, const char *location, bool followed, int insideConnections = 0) {
            QTest::newRow(tag) << QByteArray(location) << followed << insideConnections;
        };
        row("no redirect", nullptr, true);
        row("relative", "/elsewhere?x=1", true);
        row("absolute", "https://good.example:%1/elsewhere", true);
        row("to a loopback address", "https://127.0.0.1:%2/elsewhere", false);
        row("to a short loopback address", "https://127.1:%2/elsewhere", false);
        row("to a number", "https://2130706433:%2/elsewhere", false);
        row("to an IPv6 loopback address", "https://[::1]:%2/elsewhere", false);
        row("to a mapped address", "https://[::ffff:127.0.0.1]:%2/elsewhere", false);
        row("to a name that leads inside", "https://inside.good.example:%2/elsewhere", false);
        row("with a user", "https://good.example@127.0.0.1:%2/elsewhere", false);
        row("with a user before the right host", "https://a:b@good.example:%1/elsewhere", false);
        row("without TLS", "http://good.example:%1/elsewhere", false);
        row("to a file", "file:///etc/passwd", false);
        row("to a low port", "https://good.example:22/elsewhere", false);
        row("round and round", "/.well-known/matrix/server", false);
        row("nowhere", "", false);
    }
    void a_well_known_file_is_followed()
    {
        QFETCH(QByteArray, location);
        QFETCH(const bool, followed);
        QFETCH(const int, insideConnections);
        HostileServer inside;
        QVERIFY(listen(inside, "good"));
        HostileServer outside;
        outside.script = [&](QTcpSocket &socket, const Seen &seen) {
            if (seen.target == "/.well-known/matrix/server" && !location.isNull())
                socket.write(httpAnswer({}, "302 Found", "Location: " + location + "\r\n"));
            else if (seen.target.startsWith("/_matrix/"))
                socket.write(httpAnswer("{}"));
            else
                socket.write(
                    httpAnswer("{\"m.server\":\"delegated.good.example:" + QByteArray::number(outside.port()) + "\"}"));
        };
        QVERIFY(listen(outside, "good", "127.0.0.2"));
        location.replace("%1", QByteArray::number(outside.port())).replace("%2", QByteArray::number(inside.port()));
        if (!location.isNull() && location.isEmpty())
            location = " ";

        ClientFixture fixture;
        fixture.options.httpsPort = outside.port();
        openTo(fixture, QStringLiteral("127.0.0.2"), 32);
        fixture.names->add("good.example", {QStringLiteral("127.0.0.2")});
        fixture.names->add("delegated.good.example", {QStringLiteral("127.0.0.2")});
        fixture.names->add("inside.good.example", {QStringLiteral("127.0.0.1")});
        auto request = ClientFixture::requestTo("good.example");
        request.target = "/_matrix/federation/v1/version";
        const auto result = fixture.send(request);
        QCOMPARE(result.ok(), followed); // else good.example:8448, where nobody is
        QCOMPARE(inside.connections, insideConnections);
        if (followed)
            QCOMPARE(outside.seen.last().value("host"), "delegated.good.example:" + QByteArray::number(outside.port()));
        else
            QVERIFY(outside.seen.size() <= 6);
    }

    void a_certificate_says_who_it_is_data()
    {
        QTest::addColumn<QByteArray>("certificate");
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<bool>("authority"); // the test's own is known
        QTest::addColumn<bool>("accepted");
        QTest::newRow("right") << QByteArray("good") << QByteArray("good.example") << true << true;
        QTest::newRow("address") << QByteArray("good") << QByteArray("127.0.0.1") << true << true;
        QTest::newRow("another name") << QByteArray("good") << QByteArray("evil.example") << true << false;
        QTest::newRow("unknown authority") << QByteArray("good") << QByteArray("good.example") << false << false;
        QTest::newRow("its own authority") << QByteArray("own") << QByteArray("good.example") << true << false;
    }
    void a_certificate_says_who_it_is()
    {
        QFETCH(const QByteArray, certificate);
        QFETCH(const QByteArray, host);
        QFETCH(const bool, authority);
        QFETCH(const bool, accepted);
        ClientFixture fixture;
        openTo(fixture, QStringLiteral("127.0.0.0"), 8, authority);
        HostileServer server;
        QVERIFY(listen(server, certificate.constData()));
        fixture.names->add(host, {QStringLiteral("127.0.0.1")});
        const auto result = fixture.send(ClientFixture::requestTo(at(host, server)));
        QCOMPARE(result.ok(), accepted);
        if (!accepted)
            QCOMPARE(result.error().code, Errc::CertificateRefused);
        QCOMPARE(server.seen.size(), accepted ? 1 : 0);
    }

    void a_pin_is_what_counts_where_there_is_one_data()
    {
        QTest::addColumn<QByteArray>("certificate");
        QTest::addColumn<QByteArray>("pinned"); // empty: no pin
        QTest::addColumn<bool>("accepted");
        QTest::newRow("self-signed, right") << QByteArray("own") << QByteArray("own.pem") << true;
        QTest::newRow("self-signed, wrong") << QByteArray("own") << QByteArray("good.pem") << false;
        QTest::newRow("self-signed, no pin") << QByteArray("own") << QByteArray() << false;
        QTest::newRow("of an authority, right") << QByteArray("good") << QByteArray("good.pem") << true;
        QTest::newRow("of an authority, wrong") << QByteArray("good") << QByteArray("own.pem") << false;
        QTest::newRow("of an authority, no pin") << QByteArray("good") << QByteArray() << true;
    }
    void a_pin_is_what_counts_where_there_is_one()
    {
        QFETCH(const QByteArray, certificate);
        QFETCH(const QByteArray, pinned);
        QFETCH(const bool, accepted);
        ClientFixture fixture;
        fixture.options.caFile = m_certificates.file("ca.pem");
        fixture.start();
        HostileServer server;
        QVERIFY(listen(server, certificate.constData()));
        auto request = ClientFixture::requestTo("relay.example");
        request.peer = server.peer(pinned.isEmpty() ? QByteArray() : m_certificates.pinOf(pinned.constData()));
        const auto result = fixture.send(request);
        QCOMPARE(result.ok(), accepted);
        if (!accepted)
            QCOMPARE(result.error().code, Errc::CertificateRefused);
        QCOMPARE(server.seen.size(), accepted ? 1 : 0);
    }

    void a_wrong_pin_is_noticed_on_a_place_that_was_connected_to()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(listen(server, "own"));
        auto request = ClientFixture::requestTo("relay.example");
        request.peer = server.peer(m_certificates.pinOf("own.pem"));
        QVERIFY(fixture.send(request).ok());
        request.peer = server.peer(m_certificates.pinOf("good.pem"));
        QCOMPARE(fixture.failure(request).code, Errc::CertificateRefused);
        request.peer = server.peer();
        QCOMPARE(fixture.failure(request).code, Errc::CertificateRefused);
        QCOMPARE(server.seen.size(), 1);
    }

    void a_pin_without_tls_or_of_another_length_is_refused()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        auto request = ClientFixture::requestTo("relay.example");
        request.peer = server.peer(QByteArray(32, 'a'));
        QCOMPARE(fixture.failure(request).code, Errc::InvalidParam);
        request.peer = FixedPeer{"https://127.0.0.1:1", QByteArray(31, 'a')};
        QCOMPARE(fixture.failure(request).code, Errc::InvalidParam);
        QCOMPARE(server.connections, 0);
    }

    void a_name_service_that_is_down_is_unreachable()
    {
        ClientFixture fixture;
        fixture.start();
        fixture.names->fail();
        QCOMPARE(fixture.failure(ClientFixture::requestTo("good.example:8448")).code, Errc::Unreachable);
    }

private:
    bool listen(HostileServer &server, const char *certificate, const char *address = "127.0.0.1") const
    {
        return server.listen(QString::fromLatin1(address),
                             m_certificates.file((QByteArray(certificate) + ".pem").constData()),
                             m_certificates.file((QByteArray(certificate) + ".key").constData()));
    }
    static QByteArray at(const QByteArray &host, const HostileServer &server)
    {
        return host + ':' + QByteArray::number(server.port());
    }
    void openTo(ClientFixture &fixture, const QString &network, int bits, bool authority = true) const
    {
        fixture.options.openNetworks = {{QHostAddress(network), bits}};
        if (authority)
            fixture.options.caFile = m_certificates.file("ca.pem");
        fixture.start();
    }

    TestCertificates m_certificates;
};

QTEST_GUILESS_MAIN(FederationPlacesTest)
#include "tst_federationplaces.moc"
