// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/requestparser.h"

#include <QtTest/QTest>

using namespace restante::http;

namespace
{

QByteArray headOf(const QByteArray &line, const QList<QByteArray> &fields)
{
    return line + "\r\n" + fields.join("\r\n") + (fields.isEmpty() ? "\r\n" : "\r\n\r\n");
}

} // namespace

class RequestParserTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void good_heads_are_taken_apart()
    {
        RequestParser parser;
        RequestHead head;
        Framing framing;
        QVERIFY(!parser.parseHead(
            headOf("PUT /a/%40b%2f?c=%7e HTTP/1.1", {"hOsT: example.org:80", "Authorization:  X-Matrix a=\"1,2\" ",
                                                     "authorization:\tX-Matrix b", "Content-Length: 007"}),
            head, framing));
        QCOMPARE_EQ(head.method, QByteArray("PUT"));
        QCOMPARE_EQ(head.target, QByteArray("/a/%40b%2f?c=%7e"));
        QCOMPARE_EQ(head.headers.size(), 4u);
        QCOMPARE_EQ(head.headers[0].name, QByteArray("hOsT"));
        QCOMPARE_EQ(head.all("authorization"), QList<QByteArray>({"X-Matrix a=\"1,2\"", "X-Matrix b"}));
        QVERIFY(head.hasBody);
        QCOMPARE_EQ(head.contentLength, 7);
        QCOMPARE_EQ(framing.contentLength, 7);
        QVERIFY(framing.keepAlive && !framing.chunked && !framing.http10);
    }

    void a_parser_takes_one_head_after_the_other()
    {
        RequestParser parser;
        RequestHead head;
        Framing framing;
        QVERIFY(!parser.parseHead(headOf("PUT /a HTTP/1.0", {"Content-Length: 5", "X: y"}), head, framing));
        QVERIFY(parser.parseHead("rubbish\r\n\r\n", head, framing));
        QVERIFY(!parser.parseHead(headOf("GET /b HTTP/1.1", {"Host: a"}), head, framing));
        QCOMPARE_EQ(head.headers.size(), 1u);
        QVERIFY(!head.hasBody && head.contentLength == -1 && !framing.http10);
    }

    void framing_is_understood_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("keepAlive");
        QTest::addColumn<bool>("chunked");
        QTest::addColumn<int>("expectation");
        using E = Framing::Expectation;
        const auto row = [](const char *name, const QByteArray &line, const QList<QByteArray> &fields, bool keepAlive,
                            bool chunked = false, E expectation = E::None) {
            QTest::newRow(name) << headOf(line, fields) << keepAlive << chunked << int(expectation);
        };
        const QByteArray get = "GET / HTTP/1.1";
        const QByteArray old = "GET / HTTP/1.0";
        row("1.1", get, {"Host: a"}, true);
        row("close", get, {"Host: a", "Connection: close"}, false);
        row("close among others", get, {"Host: a", "Connection: x, Close ,y"}, false);
        row("close in the second field", get, {"Host: a", "Connection: keep-alive", "Connection: close"}, false);
        row("no close inside a word", get, {"Host: a", "Connection: disclose"}, true);
        row("1.0", old, {}, false);
        row("1.0 keep-alive", old, {"Connection: Keep-Alive"}, true);
        row("1.0 both", old, {"Connection: keep-alive, close"}, false);
        row("chunked", get, {"Host: a", "Transfer-Encoding: Chunked"}, true, true);
        row("expects", get, {"Host: a", "Expect: 100-Continue"}, true, false, E::Continue);
        row("expects twice", get, {"Host: a", "Expect: 100-continue", "Expect: 100-continue"}, true, false,
            E::Continue);
        row("expects something", get, {"Host: a", "Expect: x"}, true, false, E::Unknown);
        row("expects both", get, {"Host: a", "Expect: x", "Expect: 100-continue"}, true, false, E::Unknown);
        row("1.0 expects", old, {"Expect: 100-continue"}, false, false, E::None);
    }

    void framing_is_understood()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const bool, keepAlive);
        QFETCH(const bool, chunked);
        QFETCH(const int, expectation);
        RequestParser parser;
        RequestHead head;
        Framing framing;
        const auto refusal = parser.parseHead(bytes, head, framing);
        QVERIFY2(!refusal, refusal ? refusal->reason : "");
        QCOMPARE_EQ(framing.keepAlive, keepAlive);
        QCOMPARE_EQ(framing.chunked, chunked);
        QCOMPARE_EQ(int(framing.expectation), expectation);
    }

    void targets_are_kept_or_brought_to_a_path_data()
    {
        QTest::addColumn<QByteArray>("sent");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("host");
        const auto row = [](const QByteArray &sent, const QByteArray &target, const QByteArray &host) {
            QTest::newRow(sent.constData()) << sent << target << host;
        };
        row("/", "/", "a");
        row("//a//b/../%2e%2E", "//a//b/../%2e%2E", "a");
        row("/%zz|\"<>^`{}", "/%zz|\"<>^`{}", "a");
        row("http://b:80/x?y", "/x?y", "b:80");
        row("HTTPS://[::1]", "/", "[::1]");
        row("http://b?y/z", "/?y/z", "b");
    }

    void targets_are_kept_or_brought_to_a_path()
    {
        QFETCH(const QByteArray, sent);
        QFETCH(const QByteArray, target);
        QFETCH(const QByteArray, host);
        RequestParser parser;
        RequestHead head;
        Framing framing;
        QVERIFY(!parser.parseHead(headOf("GET " + sent + " HTTP/1.1", {"Host: a"}), head, framing));
        QCOMPARE_EQ(head.target, target);
        QCOMPARE_EQ(head.all("host"), QList<QByteArray>{host});
    }

    void bad_heads_are_refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        const auto fields = [](const char *name, const QList<QByteArray> &list, int status) {
            QTest::newRow(name) << headOf("PUT / HTTP/1.1", list) << status;
        };
        const auto line = [](const char *name, const QByteArray &first, int status) {
            QTest::newRow(name) << headOf(first, {"Host: a"}) << status;
        };
        fields("no host", {"X: y"}, 400);
        fields("two hosts", {"Host: a", "host: a"}, 400);
        fields("host with user", {"Host: u@a"}, 400);
        fields("host with path", {"Host: a/b"}, 400);
        fields("equal lengths", {"Host: a", "Content-Length: 5", "Content-Length: 5"}, 400);
        fields("list of lengths", {"Host: a", "Content-Length: 5, 5"}, 400);
        fields("negative length", {"Host: a", "Content-Length: -1"}, 400);
        fields("signed length", {"Host: a", "Content-Length: +1"}, 400);
        fields("hexadecimal length", {"Host: a", "Content-Length: 0x1"}, 400);
        fields("empty length", {"Host: a", "Content-Length:"}, 400);
        fields("huge length", {"Host: a", "Content-Length: 9223372036854775808"}, 400);
        fields("length and coding", {"Host: a", "Content-Length: 5", "Transfer-Encoding: chunked"}, 400);
        fields("coding and length", {"Host: a", "Transfer-Encoding: chunked", "Content-Length: 5"}, 400);
        fields("two codings", {"Host: a", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"}, 400);
        fields("another coding", {"Host: a", "Transfer-Encoding: gzip"}, 501);
        fields("a list of codings", {"Host: a", "Transfer-Encoding: gzip, chunked"}, 501);
        fields("identity", {"Host: a", "Transfer-Encoding: identity"}, 501);
        fields("folded", {"Host: a", "X: y", " z"}, 400);
        fields("folded empty", {"Host: a", "X:", "\tz"}, 400);
        fields("no colon", {"Host: a", "rubbish"}, 400);
        fields("no name", {"Host: a", ": x"}, 400);
        fields("space in the name", {"Host: a", "X Y: z"}, 400);
        fields("space before the colon", {"Host: a", "X : z"}, 400);
        fields("NUL", {"Host: a", QByteArray("X: a\0b", 6)}, 400);
        fields("bare LF", {"Host: a", "X: a\nY: b"}, 400);
        fields("bad connection field", {"Host: a", "Connection: \"x"}, 400);
        line("CONNECT", "CONNECT a:1 HTTP/1.1", 501);
        line("TRACE", "TRACE / HTTP/1.1", 501);
        line("long method", QByteArray(40, 'A') + " / HTTP/1.1", 501);
        line("other version", "GET / HTTP/2.0", 505);
        line("odd version", "GET / HTTP/1.2", 505);
        line("no version", "GET /", 400);
        line("version in lower case", "GET / http/1.1", 400);
        line("fragment", "GET /a#b HTTP/1.1", 400);
        line("backslash", "GET /a\\b HTTP/1.1", 400);
        line("not ASCII", "GET /\xc3\xa4 HTTP/1.1", 400);
        line("two spaces", "GET  / HTTP/1.1", 400);
        line("space in the target", "GET /a b HTTP/1.1", 400);
        line("relative", "GET a/b HTTP/1.1", 400);
        line("asterisk", "OPTIONS * HTTP/1.1", 400);
        line("other scheme", "GET ftp://a/b HTTP/1.1", 400);
        line("absolute without host", "GET http:///b HTTP/1.1", 400);
        line("absolute with user", "GET http://u@a/b HTTP/1.1", 400);
        line("no method", " / HTTP/1.1", 400);
        QTest::newRow("1.0 chunked") << headOf("PUT / HTTP/1.0", {"Transfer-Encoding: chunked"}) << 400;
        QTest::newRow("unfinished") << QByteArray("GET / HTTP/1.1\r\nHost: a\r\n") << 400;
        QTest::newRow("more than a head") << headOf("GET / HTTP/1.1", {"Host: a"}) + "x" << 400;
        QTest::newRow("empty") << QByteArray("\r\n\r\n") << 400;
    }

    void bad_heads_are_refused()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const int, status);
        RequestParser parser;
        RequestHead head;
        Framing framing;
        const auto refusal = parser.parseHead(bytes, head, framing);
        QVERIFY(refusal);
        QCOMPARE_EQ(refusal->status, status);
        QVERIFY(*refusal->reason);
    }
};

QTEST_GUILESS_MAIN(RequestParserTest)
#include "requestparsertest.moc"
