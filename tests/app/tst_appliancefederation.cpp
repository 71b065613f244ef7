// SPDX-License-Identifier: GPL-3.0-or-later
// The whole installation towards other servers, over loopback.
#include "fakeclock.h"
#include "hostileserver.h"
#include "listening.h"
#include "localoperations.h"
#include "matrix/base64.h"
#include "matrix/xmatrix.h"
#include "settingsvalues.h"

#include <QtCore/QUrl>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <algorithm>

using namespace restante;
using app::Appliance;
using test::HostileServer;
using test::listenAddresses;
using Seen = HostileServer::Seen;

class TestApplianceFederation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_certificates.make()); }
    void mail_of_an_ordinary_server_is_taken_in_once_its_key_is_fetched_data();
    void mail_of_an_ordinary_server_is_taken_in_once_its_key_is_fetched();
    void keys_of_origins_with_held_mail_are_fetched_again();
    void a_server_with_a_new_key_is_heard_once_the_operator_says_so_data();
    void a_server_with_a_new_key_is_heard_once_the_operator_says_so();
    void authorities_that_went_are_warned_of_until_they_are_back();
    void requests_to_others_are_signed_by_this_installation();
    void a_large_answer_goes_through_the_node_listener();
    void stopping_does_not_wait_for_a_server_that_is_asked();

private:
    using Overrides = QList<QPair<QString, QString>>;
    /// In a new folder.
    std::unique_ptr<Appliance> open(const Overrides &overrides)
    {
        m_folder = std::make_unique<QTemporaryDir>();
        return reopen(overrides);
    }
    std::unique_ptr<Appliance> reopen(const Overrides &overrides);
    bool listen(HostileServer &server) const
    {
        return server.listen(QStringLiteral("127.0.0.1"), m_certificates.file("good.pem"),
                             m_certificates.file("good.key"));
    }
    /// A server of an ordinary name, whose place that is.
    static identity::Identity originAt(const HostileServer &keys)
    {
        return identity::Identity::of(*matrix::ServerName::parse(keys.place()), QByteArrayLiteral("ed25519:a"),
                                      identity::SecretKey::generate())
            .value();
    }
    /// Its key document is there for everybody; `origin` outlives the requests.
    void serveKeyOf(const identity::Identity &origin, HostileServer &keys)
    {
        keys.script = [this, &origin](QTcpSocket &socket, const Seen &) {
            socket.write(test::httpAnswer(origin.keyDocument(m_clock.wallMs())));
        };
    }
    /// Sends a transaction of `origin` and waits for the status.
    static int leave(const Appliance &appliance, const identity::Identity &origin);
    static std::unique_ptr<QTcpSocket> send(const Appliance &appliance, const identity::Identity &origin);

    test::FakeClock m_clock;
    test::TestCertificates m_certificates;
    std::unique_ptr<QTemporaryDir> m_folder;
};

std::unique_ptr<Appliance> TestApplianceFederation::reopen(const Overrides &overrides)
{
    settings::Options options;
    options.dataFolder = m_folder->path();
    options.listen = listenAddresses({QStringLiteral("127.0.0.1:0")});
    options.overrides.append({QStringLiteral("queue.disk_floor_bytes"), QStringLiteral("0")});
    options.overrides.append({QStringLiteral("relay.open"), QStringLiteral("true")});
    options.overrides.append({QStringLiteral("federation.ca_file"), m_certificates.file("ca.pem")});
    for (const auto &[key, value] : overrides)
        options.overrides.append({key, value});
    return test::listening(options, m_clock);
}

std::unique_ptr<QTcpSocket> TestApplianceFederation::send(const Appliance &appliance, const identity::Identity &origin)
{
    const QByteArray target = "/_matrix/federation/v1/send_relay/t/@user:owner.example";
    const QByteArray body = R"({"pdus":[{"type":"m.room.message"}]})";
    const auto relay = *matrix::ServerName::parse(appliance.status().serverName.toLatin1());
    const QUrl place(appliance.status().addresses.constFirst());
    auto socket = std::make_unique<QTcpSocket>();
    socket->connectToHost(place.host(), quint16(place.port()));
    socket->write("PUT " + target + " HTTP/1.1\r\nHost: relay\r\nContent-Type: application/json\r\nContent-Length: " +
                  QByteArray::number(body.size()) +
                  "\r\nAuthorization: " + origin.authorizationHeader("PUT", target, relay, body) + "\r\n\r\n" + body);
    return socket;
}

