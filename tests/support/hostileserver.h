// SPDX-License-Identifier: GPL-3.0-or-later
// A small HTTP server on loopback that does what a test tells it, however wrong, and certificates for it.
#pragma once

#include "federation/caller.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>
#include <QtCore/QPointer>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslKey>
#include <QtNetwork/QSslServer>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <vector>

namespace restante::test
{

/// A whole answer with its length.
inline QByteArray httpAnswer(const QByteArray &body, const QByteArray &status = "200 OK", const QByteArray &fields = {})
{
    return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" +
           body;
}

class HostileServer
{
public:
    struct Seen {
        QByteArray head; ///< without the empty line
        QByteArray method;
        QByteArray target;
        QByteArray body;
        federation::Headers headers; ///< names in lower case

        QByteArray value(const QByteArray &name) const
        {
            for (const auto &[key, text] : headers) {
                if (key == name)
                    return text;
            }
            return {};
        }
    };
    using Script = std::function<void(QTcpSocket &, const Seen &)>;

    /// Answers `200 {}` unless the test gives another script.
    HostileServer() = default;
    explicit HostileServer(Script how)
        : script(std::move(how))
    {
    }
    ~HostileServer()
    {
        for (const auto &socket : std::as_const(m_sockets)) {
            if (socket) {
                socket->disconnect();
                socket->abort();
            }
        }
    }
    Q_DISABLE_COPY_MOVE(HostileServer)

    /// With TLS if a certificate and its key (PEM files) are given.
    bool listen(const QString &address = QStringLiteral("127.0.0.1"), const QString &certificate = {},
                const QString &key = {})
    {
        if (certificate.isEmpty()) {
            m_server = std::make_unique<QTcpServer>();
        } else {
            auto secure = std::make_unique<QSslServer>();
            QFile keyFile(key);
            if (!keyFile.open(QIODevice::ReadOnly))
                return false;
            QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
            configuration.setLocalCertificateChain(QSslCertificate::fromPath(certificate));
            configuration.setPrivateKey(QSslKey(&keyFile, QSsl::Ec));
            secure->setSslConfiguration(configuration);
            m_server = std::move(secure);
        }
        QObject::connect(m_server.get(), &QTcpServer::pendingConnectionAvailable, m_server.get(), [this] { greet(); });
        return m_server->listen(QHostAddress(address), 0);
    }
    quint16 port() const { return m_server->serverPort(); }
    /// `HOST:PORT` of where it listens.
    QByteArray place() const
    {
        return m_server->serverAddress().toString().toLatin1() + ':' + QByteArray::number(port());
    }
    federation::FixedPeer peer(const QByteArray &pin = {}) const
    {
        const bool secure = qobject_cast<QSslServer *>(m_server.get()) != nullptr;
        return {(secure ? "https://" : "http://") + place(), pin};
    }

    Script script = [](QTcpSocket &socket, const Seen &) { socket.write(httpAnswer("{}")); };
    QList<Seen> seen;
    int connections = 0; ///< accepted, with TLS agreed on
    int gone = 0;        ///< ended by the other side

private:
    void greet()
    {
        while (QTcpSocket *socket = m_server->nextPendingConnection()) {
            ++connections;
            m_sockets.append(socket);
            const auto buffer = std::make_shared<QByteArray>();
            QObject::connect(socket, &QTcpSocket::disconnected, m_server.get(), [this] { ++gone; });
            QObject::connect(socket, &QTcpSocket::readyRead, m_server.get(), [this, socket, buffer] {
                buffer->append(socket->readAll());
                read(*socket, *buffer);
            });
            if (socket->bytesAvailable() > 0) {
                buffer->append(socket->readAll());
                read(*socket, *buffer);
            }
        }
    }
    void read(QTcpSocket &socket, QByteArray &buffer)
    {
        for (;;) {
            const qsizetype end = buffer.indexOf("\r\n\r\n");
            if (end < 0)
                return;
            Seen request;
            request.head = buffer.first(end);
            const auto lines = request.head.split('\n');
            const auto words = lines.first().trimmed().split(' ');
            request.method = words.value(0);
            request.target = words.mid(1, words.size() - 2).join(' ');
            for (const QByteArray &line : lines.sliced(1)) {
                const qsizetype colon = line.indexOf(':');
                request.headers.emplace_back(line.first(colon).toLower(), line.sliced(colon + 1).trimmed());
            }
            const qsizetype length = request.value("content-length").toLongLong();
            constexpr qsizetype gap = 4;
            if (buffer.size() < end + gap + length)
                return;
            request.body = buffer.sliced(end + gap, length);
            buffer = buffer.sliced(end + gap + length);
            seen.append(request);
            script(socket, request);
        }
    }

