// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/socketwatches.h"

#include <QtCore/QTimer>

#include <utility>

namespace restante::federation
{

SocketWatches::SocketWatches(Ready ready)
    : m_ready(std::move(ready))
{
}

SocketWatches::~SocketWatches() = default;

void SocketWatches::set(int socket, bool reading, bool writing)
{
    auto &watch = m_watches[socket];
    if (!watch)
        watch = std::make_shared<Watch>();
    listen(watch->reading, socket, reading, false);
    listen(watch->writing, socket, writing, true);
    if (!reading && !writing)
        m_watches.remove(socket);
}

void SocketWatches::clear()
{
    for (const int socket : m_watches.keys())
        set(socket, false, false);
}

/// Begins or ceases to look at one direction of a socket. A notifier is never destroyed here: its signal may be what
/// brought us here.
void SocketWatches::listen(std::unique_ptr<QSocketNotifier> &notifier, int socket, bool wanted, bool forWriting)
{
    if (wanted == (notifier != nullptr))
        return;
    if (!wanted) {
        notifier->setEnabled(false);
        m_ended.push_back(std::move(notifier));
        if (m_ended.size() == 1)
            QTimer::singleShot(0, &m_janitor, [this] { m_ended.clear(); });
        return;
    }
    notifier = std::make_unique<QSocketNotifier>(socket, forWriting ? QSocketNotifier::Write : QSocketNotifier::Read);
    QObject::connect(notifier.get(), &QSocketNotifier::activated, notifier.get(),
                     [this, socket, forWriting] { m_ready(socket, forWriting); });
}

} // namespace restante::federation