int TestApplianceFederation::leave(const Appliance &appliance, const identity::Identity &origin)
{
    const auto socket = send(appliance, origin);
    QByteArray answer;
    constexpr int patienceMs = 20'000;
    const bool answered = QTest::qWaitFor(
        [&] {
            answer += socket->readAll();
            return answer.contains("\r\n\r\n");
        },
        patienceMs);
    return answered ? answer.split(' ').value(1).toInt() : 0;
}

void TestApplianceFederation::mail_of_an_ordinary_server_is_taken_in_once_its_key_is_fetched_data()
{
    QTest::addColumn<QString>("networks");
    QTest::addColumn<QString>("fetch");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("asked");
    QTest::newRow("fetched") << QStringLiteral("127.0.0.0/8") << QStringLiteral("true") << 200 << 1;
    QTest::newRow("nobody is asked") << QStringLiteral("127.0.0.0/8") << QStringLiteral("false") << 401 << 0;
    QTest::newRow("not in this network") << QStringLiteral("10.0.0.0/8") << QStringLiteral("true") << 503 << 0;
}

void TestApplianceFederation::mail_of_an_ordinary_server_is_taken_in_once_its_key_is_fetched()
{
    QFETCH(const QString, networks);
    QFETCH(const QString, fetch);
    QFETCH(const int, status);
    QFETCH(const int, asked);
    HostileServer keys;
    QVERIFY(listen(keys));
    const auto origin = originAt(keys);
    serveKeyOf(origin, keys);
    const auto appliance = open(
        {{QStringLiteral("federation.allowed_networks"), networks}, {QStringLiteral("federation.fetch_keys"), fetch}});
    QCOMPARE(leave(*appliance, origin), status);
    QCOMPARE(leave(*appliance, origin), status);
    QCOMPARE(keys.seen.size(), asked);
}

