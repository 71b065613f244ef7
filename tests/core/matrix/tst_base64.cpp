// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/base64.h"

#include <QtTest/QTest>

using namespace restante::matrix;

class Base64Test : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void it_is_read_as_other_servers_read_it_data();
    void it_is_read_as_other_servers_read_it();
    void a_wrong_length_is_refused();
    void all_bytes_survive_a_round();
};

void Base64Test::it_is_read_as_other_servers_read_it_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("good");
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *text, bool good, const QByteArray &bytes) {
        QTest::newRow(*text ? text : "empty") << QByteArray(text) << good << bytes;
    };
    row("", true, "");
    row("TWF0cml4", true, "Matrix");
    row("TWF0cml4MQ", true, "Matrix1");
    row("TWF0cml4MQ==", true, "Matrix1");
    row("TWF0cml4MTI", true, "Matrix12");
    row("TWF0cml4MTI=", true, "Matrix12");
    row("QR", true, "A");
    row("QUF", true, "AA");
    row("+/+/", true, "\xfb\xff\xbf");
    row("-_-_", true, "\xfb\xff\xbf");
    row("+_+_", false, "");
    row("-/", false, "");
    row("A", false, "");
    row("AAAAA", false, "");
    row("=", false, "");
    row("==", false, "");
    row("====", false, "");
    row("AA=", false, "");
    row("AAA==", false, "");
    row("A===", false, "");
    row("AA=A", false, "");
    row("AAAA====", false, "");
    row("AAAA=", false, "");
    row("AA AA", false, "");
    row("AAAA\n", false, "");
    row("AA*A", false, "");
    row("AA\xc3\xa4", false, "");
}

void Base64Test::it_is_read_as_other_servers_read_it()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, good);
    QFETCH(QByteArray, bytes);
    const auto decoded = decodeBase64(text);
    QCOMPARE(decoded.has_value(), good);
    QCOMPARE(decoded.value_or(QByteArray()), bytes);
}

void Base64Test::a_wrong_length_is_refused()
{
    QVERIFY(decodeBase64("AAAA", 3).has_value());
    QVERIFY(!decodeBase64("AAAA", 2).has_value());
    QVERIFY(!decodeBase64("AAAA", 4).has_value());
    QVERIFY(decodeBase64("", 0).has_value());
}

void Base64Test::all_bytes_survive_a_round()
{
    QByteArray bytes;
    for (int i = 0; i < 256; ++i) {
        bytes.append(static_cast<char>(i));
        const QByteArray text = encodeBase64(bytes);
        QVERIFY(!text.contains('='));
        QCOMPARE(decodeBase64(text, bytes.size()).value_or(QByteArray()), bytes);
    }
}

QTEST_GUILESS_MAIN(Base64Test)
#include "tst_base64.moc"
