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

Error notTold()
{
    return {Errc::Unreachable, QStringLiteral("The name service did not say where the server is"), 0};
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

bool Discovery::Waiting::isWanted() const
{
    return std::any_of(ones.begin(), ones.end(), [](const One &one) { return !one.wish.expired(); });
}

void Discovery::locate(const matrix::ServerName &name, Wish wish, Located done)
{
    if (isAddress(name))
        return done(std::vector{placeOf(name)});
    if (name.kind() != Kind::Dns || !isResolvable(name.host()))
        return done(noSuchServer());
    if (name.port())
        return done(std::vector{placeOf(name)});

    if (const auto search = m_pending.find(name); search != m_pending.end()) {
        if (!search->isWanted())
            search->ones.clear(); // nobody comes back for those
        search->ones.push_back({std::move(wish), std::move(done)});
        return;
    }
    if (m_pending.size() >= MostPending)
        m_pending.removeIf([](const auto &entry) { return !entry.value().isWanted(); });
    if (m_pending.size() >= MostPending)
        return done(Error{Errc::Busy, QStringLiteral("Too many servers are being looked up"), 0});
    const auto searching = std::make_shared<int>(0);
    m_pending.insert(name, {{{std::move(wish), std::move(done)}}, searching});
    askWellKnown({name, name.bytes(), name.bytes(), searching});
}

/// Step 3.
void Discovery::askWellKnown(const Search &search)
{
    const auto known = m_delegations.constFind(search.host);
    if (known != m_delegations.cend() && m_clock.steadyMs() < known->untilMs)
        return follow(search, matrix::ServerName(known->to));
    m_fetchWellKnown(search.host, search.wish,
                     [this, search](const Result<Response> &answer) { onWellKnown(search, answer); });
}

void Discovery::onWellKnown(const Search &search, const Result<Response> &answer)
{
    const bool wasAsked =
        answer || (answer.error().code != Errc::Busy && answer.error().code != Errc::AuthoritiesUnreadable);
    if (!wasAsked)
        return conclude(search.name, answer.error());
    const qint64 now = m_clock.steadyMs();
    Delegation &kept = placeIn(m_delegations, search.host, MostRemembered, now);
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
            return conclude(search.name, noSuchServer());
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
        return takeServices(search, deprecated, Services(*known));
    m_resolver.services(records, search.wish, [this, search, deprecated, records](Result<QList<Service>> answer) {
        onServices(search, deprecated, records, std::move(answer));
    });
}

/// Remembers what the name service said. That it said nothing is not that there is nothing.
void Discovery::onServices(const Search &search, bool deprecated, const QByteArray &records,
                           Result<QList<Service>> answer)
{
    if (!answer && answer.error().code == Errc::Busy)
        return conclude(search.name, answer.error());
    const qint64 now = m_clock.steadyMs();
    Services &kept = placeIn(m_services, records, MostRemembered, now);
    if (answer) {
        // "." as target: decidedly no such service here.
        answer->removeIf([](const Service &service) { return !isResolvable(service.target) || service.port == 0; });
        qint64 lifetime = answer->isEmpty() ? LeastServicesMs : MostServicesMs;
        for (const Service &service : std::as_const(*answer))
            lifetime = std::min(lifetime, service.ttlMs);
        kept = {*answer, true, now, now + std::max(lifetime, LeastServicesMs)};
    } else {
        if (now - kept.toldMs >= OldServicesMs)
            kept.list.reset();
        kept.hostIsKnown = answer.error().code == Errc::NotFound;
        kept.untilMs = now + ServicesRetryMs;
    }
    takeServices(search, deprecated, Services(kept));
}

/// `services` is not a reference into memory, which may change meanwhile.
void Discovery::takeServices(const Search &search, bool deprecated, const Services &services)
{
    if (!services.list && !services.hostIsKnown && !deprecated)
        return onNotTold(search);
    if (services.list && services.list->isEmpty() && !deprecated)
        return askServices(search, true);
    std::vector<Endpoint> places;
    QList<Service> ordered = services.list.value_or(QList<Service>());
    orderServices(ordered, m_random);
    for (const Service &service : std::as_const(ordered).first(std::min(ordered.size(), MostEndpoints)))
        places.push_back({search.host, service.target, service.port, search.hostHeader, true});
    if (places.empty()) // step 6 (and 3e)
        places.push_back({search.host, search.host, DefaultPort, search.hostHeader, true});
    conclude(search.name, places);
}

/// The name service is down. That there was no well-known file before has then meant nothing either.
void Discovery::onNotTold(const Search &search)
{
    const auto delegation = m_delegations.constFind(search.name.bytes());
    if (delegation != m_delegations.cend() && delegation->to.isNull())
        m_delegations.erase(delegation);
    conclude(search.name, notTold());
}

void Discovery::conclude(const matrix::ServerName &name, const Result<std::vector<Endpoint>> &found)
{
    const std::weak_ptr alive = m_alive;
    const Waiting waiting = m_pending.take(name);
    for (const Waiting::One &one : waiting.ones) {
        if (alive.expired())
            return;
        if (!one.wish.expired())
            one.done(found);
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
