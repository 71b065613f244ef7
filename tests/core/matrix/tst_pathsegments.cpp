// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/pathsegments.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::matrix;

class PathSegmentsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_path_is_split_without_decoding_data();
    void a_path_is_split_without_decoding();
    void a_segment_is_decoded_once_data();
    void a_segment_is_decoded_once();
};

void PathSegmentsTest::a_path_is_split_without_decoding_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QList<QByteArray>>("segments");
    QTest::newRow("the example") << QByteArray("/a//b?x") << QList<QByteArray>{"a", "", "b"};
    QTest::newRow("root") << QByteArray("/") << QList<QByteArray>{""};
    QTest::newRow("slash at the end") << QByteArray("/a/") << QList<QByteArray>{"a", ""};
    QTest::newRow("encoded slash") << QByteArray("/a%2Fb/%40c") << QList<QByteArray>{"a%2Fb", "%40c"};
    QTest::newRow("slash in the query") << QByteArray("/a?b/c") << QList<QByteArray>{"a"};
    QTest::newRow("lone question mark") << QByteArray("/a?") << QList<QByteArray>{"a"};
    QTest::newRow("only a query") << QByteArray("?a") << QList<QByteArray>{};
    QTest::newRow("absolute form") << QByteArray("http://a/b") << QList<QByteArray>{};
    QTest::newRow("asterisk") << QByteArray("*") << QList<QByteArray>{};
    QTest::newRow("nothing") << QByteArray() << QList<QByteArray>{};
}

void PathSegmentsTest::a_path_is_split_without_decoding()
{
    QFETCH(QByteArray, target);
    QFETCH(QList<QByteArray>, segments);
    QList<QByteArray> found;
    for (const QByteArrayView segment : pathSegments(target))
        found.append(segment.toByteArray());
    QCOMPARE(found, segments);
}

void PathSegmentsTest::a_segment_is_decoded_once_data()
{
    QTest::addColumn<QByteArray>("segment");
    QTest::addColumn<bool>("good");
    QTest::addColumn<QByteArray>("decoded");
    QTest::newRow("plain") << QByteArray("@user:a.b") << true << QByteArray("@user:a.b");
    QTest::newRow("encoded") << QByteArray("%40user%3Aa%2eb") << true << QByteArray("@user:a.b");
    QTest::newRow("twice encoded") << QByteArray("a%2540b") << true << QByteArray("a%40b");
    QTest::newRow("NUL and 0xff") << QByteArray("%00%fF") << true << QByteArray("\0\xff", 2);
    QTest::newRow("plus stays") << QByteArray("a+b") << true << QByteArray("a+b");
    QTest::newRow("empty") << QByteArray() << true << QByteArray();
    QTest::newRow("percent alone") << QByteArray("a%") << false << QByteArray();
    QTest::newRow("one digit") << QByteArray("a%4") << false << QByteArray();
    QTest::newRow("no hex") << QByteArray("%zz") << false << QByteArray();
    QTest::newRow("half hex") << QByteArray("%4g") << false << QByteArray();
}

void PathSegmentsTest::a_segment_is_decoded_once()
{
    QFETCH(QByteArray, segment);
    QFETCH(bool, good);
    QFETCH(QByteArray, decoded);
    const auto result = decodeSegment(segment);
    QCOMPARE(result.ok(), good);
    if (good)
        QCOMPARE(*result, decoded);
    else
        QCOMPARE(result.error().code, Errc::InvalidParam);
}

QTEST_GUILESS_MAIN(PathSegmentsTest)
#include "tst_pathsegments.moc"
