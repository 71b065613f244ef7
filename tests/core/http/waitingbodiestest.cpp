// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/front.h"

#include <QtCore/QUrl>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include <memory>
#include <vector>

using namespace restante;
using namespace restante::http;

namespace
{

constexpr qint64 bodyBytes = 450'000;
constexpr qint64 beginBytes = 300'000;

/// Answers each request with the size of its body.
class SizeSite final : public Site
{
public:
    Verdict gate(const RequestHead &) override
    {
        Verdict verdict;
        verdict.maxBody = bodyBytes;
        return verdict;
    }
    void handle(Request request, Reply reply) override
    {
        reply.send(200, "text/plain", "bytes " + QByteArray::number(request.body.size()));
    }
};

/// Two bodies have room, and the beginnings of three.
Limits limitsForTwoBodies()
{
    Limits limits;
    limits.bodyMemoryBytes = 1'000'000;
    limits.bodyMemoryAddressDivisor = 1;
    limits.bodyBytes = bodyBytes;
    limits.smallBodyReserveBytes = 0;
    limits.mediumBodyReserveBytes = 0;
    limits.smallBodyBytes = 1'000;
    limits.bodyMemoryWaitMs = 60'000;
    limits.tickMs = 20;
    return limits;
}

} // namespace

class WaitingBodiesTest : public QObject
{
    Q_OBJECT

private:
    const base::SystemClock m_clock{};
    ConnectionCounters m_counters;
    Front m_front{limitsForTwoBodies(), m_clock, m_counters};
    using Socket = std::unique_ptr<QTcpSocket>;

    /// From an address of a network of its own.
    Socket connected(int network) const
    {
        auto socket = std::make_unique<QTcpSocket>();
        socket->setProxy(QNetworkProxy::NoProxy); // a library would look for one in a thread of its own
        socket->bind(QHostAddress(QStringLiteral("127.0.%1.1").arg(network)));
        const QUrl url(m_front.addresses().constFirst());
        socket->connectToHost(url.host(), quint16(url.port()));
        socket->waitForConnected(5'000);
        return socket;
    }
    static void send(QTcpSocket &socket, const QByteArray &bytes)
    {
        socket.write(bytes);
        while (socket.bytesToWrite() > 0 && socket.waitForBytesWritten(5'000)) {
        }
    }
    /// A body of which a part was sent, and the front has had turns enough to read it.
    Socket begun(int network) const
    {
        Socket socket = connected(network);
        send(*socket, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + QByteArray::number(bodyBytes) + "\r\n\r\n" +
                          QByteArray(beginBytes, 'x'));
        constexpr int enoughTurns = 5;
        for (int i = 0; i < enoughTurns; ++i)
            ask("hi");
        return socket;
    }
    QByteArray ask(const QByteArray &body) const
    {
        const Socket socket = connected(0);
        send(*socket, "PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
                          QByteArray::number(body.size()) + "\r\n\r\n" + body);
        QByteArray answer;
        while (socket->waitForReadyRead(5'000))
            answer += socket->readAll();
        return answer;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const auto site = [](int) { return std::make_unique<SizeSite>(); };
        QVERIFY(m_front.listen({{QHostAddress(QHostAddress::LocalHost), 0, false}}, std::nullopt, site, 1));
    }

    void of_bodies_that_wait_for_each_other_one_leaves_and_the_others_get_on()
    {
        std::vector<Socket> sockets;
        for (int network = 1; network <= 3; ++network)
            sockets.push_back(begun(network));
        for (const Socket &socket : sockets)
            socket->write(QByteArray(bodyBytes - beginBytes, 'x'));
        QByteArray answers;
        const auto haveAll = [&] {
            for (const Socket &socket : sockets)
                answers += socket->readAll();
            return answers.count("HTTP/1.1 ") == 3;
        };
        QTRY_VERIFY2(haveAll(), answers.constData());
        QCOMPARE_EQ(answers.count("HTTP/1.1 200 "), 2);
        QCOMPARE_EQ(answers.count("HTTP/1.1 503 "), 1);
    }

    void a_client_that_leaves_while_its_body_waits_gives_its_memory_back()
    {
        for (int network = 1; network <= 3; ++network) {
            std::vector<Socket> sockets;
            for (int other = 1; other <= 3; ++other)
                sockets.push_back(begun(other));
            const Socket &waits = sockets[size_t(network - 1)];
            send(*waits, QByteArray(bodyBytes - beginBytes, 'x')); // the others have all but a bit of the rest
            ask("hi");
            waits->abort();
            sockets.clear();
            QTRY_COMPARE_WITH_TIMEOUT(m_counters.open.load(), 0, 5'000);
        }
        for (int i = 0; i < 3; ++i)
            QVERIFY(ask(QByteArray(bodyBytes, 'x')).endsWith("bytes 450000"));
    }
};

QTEST_GUILESS_MAIN(WaitingBodiesTest)
#include "waitingbodiestest.moc"
