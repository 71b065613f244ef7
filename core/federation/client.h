// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/addressrules.h"
#include "federation/caller.h"

#include <memory>

namespace restante::identity
{
class Identity;
}

namespace restante::federation
{

class AuthoritiesNote;
class ClockCompare;
class Doorway;
class Engine;
class Resolver;

/// Requests to other servers: one thread with libcurl in its event loop, which finds them, checks their identity and
/// place, and signs (core/README 8). Constructed and destroyed in one thread; Port is for all threads. Asleep while
/// nothing is in flight. Identity and clock outlive it.
class Client
{
public:
    struct Limits {
        int concurrent = 256;          ///< requests on their way, in all; streams are not counted here
        int streams = 96;              ///< streams on their way, in all
        int concurrentPerServer = 8;   ///< to one destination or one fixed place; of streams as many again
        int concurrentPerDoubtful = 2; ///< the same if it was dead or slow lately; all those get half of the places
        int waiting = 2'048;           ///< beyond those; more get Errc::Busy
        int waitingPerServer = 256;
        int slowSeconds = 20;         ///< a peer that has begun to answer and then sends
        int slowBytesPerSecond = 256; ///< less than this for that time is cut off
    };
    struct Options {
        std::vector<AddressRules::Network> openNetworks; ///< reachable although they are not public
        QString caFile;                                  ///< PEM; authorities besides the system's; empty = none
        QByteArray userAgent = QByteArrayLiteral("Restante/" RESTANTE_VERSION);
        Limits limits;
        quint16 httpsPort = 443; ///< where well-known files are; tests change it
        /// Called in the client's thread; empty = the system's name service.
        std::function<std::unique_ptr<Resolver>()> makeResolver;
        ClockCompare *clockCompare = nullptr;   ///< hears of the Date of every answer; outlives the client
        AuthoritiesNote *authorities = nullptr; ///< hears whether certificates can be checked; outlives the client
    };

    Client(const identity::Identity &identity, Options options, const base::Clock &clock);
    /// Breaks everything off: what is in flight ends with Errc::Unreachable, and so does what is asked later.
    ~Client();
    Q_DISABLE_COPY_MOVE(Client)

    const std::shared_ptr<Doorway> &doorway() const { return m_doorway; }

private:
    std::shared_ptr<Doorway> m_doorway;
};

/// One thread's access to the Client (queue::Client does the same for the Writer). Made, used and destroyed in one
/// thread with an event loop. Destroying it breaks its requests off; a `done` must not
/// destroy it. It may outlive the Client.
class Port final : public Caller
{
public:
    explicit Port(const Client &client);
    ~Port() override;

    /// A field in `headers` replaces ours of the same name for User-Agent and Content-Type; Host, Content-Length and
    /// those of a connection (Connection, Transfer-Encoding, …) are refused with InvalidParam, and so is a body that
    /// cannot be signed because it is no JSON. A redirect is not followed: BadAnswer. GET, HEAD, PUT, DELETE and
    /// OPTIONS may go over a connection that was kept, and if the peer has closed it before answering a single byte,
    /// once more over a new one; others always have a connection of their own and are never sent twice.
    Id send(Request request, Done done) override;
    Id stream(Request request, Done done, Part part) override;
    void goOn(Id id, qint64 bytes) override;
    void cancel(Id id) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace restante::federation
