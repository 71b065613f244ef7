// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

#include <QtCore/QObject>
#include <QtNetwork/QTcpSocket>

#include <memory>

namespace restante::http
{

struct Certificates;

/// The real socket of a connection, plain or TLS: bounded reading, and a clock for bytes that the client does not take.
/// Lives in a worker's thread.
class Wire final : public QObject
{
public:
    /// What is told what happens on the wire.
    class Ear
    {
    public:
        Ear() = default;
        virtual ~Ear() = default;
        Q_DISABLE_COPY_MOVE(Ear)

        virtual void wireEncrypted() = 0; ///< the TLS handshake is done
        virtual void wireReadable() = 0;  ///< bytes came
        virtual void wireWrote() = 0;     ///< the client took bytes
        virtual void wireGone() = 0;      ///< the connection ended, by whatever cause; once
    };

    /// Takes over a connected socket; with `tls` it is a QSslSocket.
    Wire(Ear &ear, std::unique_ptr<QTcpSocket> socket, bool tls, const base::Clock &clock);
    ~Wire() override;
    Q_DISABLE_COPY_MOVE(Wire)

    const QTcpSocket &socket() const { return *m_socket; }
    /// With the certificate for the name that the client asks for. Only with TLS.
    void startHandshake(std::shared_ptr<const Certificates> certificates);
    bool isGone() const { return m_gone; }

    qint64 available() const { return m_gone ? 0 : m_socket->bytesAvailable(); }
    /// Reads up to `maxSize` bytes; 0 if there are none.
    qint64 read(char *data, qint64 maxSize);
    /// Queues bytes for sending; dropped when the connection is gone.
    void write(const QByteArray &bytes);
    /// Sends what can be sent now.
    void flush();
    /// Bytes the system did not take yet; with TLS as ciphertext.
    qint64 unsent() const;
    /// Since when bytes wait and none was taken, in Clock::steadyMs. Only meaningful while `unsent() > 0`.
    qint64 stalledSinceMs() const { return m_lastProgressMs; }

    /// Tells the client that nothing more comes, and keeps reading. Plain TCP only: TLS has no half-close.
    void endOfWriting();
    /// Closes in order; `wireGone` follows.
    void close();
    /// Closes at once; `wireGone` is not called any more.
    void abort();

private:
    void onGone();
    void hear();

    Ear &m_ear;
    const base::Clock &m_clock;
    const std::unique_ptr<QTcpSocket> m_socket;
    const bool m_tls;
    std::shared_ptr<const Certificates> m_choice; ///< null once the handshake has begun
    bool m_gone = false;
    qint64 m_lastProgressMs = 0;
};

} // namespace restante::http
