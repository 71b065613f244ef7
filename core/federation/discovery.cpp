// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/discovery.h"

#include "federation/addressrules.h"
#include "federation/makeroom.h"
#include "federation/wellknown.h"

#include <QtCore/QRandomGenerator>

#include <algorithm>
#include <numeric>

namespace restante::federation
{

namespace
{
using Kind = matrix::ServerName::Kind;
constexpr quint16 DefaultPort = 8448;
constexpr qsizetype MostEndpoints = 8;

Error noPlace()
{
    return {Errc::NotFound, QStringLiteral("There is no server of this name"), 0};
}

bool isAddress(const matrix::ServerName &name)
{
    return name.kind() == Kind::Ipv4 || name.kind() == Kind::Ipv6;
}

/// Steps 1 and 2 (and 3a, 3b): the name itself says where.
Endpoint placeOf(const matrix::ServerName &name)
{
    const QByteArray host = name.host().toByteArray();
    return {host, host, name.port().value_or(DefaultPort), name.bytes(), true};
}
} // namespace

Discovery::Discovery(const base::Clock &clock, Resolver &resolver, FetchWellKnown fetchWellKnown)
    : m_clock(clock)
    , m_resolver(resolver)
    , m_fetchWellKnown(std::move(fetchWellKnown))
    , m_random(QRandomGenerator::global()->generate())
    , m_alive(std::make_shared<int>(0))
{
}

Discovery::~Discovery() = default;

void Discovery::locate(const matrix::ServerName &name, Located done)
{
    if (isAddress(name))
        return done(std::vector{placeOf(name)});
    if (name.kind() != Kind::Dns || !isResolvable(name.host()))
        return done(noPlace());
    if (name.port())
        return done(std::vector{placeOf(name)});

    if (const auto search = m_pending.find(name); search != m_pending.end()) {
        search->push_back(std::move(done));
        return;
    }
    if (m_pending.size() >= MostPending)
        return done(Error{Errc::Busy, QStringLiteral("Too many servers are being looked for"), 0});
    m_pending[name].push_back(std::move(done));
    askWellKnown({name, name.bytes(), name.bytes()});
}

/// Step 3.
void Discovery::askWellKnown(const Search &search)
{
    const auto known = m_delegations.constFind(search.host);
    if (known != m_delegations.cend() && m_clock.steadyMs() < known->untilMs)
        return follow(search, known->to);
    m_fetchWellKnown(search.host, [this, alive = std::weak_ptr(m_alive), search](const Result<Response> &answer) {
        if (!alive.expired())
            onWellKnown(search, answer);
    });
}

void Discovery::onWellKnown(const Search &search, const Result<Response> &answer)
{
    const qint64 now = m_clock.steadyMs();
    if (!m_delegations.contains(search.host))
        makeRoom(m_delegations, MostRemembered, now);
    Delegation &kept = m_delegations[search.host];
    const auto delegated = answer ? WellKnown::delegatedTo(*answer) : Result<matrix::ServerName>(answer.error());
    if (delegated) {
        kept = {*delegated, now, now + WellKnown::lifetimeMs(*answer, m_clock.wallMs()), 0};
    } else {
        // A host that is down for the moment has not moved: the last thing it said holds for as long as it may.
        const bool down = !answer || answer->status >= 500;
        if (!down || now - kept.fetchedMs >= WellKnown::MostMs)
            kept.to = {};
        constexpr int mostDoublings = 16;
        const qint64 retryMs = FirstRetryMs << std::min(kept.failures++, mostDoublings);
        kept.untilMs = now + std::min(retryMs, LongestRetryMs);
    }
    follow(search, matrix::ServerName(kept.to));
}

void Discovery::follow(Search search, const matrix::ServerName &delegated)
{
    if (!delegated.isNull()) {
        if (isAddress(delegated))
            return conclude(search.name, std::vector{placeOf(delegated)});
        if (!isResolvable(delegated.host()))
            return conclude(search.name, noPlace());
        if (delegated.port())
            return conclude(search.name, std::vector{placeOf(delegated)});
        search.host = search.hostHeader = delegated.bytes();
    }
    askServices(search, false);
}

/// Steps 4 and 5 (and 3c, 3d).
void Discovery::askServices(const Search &search, bool deprecated)
{
    const QByteArray records = (deprecated ? "_matrix._tcp." : "_matrix-fed._tcp.") + search.host;
    const auto known = m_services.constFind(records);
    if (known != m_services.cend() && m_clock.steadyMs() < known->untilMs)
        return onServices(search, deprecated, Services(*known));
    m_resolver.services(
        records, [this, alive = std::weak_ptr(m_alive), search, deprecated, records](Result<QList<Service>> answer) {
            if (alive.expired())
                return;
            remember(records, std::move(answer));
            onServices(search, deprecated, Services(m_services[records]));
        });
}

void Discovery::remember(const QByteArray &records, Result<QList<Service>> answer)
{
    const qint64 now = m_clock.steadyMs();
    if (!m_services.contains(records))
        makeRoom(m_services, MostRemembered, now);
    Services &kept = m_services[records];
    if (!answer) {
        kept = {{}, false, now + UnansweredMs};
        return;
    }
    // "." as target: decidedly no such service here.
    answer->removeIf([](const Service &service) { return !isResolvable(service.target) || service.port == 0; });
    qint64 lifetime = answer->isEmpty() ? LeastServicesMs : MostServicesMs;
    for (const Service &service : std::as_const(*answer))
        lifetime = std::min(lifetime, service.ttlMs);
    kept = {*std::move(answer), true, now + std::max(lifetime, LeastServicesMs)};
}

/// Where the name service cannot tell, the search goes on without: in a network of its own a server may be known by the
/// hosts file or by its local name alone, and its certificate is asked for in any case.
void Discovery::onServices(const Search &search, bool deprecated, const Services &services)
{
    if (services.list.isEmpty() && services.told && !deprecated)
        return askServices(search, true);
    std::vector<Endpoint> places;
    QList<Service> ordered = services.list;
    orderServices(ordered, m_random);
    for (const Service &service : std::as_const(ordered).first(std::min(ordered.size(), MostEndpoints)))
        places.push_back({search.host, service.target, service.port, search.hostHeader, true});
    if (places.empty()) // step 6 (and 3e)
        places.push_back({search.host, search.host, DefaultPort, search.hostHeader, true});
    conclude(search.name, places);
}

void Discovery::conclude(const matrix::ServerName &name, const Result<std::vector<Endpoint>> &found)
{
    const std::weak_ptr alive = m_alive;
    for (const Located &done : m_pending.take(name)) {
        if (alive.expired())
            return;
        done(found);
    }
}

void orderServices(QList<Service> &services, std::minstd_rand &random)
{
    std::stable_sort(services.begin(), services.end(),
                     [](const Service &a, const Service &b) { return a.priority < b.priority; });
    for (qsizetype at = 0; at < services.size(); ++at) {
        const auto begin = services.begin() + at;
        const auto end = std::find_if(begin, services.end(),
                                      [begin](const Service &service) { return service.priority != begin->priority; });
        const quint32 total = std::accumulate(begin, end, quint32(0),
                                              [](quint32 sum, const Service &service) { return sum + service.weight; });
        quint32 drawn = std::uniform_int_distribution<quint32>(0, total)(random);
        const auto chosen = std::find_if(begin, end, [&drawn](const Service &service) {
            if (drawn <= service.weight)
                return true;
            drawn -= service.weight;
            return false;
        });
        std::rotate(begin, chosen, chosen + 1);
    }
}

} // namespace restante::federation
