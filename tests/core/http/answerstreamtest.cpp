// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/answerstream.h"

#include <QtTest/QTest>

using restante::http::AnswerStream;

namespace
{

const QByteArray date = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";

QByteArray answerOf(const QByteArray &body)
{
    return "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\nX-A: 1\r\nX-A: 2\r\n\r\n" +
           body;
}

} // namespace

class AnswerStreamTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_keep_their_order_and_get_a_date()
    {
        AnswerStream stream;
        stream.begin({false, false, false, date}, {});
        const QByteArray answer = answerOf("abc");
        for (const char byte : answer)
            stream.take(&byte, 1);
        QVERIFY(stream.isComplete());
        QCOMPARE_EQ(stream.takeHead(),
                    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\nX-A: 2\r\n" + date + "\r\nabc");
    }

    void the_connection_field_is_ours()
    {
        AnswerStream stream;
        const QByteArray answer = "HTTP/1.1 200 OK\r\nConnection: upgrade\r\ndate: x\r\nContent-Length: 0\r\n\r\n";
        stream.begin({false, true, false, date}, {});
        stream.take(answer.constData(), answer.size());
        QCOMPARE_EQ(stream.takeHead(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + date + "Connection: close\r\n\r\n");
        stream.begin({false, false, true, date}, {});
        stream.take(answer.constData(), answer.size());
        QVERIFY(stream.takeHead().contains("\r\nConnection: keep-alive\r\n"));
    }

    void a_head_request_gets_the_length_without_the_body()
    {
        AnswerStream stream;
        const QByteArray answer = answerOf("abc");
        stream.begin({true, false, false, date}, {});
        stream.take(answer.constData(), answer.size());
        QVERIFY(stream.isComplete());
        const QByteArray wire = stream.takeHead();
        QVERIFY(wire.contains("Content-Length: 3\r\n"));
        QVERIFY(wire.endsWith("\r\n\r\n"));
        QVERIFY(stream.takeBody().isEmpty());
    }

    void an_answer_without_content_has_no_length()
    {
        AnswerStream stream;
        const QByteArray answer = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
        stream.begin({false, false, false, date}, {});
        stream.take(answer.constData(), answer.size());
        QVERIFY(stream.isComplete());
        QVERIFY(!stream.takeHead().contains("ength"));
    }

    void a_body_apart_is_framed_by_its_length_or_in_chunks()
    {
        const QByteArray empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        const auto headOf = [&empty](AnswerStream::Options options, bool &chunked, bool &hasBody) {
            options.bodyApart = true;
            options.dateLine = date;
            AnswerStream stream;
            stream.begin(options, {});
            stream.take(empty.constData(), empty.size());
            chunked = stream.isChunked();
            hasBody = stream.hasBody();
            return stream.isComplete() ? stream.takeHead() : QByteArray();
        };
        bool chunked = false;
        bool hasBody = false;
        QCOMPARE_EQ(headOf({}, chunked, hasBody), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + date + "\r\n");
        QVERIFY(chunked && hasBody);
        QCOMPARE_EQ(headOf({.apartBytes = 12}, chunked, hasBody),
                    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n" + date + "\r\n");
        QVERIFY(!chunked && hasBody);
        QCOMPARE_EQ(headOf({.close = true, .http10 = true}, chunked, hasBody),
                    "HTTP/1.1 200 OK\r\n" + date + "Connection: close\r\n\r\n");
        QVERIFY(!chunked && hasBody);
        QVERIFY(headOf({.headRequest = true, .apartBytes = 12}, chunked, hasBody).contains("Content-Length: 12\r\n"));
        QVERIFY(!hasBody);
    }

    void an_answer_without_content_has_no_body_apart()
    {
        const QByteArray empty = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
        AnswerStream stream;
        stream.begin({.dateLine = date, .bodyApart = true}, {});
        stream.take(empty.constData(), empty.size());
        QCOMPARE_EQ(stream.takeHead(), "HTTP/1.1 204 No Content\r\n" + date + "\r\n");
        QVERIFY(!stream.hasBody());
    }

    void a_large_body_that_was_given_is_not_copied()
    {
        AnswerStream stream;
        const QByteArray body(100'000, 'x');
        const QByteArray head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
        stream.begin({false, false, false, date}, body);
        stream.take(head.constData(), head.size());
        QVERIFY(!stream.isComplete());
        stream.take(body.constData(), body.size());
        QVERIFY(stream.isComplete());
        QVERIFY(stream.takeHead().endsWith("\r\n\r\n"));
        QCOMPARE_EQ(stream.takeBody().constData(), body.constData());
    }

    void a_large_body_in_parts_arrives_too()
    {
        AnswerStream stream;
        const QByteArray answer = answerOf(QByteArray(100'000, 'x'));
        stream.begin({false, false, false, date}, {});
        stream.take(answer.constData(), 50'000);
        QVERIFY(!stream.isComplete());
        stream.take(answer.constData() + 50'000, answer.size() - 50'000);
        QVERIFY(stream.isComplete());
        QVERIFY((stream.takeHead() + stream.takeBody()).endsWith(QByteArray(100'000, 'x')));
    }

    void bytes_behind_the_answer_are_dropped()
    {
        AnswerStream stream;
        const QByteArray answer = answerOf("abc") + "HTTP/1.1 200 OK\r\n\r\n";
        stream.begin({false, false, false, date}, {});
        stream.take(answer.constData(), answer.size());
        stream.take("more", 4);
        QVERIFY(stream.takeHead().endsWith("\r\n\r\nabc"));
    }

    void nothing_of_an_answer_remains_in_the_next()
    {
        AnswerStream stream;
        stream.begin({true, true, false, date}, {});
        stream.take("HTTP/1.1 200 OK\r\nConte", 22);
        QVERIFY(stream.isStarted());
        stream.begin({false, false, false, date}, {});
        QVERIFY(!stream.isStarted());
        const QByteArray answer = answerOf("abc");
        stream.take(answer.constData(), answer.size());
        QVERIFY(stream.takeHead().endsWith("\r\n\r\nabc"));
    }
};

QTEST_GUILESS_MAIN(AnswerStreamTest)
#include "answerstreamtest.moc"
