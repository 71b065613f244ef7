// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/resolver.h"

#include <QtCore/QHash>
#include <QtCore/QObject>

#include <memory>
#include <vector>

class QDnsLookup;

namespace restante::federation
{

/// The machine's own name service. Addresses come from getaddrinfo in short-lived threads (hosts file included), SRV
/// records from QDnsLookup. A lookup cannot be broken off: destroying the resolver leaves the ones that hang behind,
/// with nothing of ours in their hands but a share of their own state.
class SystemResolver final : public Resolver
{
public:
    SystemResolver();
    ~SystemResolver() override;

    void addresses(const QByteArray &host, GotAddresses done) override;
    void services(const QByteArray &name, GotServices done) override;

    /// Lookups of addresses at once; more wait.
    static constexpr int MostThreads = 16;
    /// A lookup of services is given up after so long.
    static constexpr int ServicesMs = 5'000;

private:
    class Desk;
    struct Found;

    void deliver(std::vector<Found> found);

    quint64 m_last = 0;
    QHash<quint64, GotAddresses> m_waiting;
    std::shared_ptr<Desk> m_desk;
    std::vector<std::unique_ptr<QDnsLookup>> m_lookups;
    std::vector<std::unique_ptr<QDnsLookup>> m_ended; ///< for a moment: they are in the middle of their signal
    QObject m_janitor;                                ///< removes them
};

} // namespace restante::federation
