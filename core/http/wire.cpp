// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/wire.h"

#include "http/certificates.h"
#include "http/clienthello.h"

#include <QtNetwork/QSslSocket>

#ifdef Q_OS_UNIX
#include <sys/socket.h>
#endif

namespace restante::http
{

namespace
{
/// What is read ahead of the parser. When it is full the kernel's window closes and the client has to wait.
constexpr qint64 readAheadBytes = qint64{64} * 1024;
} // namespace

Wire::Wire(Ear &ear, std::unique_ptr<QTcpSocket> socket, bool tls, const base::Clock &clock)
    : m_ear(ear)
    , m_clock(clock)
    , m_socket(std::move(socket))
    , m_tls(tls)
    , m_lastProgressMs(clock.steadyMs())
{
    m_socket->setReadBufferSize(readAheadBytes);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    connect(m_socket.get(), &QIODevice::readyRead, this, [this] {
        if (m_choice)
            hear();
        else if (!m_gone)
            m_ear.wireReadable();
    });
    connect(m_socket.get(), &QAbstractSocket::disconnected, this, &Wire::onGone);
    connect(m_socket.get(), &QAbstractSocket::errorOccurred, this, [this] {
        if (m_socket->state() != QAbstractSocket::ConnectedState)
            onGone();
    });
    const auto wrote = [this] {
        m_lastProgressMs = m_clock.steadyMs();
        if (!m_gone)
            m_ear.wireWrote();
    };
    if (m_tls) {
        auto *ssl = static_cast<QSslSocket *>(m_socket.get());
        connect(ssl, &QSslSocket::encrypted, this, [this] { m_ear.wireEncrypted(); });
        connect(ssl, &QSslSocket::encryptedBytesWritten, this, wrote);
    } else {
        connect(m_socket.get(), &QIODevice::bytesWritten, this, wrote);
    }
}

Wire::~Wire()
{
    m_socket->disconnect(this);
}

void Wire::startHandshake(std::shared_ptr<const Certificates> certificates)
{
    m_choice = std::move(certificates);
    hear();
}

/// What the client says first is looked at only if it makes a difference. It stays in the socket for the TLS library.
void Wire::hear()
{
    std::optional<QByteArray> host = QByteArray();
    if (!m_choice->doors.isEmpty())
        host = hostAskedFor(m_socket->peek(MostHelloBytes));
    if (!host || m_gone)
        return;
    auto *ssl = static_cast<QSslSocket *>(m_socket.get());
    ssl->setSslConfiguration(m_choice->forHost(*host));
    m_choice.reset();
    ssl->startServerEncryption();
}

qint64 Wire::read(char *data, qint64 maxSize)
{
    return m_gone ? 0 : std::max<qint64>(0, m_socket->read(data, maxSize));
}

void Wire::write(const QByteArray &bytes)
{
    if (m_gone || bytes.isEmpty())
        return;
    if (unsent() == 0)
        m_lastProgressMs = m_clock.steadyMs(); // the clock starts with the first byte that waits
    m_socket->write(bytes);
}

void Wire::flush()
{
    if (!m_gone)
        m_socket->flush();
}

qint64 Wire::unsent() const
{
    if (m_gone)
        return 0;
    qint64 bytes = m_socket->bytesToWrite();
    if (m_tls)
        bytes += static_cast<QSslSocket *>(m_socket.get())->encryptedBytesToWrite();
    return bytes;
}

void Wire::endOfWriting()
{
#ifdef Q_OS_UNIX
    if (!m_gone && !m_tls && m_socket->socketDescriptor() >= 0)
        ::shutdown(int(m_socket->socketDescriptor()), SHUT_WR);
#endif
}

void Wire::close()
{
    if (!m_gone)
        m_socket->disconnectFromHost();
}

void Wire::abort()
{
    m_gone = true;
    m_socket->disconnect(this);
    m_socket->abort();
}

void Wire::onGone()
{
    if (m_gone)
        return;
    m_gone = true;
    m_ear.wireGone();
}

} // namespace restante::http
