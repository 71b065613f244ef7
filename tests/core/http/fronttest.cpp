// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/front.h"

#include <QtCore/QThread>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include <atomic>
#include <set>

using namespace restante;
using namespace restante::http;

namespace
{

/// What the sites of a front saw, from any thread.
struct Seen {
    std::atomic<int> made{0};
    std::atomic<int> destroyed{0};
    std::atomic<bool> wrongThread{false};
};

class RecordingSite final : public Site
{
public:
    RecordingSite(int worker, Seen &seen)
        : m_worker(worker)
        , m_seen(seen)
        , m_thread(QThread::currentThreadId())
    {
        ++m_seen.made;
    }
    ~RecordingSite() override
    {
        checkThread();
        ++m_seen.destroyed;
    }

    Verdict gate(const RequestHead &) override
    {
        checkThread();
        Verdict verdict;
        verdict.maxBody = 100;
        return verdict;
    }
    void handle(Request request, Reply reply) override
    {
        checkThread();
        if (request.head.target == "/keep") {
            m_kept.push_back(std::move(reply));
            return;
        }
        reply.send(200, "text/plain", "worker " + QByteArray::number(m_worker) + ' ' + request.body);
    }

private:
    void checkThread()
    {
        if (QThread::currentThreadId() != m_thread)
            m_seen.wrongThread = true;
    }

    const int m_worker;
    Seen &m_seen;
    const Qt::HANDLE m_thread;
    std::vector<Reply> m_kept;
};

QByteArray ask(const QString &address, const QByteArray &request)
{
    const QUrl url(address);
    QTcpSocket socket;
    socket.connectToHost(url.host(), quint16(url.port()));
    socket.write(request);
    QByteArray answer;
    while (socket.waitForReadyRead(5'000))
        answer += socket.readAll();
    return answer;
}

const QByteArray hello = "PUT /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";

} // namespace

class FrontTest : public QObject
{
    Q_OBJECT

private:
    const base::SystemClock m_clock{};
    ConnectionCounters m_counters;
    Seen m_seen;

    Front::SiteFactory sites()
    {
        return [this](int worker) { return std::make_unique<RecordingSite>(worker, m_seen); };
    }
    static QList<Endpoint> anyPort() { return {{QHostAddress(QHostAddress::LocalHost), 0, false}}; }

private Q_SLOTS:
    void init()
    {
        m_seen.made = m_seen.destroyed = 0;
        m_seen.wrongThread = false;
    }

    void it_serves_on_each_endpoint()
    {
        Front front({}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort() + anyPort(), std::nullopt, sites(), 1));
        QVERIFY(front.isListening());
        QCOMPARE_EQ(front.addresses().size(), 2);
        for (const QString &address : front.addresses()) {
            QVERIFY(address.startsWith(QStringLiteral("http://127.0.0.1:")));
            QVERIFY(ask(address, hello).endsWith("worker 0 hi"));
        }
    }

    void each_worker_has_a_site_of_its_own_in_its_own_thread()
    {
        Front front({}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 3));
        QCOMPARE_EQ(m_seen.made.load(), 3);
        std::vector<std::unique_ptr<QTcpSocket>> sockets;
        std::set<QByteArray> answers;
        const QUrl url(front.addresses().constFirst());
        for (int i = 0; i < 6; ++i) {
            auto socket = std::make_unique<QTcpSocket>();
            socket->connectToHost(url.host(), quint16(url.port()));
            socket->write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            QVERIFY(socket->waitForReadyRead(5'000));
            const QByteArray answer = socket->readAll();
            answers.insert(answer.mid(answer.indexOf("worker")));
            sockets.push_back(std::move(socket));
        }
        QCOMPARE_EQ(answers.size(), 3u);
        front.close();
        QCOMPARE_EQ(m_seen.destroyed.load(), 3);
        QVERIFY(!m_seen.wrongThread);
        QCOMPARE_EQ(m_counters.open.load(), 0);
    }

    void it_can_listen_again_after_closing()
    {
        Front front({}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QUrl url(front.addresses().constFirst());
        front.close();
        QVERIFY(!front.isListening());
        QVERIFY(front.addresses().isEmpty());
        QVERIFY(front.listen({{QHostAddress(QHostAddress::LocalHost), quint16(url.port()), false}}, std::nullopt,
                             sites(), 2));
        QCOMPARE_EQ(QUrl(front.addresses().constFirst()).port(), url.port());
        QVERIFY(ask(front.addresses().constFirst(), hello).contains("200 OK"));
    }

    void a_port_in_use_is_said_and_nothing_listens()
    {
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost));
        Front front({}, m_clock, m_counters);
        const auto result = front.listen(
            anyPort() + QList<Endpoint>{{QHostAddress(QHostAddress::LocalHost), other.serverPort(), false}},
            std::nullopt, sites(), 1);
        QVERIFY(!result);
        QCOMPARE_EQ(result.error().code, Errc::Io);
        QVERIFY(result.error().detail.contains(QString::number(other.serverPort())));
        QVERIFY(!front.isListening());
        QCOMPARE_EQ(m_seen.made.load(), 0);
    }

    void a_site_that_cannot_be_made_is_an_error()
    {
        Front front({}, m_clock, m_counters);
        const auto result = front.listen(
            anyPort(), std::nullopt,
            [this](int worker) -> std::unique_ptr<Site> {
                if (worker == 1)
                    return nullptr;
                return std::make_unique<RecordingSite>(worker, m_seen);
            },
            2);
        QVERIFY(!result);
        QCOMPARE_EQ(result.error().code, Errc::Internal);
        QVERIFY(!front.isListening());
        QCOMPARE_EQ(m_seen.destroyed.load(), 1);
    }

    void missing_tls_files_are_said()
    {
        Front front({}, m_clock, m_counters);
        const auto result = front.listen(
            anyPort(), TlsFiles{QStringLiteral("/nonexistent/cert"), QStringLiteral("/nonexistent/key")}, sites(), 1);
        QVERIFY(!result);
        QCOMPARE_EQ(result.error().code, Errc::Io);
        QVERIFY(result.error().detail.contains(QStringLiteral("/nonexistent/cert")));
    }

    void closing_does_not_wait_for_an_answer_that_never_comes()
    {
        Limits limits;
        limits.closeMs = 100;
        Front front(limits, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QUrl url(front.addresses().constFirst());
        QTcpSocket socket;
        socket.connectToHost(url.host(), quint16(url.port()));
        socket.write("GET /keep HTTP/1.1\r\nHost: a\r\n\r\n");
        QVERIFY(socket.waitForBytesWritten(5'000));
        QTRY_COMPARE(m_counters.requests.load() > 0, true);
        front.close();
        QCOMPARE_EQ(m_seen.destroyed.load(), 1);
        QCOMPARE_EQ(m_counters.open.load(), 0);
    }
};

QTEST_GUILESS_MAIN(FrontTest)
#include "fronttest.moc"
