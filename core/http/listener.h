// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QSocketNotifier>
#include <QtCore/QTimer>
#include <QtNetwork/QTcpServer>

#include <functional>
#include <memory>

namespace restante::http
{

/// One listening socket as one worker sees it. The first worker accepts through it; the others have it only because
/// QHttpServer wants a listening server to take connections from. Lives in its worker's thread.
///
/// It accepts by itself, through a descriptor of its own: QTcpServer keeps the first error of accept() for ever, so
/// that once nobody waited (EAGAIN) it no longer sees that descriptors have run out, and tries again without a pause.
class Listener final : public QTcpServer
{
public:
    /// Called with the descriptor of each new connection, which the callee then owns.
    using Accepted = std::function<void(qintptr descriptor)>;
    /// Called when accept() failed, each time, and with a null reason when it works again.
    using Failed = std::function<void(const QString &reason)>;

    /// Takes over a descriptor that listens already. Does not accept until told to.
    Listener(qintptr descriptor, Accepted accepted, Failed failed);
    ~Listener() override;
    Q_DISABLE_COPY_MOVE(Listener)

    void startAccepting();
    /// Closes the socket.
    void stop();
    /// Hands a connection's facade to QHttpServer, which owns it from then on.
    void offer(QTcpSocket *facade);

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void acceptMore();
    void works();
    void rest(const QString &reason);
    void pause();

    Accepted m_accepted;
    Failed m_failed;
    qintptr m_descriptor = -1; ///< what it accepts from
    std::unique_ptr<QSocketNotifier> m_notifier;
    QTimer m_pause;         ///< runs while accepting rests because it failed
    bool m_failing = false; ///< as it was told
};

} // namespace restante::http
