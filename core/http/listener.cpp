// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/listener.h"

#include "http/descriptors.h"

#include <QtNetwork/QTcpSocket>

#include <utility>

namespace restante::http
{

namespace
{
/// How long to wait when the system has no descriptor left. The client waits in the backlog meanwhile.
constexpr int resumeAfterMs = 200;
/// So many at a time; then those that are there already have their turn.
constexpr int acceptedAtOnce = 16;
} // namespace

Listener::Listener(qintptr descriptor, Accepted accepted, Failed failed)
    : m_accepted(std::move(accepted))
    , m_failed(std::move(failed))
{
    setSocketDescriptor(descriptor);
    pauseAccepting();
    m_pause.setSingleShot(true);
    m_pause.setInterval(resumeAfterMs);
    connect(&m_pause, &QTimer::timeout, this, [this] {
        startAccepting();
        if (m_notifier) // whether it works again is to be known although no client waits
            acceptMore();
    });
}

Listener::~Listener()
{
    stop();
}

void Listener::startAccepting()
{
    if (!isListening())
        return;
    if (m_notifier)
        return m_notifier->setEnabled(true);
    m_descriptor = duplicateDescriptor(socketDescriptor());
    if (m_descriptor < 0)
        return rest(QStringLiteral("No descriptor is left to accept with"));
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Listener::acceptMore);
}

void Listener::stop()
{
    m_pause.stop();
    m_notifier.reset(); // before the descriptor can be another's
    closeDescriptor(std::exchange(m_descriptor, -1));
    close();
}

void Listener::offer(QTcpSocket *facade)
{
    facade->setParent(this);
    addPendingConnection(facade);
    pauseAccepting(); // QTcpServer accepts again as soon as somebody took a connection from it
}

/// What QTcpServer accepted nevertheless goes the same way.
void Listener::incomingConnection(qintptr descriptor)
{
    m_accepted(descriptor);
}

void Listener::acceptMore()
{
    for (int i = 0; i < acceptedAtOnce; ++i) {
        const Acceptance acceptance = acceptConnection(m_descriptor);
        if (acceptance.failure.isEmpty() && !acceptance.stopped)
            works();
        if (acceptance.descriptor >= 0) {
            m_accepted(acceptance.descriptor);
        } else {
            if (acceptance.stopped)
                pause();
            else if (!acceptance.failure.isEmpty())
                rest(acceptance.failure);
            return;
        }
    }
}

void Listener::works()
{
    if (std::exchange(m_failing, false))
        m_failed({});
}

void Listener::rest(const QString &reason)
{
    pause();
    m_failing = true;
    m_failed(reason);
}

void Listener::pause()
{
    if (m_notifier)
        m_notifier->setEnabled(false);
    m_pause.start();
}

} // namespace restante::http
