// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/tlsfiles.h"

#include "base/inputfile.h"
#include "http/descriptors.h"

#include <QtCore/QFile>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslKey>
#include <QtNetwork/QSslSocket>
#include <QtNetwork/QTcpServer>

#include <sodium.h>

namespace restante::http
{

namespace
{

using namespace Qt::Literals::StringLiterals;

constexpr qint64 largestPemBytes = 1 << 20;

Result<QByteArray> readPem(const QString &path, const QString &what)
{
    QFile file(path);
    if (const auto opened = base::openToRead(file); !opened)
        return {Errc::Io, u"%1 %2 cannot be read: %3"_s.arg(what, path, opened.error().detail)};
    QByteArray pem = file.read(largestPemBytes);
    if (!pem.contains("-----BEGIN "))
        return {Errc::InvalidSetting, u"%1 %2 is not a PEM file"_s.arg(what, path)};
    return pem;
}

Result<QList<QSslCertificate>> readCertificates(const QString &path)
{
    auto pem = readPem(path, u"The TLS certificate"_s);
    if (!pem)
        return pem.error();
    QList<QSslCertificate> chain = QSslCertificate::fromData(*pem, QSsl::Pem);
    if (chain.isEmpty() || chain.first().isNull())
        return {Errc::InvalidSetting, u"%1 holds no certificate"_s.arg(path)};
    return chain;
}

Result<QSslKey> readKey(const QString &path)
{
    auto pem = readPem(path, u"The TLS key"_s);
    if (!pem)
        return pem.error();
    // Asked for a passphrase, OpenSSL would turn to the terminal.
    const bool locked = pem->contains("BEGIN ENCRYPTED PRIVATE KEY") || pem->contains("Proc-Type: 4,ENCRYPTED");
    QSslKey key;
    if (!locked) {
        for (const auto algorithm : {QSsl::Ec, QSsl::Rsa}) {
            key = QSslKey(*pem, algorithm, QSsl::Pem, QSsl::PrivateKey);
            if (!key.isNull())
                break;
        }
    }
    sodium_memzero(pem->data(), std::size_t(pem->size()));
    if (locked)
        return {Errc::InvalidSetting, u"The TLS key %1 is protected by a passphrase; store it without one"_s.arg(path)};
    if (key.isNull())
        return {Errc::InvalidSetting, u"%1 holds no EC or RSA private key"_s.arg(path)};
    return key;
}

/// Lets the TLS library itself say whether it can serve with this: it checks certificate against key, and both against
/// its own rules, when a handshake begins. Nothing but a connected socket is needed for that.
Result<void> tryConfiguration(const QSslConfiguration &configuration)
{
    constexpr int patienceMs = 1'000;
    QTcpServer server;
    QTcpSocket client;
    if (!server.listen(QHostAddress::LocalHost))
        return {Errc::Io, u"TLS cannot be tried: %1"_s.arg(server.errorString())};
    client.connectToHost(server.serverAddress(), server.serverPort());
    if (!client.waitForConnected(patienceMs) || !server.waitForNewConnection(patienceMs))
        return {Errc::Io, u"TLS cannot be tried: %1"_s.arg(client.errorString())};
    const std::unique_ptr<QTcpSocket> accepted(server.nextPendingConnection());
    const qintptr descriptor = duplicateDescriptor(accepted->socketDescriptor());
    QSslSocket trial;
    if (!trial.setSocketDescriptor(descriptor)) {
        closeDescriptor(descriptor);
        return {Errc::Io, u"TLS cannot be tried: %1"_s.arg(trial.errorString())};
    }
    trial.setSslConfiguration(configuration);
    trial.startServerEncryption();
    const auto error = trial.error();
    if (error == QAbstractSocket::UnknownSocketError)
        return {};
    QString reason = trial.errorString().trimmed();
    while (reason.endsWith(u':')) // Qt adds the library's own words, and there are none for some faults
        reason.chop(1);
    return {Errc::InvalidSetting, reason.isEmpty() ? u"the TLS library refuses them and does not say why"_s : reason};
}

} // namespace

Result<QSslConfiguration> loadTls(const TlsFiles &files)
{
    if (!QSslSocket::supportsSsl())
        return {Errc::InvalidSetting, u"TLS is not available: Qt found no TLS library"_s};
    auto chain = readCertificates(files.certificate);
    if (!chain)
        return chain.error();
    auto key = readKey(files.key);
    if (!key)
        return key.error();

    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificateChain(*chain);
    configuration.setPrivateKey(*key);
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(QSslSocket::VerifyNone);
    configuration.setCaCertificates({}); // no client is verified, and each connection would load the whole store
    configuration.setAllowedNextProtocols({QByteArrayLiteral("http/1.1")});
    if (const auto tried = tryConfiguration(configuration); !tried) {
        if (tried.error().code == Errc::Io)
            return tried.error();
        return {Errc::InvalidSetting, u"The TLS key %1 and the certificate %2 cannot be used together: %3"_s.arg(
                                          files.key, files.certificate, tried.error().detail)};
    }
    return configuration;
}

} // namespace restante::http
