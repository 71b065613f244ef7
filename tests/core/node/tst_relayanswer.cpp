// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relayanswer.h"

#include <QtTest/QTest>

using namespace restante;

class TestRelayAnswer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void an_answer_is_quoted_data();
    void an_answer_is_quoted();
    void a_quotation_is_bounded();
    void a_refusal_says_what_can_be_done_data();
    void a_refusal_says_what_can_be_done();
    void only_a_200_of_the_right_shape_has_taken_it_data();
    void only_a_200_of_the_right_shape_has_taken_it();
    void a_200_that_names_an_error_is_quoted();
};

void TestRelayAnswer::an_answer_is_quoted_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("text");
    QTest::newRow("a Matrix error") << QByteArray(R"({"errcode":"M_FORBIDDEN","error":"Not served"})")
                                    << QStringLiteral("403 M_FORBIDDEN: Not served");
    QTest::newRow("no words") << QByteArray(R"({"errcode":"M_FORBIDDEN"})") << QStringLiteral("403 M_FORBIDDEN");
    QTest::newRow("no code") << QByteArray(R"({"error":"No"})") << QStringLiteral("403: No");
    QTest::newRow("no error") << QByteArray("{}") << QStringLiteral("403");
    QTest::newRow("no strings") << QByteArray(R"({"errcode":1,"error":[]})") << QStringLiteral("403");
    QTest::newRow("a page") << QByteArray("<html>") << QStringLiteral("403");
    QTest::newRow("nothing") << QByteArray() << QStringLiteral("403");
    QTest::newRow("a terminal's escape") << QByteArray(R"({"error":"a\u001b[31mb\u202ec"})")
                                         << QStringLiteral("403: a\uFFFD[31mb\uFFFDc");
    QTest::newRow("several lines") << QByteArray(R"({"error":"a\n  b"})") << QStringLiteral("403: a b");
}

void TestRelayAnswer::an_answer_is_quoted()
{
    QFETCH(const QByteArray, body);
    QFETCH(const QString, text);
    QCOMPARE(node::answerText({403, {}, body}), text);
}

void TestRelayAnswer::a_quotation_is_bounded()
{
    const QByteArray body =
        R"({"errcode":")" + QByteArray(5'000, 'M') + R"(","error":")" + QByteArray(5'000, 'x') + R"("})";
    QVERIFY(node::answerText({403, {}, body}).size() < 300);
    QCOMPARE(node::answerText({403, {}, R"({"error":")" + QByteArray(100'000, 'x') + R"("})"}), QStringLiteral("403"));
}

void TestRelayAnswer::a_refusal_says_what_can_be_done_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("code");
    QTest::newRow("401") << 401 << int(Errc::Refused);
    QTest::newRow("403") << 403 << int(Errc::Refused);
    QTest::newRow("404") << 404 << int(Errc::NotFound);
    QTest::newRow("405") << 405 << int(Errc::NotFound);
    QTest::newRow("429") << 429 << int(Errc::Busy);
    QTest::newRow("503") << 503 << int(Errc::Busy);
    QTest::newRow("500") << 500 << int(Errc::BadAnswer);
    QTest::newRow("302") << 302 << int(Errc::BadAnswer);
}

void TestRelayAnswer::a_refusal_says_what_can_be_done()
{
    QFETCH(const int, status);
    QFETCH(const int, code);
    const Error error = node::refusalOf({status, {{"retry-after", "7"}}, R"({"error":"No"})"});
    QCOMPARE(int(error.code), code);
    QCOMPARE(error.detail, QStringLiteral("The relay answered %1: No").arg(status));
    QCOMPARE(error.retryAfterMs, 7'000);
    QCOMPARE(node::refusalOf({status, {{"retry-after", "99999"}}, {}}).retryAfterMs, 3'600'000);
}

void TestRelayAnswer::only_a_200_of_the_right_shape_has_taken_it_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("byRelay");
    QTest::addColumn<bool>("directly");
    QTest::newRow("a relay's") << 200 << QByteArray("{}") << true << true;
    QTest::newRow("Dendrite's") << 200 << QByteArray("null") << true << false;
    QTest::newRow("a server's") << 200 << QByteArray(R"({"pdus":{"$e":{"error":"no"}}})") << true << true;
    QTest::newRow("an errcode") << 200 << QByteArray(R"({"errcode":"M_LIMIT_EXCEEDED"})") << false << false;
    QTest::newRow("an errcode beside it") << 200 << QByteArray(R"({"pdus":{},"errcode":"M_X"})") << false << false;
    QTest::newRow("an error in words") << 200 << QByteArray(R"({"pdus":{},"error":"Full"})") << false << false;
    QTest::newRow("no error") << 200 << QByteArray(R"({"pdus":{},"errcode":null})") << true << true;
    QTest::newRow("a list") << 200 << QByteArray(R"({"pdus":[]})") << true << true;
    QTest::newRow("a page") << 200 << QByteArray("<html>") << false << false;
    QTest::newRow("nothing") << 200 << QByteArray() << false << false;
    for (const int status : {201, 202, 204, 302, 400, 403, 429, 500})
        QTest::addRow("%d", status) << status << QByteArray(R"({"pdus":{}})") << false << false;
}

void TestRelayAnswer::only_a_200_of_the_right_shape_has_taken_it()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    QFETCH(const bool, byRelay);
    QFETCH(const bool, directly);
    QCOMPARE(node::isTaken({status, {}, body}), byRelay);
    QCOMPARE(node::isTakenDirectly({status, {}, body}), directly);
}

void TestRelayAnswer::a_200_that_names_an_error_is_quoted()
{
    const Error error = node::refusalOf({200, {}, R"({"errcode":"M_LIMIT_EXCEEDED","error":"Full"})"});
    QCOMPARE(error.code, Errc::BadAnswer);
    QCOMPARE(error.detail, QStringLiteral("The relay answered 200 M_LIMIT_EXCEEDED: Full"));
    QVERIFY(node::isRefusal(error));
}

QTEST_GUILESS_MAIN(TestRelayAnswer)
#include "tst_relayanswer.moc"
