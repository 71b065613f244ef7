// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/front.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::http;

namespace
{

const QByteArray again = "GET /again HTTP/1.1\r\nHost: a\r\n\r\n";

/// Answers with the number of its worker; keeps what is asked for /keep.
class NumberSite final : public Site
{
public:
    explicit NumberSite(int worker)
        : m_worker(worker)
    {
    }
    Verdict gate(const RequestHead &) override { return {}; }
    void handle(Request request, Reply reply) override
    {
        if (request.head.target == "/keep")
            m_kept.push_back(std::move(reply));
        else
            reply.send(200, "text/plain", "worker " + QByteArray::number(m_worker));
    }

private:
    const int m_worker;
    std::vector<Reply> m_kept;
};

Endpoint at(const char *address, int port = 0)
{
    return {QHostAddress(QString::fromLatin1(address)), quint16(port), false};
}

int freePort()
{
    QTcpServer finder;
    return finder.listen(QHostAddress(QHostAddress::LocalHost)) ? finder.serverPort() : 0;
}

int portOf(const QString &url)
{
    return QUrl(url).port();
}

/// A connection that stays open.
class Line
{
public:
    explicit Line(const QString &url) { m_socket.connectToHost(QUrl(url).host(), quint16(QUrl(url).port())); }
    bool isConnected() { return m_socket.waitForConnected(2'000); }
    void write(const QByteArray &request) { m_socket.write(request); }
    /// Whether a whole answer comes to one more request.
    bool isAnswered()
    {
        m_socket.write(again);
        QByteArray answer;
        while (!answer.contains("worker ") && m_socket.waitForReadyRead(5'000))
            answer += m_socket.readAll();
        return answer.contains("worker ");
    }

private:
    QTcpSocket m_socket;
};

bool isAnswered(const QString &url)
{
    return Line(url).isAnswered();
}

} // namespace

class FrontChangeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_front = std::make_unique<Front>(Limits(), m_clock, m_counters); }
    void cleanup() { m_front.reset(); }

    void what_stays_notices_nothing_what_is_new_serves_and_what_went_is_closed()
    {
        QVERIFY(listen({at("127.0.0.1"), at("127.0.0.2")}, 3));
        const QStringList before = m_front->addresses();
        Line staying(before[0]);
        Line leaving(before[1]);
        QVERIFY(staying.isAnswered() && leaving.isAnswered());
        QVERIFY(change({at("127.0.0.3"), at("127.0.0.1")}));
        const QStringList after = m_front->addresses();
        QCOMPARE(after.size(), 2);
        QCOMPARE(after[1], before[0]); // the free port that it got is still its own
        for (int worker = 0; worker < 3; ++worker) {
            QVERIFY(isAnswered(after[0]));
            QVERIFY(isAnswered(after[1]));
        }
        QVERIFY(staying.isAnswered());
        QVERIFY(leaving.isAnswered()); // connections stay, whatever they came by
        QTRY_VERIFY(!Line(before[1]).isConnected());
        QVERIFY(change({at("127.0.0.2")})); // and the first endpoint of all may go, too
        QVERIFY(isAnswered(m_front->addresses().constFirst()));
        QVERIFY(staying.isAnswered() && leaving.isAnswered());
    }

    void a_port_that_is_taken_costs_nothing_data()
    {
        QTest::addColumn<QList<Endpoint>>("wanted");
        QTest::addColumn<QString>("named");
        QVERIFY(m_holder.listen(QHostAddress(QStringLiteral("127.0.0.9"))));
        const int taken = m_holder.serverPort();
        QTest::newRow("instead") << QList{at("127.0.0.9", taken)} << QStringLiteral("127.0.0.9 port %1").arg(taken);
        QTest::newRow("beside") << QList{at("127.0.0.1"), at("127.0.0.9", taken)}
                                << QStringLiteral("127.0.0.9 port %1").arg(taken);
        QTest::newRow("beside a new one")
            << QList{at("127.0.0.3"), at("127.0.0.9", taken)} << QStringLiteral("127.0.0.9 port %1").arg(taken);
        QTest::newRow("not of this computer") << QList{at("192.0.2.1", 8449)} << QStringLiteral("192.0.2.1 port 8449");
    }

    void a_port_that_is_taken_costs_nothing()
    {
        QFETCH(QList<Endpoint>, wanted);
        QFETCH(QString, named);
        QVERIFY(listen({at("127.0.0.1")}, 2));
        const QStringList before = m_front->addresses();
        Line line(before[0]);
        QVERIFY(line.isAnswered());
        const auto refused = m_front->prepare(wanted, std::nullopt, std::nullopt);
        QVERIFY(!refused);
        QVERIFY2(refused.error().detail.contains(named), qPrintable(refused.error().detail));
        QCOMPARE(m_front->addresses(), before);
        QVERIFY(line.isAnswered());
        QVERIFY(isAnswered(before[0]));
    }

    void the_same_port_at_other_addresses_can_be_had_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("opened") << QStringLiteral("127.0.0.1") << QStringLiteral("0.0.0.0");
        QTest::newRow("closed") << QStringLiteral("0.0.0.0") << QStringLiteral("127.0.0.1");
    }

