// SPDX-License-Identifier: GPL-3.0-or-later
// The node role within the whole installation, over loopback.
#include "fakeclock.h"
#include "hostileserver.h"
#include "listening.h"
#include "settingsvalues.h"
#include "testserver.h"

#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

using namespace restante;
using app::Appliance;
using test::HostileServer;
using test::listenAddresses;
using test::relayEntry;
using test::TestServer;

class TestApplianceNode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_certificates.make()); }
    void a_verified_request_shows_that_a_server_is_back_data();
    void a_verified_request_shows_that_a_server_is_back();
    void what_is_wrong_with_the_homeserver_is_in_the_status();
    void its_numbers_are_in_the_metrics();
    void a_relay_of_mine_that_refuses_is_among_the_warnings_data();
    void a_relay_of_mine_that_refuses_is_among_the_warnings();
    void a_relay_of_mine_that_is_of_no_use_is_among_the_warnings_data();
    void a_relay_of_mine_that_is_of_no_use_is_among_the_warnings();
    void a_relay_of_mine_that_is_away_is_warned_of_the_second_time();
    void an_inbox_that_takes_nothing_more_is_a_trouble_of_this_installation();
    void without_the_role_there_are_no_numbers_of_it();

private:
    std::unique_ptr<Appliance> open(const QList<QPair<QString, QString>> &overrides = {});
    /// The answer to one request over a connection of its own; empty where none came.
    static QByteArray ask(const QString &place, const QByteArray &head, const QByteArray &body = {});

    /// The value of restante_NAME; nothing where it is not among the metrics.
    static std::optional<qint64> metric(const Appliance &appliance, const QByteArray &name);

    test::FakeClock m_clock;
    test::TestCertificates m_certificates;
    std::unique_ptr<QTemporaryDir> m_folder;
};

std::unique_ptr<Appliance> TestApplianceNode::open(const QList<QPair<QString, QString>> &overrides)
{
    m_folder = std::make_unique<QTemporaryDir>();
    settings::Options options;
    options.dataFolder = m_folder->path();
    options.listen = listenAddresses({QStringLiteral("127.0.0.1:0")});
    options.overrides = {{QStringLiteral("queue.disk_floor_bytes"), QStringLiteral("0")},
                         {QStringLiteral("relay.open"), QStringLiteral("true")},
                         {QStringLiteral("node.enabled"), QStringLiteral("true")},
                         {QStringLiteral("node.listen"), QStringLiteral("127.0.0.1:0")}};
    options.overrides += overrides;
    return test::listening(options, m_clock);
}

QByteArray TestApplianceNode::ask(const QString &place, const QByteArray &head, const QByteArray &body)
{
    const QUrl url(place);
    QTcpSocket socket;
    socket.connectToHost(url.host(), quint16(url.port()));
    socket.write(head + "Connection: close\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    constexpr int patienceMs = 20'000;
    if (!QTest::qWaitFor([&socket] { return socket.state() == QAbstractSocket::UnconnectedState; }, patienceMs))
        return {};
    return socket.readAll();
}

std::optional<qint64> TestApplianceNode::metric(const Appliance &appliance, const QByteArray &name)
{
    const QJsonObject ready = QJsonDocument::fromJson(appliance.readyLine()).object();
    const QByteArray page =
        ask(ready.value(QLatin1String("metrics")).toString(), "GET /metrics HTTP/1.1\r\nHost: metrics\r\n");
    for (const QByteArray &line : page.split('\n')) {
        if (line.startsWith("restante_" + name + ' '))
            return line.mid(line.indexOf(' ') + 1).toLongLong();
    }
    return {};
}

void TestApplianceNode::a_verified_request_shows_that_a_server_is_back_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("it leaves mail") << QByteArray("PUT") << QByteArray("send_relay/t/@user:owner.example")
                                    << QByteArray(R"({"pdus":[{"type":"m.room.message"}]})");
    QTest::newRow("it collects") << QByteArray("GET") << QByteArray("relay_txn/") << QByteArray(R"({"entry_id":0})");
}

