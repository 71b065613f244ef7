// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/resolver.h"

#include <QtCore/QHash>

#include <vector>

namespace restante::federation
{

/// Looks names up by a function that blocks, in a limited number of short-lived threads. A look-up that has begun
/// cannot be broken off: destroying this leaves those that hang behind, with nothing of ours in their hands but a share
/// of their own state. Those that nobody wants any more never begin. Made, used and destroyed in one thread with an
/// event loop.
class LookupThreads
{
public:
    /// Runs in any thread.
    using Work = std::function<Result<QList<QHostAddress>>(const QByteArray &host)>;
    /// How much is known of a name. Doubtful ones probably hang: they get half of the threads, and the others go first.
    enum class Trust { Doubtful, Ordinary };

    LookupThreads(int mostThreads, Work work);
    ~LookupThreads();
    Q_DISABLE_COPY_MOVE(LookupThreads)

    /// As Resolver::addresses; Errc::Busy if MostWaiting wait already.
    void ask(const QByteArray &host, const Wish &wish, Trust trust, Resolver::GotAddresses done);

    static constexpr size_t MostWaiting = 1'024;

private:
    class Desk;
    struct Found;
    struct Waiting {
        Wish wish;
        Resolver::GotAddresses done;
    };

    void deliver(std::vector<Found> found);

    quint64 m_last = 0;
    QHash<quint64, Waiting> m_waiting;
    std::shared_ptr<Desk> m_desk;
};

} // namespace restante::federation
