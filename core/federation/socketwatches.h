// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QSocketNotifier>

#include <functional>
#include <memory>
#include <vector>

namespace restante::federation
{

/// The sockets of a library that wants to be told when one can be read or written (libcurl, c-ares), as notifiers of
/// this thread's event loop. Made, used and destroyed in one thread, but not from inside `ready`.
class SocketWatches
{
public:
    using Ready = std::function<void(int socket, bool forWriting)>;

    explicit SocketWatches(Ready ready);
    ~SocketWatches();
    Q_DISABLE_COPY_MOVE(SocketWatches)

    /// What of a socket is looked at from now on; neither: it is forgotten at once, since the descriptor may soon be
    /// another connection's. May be called from inside `ready`.
    void set(int socket, bool reading, bool writing);
    /// Forgets all of them. May be called from inside `ready`.
    void clear();

private:
    struct Watch {
        std::unique_ptr<QSocketNotifier> reading;
        std::unique_ptr<QSocketNotifier> writing;
    };

    void listen(std::unique_ptr<QSocketNotifier> &notifier, int socket, bool wanted, bool forWriting);

    const Ready m_ready;
    QHash<int, std::shared_ptr<Watch>> m_watches;
    std::vector<std::unique_ptr<QSocketNotifier>> m_ended; ///< for a moment: one may be in the middle of its signal
    QObject m_janitor;                                     ///< removes them
};

} // namespace restante::federation
