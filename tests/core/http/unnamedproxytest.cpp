// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/clientaddress.h"
#include "http/front.h"

#include <QtCore/QUrl>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include <atomic>
#include <memory>
#include <optional>

using namespace restante;
using namespace restante::http;

namespace
{

/// Answers each request with the client's address.
class PeerSite final : public Site
{
public:
    Verdict gate(const RequestHead &) override { return {}; }
    void handle(Request request, Reply reply) override
    {
        reply.send(200, "text/plain", "peer " + request.head.peer.toString().toLatin1());
    }
};

std::atomic<int> proxyWarnings{0};
QtMessageHandler previousHandler = nullptr;

void countWarnings(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    if (type == QtWarningMsg && text.contains(QStringLiteral("server.trusted_proxy")))
        ++proxyWarnings;
    else
        previousHandler(type, context, text);
}

} // namespace

class UnnamedProxyTest : public QObject
{
    Q_OBJECT

private:
    static QByteArray ask(const Front &front, const QByteArray &fields)
    {
        const QUrl url(front.addresses().constFirst());
        QTcpSocket socket;
        socket.connectToHost(url.host(), quint16(url.port()));
        socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields + "\r\n");
        QByteArray answer;
        while (socket.waitForReadyRead(5'000))
            answer += socket.readAll();
        return answer;
    }

private Q_SLOTS:
    void initTestCase() { previousHandler = qInstallMessageHandler(countWarnings); }
    void cleanupTestCase() { qInstallMessageHandler(previousHandler); }

    void only_a_request_from_another_computer_comes_from_outside_data()
    {
        QTest::addColumn<QByteArray>("client");
        QTest::addColumn<bool>("isOutside");
        QTest::newRow("this computer") << QByteArray() << false;
        QTest::newRow("this computer, through the proxy") << QByteArray("127.0.0.1") << false;
        QTest::newRow("another one, through the proxy") << QByteArray("192.0.2.1") << true;
    }
    void only_a_request_from_another_computer_comes_from_outside()
    {
        QFETCH(const QByteArray, client);
        QFETCH(const bool, isOutside);
        Limits limits;
        limits.trustedProxy = QHostAddress(QHostAddress::LocalHost);
        const base::SystemClock clock{};
        ConnectionCounters counters;
        Front front(limits, clock, counters);
        const auto makeSite = [](int) { return std::make_unique<PeerSite>(); };
        QVERIFY(front.listen({{QHostAddress(QHostAddress::LocalHost), 0}}, std::nullopt, makeSite, 1));
        const qint64 before = clock.wallMs();
        QVERIFY(!ask(front, client.isEmpty() ? QByteArray() : "X-Forwarded-For: " + client + "\r\n").isEmpty());
        QCOMPARE(counters.lastOutsideMs.load() >= before, isOutside);
    }

    void a_proxy_that_is_not_named_is_told_once_data()
    {
        QTest::addColumn<QString>("trusted");
        QTest::addColumn<int>("warnings");
        QTest::newRow("none is named") << QString() << 1;
        QTest::newRow("another is named") << QStringLiteral("10.0.0.1") << 1;
        QTest::newRow("it is named") << QStringLiteral("127.0.0.1") << 0;
    }
    void a_proxy_that_is_not_named_is_told_once()
    {
        QFETCH(const QString, trusted);
        QFETCH(const int, warnings);
        proxyWarnings = 0;
        Limits limits;
        if (!trusted.isEmpty())
            limits.trustedProxy = QHostAddress(trusted);
        const base::SystemClock clock{};
        ConnectionCounters counters;
        Front front(limits, clock, counters);
        QVERIFY(front.listen(
            {{QHostAddress(QHostAddress::LocalHost), 0, false}}, std::nullopt,
            [](int) { return std::make_unique<PeerSite>(); }, 1));
        QVERIFY(ask(front, {}).endsWith("peer 127.0.0.1"));
        QCOMPARE(proxyWarnings.load(), 0);
        const QByteArray peer = warnings == 0 ? "peer 9.9.9.9" : "peer 127.0.0.1";
        for (int i = 0; i < 3; ++i)
            QVERIFY(ask(front, "X-Forwarded-For: 9.9.9.9\r\n").endsWith(peer));
        QCOMPARE(proxyWarnings.load(), warnings);
    }

    void a_proxy_of_our_own_is_near_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("near");
        for (const char *address : {"127.0.0.1", "127.3.2.1", "::1", "10.1.2.3", "172.16.0.1", "172.31.255.255",
                                    "192.168.0.1", "fd00::1", "fe80::1"})
            QTest::newRow(address) << QString::fromLatin1(address) << true;
        for (const char *address :
             {"9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.1", "192.169.0.1", "1.1.1.1", "2a00:1450::1"})
            QTest::newRow(address) << QString::fromLatin1(address) << false;
    }
    void a_proxy_of_our_own_is_near()
    {
        QFETCH(const QString, address);
        QFETCH(const bool, near);
        QCOMPARE(isNear(QHostAddress(address)), near);
    }
};

QTEST_GUILESS_MAIN(UnnamedProxyTest)
#include "unnamedproxytest.moc"