void TestApplianceNode::a_verified_request_shows_that_a_server_is_back()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, body);
    const TestServer away("away");
    const TestServer other("other");
    const auto appliance = open();
    node::DestinationBook &book = appliance->node()->book();
    for (const TestServer *server : {&away, &other}) {
        while (!book.noteFailure(server->name(), QStringLiteral("It does not answer"))) {
        }
    }
    QCOMPARE(appliance->status().offlineDestinations, 2);

    const QByteArray target = "/_matrix/federation/v1/" + path + (path.endsWith('/') ? away.user() : QByteArray());
    const auto relay = *matrix::ServerName::parse(appliance->status().serverName.toLatin1());
    const auto send = [&](const QByteArray &authorization) {
        return ask(appliance->status().addresses.constFirst(),
                   method + ' ' + target + " HTTP/1.1\r\nHost: relay\r\nContent-Type: application/json\r\n" +
                       "Authorization: " + authorization + "\r\n",
                   body);
    };
    // Anybody can claim the name: a signature of other bytes than these shows nothing.
    QVERIFY(send(away.authorization(method, target + "x", relay, body)).startsWith("HTTP/1.1 401 "));
    QVERIFY(book.isOffline(away.name()));
    QVERIFY(send(away.authorization(method, target, relay, body)).startsWith("HTTP/1.1 200 "));
    QVERIFY(!book.isOffline(away.name()));
    QVERIFY(book.isOffline(other.name()));
    QCOMPARE(appliance->status().offlineDestinations, 1);
}

void TestApplianceNode::what_is_wrong_with_the_homeserver_is_in_the_status()
{
    using Kind = control::StatusWarning::Kind;
    const auto appliance = open();
    QCOMPARE(appliance->status().warnings.size(), 0);
    int changes = 0;
    connect(appliance.get(), &Appliance::nodeChanged, this, [&changes] { ++changes; });
    const QString node =
        QJsonDocument::fromJson(appliance->readyLine()).object().value(QLatin1String("node")).toString();
    const QByteArray target = "/_matrix/federation/v1/user/devices/x";
    const auto request = [&](const QByteArray &secret, const QByteArray &authorization) {
        return ask(node, "GET matrix-federation://b.example" + target +
                             " HTTP/1.1\r\nHost: b.example:80\r\nProxy-Authorization: Bearer " + secret +
                             "\r\nAuthorization: " + authorization + "\r\n");
    };
    QFile secret(m_folder->filePath(QStringLiteral("node.secret")));
    QVERIFY(secret.open(QIODevice::ReadOnly));
    const QByteArray bearer = secret.readAll().trimmed();
    const TestServer stranger("stranger");
    const auto them = *matrix::ServerName::parse("b.example");

    QVERIFY(request("wrong", "").startsWith("HTTP/1.1 401"));
    QTRY_VERIFY(changes > 0);
    QCOMPARE(appliance->status().warnings.size(), 1);
    QCOMPARE(appliance->status().warnings[0].kind, Kind::WrongSecret);

    QVERIFY(request(bearer, stranger.authorization("GET", target, them)).startsWith("HTTP/1.1 502"));
    QCOMPARE(appliance->status().warnings.size(), 1);
    QCOMPARE(appliance->status().warnings[0].kind, Kind::OtherHomeserver);
    const QString told = appliance->status().warnings[0].detail;
    QVERIFY(told.contains(stranger.name().toString()) && told.contains(appliance->identity().name().toString()));

    const QByteArray ours = appliance->identity().authorizationHeader("GET", target, them, QByteArray());
    QVERIFY(request(bearer, ours).startsWith("HTTP/1.1 502"));
    QCOMPARE(appliance->status().warnings.size(), 0);
}

