// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtNetwork/QTcpSocket>

namespace restante::http
{

/// The socket that QHttpServer believes to talk to. It has no descriptor: what is read from it is one request that the
/// guard has already checked, what is written to it goes to its patron. It tells QHttpServer of the end of a connection
/// only when no answer is pending, which is what keeps responders from outliving their socket. Lives in a worker's
/// thread; belongs to QHttpServer once it was offered.
class Facade final : public QTcpSocket
{
public:
    /// What a facade fronts for: the connection.
    class Patron
    {
    public:
        Patron() = default;
        virtual ~Patron() = default;
        Q_DISABLE_COPY_MOVE(Patron)

        /// QHttpServer writes a part of its answer.
        virtual void answerBytes(const char *data, qint64 size) = 0;
        /// QHttpServer wants the connection closed.
        virtual void hangUpRequested() = 0;
        /// Bytes that still wait to be sent.
        virtual qint64 unsentBytes() const = 0;
        /// QHttpServer deleted the facade.
        virtual void facadeGone() = 0;
    };

    Facade(Patron &patron, const QTcpSocket &real);
    ~Facade() override;

    /// Shows QHttpServer one complete request, now: its handler is called before this returns.
    void show(const QByteArray &request);
    /// The connection ended: QHttpServer is told and deletes the facade; the patron is not called any more.
    void retire();

    qint64 bytesAvailable() const override;
    qint64 bytesToWrite() const override;
    bool isSequential() const override { return true; }
    void disconnectFromHost() override;
    void close() override;

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    Patron *m_patron;
    QByteArray m_request;
    qsizetype m_read = 0;
};

} // namespace restante::http
