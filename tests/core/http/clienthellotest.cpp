// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/clienthello.h"

#include <QtNetwork/QSslSocket>
#include <QtNetwork/QTcpServer>
#include <QtTest/QTest>

using namespace restante::http;

namespace
{

/// What Qt's own TLS library says first when it is connected to a host of this name.
QByteArray helloFor(const QString &host)
{
    QTcpServer server;
    QSslSocket client;
    if (!server.listen(QHostAddress::LocalHost))
        return {};
    client.connectToHostEncrypted(QStringLiteral("127.0.0.1"), server.serverPort(), host);
    QByteArray hello;
    QTcpSocket *accepted = nullptr;
    (void)QTest::qWaitFor([&] {
        if (!accepted)
            accepted = server.nextPendingConnection();
        if (accepted)
            hello += accepted->readAll();
        return hello.size() > 5 && hello.size() >= 5 + (uchar(hello[3]) << 8 | uchar(hello[4]));
    });
    client.abort();
    return hello;
}

} // namespace

class ClientHelloTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_library_is_understood_and_nothing_is_said_before_the_end()
    {
        const QByteArray hello = helloFor(QStringLiteral("Anna.Relay.example"));
        QVERIFY(hello.size() > 100);
        for (qsizetype size = 0; size < hello.size(); ++size)
            QVERIFY2(!hostAskedFor(hello.first(size)), qPrintable(QString::number(size)));
        QCOMPARE(hostAskedFor(hello), std::optional(QByteArray("anna.relay.example")));
        QCOMPARE(hostAskedFor(hello + "more"), std::optional(QByteArray("anna.relay.example")));
    }

    void a_hello_may_be_spread_over_records()
    {
        const QByteArray hello = helloFor(QStringLiteral("b.example"));
        QByteArray spread;
        constexpr char each = 7;
        for (qsizetype at = 5; at < hello.size(); at += each) {
            const QByteArray part = hello.mid(at, each);
            spread += QByteArray("\x16\x03\x01\0", 4) + char(part.size()) + part;
        }
        QCOMPARE(hostAskedFor(spread), std::optional(QByteArray("b.example")));
        QVERIFY(!hostAskedFor(spread.chopped(1)));
    }

    void an_address_is_no_name()
    {
        QCOMPARE(hostAskedFor(helloFor(QStringLiteral("127.0.0.1"))), std::optional(QByteArray()));
    }

    void what_is_no_hello_asks_for_nothing_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("plain HTTP") << QByteArray("GET / HTTP/1.1\r\n\r\n");
        QTest::newRow("an alert") << QByteArray("\x15\x03\x01\0\x02\x02\x28", 7);
        QTest::newRow("another message") << QByteArray("\x16\x03\x01\0\x04\x02\0\0\0", 9);
        QTest::newRow("an empty hello") << QByteArray("\x16\x03\x01\0\x04\x01\0\0\0", 9);
        QTest::newRow("endless") << QByteArray("\x16\x03\x01\x40\0\x01\0\x7f\xff", 9) + QByteArray(MostHelloBytes, 'a');
    }

    void what_is_no_hello_asks_for_nothing()
    {
        QFETCH(QByteArray, bytes);
        QCOMPARE(hostAskedFor(bytes), std::optional(QByteArray()));
    }

    /// Each length in a real hello set to something else: an answer, and no reading beyond the bytes (sanitizers).
    void wrong_lengths_end_in_an_answer()
    {
        const QByteArray hello = helloFor(QStringLiteral("b.example"));
        for (qsizetype at = 0; at < hello.size(); ++at) {
            for (const char byte : {'\0', '\x01', '\x7f', '\xff'}) {
                QByteArray other = hello;
                other[at] = byte;
                const auto asked = hostAskedFor(other);
                QVERIFY(!asked || asked->size() <= hello.size());
            }
        }
    }
};

QTEST_GUILESS_MAIN(ClientHelloTest)
#include "clienthellotest.moc"