void TestApplianceNode::its_numbers_are_in_the_metrics()
{
    HostileServer relay;
    QVERIFY(relay.listen());
    QByteArrayList held{"1", "2"}; // the same transaction twice: on its way it was stored by two entries
    relay.script = [&held](QTcpSocket &socket, const HostileServer::Seen &seen) {
        if (seen.method == "PUT")
            return void(socket.write(test::httpAnswer("null")));
        const QByteArray members = held.isEmpty()
                                       ? QByteArray(R"("transaction":{"origin":"","pdus":null},"entries_queued":false)")
                                       : R"("transaction":{"origin":"a.example","pdus":[{"type":"x"}]},"entry_id":)" +
                                             held.takeFirst() + R"(,"entries_queued":true)";
        socket.write(test::httpAnswer('{' + members + '}'));
    };
    HostileServer contact;
    contact.script = [](QTcpSocket &socket, const HostileServer::Seen &) {
        socket.write(test::httpAnswer(R"({"pdus":{}})"));
    };
    QVERIFY(
        contact.listen(QStringLiteral("127.0.0.1"), m_certificates.file("good.pem"), m_certificates.file("good.key")));
    const auto name = *matrix::ServerName::parse(contact.place());
    const auto appliance = open({{QStringLiteral("metrics.listen"), QStringLiteral("127.0.0.1:0")},
                                 {QStringLiteral("federation.allowed_networks"), QStringLiteral("127.0.0.0/8")},
                                 {QStringLiteral("federation.ca_file"), m_certificates.file("ca.pem")}});
    for (const char *counter :
         {"node_sweeps_total", "node_entries_collected_total", "node_entries_duplicate_total", "node_inbox_entries",
          "node_inbox_bytes", "node_sent_direct_total", "node_sent_by_relays_total", "node_send_failed_total",
          "node_send_refused_total", "node_copies_dropped_total", "node_destinations_offline",
          "node_requests_passed_on_total"})
        QCOMPARE(metric(*appliance, counter), std::optional<qint64>(0));

    settings::Settings edited = appliance->settings();
    const QString url = QString::fromLatin1(relay.peer().baseUrl);
    edited.relays = {relayEntry({QStringLiteral("relay.example"), url, {}, {}, {}}),
                     relayEntry({QStringLiteral("relay.example"), url, {}, name.toString(), {}})};
    QVERIFY(appliance->applySettings(edited).ok());
    QTRY_COMPARE(metric(*appliance, "node_sweeps_total"), std::optional<qint64>(1));
    QCOMPARE(metric(*appliance, "node_entries_collected_total"), std::optional<qint64>(2));
    QCOMPARE(metric(*appliance, "node_entries_duplicate_total"), std::optional<qint64>(1));
    QTRY_COMPARE(metric(*appliance, "node_inbox_entries"), std::optional<qint64>(1));
    QCOMPARE(metric(*appliance, "node_inbox_bytes"), std::optional<qint64>(appliance->status().inboxBytes));
    QVERIFY(appliance->status().inboxBytes > 0);

    const auto send = [&] {
        std::optional<node::SendReport::Way> way;
        appliance->node()->sendTransaction(name, R"({"pdus":[]})", this,
                                           [&way](const Result<node::SendReport> &report) { way = report->way; });
        return QTest::qWaitFor([&way] { return way.has_value(); }, 20'000) ? way : std::nullopt;
    };
    using Way = node::SendReport::Way;
    QCOMPARE(send(), std::optional(Way::Direct));
    contact.script = [](QTcpSocket &socket, const HostileServer::Seen &) {
        socket.write(test::httpAnswer("{}", "500 Internal Server Error"));
    };
    QCOMPARE(send(), std::optional(Way::Nowhere));
    QCOMPARE(send(), std::optional(Way::Relays));
    QCOMPARE(send(), std::optional(Way::Relays));
    QCOMPARE(metric(*appliance, "node_sent_direct_total"), std::optional<qint64>(1));
    QCOMPARE(metric(*appliance, "node_send_failed_total"), std::optional<qint64>(1));
    QCOMPARE(metric(*appliance, "node_sent_by_relays_total"), std::optional<qint64>(2));
    QCOMPARE(metric(*appliance, "node_destinations_offline"), std::optional<qint64>(1));

    // The homeserver's own requests come over the node listener.
    QFile secret(m_folder->filePath(QStringLiteral("node.secret")));
    QVERIFY(secret.open(QIODevice::ReadOnly));
    const QJsonObject ready = QJsonDocument::fromJson(appliance->readyLine()).object();
    const QByteArray answer = ask(ready.value(QLatin1String("node")).toString(),
                                  "GET matrix-federation://" + name.bytes() +
                                      "/_matrix/federation/v1/version HTTP/1.1\r\nHost: " + name.bytes() +
                                      "\r\nProxy-Authorization: Bearer " + secret.readAll().trimmed() + "\r\n");
    QVERIFY2(answer.startsWith("HTTP/1.1 500 "), answer.constData()); // as the contact answered
    QCOMPARE(metric(*appliance, "node_requests_passed_on_total"), std::optional<qint64>(1));
    QCOMPARE(metric(*appliance, "node_send_failed_total"), std::optional<qint64>(1));
}

void TestApplianceNode::a_relay_of_mine_that_refuses_is_among_the_warnings_data()
{
    QTest::addColumn<QByteArray>("status");
    QTest::newRow("it does not want us") << QByteArray("403 Forbidden");
    QTest::newRow("it has had enough") << QByteArray("429 Too Many Requests");
}

void TestApplianceNode::a_relay_of_mine_that_refuses_is_among_the_warnings()
{
    QFETCH(const QByteArray, status);
    HostileServer relay;
    relay.script = [status](QTcpSocket &socket, const HostileServer::Seen &) {
        socket.write(test::httpAnswer(R"({"errcode":"M_NO","error":"Go away"})", status));
    };
    QVERIFY(relay.listen());
    const auto appliance = open({{QStringLiteral("federation.allowed_networks"), QStringLiteral("127.0.0.0/8")}});
    settings::Settings edited = appliance->settings();
    const QString url = QString::fromLatin1(relay.peer().baseUrl);
    edited.relays = {relayEntry({QStringLiteral("relay.example"), url, {}, {}, {}}),
                     relayEntry({QStringLiteral("relay.example"), url, {}, QStringLiteral("friend.example"), {}})};
    QVERIFY(appliance->applySettings(edited).ok());
    QTRY_COMPARE(appliance->status().failingRelays, 1);
    const control::ApplianceStatus now = appliance->status();
    QCOMPARE(now.myRelays, 1);
    QCOMPARE(now.contactRelays, 1);
    QCOMPARE(now.warnings.size(), 1);
    QCOMPARE(now.warnings.first().kind, control::StatusWarning::Kind::MyRelayRefuses);
    const QString detail = now.warnings.first().detail;
    QVERIFY2(detail.startsWith(u"The relay relay.example hands out no mail since 20"), qPrintable(detail));
    QVERIFY2(detail.endsWith(
                 QStringLiteral(": The relay answered %1 M_NO: Go away").arg(QString::fromLatin1(status.first(3)))),
             qPrintable(detail));
}

void TestApplianceNode::a_relay_of_mine_that_is_of_no_use_is_among_the_warnings_data()
{
    using Kind = control::StatusWarning::Kind;
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<Kind>("kind");
    QTest::addColumn<QString>("words");
    QTest::newRow("paused") << QByteArray(R"({"transaction":{"origin":"","pdus":null},"entries_queued":false,)"
                                          R"("org.restante.holds":true,"org.restante.paused":true})")
                            << Kind::MyRelayPaused << QStringLiteral("just now");
    QTest::newRow("nonsense") << QByteArray("<html>") << Kind::MyRelayFails << QStringLiteral("is not JSON");
    QTest::newRow("an odd id")
        << QByteArray(R"({"transaction":{"origin":"a.example","pdus":[]},"entry_id":-1,"entries_queued":true})")
        << Kind::MyRelayFails << QStringLiteral("entry_id as -1");
    QTest::newRow("an error with 200") << QByteArray(R"({"errcode":"M_NO","error":"Go away"})") << Kind::MyRelayRefuses
                                       << QStringLiteral("The relay answered 200 M_NO: Go away");
}

void TestApplianceNode::a_relay_of_mine_that_is_of_no_use_is_among_the_warnings()
{
    QFETCH(const QByteArray, answer);
    QFETCH(const control::StatusWarning::Kind, kind);
    QFETCH(const QString, words);
    HostileServer relay;
    relay.script = [answer](QTcpSocket &socket, const HostileServer::Seen &) {
        socket.write(test::httpAnswer(answer));
    };
    QVERIFY(relay.listen());
    const auto appliance = open({{QStringLiteral("federation.allowed_networks"), QStringLiteral("127.0.0.0/8")}});
    settings::Settings edited = appliance->settings();
    edited.relays = {
        relayEntry({QStringLiteral("relay.example"), QString::fromLatin1(relay.peer().baseUrl), {}, {}, {}})};
    QVERIFY(appliance->applySettings(edited).ok());
    QTRY_COMPARE(appliance->status().warnings.size(), 1);
    const auto warning = appliance->status().warnings.first();
    QCOMPARE(warning.kind, kind);
    QVERIFY2(warning.detail.contains(words) && warning.detail.contains(u"relay.example"), qPrintable(warning.detail));
}

void TestApplianceNode::a_relay_of_mine_that_is_away_is_warned_of_the_second_time()
{
    QString url;
    {
        HostileServer gone;
        QVERIFY(gone.listen());
        url = QString::fromLatin1(gone.peer().baseUrl);
    }
    const auto appliance = open({{QStringLiteral("federation.allowed_networks"), QStringLiteral("127.0.0.0/8")}});
    settings::Settings edited = appliance->settings();
    edited.relays = {relayEntry({QStringLiteral("relay.example"), url, {}, {}, {}})};
    QVERIFY(appliance->applySettings(edited).ok());
    QTRY_COMPARE(appliance->status().failingRelays, 1);
    QTRY_VERIFY(!appliance->node()->snapshot().sweep.running);
    QCOMPARE(appliance->status().warnings.size(), 0);
    bool ended = false;
    appliance->node()->retrieve({}, this, [&ended](const Result<node::Sweep> &) { ended = true; });
    QTRY_VERIFY(ended);
    QTRY_COMPARE(appliance->status().warnings.size(), 1);
    QCOMPARE(appliance->status().warnings.first().kind, control::StatusWarning::Kind::MyRelayFails);
    const QString detail = appliance->status().warnings.first().detail;
    QVERIFY2(detail.startsWith(u"No mail can be collected from the relay relay.example since 20"), qPrintable(detail));
}

void TestApplianceNode::an_inbox_that_takes_nothing_more_is_a_trouble_of_this_installation()
{
    HostileServer relay;
    QVERIFY(relay.listen());
    relay.script = [](QTcpSocket &socket, const HostileServer::Seen &) { // always another one
        static int id = 0;
        const QByteArray next = QByteArray::number(++id);
        socket.write(test::httpAnswer(R"({"transaction":{"origin":"a.example","pdus":[{"type":"x)" + next +
                                      R"("}]},"entry_id":)" + next + R"(,"entries_queued":true})"));
    };
    const auto appliance = open({{QStringLiteral("node.inbox_relay_entries"), QStringLiteral("1")},
                                 {QStringLiteral("federation.allowed_networks"), QStringLiteral("127.0.0.0/8")}});
    settings::Settings edited = appliance->settings();
    edited.relays = {
        relayEntry({QStringLiteral("relay.example"), QString::fromLatin1(relay.peer().baseUrl), {}, {}, {}})};
    QVERIFY(appliance->applySettings(edited).ok());
    QTRY_COMPARE(appliance->status().state, control::ApplianceStatus::State::Degraded);
    const QList<Error> reasons = appliance->status().reasons;
    QCOMPARE(reasons.size(), 1);
    QCOMPARE(reasons[0].code, Errc::QuotaExceeded);
    QVERIFY(reasons[0].detail.startsWith(u"The inbox does not take what the relay relay.example hands out: "));
    QCOMPARE(appliance->status().failingRelays, 0);
}

void TestApplianceNode::without_the_role_there_are_no_numbers_of_it()
{
    const auto appliance = open({{QStringLiteral("metrics.listen"), QStringLiteral("127.0.0.1:0")},
                                 {QStringLiteral("node.enabled"), QStringLiteral("false")}});
    QCOMPARE(metric(*appliance, "entries_held"), std::optional<qint64>(0));
    QCOMPARE(metric(*appliance, "node_sweeps_total"), std::nullopt);
}

QTEST_GUILESS_MAIN(TestApplianceNode)
#include "tst_appliancenode.moc"
