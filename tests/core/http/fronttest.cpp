// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/front.h"

#include <QtCore/QThread>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
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
    std::atomic<qint64> flowed{0}; ///< bytes that were taken from flows
    std::atomic<int> flows{0};     ///< that live
    std::atomic<int> unwanted{0};  ///< answers that nobody waits for any more
    std::vector<Reply> lent;       ///< replies of requests to /lend; not to be touched until the front has closed
};

/// A body that comes in pieces of 10 kB, one each turn of the event loop; ends as it was told.
class Flow final : public Reply::Body
{
public:
    Flow(qint64 bytes, const QByteArray &end, Seen &seen)
        : m_left(bytes)
        , m_end(end == "broken" ? State::Broken
                : end == "open" ? State::Open
                                : State::Complete)
        , m_seen(seen)
    {
        ++m_seen.flows;
    }
    ~Flow() override { --m_seen.flows; }

    void start(std::function<void()> changed) override
    {
        m_changed = std::move(changed);
        m_timer.callOnTimeout([this] { come(); });
        m_timer.start(0);
    }
    QByteArray take() override
    {
        m_seen.flowed += m_there.size();
        return std::exchange(m_there, {});
    }
    State state() const override { return m_left == 0 ? m_end : State::Open; }

private:
    void come()
    {
        constexpr qint64 piece = 10'000;
        if (!m_there.isEmpty()) // as a caller that gets no further bytes until these were taken
            return;
        const qint64 size = std::min(piece, m_left);
        m_there = QByteArray(size, 'x');
        m_left -= size;
        if (m_left == 0)
            m_timer.stop();
        const auto changed = m_changed;
        changed();
    }

