// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/systemresolver.h"

#include <QtCore/QTimer>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QUdpSocket>

#include <ares.h>
#include <netdb.h>

#include <algorithm>
#include <utility>

namespace restante::federation
{

namespace
{
using Addresses = Result<QList<QHostAddress>>;
using Reply = DnsLookup::Reply;

Error notAnswered()
{
    return {Errc::Unreachable, QStringLiteral("The name service did not answer"), 0};
}

Error servicesNotTold()
{
    return {Errc::NotFound, QStringLiteral("The name service did not say whether it has services"), 0};
}

/// All that nsswitch.conf has. Blocks.
Addresses lookUp(const QByteArray &host)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *list = nullptr;
    const int failure = ::getaddrinfo(host.constData(), nullptr, &hints, &list);
    QList<QHostAddress> addresses;
    for (const addrinfo *each = list; failure == 0 && each; each = each->ai_next) {
        const QHostAddress address(each->ai_addr);
        if (!addresses.contains(address))
            addresses.append(address);
    }
    if (list)
        ::freeaddrinfo(list);
    if (!addresses.isEmpty())
        return addresses;
    const bool none = failure == 0 || failure == EAI_NONAME
#ifdef EAI_NODATA
                      || failure == EAI_NODATA
#endif
        ;
    return none ? noSuchServer() : notAnswered();
}

/// Asks c-ares for nothing but the file, which it reads before it returns.
bool isInHostsFile(const QByteArray &host)
{
    char filesOnly[] = "f"; // not const, because C has it so
    ares_options options{};
    options.lookups = filesOnly;
    ares_channel channel = nullptr;
    if (ares_init_options(&channel, &options, ARES_OPT_LOOKUPS) != ARES_SUCCESS)
        return false;
    ares_addrinfo_hints hints{};
    hints.ai_flags = ARES_AI_NOSORT;
    hints.ai_family = AF_UNSPEC;
    bool found = false;
    const auto take = [](void *answer, int status, int, ares_addrinfo *list) {
        *static_cast<bool *>(answer) = status == ARES_SUCCESS;
        ares_freeaddrinfo(list);
    };
    ares_getaddrinfo(channel, host.constData(), nullptr, &hints, take, &found);
    ares_destroy(channel);
    return found;
}

/// Names in the hosts file come from there without a question to anybody, unless nsswitch.conf was turned around.
Addresses lookUpInHostsFile(const QByteArray &host)
{
    return isInHostsFile(host) ? lookUp(host) : noSuchServer();
}

/// Names that no name server knows: mDNS has them (RFC 6762), the machine itself (RFC 6761), or a search domain ends
/// them.
bool isLocal(const QByteArray &host)
{
    const QByteArray name = host.toLower();
    return !name.contains('.') || name.endsWith(".local") || name.endsWith(".localhost");
}

bool hasRouteTo(const QHostAddress &address)
{
    QUdpSocket probe; // sends nothing
    probe.setProxy(QNetworkProxy::NoProxy);
    constexpr quint16 anyPort = 443;
    probe.connectToHost(address, anyPort);
    return probe.state() == QAbstractSocket::ConnectedState;
}

/// IPv6 first if there is a way for it.
QList<QHostAddress> bestFirst(const QList<QHostAddress> &v4, const QList<QHostAddress> &v6)
{
    if (v6.isEmpty() || v4.isEmpty() || hasRouteTo(v6.first()))
        return v6 + v4;
    return v4 + v6;
}
} // namespace

SystemResolver::SystemResolver(QByteArray servers, LookupThreads::Work others)
    : m_servers(std::move(servers))
    , m_hosts(HostsThreads, &lookUpInHostsFile)
    , m_others(OtherThreads, others ? std::move(others) : &lookUp)
{
}

SystemResolver::~SystemResolver() = default;

void SystemResolver::addresses(const QByteArray &host, Wish wish, GotAddresses done)
{
    m_hosts.ask(host, wish, LookupThreads::Trust::Ordinary,
                [this, host, wish, done = std::move(done)](const Addresses &found) {
                    if (found || found.error().code != Errc::NotFound)
                        done(found);
                    else if (isLocal(host))
                        askOthers(host, wish, true, done);
                    else
                        askNames(host, wish, done);
                });
}

