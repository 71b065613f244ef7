// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "federation/endpoint.h"
#include "federation/resolver.h"

#include <QtCore/QHash>

#include <memory>
#include <optional>
#include <random>

namespace restante::federation
{

/// Finds out where a server is (PROTOCOL 3.4): address, port, well-known, SRV, in the order of the specification.
/// Remembers answers for as long as they count, in bounded memory, and asks once for all that wait. Lives in the
/// client's thread; no sockets of its own. Clock and resolver outlive it.
class Discovery
{
public:
    using Located = std::function<void(Result<std::vector<Endpoint>>)>;
    using GotResponse = std::function<void(Result<Response>)>;
    /// Fetches `https://HOST/.well-known/matrix/server`, redirects followed; calls back at most once, and not after the
    /// wish is gone.
    using FetchWellKnown = std::function<void(const QByteArray &host, Wish wish, GotResponse done)>;

    Discovery(const base::Clock &clock, Resolver &resolver, FetchWellKnown fetchWellKnown);
    ~Discovery();
    Q_DISABLE_COPY_MOVE(Discovery)

    /// Calls `done` once, possibly before this returns, never after `wish` or the Discovery is gone. The value: one or
    /// more places, to be tried in order until a connection stands. Errc::NotFound for a name that is not a place (a
    /// key, a number, a name with empty labels), Errc::Unreachable if the name service told nothing about it,
    /// Errc::Busy if too many are being looked for.
    void locate(const matrix::ServerName &name, Wish wish, Located done);

    /// Entries of each cache; when one is full, those that end soonest go.
    static constexpr qsizetype MostRemembered = 4'096;
    /// Servers that are being looked for at once. A search that nobody waits for any more goes on for the sake of what
    /// it brings to memory, until its place is needed.
    static constexpr qsizetype MostPending = 512;
    /// After a well-known file could not be fetched, doubled each time up to an hour.
    static constexpr qint64 FirstRetryMs = qint64(60) * 1000;
    static constexpr qint64 LongestRetryMs = qint64(3600) * 1000;
    /// An answer with SRV records counts for as long as they say, within these bounds; one without for the shorter.
    static constexpr qint64 LeastServicesMs = qint64(60) * 1000;
    static constexpr qint64 MostServicesMs = qint64(3600) * 1000;
    /// If the name service does not say whether there are SRV records, the last answer holds for this time. Without one
    /// it counts as having none if the name service knows the host at all, since some cannot do SRV; else the server is
    /// nowhere. Asked again after a while.
    static constexpr qint64 OldServicesMs = qint64(24) * 3600 * 1000;
    static constexpr qint64 ServicesRetryMs = qint64(30) * 1000;

private:
    struct Delegation {
        matrix::ServerName to; ///< null: the host speaks for itself
        qint64 fetchedMs = 0;  ///< steady; when `to` was read
        qint64 untilMs = 0;    ///< steady
        int failures = 0;
    };
    struct Services {
        std::optional<QList<Service>> list; ///< nothing: the name service did not tell
        bool hostIsKnown = false;           ///< it did not tell, but knows the host
        qint64 toldMs = 0;                  ///< steady; when it did
        qint64 untilMs = 0;                 ///< steady
    };
    /// One search, from the name to its places.
    struct Search {
        matrix::ServerName name;
        QByteArray host; ///< whose services are asked for, and whose name the certificate must have
        QByteArray hostHeader;
        Wish wish = {}; ///< of all that wait for it
    };
    /// Those that wait for one search.
    struct Waiting {
        struct One {
            Wish wish;
            Located done;
        };
        std::vector<One> ones;
        std::shared_ptr<int> wish; ///< the search's; gone with it
        bool isWanted() const;
    };

    void askWellKnown(const Search &search);
    void onWellKnown(const Search &search, const Result<Response> &answer);
    void follow(Search search, const matrix::ServerName &delegated);
    void askServices(const Search &search, bool deprecated);
    void onServices(const Search &search, bool deprecated, const QByteArray &records, Result<QList<Service>> answer);
    void takeServices(const Search &search, bool deprecated, const Services &services);
    void onNotTold(const Search &search);
    void conclude(const matrix::ServerName &name, const Result<std::vector<Endpoint>> &found);

    const base::Clock &m_clock;
    Resolver &m_resolver;
    FetchWellKnown m_fetchWellKnown;
    std::minstd_rand m_random;
    QHash<matrix::ServerName, Waiting> m_pending;
    QHash<QByteArray, Delegation> m_delegations; ///< by host
    QHash<QByteArray, Services> m_services;      ///< by the name of the records
    std::shared_ptr<int> m_alive;                ///< for those that are told and may destroy this
};

/// The order in which services are tried: by priority, among equals at random by weight (RFC 2782).
void orderServices(QList<Service> &services, std::minstd_rand &random);

} // namespace restante::federation
