// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

#include <QtCore/QByteArrayView>
#include <QtCore/QList>
#include <QtNetwork/QHostAddress>

#include <functional>
#include <vector>

namespace restante::federation
{

/// Which addresses may be reached for a name that a stranger gave us (PROTOCOL 3.4, "Security"): public ones but for
/// this computer's own, where services may trust what comes from inside, and what the operator opened. A value type;
/// any thread, if `own` may be called in any.
class AddressRules
{
public:
    /// A network that is open although it is not public. It covers addresses of its own family; an IPv4 address that is
    /// written as IPv6 (mapped or compatible) is of the IPv4 family.
    struct Network {
        QHostAddress address;
        int bits = 0;
    };

    /// The addresses that this computer has now.
    using OwnAddresses = std::function<QList<QHostAddress>()>;

    AddressRules() = default;
    /// `own` is called for each public address that is judged; empty: no address is known as this computer's.
    explicit AddressRules(std::vector<Network> open, OwnAddresses own = {});

    /// Whether a connection to `address` may be made.
    bool allows(const QHostAddress &address) const;
    /// Loopback, private, link-local, shared, multicast, reserved and documentation addresses are not public. Addresses
    /// that hold an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64) are as public as that one.
    static bool isPublic(const QHostAddress &address);
    /// 443, 80 and everything from 1024 on: no names of strangers lead us to mail or SSH servers.
    static bool allowsPort(quint16 port);

private:
    bool isOpened(const QHostAddress &address) const;
    bool isOwn(const QHostAddress &address) const;

    std::vector<Network> m_open;
    OwnAddresses m_own;
};

/// `own` as it was at most `ms` ago: the system is not asked anew for each of many addresses in a row. The value is for
/// one thread; the clock outlives it.
AddressRules::OwnAddresses askedNowAndThen(AddressRules::OwnAddresses own, qint64 ms, const base::Clock &clock);

/// Whether a host of a server name of kind Dns may be handed to a resolver: labels of 1 to 63 bytes, the last of which
/// is not a number. Resolvers read `127.1`, `2130706433` and `0x7f000001` as addresses (PROTOCOL 3.4).
bool isResolvable(QByteArrayView host);

} // namespace restante::federation
