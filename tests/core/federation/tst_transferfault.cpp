// SPDX-License-Identifier: GPL-3.0-or-later
// Why a transfer failed, in words that tell one thing to be done from another.
#include "clientfixture.h"
#include "federation/authoritiesnote.h"
#include "federation/transferfault.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include <sys/socket.h>

#include <atomic>
#include <cerrno>

using namespace restante;
using namespace restante::federation;
using namespace restante::test;

namespace
{
enum How { Refused, ResetAtOnce, ResetLater, NoTls, Nothing, NoRoute, Elsewhere };

/// Ends a connection; `reset`: with a RST instead of a FIN.
void leave(QTcpSocket &socket, bool reset)
{
    if (reset) {
        const linger atOnce{1, 0};
        ::setsockopt(int(socket.socketDescriptor()), SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
    }
    socket.abort();
}
} // namespace

class TransferFaultTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_certificates.make()); }

    void an_endless_line_of_the_head_is_no_http_whatever_libcurl_calls_it()
    {
        for (const int code : {int(CURLE_OUT_OF_MEMORY), 100}) { // the second is CURLE_TOO_LARGE, from 8.6 on
            const Error error = errorOf({CURLcode(code), 0, 0, true});
            QCOMPARE(error.code, Errc::BadAnswer);
            QCOMPARE(error.detail, QStringLiteral("It did not answer in HTTP"));
        }
    }

    void each_certificate_that_is_refused_has_its_own_words_data()
    {
        QTest::addColumn<QByteArray>("certificate");
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<bool>("authority"); // the test's own is known
        QTest::addColumn<QByteArray>("pinned");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *name, const char *certificate, const char *host, bool authority,
                            const char *pinned, const char *words) {
            QTest::newRow(name) << QByteArray(certificate) << QByteArray(host) << authority << QByteArray(pinned)
                                << QString::fromLatin1(words);
        };
        row("expired", "expired", "good.example", true, "", "Its certificate has expired");
        row("another name", "good", "evil.example", true, "", "Its certificate is for another name");
        row("another address", "good", "127.0.0.3", true, "", "Its certificate is for another name");
        row("self-signed", "own", "good.example", true, "", "Its certificate is self-signed, and not known here");
        row("unknown authority", "good", "good.example", false, "",
            "Its certificate comes from an authority that is not known here");
        row("pin", "own", "good.example", true, "good.pem", "Its certificate has another key than the pinned one");
    }
    void each_certificate_that_is_refused_has_its_own_words()
    {
        QFETCH(const QByteArray, certificate);
        QFETCH(const QByteArray, host);
        QFETCH(const bool, authority);
        QFETCH(const QByteArray, pinned);
        ClientFixture fixture;
        openTo(fixture, QStringLiteral("127.0.0.0"), authority);
        HostileServer server;
        QVERIFY(listen(server, certificate.constData(), host == "127.0.0.3" ? "127.0.0.3" : "127.0.0.1"));
        fixture.names->add(host, {QStringLiteral("127.0.0.1")});
        auto request = ClientFixture::requestTo(at(host, server));
        if (!pinned.isEmpty())
            request.peer = server.peer(m_certificates.pinOf(pinned.constData()));
        const Error error = fixture.failure(request);
        QCOMPARE(error.code, Errc::CertificateRefused);
        QTEST(error.detail, "words");
    }

    void each_connection_that_fails_has_its_own_words_data()
    {
        QTest::addColumn<int>("how");
        QTest::addColumn<QString>("words");
        QTest::newRow("refused") << int(Refused) << QStringLiteral("It refused the connection: nothing listens there");
        QTest::newRow("reset before TLS") << int(ResetAtOnce) << QStringLiteral("It reset the connection");
        QTest::newRow("reset after the request") << int(ResetLater) << QStringLiteral("It reset the connection");
        QTest::newRow("no TLS") << int(NoTls)
                                << QStringLiteral("It could not agree on TLS, or broke off the handshake");
        QTest::newRow("nothing") << int(Nothing)
                                 << QStringLiteral("It closed the connection before a whole answer had come");
        QTest::newRow("no route") << int(NoRoute) << QStringLiteral("There is no route to it");
        QTest::newRow("not allowed") << int(Elsewhere)
                                     << QStringLiteral("Its name leads to an address that is not allowed");
    }
    void each_connection_that_fails_has_its_own_words()
    {
        QFETCH(const int, how);
        ClientFixture fixture;
        openTo(fixture, how == Elsewhere ? QStringLiteral("10.0.0.0") : QStringLiteral("127.0.0.0"), true);
        HostileServer secure(
            [how](QTcpSocket &socket, const HostileServer::Seen &) { leave(socket, how == ResetLater); });
        QVERIFY(listen(secure, "good"));
        QTcpServer raw; // answers a client hello as it likes
        QVERIFY(raw.listen(QHostAddress::LocalHost));
        QObject::connect(&raw, &QTcpServer::newConnection, &raw, [&raw, how] {
            QTcpSocket *const socket = raw.nextPendingConnection();
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, how] {
                socket->readAll();
                if (how == NoTls)
                    socket->write("220 mail.example ESMTP\r\n");
                else
                    leave(*socket, true);
            });
        });
        const bool byRaw = how == ResetAtOnce || how == NoTls || how == Refused;
        const quint16 port = byRaw ? raw.serverPort() : secure.port();
        if (how == Refused)
            raw.close();
        fixture.names->add("good.example", {QStringLiteral("127.0.0.1")});
        auto request = ClientFixture::requestTo("good.example:" + QByteArray::number(port));
        if (how == NoRoute) // Linux routes no TCP to it
            request.peer = FixedPeer{"https://255.255.255.255:" + QByteArray::number(port), {}};
        QTEST(fixture.failure(request).detail, "words");
    }

    void authorities_that_cannot_be_read_are_no_fault_of_the_server_data()
    {
        QTest::addColumn<QByteArray>("content"); ///< null: the file is gone
        QTest::newRow("gone") << QByteArray();
        QTest::newRow("damaged") << QByteArray("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n");
    }
    void authorities_that_cannot_be_read_are_no_fault_of_the_server()
    {
        QFETCH(const QByteArray, content);
        HostileServer server;
        QVERIFY(listen(server, "good"));
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("ca.pem"));
        QVERIFY(QFile::copy(m_certificates.file("ca.pem"), file));
        std::atomic<int> changes{0};
        AuthoritiesNote note([&changes] { ++changes; });
        ClientFixture fixture;
        fixture.options.openNetworks = {{QHostAddress(QStringLiteral("127.0.0.0")), 8}};
        fixture.options.caFile = file;
        fixture.options.authorities = &note;
        fixture.start();
        fixture.names->add("good.example", {QStringLiteral("127.0.0.1")});
        // A POST goes over no connection that was kept.
        auto request = ClientFixture::requestTo(at("good.example", server));
        request.method = "POST";
        QVERIFY(fixture.send(request).ok());
        QVERIFY(!note.isUnreadable());

        QVERIFY(QFile::remove(file));
        if (!content.isNull()) {
            QFile damaged(file);
            QVERIFY(damaged.open(QIODevice::WriteOnly) && damaged.write(content) == content.size());
        }
        const Error error = fixture.failure(request);
        QCOMPARE(error.code, Errc::AuthoritiesUnreadable);
        QVERIFY(error.notSent);
        QVERIFY(note.isUnreadable());
        QCOMPARE(changes.load(), 1);

        QFile::remove(file);
        QVERIFY(QFile::copy(m_certificates.file("ca.pem"), file));
        QVERIFY(fixture.send(request).ok());
        QVERIFY(!note.isUnreadable());
        QCOMPARE(changes.load(), 2);
    }

    void what_the_system_says_is_told_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("number");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *name, CURLcode code, int number, const char *words) {
            QTest::newRow(name) << int(code) << number << QString::fromLatin1(words);
        };
        row("reset while TLS was agreed on", CURLE_SSL_CONNECT_ERROR, ECONNRESET, "It reset the connection");
        row("reset while it was read", CURLE_RECV_ERROR, ECONNRESET, "It reset the connection");
        row("no route to the host", CURLE_COULDNT_CONNECT, EHOSTUNREACH, "There is no route to it");
        row("a firewall of ours", CURLE_COULDNT_CONNECT, EPERM, "This computer does not let the connection out");
        row("nothing known", CURLE_COULDNT_CONNECT, 0, "No connection could be made");
        row("a time-out tells no errno", CURLE_OPERATION_TIMEDOUT, EINPROGRESS, "No connection could be made in time");
    }
    void what_the_system_says_is_told()
    {
        QFETCH(const int, code);
        QFETCH(const int, number);
        const Error error = errorOf({CURLcode(code), 0, number, false});
        QCOMPARE(error.code, Errc::Unreachable);
        QTEST(error.detail, "words");
    }

private:
    bool listen(HostileServer &server, const char *certificate, const char *address = "127.0.0.1") const
    {
        return server.listen(QString::fromLatin1(address),
                             m_certificates.file((QByteArray(certificate) + ".pem").constData()),
                             m_certificates.file((QByteArray(certificate) + ".key").constData()));
    }
    static QByteArray at(const QByteArray &host, const HostileServer &server)
    {
        return host + ':' + QByteArray::number(server.port());
    }
    void openTo(ClientFixture &fixture, const QString &network, bool authority) const
    {
        fixture.options.openNetworks = {{QHostAddress(network), 8}};
        if (authority)
            fixture.options.caFile = m_certificates.file("ca.pem");
        fixture.start();
    }

    TestCertificates m_certificates;
};

QTEST_GUILESS_MAIN(TransferFaultTest)
#include "tst_transferfault.moc"
