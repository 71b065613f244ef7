// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/answerwriter.h"

#include "fakeclock.h"
#include "http/shared.h"

#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QTcpServer>
#include <QtTest/QTest>

#include <memory>

using namespace restante;
using namespace restante::http;

namespace
{

constexpr qsizetype largeBytes = qsizetype(8) << 20;
constexpr int systemBytes = 64 * 1024; ///< what each end's system is asked to keep
/// What is kept for a client beside what the system takes: what may wait, and one piece.
constexpr qint64 mostWaiting = qint64(256) * 1024;

QByteArray patternOf(qsizetype size)
{
    QByteArray body(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        body[i] = char(i * 31 + (i >> 12));
    return body;
}

/// A connection over loopback whose server side a test drives.
class Line final : private Wire::Ear
{
public:
    explicit Line(const Limits &limits = {})
        : shared(limits, clock, m_counters)
    {
        QTcpServer server;
        server.setProxy(QNetworkProxy::NoProxy);
        server.listen(QHostAddress::LocalHost);
        client.setProxy(QNetworkProxy::NoProxy);
        client.setReadBufferSize(mostWaiting);
        client.connectToHost(QHostAddress::LocalHost, server.serverPort());
        server.waitForNewConnection(5'000);
        client.waitForConnected(5'000);
        auto accepted = std::unique_ptr<QTcpSocket>(server.nextPendingConnection());
        accepted->setParent(nullptr);
        accepted->setSocketOption(QAbstractSocket::SendBufferSizeSocketOption, systemBytes);
        client.setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, systemBytes);
        Wire::Ear &ear = *this;
        wire = std::make_unique<Wire>(ear, std::move(accepted), false, clock);
        writer = std::make_unique<AnswerWriter>(*wire, shared, "client", false);
    }

    void send(const QByteArray &body)
    {
        AnswerStream answer;
        answer.begin({}, body);
        const QByteArray head = "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n";
        answer.take(head.constData(), head.size());
        answer.take(body.constData(), body.size());
        QVERIFY(answer.isComplete());
        writer->send(answer);
    }

    test::FakeClock clock;
    Shared shared;
    QTcpSocket client;
    std::unique_ptr<Wire> wire;
    std::unique_ptr<AnswerWriter> writer;

private:
    void wireEncrypted() override {}
    void wireReadable() override {}
    void wireWrote() override {}
    void wireGone() override { writer->drop(); }

    ConnectionCounters m_counters;
};

} // namespace

class AnswerWriterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_large_answer_goes_on_the_wire_piece_by_piece()
    {
        Line line;
        const QByteArray body = patternOf(largeBytes);
        QVERIFY(line.writer->reserve(body.size()));
        line.send(body);
        QVERIFY(line.wire->unsent() <= mostWaiting);
        QByteArray received;
        auto progress = AnswerWriter::Progress::More;
        while (progress == AnswerWriter::Progress::More || progress == AnswerWriter::Progress::Waits) {
            progress = line.writer->goOn();
            QVERIFY(line.wire->unsent() <= mostWaiting);
            if (progress == AnswerWriter::Progress::Waits)
                QVERIFY(line.client.waitForReadyRead(5'000));
            received += line.client.readAll();
            line.wire->flush();
        }
        QCOMPARE(progress, AnswerWriter::Progress::Done);
        const auto missing = [&] {
            line.wire->flush();
            received += line.client.readAll();
            return !received.endsWith(body);
        };
        QTRY_VERIFY(!missing());
        QCOMPARE(received.size() - body.size(), received.indexOf("\r\n\r\n") + 4);
    }

    void a_small_answer_goes_at_once()
    {
        Line line;
        line.send(patternOf(100'000));
        QVERIFY(!line.writer->holdsBody());
    }

    /// Or a client could keep the memory of it for as often that time as it has pieces.
    void the_time_for_a_large_answer_counts_for_all_of_it()
    {
        Limits limits;
        limits.bodyMs = 1'000;
        limits.bodyBytesPerSecond = largeBytes;
        Line line(limits);
        const QByteArray body = patternOf(largeBytes);
        QVERIFY(line.writer->reserve(body.size()));
        line.send(body);
        qint64 waitedMs = 0;
        bool late = false;
        auto progress = AnswerWriter::Progress::More;
        while (!late && progress != AnswerWriter::Progress::Done) {
            progress = line.writer->goOn();
            QVERIFY(progress != AnswerWriter::Progress::Broken);
            if (progress != AnswerWriter::Progress::Waits)
                continue;
            late = line.writer->isLate(line.clock.steadyMs());
            // It takes all that waits, within the time that one piece may take.
            line.clock.advance(500);
            waitedMs += 500;
            while (line.wire->unsent() > 0) {
                QVERIFY(line.client.waitForReadyRead(5'000));
                line.client.readAll();
                line.wire->flush();
            }
        }
        QVERIFY(late);
        QCOMPARE(waitedMs, 3'000); // 2,000 ms are allowed, and looked at each 500
    }

    void memory_of_a_large_answer_is_held_until_all_of_it_was_sent()
    {
        Line line;
        const QByteArray body = patternOf(largeBytes / 4);
        QVERIFY(line.writer->reserve(body.size()));
        line.send(body);
        QCOMPARE(line.writer->goOn(), AnswerWriter::Progress::More);
        QCOMPARE(line.shared.answers.held(), body.size());
        line.writer->drop();
        QCOMPARE(line.shared.answers.held(), 0);
    }
};

QTEST_GUILESS_MAIN(AnswerWriterTest)
#include "answerwritertest.moc"
