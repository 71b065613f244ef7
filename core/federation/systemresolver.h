// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/resolver.h"
#include "federation/serviceslookup.h"

#include <QtCore/QHash>

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace restante::federation
{

/// The machine's own name service. Addresses come from getaddrinfo in short-lived threads (hosts file and local names
/// included), SRV records from c-ares. A lookup of addresses cannot be broken off: destroying the resolver leaves the
/// ones that hang behind, with nothing of ours in their hands but a share of their own state.
class SystemResolver final : public Resolver
{
public:
    /// `nameServer` (`ADDRESS:PORT`) is asked for services instead of the system's ones where it is not empty.
    explicit SystemResolver(QByteArray nameServer = {});
    ~SystemResolver() override;

    void addresses(const QByteArray &host, GotAddresses done) override;
    void services(const QByteArray &name, GotServices done) override;

    /// Lookups of addresses at once; more wait. Strangers can have 32 names at once looked for (KeyDesk::MostFetches),
    /// and a name server that does not answer keeps a thread longer than anybody waits for it: three times as many.
    static constexpr int MostThreads = 96;
    /// Lookups of addresses that wait; beyond, Errc::Busy.
    static constexpr size_t MostWaiting = 1'024;
    /// One that has waited so long is no longer asked for: nobody waits for it any more.
    static constexpr int WaitingMs = 10'000;
    /// Lookups of services at once; more wait.
    static constexpr size_t MostServices = 128;
    /// A lookup of services is given up after so long.
    static constexpr int ServicesMs = 5'000;

private:
    class Desk;
    struct Found;

    void deliver(std::vector<Found> found);
    void startServices();

    quint64 m_last = 0;
    QHash<quint64, GotAddresses> m_waiting;
    std::shared_ptr<Desk> m_desk;
    const QByteArray m_nameServer;
    std::deque<std::pair<QByteArray, GotServices>> m_questions; ///< for services, in their turn
    std::unordered_map<quint64, std::unique_ptr<ServicesLookup>> m_lookups;
};

} // namespace restante::federation