void SystemResolver::askNames(const QByteArray &host, const Wish &wish, GotAddresses done)
{
    ask(host, {DnsLookup::Type::A, DnsLookup::Type::Aaaa}, wish,
        [this, host, wish, done = std::move(done)](const Result<Replies> &replies) {
            if (!replies)
                return done(replies.error());
            const auto addresses = bestFirst(addressesIn(replies->at(0).message), addressesIn(replies->at(1).message));
            if (!addresses.isEmpty())
                return done(addresses);
            const bool told = std::all_of(replies->begin(), replies->end(),
                                          [](const Reply &reply) { return reply.state != Reply::State::Unanswered; });
            askOthers(host, wish, !told, done);
        });
}

/// Names that strangers made up, and that nobody in this network answers for, hang; one that was found does not.
void SystemResolver::askOthers(const QByteArray &host, const Wish &wish, bool doubtful, GotAddresses done)
{
    const bool trusted = !doubtful || m_told.contains(host);
    m_others.ask(host, wish, trusted ? LookupThreads::Trust::Ordinary : LookupThreads::Trust::Doubtful,
                 [this, host, done = std::move(done)](const Addresses &found) {
                     if (found)
                         m_told.insert(host, new bool(true));
                     else
                         m_told.remove(host);
                     done(found);
                 });
}

void SystemResolver::services(const QByteArray &name, Wish wish, GotServices done)
{
    if (isLocal(name.split('.').mid(2).join('.')))
        return done(QList<Service>());
    ask(name, {DnsLookup::Type::Srv}, wish, [this, name, wish, done = std::move(done)](const Result<Replies> &replies) {
        if (replies)
            onServices(name, wish, replies->front(), done);
        else
            done(replies.error());
    });
}

void SystemResolver::onServices(const QByteArray &name, const Wish &wish, const Reply &reply, const GotServices &done)
{
    if (reply.state == Reply::State::None)
        return done(QList<Service>());
    if (reply.state == Reply::State::Found) {
        if (auto services = servicesIn(reply.message))
            return done(std::move(*services));
    }
    // Without a name service, as in a network of its own: what the operator wrote into the hosts file is where it says.
    const QByteArray host = name.split('.').mid(2).join('.');
    m_hosts.ask(host, wish, LookupThreads::Trust::Ordinary, [this, host, wish, done](const Addresses &found) {
        if (found)
            done(QList<Service>());
        else
            askHost(host, wish, done);
    });
}

/// Nobody told about services of this host: does the name service know the host itself?
void SystemResolver::askHost(const QByteArray &host, const Wish &wish, const GotServices &done)
{
    ask(host, {DnsLookup::Type::A, DnsLookup::Type::Aaaa}, wish, [done](const Result<Replies> &replies) {
        if (!replies)
            return done(replies.error());
        const bool known = std::any_of(replies->begin(), replies->end(),
                                       [](const Reply &reply) { return reply.state == Reply::State::Found; });
        done(known ? servicesNotTold() : notAnswered());
    });
}

void SystemResolver::ask(const QByteArray &name, const std::vector<DnsLookup::Type> &types, const Wish &wish,
                         std::function<void(Result<Replies>)> then)
{
    if (m_lookups.size() >= MostLookups)
        std::erase_if(m_lookups, [](const auto &each) { return each.second.wish.expired(); });
    if (m_lookups.size() >= MostLookups)
        return then(Error{Errc::Busy, QStringLiteral("Too many names are being looked up"), 0});
    const quint64 id = ++m_last;
    Lookup &lookup = m_lookups[id];
    lookup = {wish, std::make_unique<DnsLookup>(name, types, m_servers)};
    lookup.question->start([this, id, wish, then = std::move(then)](const Replies &replies) {
        m_ended.push_back(std::move(m_lookups.extract(id).mapped()));
        QTimer::singleShot(0, &m_janitor, [this] { m_ended.clear(); });
        if (!wish.expired())
            then(replies);
    });
}

} // namespace restante::federation
