// SPDX-License-Identifier: GPL-3.0-or-later
// What a homeserver's answer to a transaction means.
#include "courier/answer.h"

#include <QtTest/QTest>

using namespace restante;
using courier::Answer;
using Kind = Answer::Kind;

class TestAnswer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void an_answer_means_one_thing_data();
    void an_answer_means_one_thing();
    void no_answer_may_be_a_delivery_data();
    void no_answer_may_be_a_delivery();
    void busy_says_for_how_long_data();
    void busy_says_for_how_long();
    void what_is_said_of_single_events_is_read();
    void what_the_homeserver_says_is_one_short_line();
};

void TestAnswer::an_answer_means_one_thing_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<Kind>("kind");
    const auto row = [](const char *name, int status, const QByteArray &body, Kind kind) {
        QTest::newRow(name) << status << body << kind;
    };
    row("taken", 200, R"({"pdus":{}})", Kind::Taken);
    row("taken, without pdus", 200, "{}", Kind::Taken);
    row("200 with an error", 200, R"({"errcode":"M_UNKNOWN"})", Kind::Failed);
    row("200 of a portal", 200, "<html>", Kind::Failed);
    row("200 with a list", 200, "[]", Kind::Failed);
    row("another success", 202, "{}", Kind::Failed);
    row("elsewhere", 302, "", Kind::Failed);
    row("the key", 401, "{}", Kind::NoKey);
    row("busy", 429, "{}", Kind::Busy);
    row("not wanted", 403, "{}", Kind::Refused);
    row("bad", 400, "{}", Kind::Refused);
    row("too large", 413, "", Kind::Refused);
    row("no homeserver there", 404, "", Kind::Failed);
    row("no federation there", 405, "", Kind::Failed);
    row("too slow", 408, "", Kind::Failed);
    row("a fault", 500, "{}", Kind::Failed);
    row("a proxy", 502, "", Kind::Failed);
}

void TestAnswer::an_answer_means_one_thing()
{
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(Kind, kind);
    const auto answer = Answer::of(federation::Response{status, {}, body});
    QCOMPARE(answer.kind, kind);
    QVERIFY(!answer.doubtful);
    QCOMPARE(answer.reason.isEmpty(), kind == Kind::Taken);
}

void TestAnswer::no_answer_may_be_a_delivery_data()
{
    QTest::addColumn<Errc>("code");
    QTest::addColumn<bool>("notSent");
    QTest::addColumn<Kind>("kind");
    QTest::addColumn<bool>("doubtful");
    QTest::newRow("nobody there") << Errc::Unreachable << true << Kind::NoConnection << false;
    QTest::newRow("no answer in time") << Errc::Unreachable << false << Kind::Failed << true;
    QTest::newRow("no HTTP") << Errc::BadAnswer << false << Kind::Failed << true;
    QTest::newRow("too much at once") << Errc::Busy << false << Kind::NoConnection << false;
    QTest::newRow("cannot be sent") << Errc::InvalidParam << false << Kind::Refused << false;
}

void TestAnswer::no_answer_may_be_a_delivery()
{
    QFETCH(Errc, code);
    QFETCH(bool, notSent);
    QFETCH(Kind, kind);
    QFETCH(bool, doubtful);
    const auto answer = Answer::of(Error{code, QStringLiteral("why"), 0, notSent});
    QCOMPARE(answer.kind, kind);
    QCOMPARE(answer.doubtful, doubtful);
    QCOMPARE(answer.reason, QStringLiteral("why"));
}

void TestAnswer::busy_says_for_how_long_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<qint64>("ms");
    QTest::newRow("header") << QByteArray("7") << QByteArray("{}") << qint64(7'000);
    QTest::newRow("body") << QByteArray() << QByteArray(R"({"retry_after_ms":1500})") << qint64(1'500);
    QTest::newRow("a date, which nobody sends here") << QByteArray("Mon, 01 Jan") << QByteArray("{}") << qint64(0);
    QTest::newRow("nonsense") << QByteArray("-3") << QByteArray(R"({"retry_after_ms":-5})") << qint64(0);
    QTest::newRow("nothing") << QByteArray() << QByteArray("x") << qint64(0);
}

void TestAnswer::busy_says_for_how_long()
{
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, body);
    QFETCH(qint64, ms);
    federation::Headers headers;
    if (!header.isNull())
        headers.emplace_back("retry-after", header);
    QCOMPARE(Answer::of(federation::Response{429, headers, body}).afterMs, ms);
}

void TestAnswer::what_is_said_of_single_events_is_read()
{
    const auto answer = Answer::of(
        federation::Response{200, {}, R"({"pdus":{"$a":{},"$b":{"error":"no\u0020way"},"$c":7,"$d":{"error":{}}}})"});
    QCOMPARE(answer.kind, Kind::Taken);
    QCOMPARE(answer.errors.size(), size_t(2));
    QCOMPARE(answer.errors.at("$b"), QStringLiteral("no way"));
    QCOMPARE(answer.errors.count("$a"), size_t(0));
}

void TestAnswer::what_the_homeserver_says_is_one_short_line()
{
    const auto answer = Answer::of(federation::Response{
        403, {}, R"({"errcode":"M_FORBIDDEN","error":"a\nb\u202e)" + QByteArray(900, 'x') + "\"}"});
    QVERIFY(answer.reason.startsWith(QStringLiteral("the homeserver answered 403, M_FORBIDDEN, a")));
    QVERIFY(!answer.reason.contains(QLatin1Char('\n')));
    QVERIFY(!answer.reason.contains(QChar(0x202e)));
    QVERIFY(answer.reason.size() <= 200);
    const auto taken = Answer::of(
        federation::Response{200, {}, R"({"pdus":{"$a":{"error":"a\nb\u202e)" + QByteArray(900'000, 'x') + "\"}}}"});
    QVERIFY(taken.errors.at("$a").startsWith(QLatin1Char('a')));
    QVERIFY(!taken.errors.at("$a").contains(QChar(0x202e)));
    QVERIFY(taken.errors.at("$a").size() <= 200);
}

QTEST_GUILESS_MAIN(TestAnswer)
#include "tst_answer.moc"
