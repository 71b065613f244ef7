// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/listener.h"

#include <QtCore/QTimer>
#include <QtNetwork/QTcpSocket>

namespace restante::http
{

namespace
{
/// How long to wait when the system has no descriptor left. The client waits in the backlog meanwhile.
constexpr int resumeAfterMs = 200;
} // namespace

Listener::Listener(qintptr descriptor, Accepted accepted, Failed failed)
    : m_accepted(std::move(accepted))
    , m_failed(std::move(failed))
{
    setSocketDescriptor(descriptor);
    pauseAccepting();
    connect(this, &QTcpServer::acceptError, this, &Listener::onAcceptError);
}

void Listener::offer(QTcpSocket *facade)
{
    facade->setParent(this);
    addPendingConnection(facade);
}

void Listener::incomingConnection(qintptr descriptor)
{
    m_accepted(descriptor);
}

void Listener::onAcceptError()
{
    m_failed(errorString());
    // Qt stops accepting for good when descriptors run out.
    QTimer::singleShot(resumeAfterMs, this, [this] {
        if (isListening())
            resumeAccepting();
    });
}

} // namespace restante::http