    qint64 m_left;
    const State m_end;
    Seen &m_seen;
    QByteArray m_there;
    QTimer m_timer;
    std::function<void()> m_changed;
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
        if (request.head.target.startsWith("/flow/")) {
            const QList<QByteArray> words = request.head.target.mid(6).split('/');
            std::optional<qint64> length;
            if (words[1] != "unknown")
                length = words[1].toLongLong();
            reply.send({200, "text/plain", length, std::make_unique<Flow>(words[0].toLongLong(), words[2], m_seen)});
            return;
        }
        if (request.head.target == "/keep") {
            reply.whenUnwanted([this] { ++m_seen.unwanted; });
            m_kept.push_back(std::move(reply));
            return;
        }
        if (request.head.target == "/lend") {
            m_seen.lent.push_back(std::move(reply));
            return;
        }
        if (request.head.target == "/keep-while-wanted") {
            const auto kept = std::make_shared<std::unique_ptr<Reply>>(std::make_unique<Reply>(std::move(reply)));
            (*kept)->whenUnwanted([this, kept] {
                ++m_seen.unwanted;
                kept->reset();
            });
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

    /// What a front says to a GET of `target`, until it closes.
    QByteArray flow(const QByteArray &target, const QByteArray &version = "1.1")
    {
        Front front({}, m_clock, m_counters);
        if (!front.listen(anyPort(), std::nullopt, sites(), 1))
            return "cannot listen";
        return ask(front.addresses().constFirst(),
                   "GET " + target + " HTTP/" + version + "\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    static QByteArray bodyOf(const QByteArray &answer) { return answer.mid(answer.indexOf("\r\n\r\n") + 4); }

private Q_SLOTS:
    void init()
    {
        m_seen.made = m_seen.destroyed = 0;
        m_seen.wrongThread = false;
        m_seen.flowed = 0;
        m_seen.unwanted = 0;
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

    void a_body_of_known_length_comes_in_parts()
    {
        const QByteArray answer = flow("/flow/1000000/1000000/complete");
        QVERIFY(answer.contains("\r\nContent-Length: 1000000\r\n"));
        QVERIFY(!answer.contains("chunked"));
        QCOMPARE_EQ(bodyOf(answer), QByteArray(1'000'000, 'x'));
        QCOMPARE_EQ(m_seen.flows.load(), 0);
    }

    void a_body_of_unknown_length_comes_in_chunks()
    {
        const QByteArray answer = flow("/flow/25000/unknown/complete");
        QVERIFY(answer.contains("\r\nTransfer-Encoding: chunked\r\n"));
        const QByteArray whole = "2710\r\n" + QByteArray(10'000, 'x') + "\r\n";
        QCOMPARE_EQ(bodyOf(answer), whole + whole + "1388\r\n" + QByteArray(5'000, 'x') + "\r\n0\r\n\r\n");
    }

    void a_client_of_http_1_0_reads_until_the_end()
    {
        const QByteArray answer = flow("/flow/25000/unknown/complete", "1.0");
        QVERIFY(!answer.contains("chunked"));
        QVERIFY(!answer.contains("Content-Length"));
        QCOMPARE_EQ(bodyOf(answer), QByteArray(25'000, 'x'));
    }

    void an_empty_body_in_parts_ends()
    {
        QCOMPARE_EQ(bodyOf(flow("/flow/0/unknown/complete")), "0\r\n\r\n");
        QCOMPARE_EQ(bodyOf(flow("/flow/0/0/complete")), "");
    }

    void a_body_that_breaks_off_cuts_the_connection()
    {
        const QByteArray chunked = flow("/flow/20000/unknown/broken");
        QVERIFY(chunked.contains("2710\r\n"));
        QVERIFY(!chunked.endsWith("0\r\n\r\n"));
        QVERIFY(bodyOf(flow("/flow/20000/30000/broken")).size() <= 20'000);
    }

    void a_body_of_another_length_than_was_said_cuts_the_connection()
    {
        QVERIFY(bodyOf(flow("/flow/30000/25000/complete")).size() <= 25'000);
        QVERIFY(bodyOf(flow("/flow/20000/25000/complete")).size() <= 20'000);
    }

    void the_next_request_follows_a_body_in_parts()
    {
        Front front({}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QByteArray answers =
            ask(front.addresses().constFirst(), "GET /flow/15000/unknown/complete HTTP/1.1\r\nHost: a\r\n\r\n"
                                                "GET /flow/15000/15000/complete HTTP/1.1\r\nHost: a\r\n\r\n" +
                                                    hello);
        QCOMPARE_EQ(answers.count("HTTP/1.1 200"), 3);
        QVERIFY(answers.endsWith("worker 0 hi"));
    }

    void a_head_request_gets_no_part_of_it()
    {
        Front front({}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QByteArray answer =
            ask(front.addresses().constFirst(),
                "HEAD /flow/15000/15000/complete HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        QVERIFY(answer.contains("Content-Length: 15000\r\n"));
        QCOMPARE_EQ(bodyOf(answer), "");
        QCOMPARE_EQ(m_seen.flows.load(), 0);
    }

    void who_does_not_read_holds_little_and_who_leaves_gives_up_the_rest()
    {
        Front front({}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QUrl url(front.addresses().constFirst());
        QTcpSocket lazy;
        lazy.setReadBufferSize(1'000);
        lazy.connectToHost(url.host(), quint16(url.port()));
        lazy.write("GET /flow/1000000000/1000000000/complete HTTP/1.1\r\nHost: a\r\n\r\n");
        QVERIFY(lazy.waitForReadyRead(5'000));
        // It comes to rest while others are served: the system's own buffers are full, and the front's share.
        qint64 before = -1;
        while (std::exchange(before, m_seen.flowed.load()) != m_seen.flowed.load() || before == 0) {
            for (int i = 0; i < 20; ++i)
                QVERIFY(ask(front.addresses().constFirst(), hello).endsWith("hi"));
        }
        QVERIFY(m_seen.flowed.load() < 50'000'000);
        QCOMPARE_EQ(m_seen.flows.load(), 1);
        lazy.abort();
        QVERIFY(QTest::qWaitFor([this] { return m_seen.flows.load() == 0; }));
    }

    void who_answers_is_told_when_nobody_waits_any_more_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::newRow("and answers later") << QByteArray("/keep");
        QTest::newRow("and gives up") << QByteArray("/keep-while-wanted");
    }
    void who_answers_is_told_when_nobody_waits_any_more()
    {
        QFETCH(const QByteArray, target);
        Front front({.handlerMs = 50, .tickMs = 10}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        QVERIFY(
            ask(front.addresses().constFirst(), "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n").contains(" 504 "));
        QVERIFY(QTest::qWaitFor([this] { return m_seen.unwanted.load() > 0; }));
        front.close();
        QCOMPARE_EQ(m_seen.unwanted.load(), 1); // once, although the client has left since
    }

    void who_answers_is_told_when_the_client_leaves_data() { who_answers_is_told_when_nobody_waits_any_more_data(); }
    void who_answers_is_told_when_the_client_leaves()
    {
        QFETCH(const QByteArray, target);
        Front front({}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QUrl url(front.addresses().constFirst());
        const auto before = m_counters.requests.load();
        QTcpSocket client;
        client.connectToHost(url.host(), quint16(url.port()));
        client.write("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        QVERIFY(client.waitForBytesWritten(5'000));
        QVERIFY(QTest::qWaitFor([this, before] { return m_counters.requests.load() > before; }));
        QCOMPARE_EQ(m_seen.unwanted.load(), 0);
        client.disconnectFromHost();
        QVERIFY(QTest::qWaitFor([this] { return m_seen.unwanted.load() == 1; }));
        QVERIFY(ask(front.addresses().constFirst(), hello).endsWith("hi"));
    }

    void closing_waits_for_no_body_that_never_ends()
    {
        Front front({.closeMs = 50}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QUrl url(front.addresses().constFirst());
        QTcpSocket client;
        client.connectToHost(url.host(), quint16(url.port()));
        client.write("GET /flow/1000/unknown/open HTTP/1.1\r\nHost: a\r\n\r\n");
        QVERIFY(client.waitForReadyRead(5'000));
        front.close();
        QCOMPARE_EQ(m_seen.flows.load(), 0);
        QCOMPARE_EQ(m_counters.open.load(), 0);
    }

    void a_reply_may_outlive_its_connection_and_its_worker_data()
    {
        QTest::addColumn<bool>("clientLeaves");
        QTest::addColumn<QString>("then");
        for (const bool leaves : {false, true}) {
            for (const char *then : {"dropped", "answered", "streamed"})
                QTest::addRow("%s, %s", leaves ? "the client left" : "the front closed", then) << leaves << then;
        }
    }
    void a_reply_may_outlive_its_connection_and_its_worker()
    {
        QFETCH(const bool, clientLeaves);
        QFETCH(const QString, then);
        Front front({.closeMs = 20}, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QUrl url(front.addresses().constFirst());
        const auto before = m_counters.requests.load();
        QTcpSocket client;
        client.connectToHost(url.host(), quint16(url.port()));
        client.write("GET /lend HTTP/1.1\r\nHost: a\r\n\r\n");
        QVERIFY(client.waitForBytesWritten(5'000));
        QVERIFY(QTest::qWaitFor([this, before] { return m_counters.requests.load() > before; }));
        if (clientLeaves)
            client.abort();
        front.close();
        QCOMPARE_EQ(m_counters.open.load(), 0);
        QCOMPARE_EQ(m_seen.lent.size(), 1U);
        int told = 0;
        m_seen.lent.front().whenAnswered([&told](int, qsizetype) { ++told; });
        if (then == QStringLiteral("answered"))
            m_seen.lent.front().send(200, "text/plain", "late");
        else if (then == QStringLiteral("streamed"))
            m_seen.lent.front().send({200, "text/plain", 5, std::make_unique<Flow>(5, "whole", m_seen)});
        m_seen.lent.clear();
        QCOMPARE_EQ(told, 1);
        QCOMPARE_EQ(m_seen.flows.load(), 0);
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

    void a_connection_over_the_limit_is_told_so_data()
    {
        QTest::addColumn<bool>("inAll");
        QTest::newRow("of one address") << false;
        QTest::newRow("in all") << true;
    }

    void a_connection_over_the_limit_is_told_so()
    {
        QFETCH(const bool, inAll);
        Limits limits;
        (inAll ? limits.connections : limits.connectionsPerAddress) = 1;
        Front front(limits, m_clock, m_counters);
        QVERIFY(front.listen(anyPort(), std::nullopt, sites(), 1));
        const QUrl url(front.addresses().constFirst());
        const qint64 accepted = m_counters.accepted.load();
        const qint64 turnedAway = m_counters.turnedAway.load();
        QTcpSocket first;
        first.connectToHost(url.host(), quint16(url.port()));
        QTRY_COMPARE(m_counters.accepted.load(), accepted + 1);
        QTcpSocket second;
        QSignalSpy ended(&second, &QTcpSocket::disconnected);
        second.connectToHost(url.host(), quint16(url.port()));
        second.write("GET /keep HTTP/1.1\r\nHost: a\r\n\r\n");
        QTRY_COMPARE(ended.size(), 1);
        const QByteArray answer = second.readAll();
        QVERIFY2(answer.startsWith("HTTP/1.1 503 "), answer.constData());
        QVERIFY(answer.contains("\r\nRetry-After: 10\r\n"));
        QVERIFY(answer.contains("\r\nConnection: close\r\n"));
        QCOMPARE(m_counters.turnedAway.load(), turnedAway + 1);
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
