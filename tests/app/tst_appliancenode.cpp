// SPDX-License-Identifier: GPL-3.0-or-later
// The node role within the whole installation, over loopback.
#include "appliance.h"
#include "fakeclock.h"
#include "testserver.h"

#include <QtCore/QTemporaryDir>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QtTest>

using namespace restante;
using app::Appliance;
using test::TestServer;

class TestApplianceNode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_verified_request_shows_that_a_server_is_back_data();
    void a_verified_request_shows_that_a_server_is_back();

private:
    std::unique_ptr<Appliance> open(const QList<QPair<QString, QString>> &overrides = {});
    /// The answer to one request over a connection of its own; empty where none came.
    static QByteArray ask(const QString &place, const QByteArray &head, const QByteArray &body = {});

    test::FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
};

std::unique_ptr<Appliance> TestApplianceNode::open(const QList<QPair<QString, QString>> &overrides)
{
    m_folder = std::make_unique<QTemporaryDir>();
    settings::Options options;
    options.dataFolder = m_folder->path();
    options.listen = QStringList{QStringLiteral("127.0.0.1:0")};
    options.overrides = {{QStringLiteral("queue.disk_floor_bytes"), QStringLiteral("0")},
                         {QStringLiteral("relay.open"), QStringLiteral("true")},
                         {QStringLiteral("node.enabled"), QStringLiteral("true")},
                         {QStringLiteral("node.listen"), QStringLiteral("127.0.0.1:0")}};
    options.overrides += overrides;
    auto appliance = Appliance::open(options, m_clock);
    if (!appliance)
        qFatal("%s", qPrintable(appliance.error().detail));
    if (const auto up = (*appliance)->listen(false); !up)
        qFatal("%s", qPrintable(up.error().detail));
    return std::move(*appliance);
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

QTEST_GUILESS_MAIN(TestApplianceNode)
#include "tst_appliancenode.moc"
