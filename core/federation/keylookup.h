// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "identity/keyfetcher.h"

#include <QtCore/QList>

#include <memory>

namespace restante::identity
{
class KeyRing;
}

namespace restante::federation
{

class Client;
class Doorway;
class KeyDesk;

/// Looks up other servers' keys through the Client (PROTOCOL 3.2, 3.3; core/README 8): the server itself, then
/// notaries. One for the program, and one fetcher for each thread that asks. Constructed and destroyed in one thread,
/// after client and ring and before them; the fetchers go before it.
class KeyLookup
{
public:
    struct Options {
        QList<matrix::ServerName> never;    ///< our own name, and those that this relay fronts
        QList<matrix::ServerName> notaries; ///< asked in this order if a server does not answer
        int answerMs = 20'000;              ///< a request that waits is told KeyUnavailable after this time
        int budget = 20;                    ///< servers that one client's address may have asked in a row
        int budgetRefillMs = 3'000;         ///< until it may have one more asked
    };

    KeyLookup(const Client &client, identity::KeyRing &ring, Options options, const base::Clock &clock);
    ~KeyLookup();
    Q_DISABLE_COPY_MOVE(KeyLookup)

    /// A fetcher for the calling thread. Any thread with an event loop.
    std::unique_ptr<identity::KeyFetcher> makeFetcher() const;

    /// As KeyDesk::setServed. Any thread.
    void setServed(QList<matrix::ServerName> served);

    /// Asks `server` again when its keys are wanted the next time, however lately it was asked. Any thread.
    void forget(const matrix::ServerName &server);

private:
    std::shared_ptr<Doorway> m_doorway;
    std::shared_ptr<std::unique_ptr<KeyDesk>> m_desk; ///< touched in the client's thread only
};

} // namespace restante::federation