    void the_same_port_at_other_addresses_can_be_had()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        const int port = freePort();
        QVERIFY(listen({at(qPrintable(from), port)}, 2));
        Line line(QStringLiteral("http://127.0.0.1:%1").arg(port));
        QVERIFY(line.isAnswered());
        QVERIFY(change({at(qPrintable(to), port)}));
        QCOMPARE(m_front->addresses(), QStringList{QStringLiteral("http://%1:%2").arg(to).arg(port)});
        QVERIFY(isAnswered(QStringLiteral("http://127.0.0.1:%1").arg(port)));
        QVERIFY(line.isAnswered());
    }

    void what_had_to_make_way_comes_back_where_the_change_fails()
    {
        QVERIFY(listen({at("127.0.0.1", freePort())}, 2));
        const QString before = m_front->addresses().constFirst();
        QTcpServer stranger; // has the port at another address, so that it cannot be had at all of them
        QVERIFY(stranger.listen(QHostAddress(QStringLiteral("127.0.0.2")), quint16(portOf(before))));
        QVERIFY(!m_front->prepare({at("0.0.0.0", portOf(before))}, std::nullopt, std::nullopt));
        QVERIFY(isAnswered(before));
        stranger.close();
        auto prepared = m_front->prepare({at("0.0.0.0", portOf(before))}, std::nullopt, std::nullopt);
        QVERIFY(prepared.ok());
        prepared->reset(); // thought better of
        QVERIFY(isAnswered(before));
        QTcpServer thief;
        QVERIFY(!thief.listen(QHostAddress(QStringLiteral("127.0.0.1")), quint16(portOf(before))));
    }

    void a_change_does_not_wait_for_answers()
    {
        QVERIFY(listen({at("127.0.0.1")}, 1));
        Line line(m_front->addresses().constFirst());
        QVERIFY(line.isAnswered());
        line.write("GET /keep HTTP/1.1\r\nHost: a\r\n\r\n");
        QElapsedTimer timer;
        timer.start();
        QVERIFY(change({at("127.0.0.2")}));
        QCOMPARE_LT(timer.elapsed(), Limits().closeMs / 2);
        QVERIFY(isAnswered(m_front->addresses().constFirst()));
    }

private:
    bool listen(const QList<Endpoint> &endpoints, int workers)
    {
        return m_front
            ->listen(
                endpoints, std::nullopt, [](int worker) { return std::make_unique<NumberSite>(worker); }, workers)
            .ok();
    }
    bool change(const QList<Endpoint> &endpoints)
    {
        auto prepared = m_front->prepare(endpoints, std::nullopt, std::nullopt);
        if (prepared)
            m_front->commit(*prepared);
        return prepared.ok();
    }

    const base::SystemClock m_clock{};
    ConnectionCounters m_counters;
    QTcpServer m_holder;
    std::unique_ptr<Front> m_front;
};

QTEST_GUILESS_MAIN(FrontChangeTest)
#include "frontchangetest.moc"
