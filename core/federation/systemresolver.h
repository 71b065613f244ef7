// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/dnslookup.h"
#include "federation/lookupthreads.h"
#include "federation/resolver.h"

#include <QtCore/QCache>
#include <QtCore/QObject>

#include <unordered_map>
#include <vector>

namespace restante::federation
{

/// The machine's own name service. What is in the hosts file or in the DNS never waits for a name that hangs: the DNS
/// is asked from the event loop, many names at once, each with a limit. Only what neither knows (mDNS, search domains
/// and whatever else nsswitch.conf has) goes to getaddrinfo, which blocks, in a few threads.
class SystemResolver final : public Resolver
{
public:
    /// `servers`: as for DnsLookup; `others`: what else nsswitch.conf has. Tests have their own.
    explicit SystemResolver(QByteArray servers = {}, LookupThreads::Work others = {});
    ~SystemResolver() override;

    void addresses(const QByteArray &host, Wish wish, GotAddresses done) override;
    void services(const QByteArray &name, Wish wish, GotServices done) override;

    /// Questions to name servers at once; beyond those Errc::Busy. More than all requests that the client lets go can
    /// have, so that only unwanted ones ever stand in the way, and those are dropped.
    static constexpr size_t MostLookups = 1'024;
    /// For the hosts file, which is read at once.
    static constexpr int HostsThreads = 2;
    /// For the rest of nsswitch.conf. Names of which it has told something go before the others.
    static constexpr int OtherThreads = 16;
    static constexpr qsizetype MostToldNames = 1'024;

private:
    using Replies = std::vector<DnsLookup::Reply>;
    struct Lookup {
        Wish wish;
        std::unique_ptr<DnsLookup> question;
    };

    void askNames(const QByteArray &host, const Wish &wish, GotAddresses done);
    void ask(const QByteArray &name, const std::vector<DnsLookup::Type> &types, const Wish &wish,
             std::function<void(Result<Replies>)> then);
    void onServices(const QByteArray &name, const Wish &wish, const DnsLookup::Reply &reply, const GotServices &done);
    void askHost(const QByteArray &host, const Wish &wish, const GotServices &done);
    void askOthers(const QByteArray &host, const Wish &wish, bool doubtful, GotAddresses done);

    const QByteArray m_servers;
    LookupThreads m_hosts;
    LookupThreads m_others;
    QCache<QByteArray, bool> m_told{MostToldNames}; ///< by m_others, when it was asked last
    quint64 m_last = 0;
    std::unordered_map<quint64, Lookup> m_lookups;
    std::vector<Lookup> m_ended; ///< for a moment: one is in the middle of telling us
    QObject m_janitor;           ///< removes them
};

} // namespace restante::federation
