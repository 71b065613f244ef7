// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/headscanner.h"

#include <QtTest/QTest>

using namespace restante::http;
using State = HeadScanner::State;

namespace
{

Limits smallLimits()
{
    Limits limits;
    limits.requestLineBytes = 40;
    limits.headBytes = 100;
    limits.headFields = 3;
    return limits;
}

} // namespace

class HeadScannerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void heads_are_found_or_refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status"); ///< 0: complete, -1: more wanted
        QTest::addColumn<int>("begin");
        QTest::addColumn<int>("end");
        const auto row = [](const char *name, const QByteArray &bytes, int status, int begin = 0, int end = 0) {
            QTest::newRow(name) << bytes << status << begin << end;
        };
        const QByteArray head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        row("whole", head, 0, 0, 27);
        row("with a body behind", head + "body\r\n\r\n", 0, 0, 27);
        row("without fields", "GET / HTTP/1.0\r\n\r\n", 0, 0, 18);
        row("blank lines before", "\r\n\r\n" + head, 0, 4, 31);
        row("too many blank lines", "\r\n\r\n\r\n\r\n\r\n" + head, 400);
        row("nothing", "", -1);
        row("unfinished", "GET / HTTP/1.1\r\nHost: a\r\n\r", -1);
        row("bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400);
        row("bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400);
        row("CR CR LF", "GET / HTTP/1.1\r\r\n", 400);
        row("NUL", QByteArray("GET /\0", 6), 400);
        row("DEL", "GET /\x7f", 400);
        row("tab in a field", "GET / HTTP/1.1\r\nHost:\ta\r\n\r\n", 0, 0, 27);
        row("folded", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400);
        row("folded with tab", "GET / HTTP/1.1\r\nHost: a\r\n\tb", 400);
        row("white space first", " GET / HTTP/1.1\r\n\r\n", 400);
        row("longest line", "GET /" + QByteArray(26, 'a') + " HTTP/1.1\r\n\r\n", 0, 0, 44);
        row("line too long", "GET /" + QByteArray(27, 'a') + " HTTP/1.1\r\n\r\n", 414);
        row("endless line", QByteArray(41, 'a'), 414);
        row("three fields", "GET / HTTP/1.1\r\na:b\r\na:b\r\na:b\r\n\r\n", 0, 0, 33);
        row("four fields", "GET / HTTP/1.1\r\na:b\r\na:b\r\na:b\r\na:b\r\n", 431);
        row("large field", "GET / HTTP/1.1\r\na:" + QByteArray(90, 'b'), 431);
    }

    void heads_are_found_or_refused()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const int, status);
        QFETCH(const int, begin);
        QFETCH(const int, end);
        HeadScanner whole(smallLimits());
        HeadScanner slow(smallLimits());
        const State atOnce = whole.scan(bytes);
        State byByte = State::NeedMore;
        for (qsizetype size = 1; size <= bytes.size() && byByte == State::NeedMore; ++size)
            byByte = slow.scan(QByteArrayView(bytes).first(size));
        QCOMPARE_EQ(byByte, atOnce);
        QCOMPARE_EQ(atOnce, status > 0 ? State::Refused : status == 0 ? State::Complete : State::NeedMore);
        for (const HeadScanner *scanner : {&whole, &slow}) {
            if (status > 0) {
                QCOMPARE_EQ(scanner->status(), status);
                QVERIFY(*scanner->reason());
            } else if (status == 0) {
                QCOMPARE_EQ(scanner->begin(), begin);
                QCOMPARE_EQ(scanner->end(), end);
            }
        }
    }

    void it_begins_anew_after_a_reset()
    {
        HeadScanner scanner(smallLimits());
        QCOMPARE_EQ(scanner.scan("\n"), State::Refused);
        scanner.reset();
        QCOMPARE_EQ(scanner.scan("GET / HTTP/1.0\r\n\r\n"), State::Complete);
        scanner.reset();
        QCOMPARE_EQ(scanner.scan("GET / HTTP/1.0\r\n\r\n"), State::Complete);
    }
};

QTEST_GUILESS_MAIN(HeadScannerTest)
#include "headscannertest.moc"