    std::unique_ptr<QTcpServer> m_server;
    QList<QPointer<QTcpSocket>> m_sockets;
};

/// An authority, a certificate of it for good.example, *.good.example, 127.0.0.1 and 127.0.0.2, the same that has
/// expired, and one that is its own authority. Made by openssl for one run.
class TestCertificates
{
public:
    bool make()
    {
        const QStringList key{QStringLiteral("-newkey"), QStringLiteral("ec"), QStringLiteral("-pkeyopt"),
                              QStringLiteral("ec_paramgen_curve:prime256v1"), QStringLiteral("-nodes")};
        const QString days = QStringLiteral("2");
        return openssl(QStringList{QStringLiteral("req"), QStringLiteral("-x509")} + key +
                       QStringList{QStringLiteral("-days"), days, QStringLiteral("-subj"), QStringLiteral("/CN=test"),
                                   QStringLiteral("-keyout"), file("ca.key"), QStringLiteral("-out"),
                                   file("ca.pem")}) &&
               openssl(QStringList{QStringLiteral("req"), QStringLiteral("-x509")} + key +
                       QStringList{QStringLiteral("-days"), days, QStringLiteral("-subj"), QStringLiteral("/CN=laptop"),
                                   QStringLiteral("-keyout"), file("own.key"), QStringLiteral("-out"),
                                   file("own.pem")}) &&
               openssl(QStringList{QStringLiteral("req")} + key +
                       QStringList{
                           QStringLiteral("-subj"), QStringLiteral("/CN=good.example"), QStringLiteral("-addext"),
                           QStringLiteral("subjectAltName=DNS:good.example,DNS:*.good.example,"
                                          "IP:127.0.0.1,IP:127.0.0.2"),
                           QStringLiteral("-keyout"), file("good.key"), QStringLiteral("-out"), file("good.csr")}) &&
               signGood(days, "good.pem") && signGood(QStringLiteral("0"), "expired.pem") &&
               QFile::copy(file("good.key"), file("expired.key"));
    }
    QString file(const char *name) const { return m_folder.filePath(QLatin1String(name)); }
    /// The pin of a certificate.
    QByteArray pinOf(const char *name) const
    {
        const auto certificates = QSslCertificate::fromPath(file(name));
        return certificates.isEmpty()
                   ? QByteArray()
                   : QCryptographicHash::hash(certificates.first().publicKey().toDer(), QCryptographicHash::Sha256);
    }

private:
    bool signGood(const QString &days, const char *name) const
    {
        return openssl({QStringLiteral("x509"), QStringLiteral("-req"), QStringLiteral("-in"), file("good.csr"),
                        QStringLiteral("-CA"), file("ca.pem"), QStringLiteral("-CAkey"), file("ca.key"),
                        QStringLiteral("-CAcreateserial"), QStringLiteral("-days"), days,
                        QStringLiteral("-copy_extensions"), QStringLiteral("copy"), QStringLiteral("-out"),
                        file(name)});
    }
    /// Not QProcess: the way it forks is one that the thread sanitizer does not survive.
    static bool openssl(const QStringList &arguments)
    {
        QByteArrayList words{"openssl"};
        for (const QString &argument : arguments)
            words.append(QFile::encodeName(argument));
        std::vector<char *> pointers;
        for (QByteArray &word : words)
            pointers.push_back(word.data());
        pointers.push_back(nullptr);
        posix_spawn_file_actions_t quiet;
        posix_spawn_file_actions_init(&quiet);
        posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        pid_t child = 0;
        const int failure = ::posix_spawnp(&child, "openssl", &quiet, nullptr, pointers.data(), environ);
        posix_spawn_file_actions_destroy(&quiet);
        int status = -1;
        return failure == 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

    QTemporaryDir m_folder;
};

} // namespace restante::test
