// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/chunkdecoder.h"

#include <QtTest/QTest>

using namespace restante::http;

namespace
{

struct Decoded {
    int status = 0; ///< 0: complete, -1: more wanted, else refused
    QByteArray body;
    QByteArray rest;

    friend bool operator==(const Decoded &, const Decoded &) = default;
};

/// Feeds a chunked body in pieces of `step` bytes.
Decoded decode(const QByteArray &bytes, qsizetype step, qint64 limit)
{
    ChunkDecoder decoder;
    decoder.begin(limit);
    Decoded decoded;
    for (qsizetype at = 0; at < bytes.size(); at += step) {
        decoded.rest += bytes.mid(at, step);
        const auto progress = decoder.decode(decoded.rest, decoded.body);
        if (progress.refusal)
            return {progress.refusal->status, {}, {}};
        decoded.rest.remove(0, progress.consumed);
        if (progress.complete) {
            decoded.rest += bytes.mid(at + step);
            return decoded;
        }
    }
    decoded.status = -1;
    return decoded;
}

} // namespace

class ChunkDecoderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_size_line_ends_at_its_crlf_data()
    {
        QTest::addColumn<QByteArray>("line"); // of a chunk of ten bytes
        QTest::addColumn<bool>("taken");
        const auto row = [](const char *name, const QByteArray &line, bool taken) {
            QTest::newRow(name) << line << taken;
        };
        row("no extension", "A", true);
        row("quotes", "A;c=\"d\"", true);
        row("empty quotes", "A;c=\"\"", true);
        row("a quote in quotes", "A;c=\"d\\\"e\"", true);
        row("a backslash in quotes", "A;c=\"\\\\\"", true);
        row("all of it in quotes", "A;c=\"; =,x\"", true);
        row("white space around", "A ; c = \"d\" ; e ; f=g", true);
        row("unclosed quotes", "A;c=\"d", false);
        row("unclosed and empty", "A;c=\"", false);
        row("unclosed in a last extension", "A;b=c;d=\"e\";f=\"", false);
        row("a quoted CR", "A;c=\"d\\", false);
        row("a lone CR in quotes", "A;c=\"d\re\"", false);
        row("a lone LF in quotes", "A;c=\"d\ne\"", false);
        row("CR and LF in quotes", "A;c=\"d\r\ne\"", false);
        row("a quoted CRLF", "A;c=\"d\\\r\ne\"", false);
        row("a tab in quotes", "A;c=\"d\te\"", false);
        row("a tab before it", "A\t;c", false);
        row("NUL in quotes", QByteArray("A;c=\"\0\"", 7), false);
        row("a quoted NUL", QByteArray("A;c=\"\\\0\"", 8), false);
        row("DEL in quotes", "A;c=\"\x7f\"", false);
        row("UTF-8 in quotes", "A;c=\"\xc3\xa4\"", false);
        row("a quoted 0x80", "A;c=\"\\\x80\"", false);
        row("0xff in a name", "A;\xff", false);
        row("0x8a for a line feed", "A\x8d\x8a", false);
        row("an escape sequence", "A;\x1b[2J", false);
        row("a lone CR behind the size", "A\rB", false);
        row("two CR", "A\r", false);
        row("white space at the end", "A ", false);
        row("white space behind an extension", "A;b ", false);
        row("no name", "A;=c", false);
        row("no value", "A;b=", false);
        row("a semicolon alone", "A;", false);
        row("more behind quotes", "A;b=\"c\"d", false);
        row("quotes in a value", "A;b=c\"d\"", false);
        row("quotes for a name", "A;\"b\"", false);
        row("two values", "A;b=c=d", false);
        row("a comma", "A,b", false);
        row("a list of sizes", "A A", false);
        row("h behind it", "Ah", false);
        row("an underscore", "0_A", false);
        row("an octal prefix", "0oA", false);
        row("a point", "A.0", false);
        row("no size", ";a", false);
        row("nothing", "", false);
    }

    void a_size_line_ends_at_its_crlf()
    {
        QFETCH(const QByteArray, line);
        QFETCH(const bool, taken);
        const QByteArray behind = "GET / HTTP/1.1\r\n";
        for (const QByteArray &body :
             {line + "\r\n0123456789\r\n0\r\n\r\n", "1\r\nx\r\n" + line + "\r\n0123456789\r\n0\r\n\r\n"}) {
            const QByteArray bytes = body + behind;
            for (qsizetype step = 1; step <= bytes.size(); ++step) {
                const Decoded got = decode(bytes, step, 20);
                QCOMPARE_EQ(got.status, taken ? 0 : 400);
                if (taken) {
                    QVERIFY(got.body.endsWith("0123456789"));
                    QCOMPARE_EQ(got.rest, behind);
                }
            }
        }
    }

    void a_last_size_line_ends_at_its_crlf()
    {
        for (const QByteArray &line :
             {QByteArray("0;c=\"d"), QByteArray("0;c=\"d\\"), QByteArray("0;\x80"), QByteArray("0;\t")}) {
            const QByteArray bytes = line + "\r\n\r\n\"\r\n\r\n";
            for (qsizetype step = 1; step <= bytes.size(); ++step)
                QCOMPARE_EQ(decode(bytes, step, 20).status, 400);
        }
    }

    // A proxy in front would have ended the body here, and waits for the answer.
    void unclosed_quotes_are_refused_at_the_end_of_their_line()
    {
        for (const QByteArray &bytes : {QByteArray("A;c=\"d\r"), QByteArray("0;c=\"d\r"), QByteArray("A;c=\"\x80")}) {
            for (qsizetype step = 1; step <= bytes.size(); ++step)
                QCOMPARE_EQ(decode(bytes, step, 20).status, 400);
        }
    }

    void a_body_ends_where_its_last_trailer_ends()
    {
        const QByteArray behind = "\r\n\r\nX";
        for (const char *trailers : {"", "X: y\r\n", "X:\r\nY:\tz\xc3\xa4\r\n", "X: \"\r\n", "X: y, \"\\\r\n"}) {
            const QByteArray bytes = "1;a=\"b\"\r\n0\r\n000\r\n" + QByteArray(trailers) + "\r\n" + behind;
            for (qsizetype step = 1; step <= bytes.size(); ++step)
                QCOMPARE_EQ(decode(bytes, step, 20), (Decoded{0, "0", behind}));
        }
    }

    void a_body_begins_anew()
    {
        ChunkDecoder decoder;
        QByteArray body;
        decoder.begin(5);
        QVERIFY(decoder.decode("5;a=\"\r\n", body).refusal);
        for (int times = 0; times < 2; ++times) {
            decoder.begin(5);
            body.clear();
            const auto progress = decoder.decode("5\r\nabcde\r\n0\r\nX: y\r\n\r\nmore", body);
            QVERIFY(progress.complete && !progress.refusal);
            QCOMPARE_EQ(progress.consumed, qsizetype(21));
            QCOMPARE_EQ(body, QByteArray("abcde"));
        }
    }

    void chunked_bodies_are_decoded_or_refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("rest");
        const auto row = [](const char *name, const QByteArray &bytes, int status, const QByteArray &body = {},
                            const QByteArray &rest = {}) { QTest::newRow(name) << bytes << status << body << rest; };
        row("empty", "0\r\n\r\n", 0);
        row("one", "3\r\nabc\r\n0\r\n\r\n", 0, "abc");
        row("two", "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n", 0, "abc0123456789");
        row("the next request behind", "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n", 0, "a", "GET / HTTP/1.1\r\n");
        row("extensions", "3;a;b=c;d=\"e\"\r\nabc\r\n0;x\r\n\r\n", 0, "abc");
        row("trailers", "1\r\na\r\n0\r\nX: y\r\nZ: \r\n\r\n", 0, "a");
        row("CRLF in the data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", 0, "\r\n\r\n");
        row("the limit", "14\r\n01234567890123456789\r\n0\r\n\r\n", 0, "01234567890123456789");
        row("over the limit", "15\r\n012345678901234567890\r\n0\r\n\r\n", 413);
        row("over the limit in two", "a\r\n0123456789\r\nb\r\n01234567890\r\n0\r\n\r\n", 413);
        row("huge", "ffffffffffffffff\r\nabc", 413);
        row("more than 64 bits", "1ffffffffffffffff\r\nabc", 400);
        row("negative", "-1\r\na\r\n0\r\n\r\n", 400);
        row("not hexadecimal", "g\r\na\r\n0\r\n\r\n", 400);
        row("0x", "0x1\r\na\r\n0\r\n\r\n", 400);
        row("white space first", " 1\r\na\r\n0\r\n\r\n", 400);
        row("longer than said", "1\r\nab\r\n0\r\n\r\n", 400);
        row("bare LF", "1\nabcde\r\n0\r\n\r\n", 400);
        row("bad extension", "1;\r\na\r\n0\r\n\r\n", 400);
        row("long line", "1;" + QByteArray(600, 'x') + "\r\na\r\n0\r\n\r\n", 400);
        row("longest line", "1;" + QByteArray(510, 'x') + "\r\na\r\n0\r\n\r\n", 0, "a");
        row("one too long", "1;" + QByteArray(511, 'x') + "\r\na\r\n0\r\n\r\n", 400);
        row("many zeros", QByteArray(600, '0') + "1\r\na\r\n0\r\n\r\n", 400);
        row("long last line", "0;" + QByteArray(600, 'x') + "\r\n\r\n", 400);
        row("large trailers", "0\r\n" + QByteArray("X: y\r\n").repeated(1000) + "\r\n", 431);
        row("largest trailers", "0\r\nX: " + QByteArray(4089, 'y') + "\r\n\r\n", 0);
        row("one too large", "0\r\nX: " + QByteArray(4090, 'y') + "\r\n\r\n", 431);
        row("bad trailer", "0\r\nrubbish\r\n\r\n", 400);
        row("length in the trailers", "0\r\nContent-Length: 5\r\n\r\n", 400);
        row("coding in the trailers", "0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
        row("a folded trailer", "0\r\nX: y\r\n z\r\n\r\n", 400);
        row("a trailer that begins with white space", "0\r\n X: y\r\n\r\n", 400);
        row("white space before the colon", "0\r\nX : y\r\n\r\n", 400);
        row("no name", "0\r\n: y\r\n\r\n", 400);
        row("a lone LF in a trailer", "0\r\nX: y\nZ: 1\r\n\r\n", 400);
        row("a lone CR in a trailer", "0\r\nX: y\rZ: 1\r\n\r\n", 400);
        row("NUL in a trailer", QByteArray("0\r\nX: \0\r\n\r\n", 11), 400);
        row("a lone CR for the end", "0\r\n\rx", 400);
        row("a lone LF for the end", "0\r\n\n", 400);
        row("a lone LF behind the data", "1\r\na\n0\r\n\r\n", 400);
        row("no CRLF behind the data", "1\r\na0\r\n\r\n", 400);
        row("a blank line before a size", "1\r\na\r\n\r\n0\r\n\r\n", 400);
        row("unfinished", "3\r\nab", -1, "ab");
        row("unfinished line", "3\r\nabc\r\n5;x", -1, "abc");
    }

    void chunked_bodies_are_decoded_or_refused()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const int, status);
        QFETCH(const QByteArray, body);
        QFETCH(const QByteArray, rest);
        const Decoded wanted{status, body, rest};
        for (const qsizetype step : {qsizetype(1), qsizetype(2), qsizetype(3), qsizetype(7), bytes.size()}) {
            const Decoded got = decode(bytes, step, 20);
            QCOMPARE_EQ(got.status, status);
            if (status <= 0)
                QCOMPARE_EQ(got, wanted);
        }
    }
};

QTEST_GUILESS_MAIN(ChunkDecoderTest)
#include "chunkdecodertest.moc"
