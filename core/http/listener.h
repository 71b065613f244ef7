// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtNetwork/QTcpServer>

#include <functional>

namespace restante::http
{

/// One listening socket as one worker sees it. The first worker accepts through it; the others have it only because
/// QHttpServer wants a listening server to take connections from. Lives in its worker's thread.
class Listener final : public QTcpServer
{
public:
    /// Called with the descriptor of each new connection, which the callee then owns.
    using Accepted = std::function<void(qintptr descriptor)>;
    /// Called when accept() failed.
    using Failed = std::function<void(const QString &reason)>;

    /// Takes over a descriptor that listens already. Does not accept until told to.
    Listener(qintptr descriptor, Accepted accepted, Failed failed);

    /// Hands a connection's facade to QHttpServer, which owns it from then on.
    void offer(QTcpSocket *facade);

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void onAcceptError();

    Accepted m_accepted;
    Failed m_failed;
};

} // namespace restante::http