void TestApplianceFederation::keys_of_origins_with_held_mail_are_fetched_again()
{
    constexpr qint64 halfMs = identity::MaxKeyValidityMs / 2;
    HostileServer keys;
    QVERIFY(listen(keys));
    const auto origin = originAt(keys);
    serveKeyOf(origin, keys);
    const QPair<QString, QString> networks{QStringLiteral("federation.allowed_networks"),
                                           QStringLiteral("127.0.0.0/8")};
    auto appliance = open({networks});
    QCOMPARE(leave(*appliance, origin), 200);
    QCOMPARE(keys.seen.size(), 1);
    appliance.reset(); // brings the totals of the queue up to date
    appliance = reopen({networks});
    const auto look = [&appliance] {
        QSignalSpy looked(appliance->keyKeeper(), &relay::KeyKeeper::looked);
        appliance->keyKeeper()->look();
        return looked.count() == 1 || looked.wait(20'000);
    };
    QVERIFY(look());
    QCOMPARE(keys.seen.size(), 1); // it is young yet
    m_clock.advance(halfMs);
    QVERIFY(look());
    QCOMPARE(keys.seen.size(), 2);
    QVERIFY(look());
    QCOMPARE(keys.seen.size(), 2);
    m_clock.advance(halfMs + 1);
    settings::Settings edited = appliance->settings();
    edited.blockedOrigins = {origin.name()};
    QVERIFY(appliance->applySettings(edited).ok());
    QVERIFY(look());
    QCOMPARE(keys.seen.size(), 2);
    edited.blockedOrigins.clear();
    QVERIFY(appliance->applySettings(edited).ok());
    QVERIFY(look());
    QCOMPARE(keys.seen.size(), 3);

    appliance.reset();
    appliance = reopen({networks, {QStringLiteral("federation.fetch_keys"), QStringLiteral("false")}});
    QVERIFY(!appliance->keyKeeper());
}

void TestApplianceFederation::a_server_with_a_new_key_is_heard_once_the_operator_says_so_data()
{
    QTest::addColumn<bool>("pin");
    QTest::newRow("pinned") << true;
    QTest::newRow("forgotten") << false;
}

void TestApplianceFederation::a_server_with_a_new_key_is_heard_once_the_operator_says_so()
{
    QFETCH(const bool, pin);
    constexpr qint64 askedAgainMs = 60'000;
    HostileServer keys;
    QVERIFY(listen(keys));
    const auto origin = originAt(keys);
    serveKeyOf(origin, keys);
    const QPair<QString, QString> networks{QStringLiteral("federation.allowed_networks"),
                                           QStringLiteral("127.0.0.0/8")};
    auto appliance = open({networks});
    QCOMPARE(leave(*appliance, origin), 200);

    const auto anew = originAt(keys); // the same name and key id
    serveKeyOf(anew, keys);
    m_clock.advance(askedAgainMs);
    QCOMPARE(leave(*appliance, anew), 401);
    {
        app::LocalOperations operations(*appliance);
        const auto listed = [&operations] {
            std::optional<control::ServerKeys> list;
            operations.fetchKeys({}, &operations, [&list](const auto &found) { list = *found; });
            return QTest::qWaitFor([&list] { return list.has_value(); }) ? *list : control::ServerKeys();
        };
        QTRY_COMPARE(listed().refused.size(), 1); // it is asked meanwhile
        const control::ServerKeys list = listed();
        QCOMPARE(list.keys.size(), 1);
        QCOMPARE(list.keys[0].server, anew.name().toString());
        QVERIFY(list.keys[0].usable && !list.keys[0].pinned && list.keys[0].seenMs > 0);
        QCOMPARE(list.keys[0].validUntilMs - list.keys[0].seenMs, identity::MaxKeyValidityMs);
        QCOMPARE(list.refused[0].server, anew.name().toString());
        QCOMPARE(list.refused[0].keyId, QString::fromLatin1(anew.keyId()));
        QCOMPARE(list.refused[0].refusedMs, m_clock.wallMs());
        QVERIFY(list.refused[0].key != list.keys[0].key);
        const auto key = matrix::decodeBase64(list.refused[0].key.toLatin1(), 32).value();
        QCOMPARE(key, QByteArray(reinterpret_cast<const char *>(anew.publicKey().data()), 32));
        QCOMPARE(leave(*appliance, anew), 401);

        bool done = false;
        if (pin)
            operations.pinKey(anew.name(), anew.keyId(), anew.publicKey(), &operations,
                              [&done](const Result<bool> &replaced) { done = replaced && *replaced; });
        else
            operations.forgetKeys(anew.name(), {}, &operations,
                                  [&done](const Result<qint64> &gone) { done = gone && *gone == 1; });
        QTRY_VERIFY(done);
        QCOMPARE(leave(*appliance, anew), 200);
        QCOMPARE(leave(*appliance, origin), 401);
        QCOMPARE(listed().keys.size(), 1);
        QCOMPARE(listed().keys[0].pinned, pin);
        QVERIFY(listed().refused.isEmpty());
    }
    appliance.reset();
    appliance = reopen({networks, {QStringLiteral("federation.fetch_keys"), QStringLiteral("false")}});
    QCOMPARE(leave(*appliance, anew), 200);
    QCOMPARE(leave(*appliance, origin), 401);
}

void TestApplianceFederation::authorities_that_went_are_warned_of_until_they_are_back()
{
    HostileServer keys;
    QVERIFY(listen(keys));
    const auto origin = originAt(keys);
    serveKeyOf(origin, keys);
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("ca.pem"));
    QVERIFY(QFile::copy(m_certificates.file("ca.pem"), file));
    const auto appliance = open({{QStringLiteral("federation.allowed_networks"), QStringLiteral("127.0.0.0/8")},
                                 {QStringLiteral("federation.ca_file"), file}});
    const auto warning = [&appliance] {
        const auto warnings = appliance->status().warnings;
        const auto found = std::find_if(warnings.begin(), warnings.end(), [](const auto &each) {
            return each.kind == control::StatusWarning::Kind::NoAuthorities;
        });
        return found == warnings.end() ? QString() : found->detail;
    };
    QVERIFY(QFile::remove(file));
    QCOMPARE(warning(), QString());
    const auto socket = send(*appliance, origin);
    QByteArray answer;
    QTRY_VERIFY((answer += socket->readAll()).contains("}"));
    QVERIFY(answer.startsWith("HTTP/1.1 503 "));
    QVERIFY2(answer.contains("certificates cannot be checked here just now"), answer.constData());
    QVERIFY(!answer.contains("ca_file"));
    QTRY_VERIFY(!warning().isEmpty());
    QVERIFY2(warning().contains(file), qPrintable(warning()));

    QSignalSpy changed(appliance.get(), &Appliance::statusChanged);
    QVERIFY(QFile::copy(m_certificates.file("ca.pem"), file));
    QTRY_COMPARE_WITH_TIMEOUT(warning(), QString(), 20'000);
    QVERIFY(!changed.isEmpty());
}

void TestApplianceFederation::requests_to_others_are_signed_by_this_installation()
{
    HostileServer server;
    QVERIFY(server.listen());
    const auto appliance = open({});
    federation::Port port(appliance->federation());
    federation::Request request;
    request.destination = *matrix::ServerName::parse("peer.example");
    request.method = "GET";
    request.target = "/";
    request.peer = server.peer();
    bool answered = false;
    port.send(request, [&answered](const Result<federation::Response> &answer) { answered = answer.ok(); });
    QTRY_VERIFY(answered);
    const auto claim = matrix::XMatrix::parse({server.seen[0].value("authorization")});
    QVERIFY(claim.ok());
    QCOMPARE(claim->origin.toString(), appliance->status().serverName);
}

/// Larger than all the memory that answers may have.
void TestApplianceFederation::a_large_answer_goes_through_the_node_listener()
{
    QByteArray media(70'000'000, Qt::Uninitialized);
    for (qsizetype at = 0; at < media.size(); ++at)
        media[at] = char(at * at >> 7);
    HostileServer server([&media](QTcpSocket &socket, const Seen &) {
        socket.write(test::httpAnswer(media, "200 OK", "Content-Type: image/png\r\n"));
    });
    QVERIFY(listen(server));
    const auto appliance = open({{QStringLiteral("federation.allowed_networks"), QStringLiteral("127.0.0.0/8")},
                                 {QStringLiteral("node.enabled"), QStringLiteral("true")},
                                 {QStringLiteral("node.listen"), QStringLiteral("127.0.0.1:0")}});
    QFile secret(m_folder->filePath(QStringLiteral("node.secret")));
    QVERIFY(secret.open(QIODevice::ReadOnly));
    const QUrl place(appliance->status().nodeAddress);
    QTcpSocket homeserver;
    homeserver.connectToHost(place.host(), quint16(place.port()));
    homeserver.write("GET matrix-federation://" + server.place() +
                     "/_matrix/federation/v1/media/download/x HTTP/1.1\r\nHost: " + server.place() +
                     "\r\nConnection: close\r\nProxy-Authorization: Bearer " + secret.readAll().trimmed() + "\r\n\r\n");
    QByteArray answer;
    constexpr int patienceMs = 60'000;
    QVERIFY(QTest::qWaitFor(
        [&] {
            answer += homeserver.readAll();
            return homeserver.state() == QAbstractSocket::UnconnectedState;
        },
        patienceMs));
    QVERIFY(answer.startsWith("HTTP/1.1 200"));
    const QByteArray head = answer.left(answer.indexOf("\r\n\r\n") + 2).toLower(); // Qt 6.8 sends names like that
    QVERIFY2(head.contains("content-type: image/png\r\n"), head);
    QVERIFY(answer.endsWith("\r\n\r\n" + media));
}

void TestApplianceFederation::stopping_does_not_wait_for_a_server_that_is_asked()
{
    HostileServer keys([](QTcpSocket &, const Seen &) {});
    QVERIFY(listen(keys));
    const auto origin = originAt(keys);
    auto appliance = open({{QStringLiteral("federation.allowed_networks"), QStringLiteral("127.0.0.0/8")}});
    const auto socket = send(*appliance, origin);
    QTRY_COMPARE(keys.seen.size(), 1);
    QElapsedTimer timer;
    timer.start();
    appliance.reset();
    QVERIFY(timer.elapsed() < 8'000); // the server's deadline is later
}

QTEST_GUILESS_MAIN(TestApplianceFederation)
#include "tst_appliancefederation.moc"
