// SPDX-License-Identifier: GPL-3.0-or-later
// What clients are counted by: their address, and the networks that one customer of a provider may have. Pure; any
// thread.
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QVarLengthArray>
#include <QtNetwork/QHostAddress>

namespace restante::base
{

/// The accounting key of an address: IPv4 in full, IPv6 by its /64. Mapped IPv4 counts as IPv4, 6to4 as the IPv4
/// inside.
QByteArray addressKey(const QHostAddress &address);

/// A network around an address. All in it together get `shares` times what one address gets.
struct WiderNetwork {
    QByteArray key; ///< no key of an address or of another kind of network
    int shares = 1;
};
/// Those around the address with this key, the narrowest first: /56 and /48 of IPv6, which are one customer's; /24 of
/// IPv4, which need not be. None of this computer itself, nor of what is not an addressKey.
QVarLengthArray<WiderNetwork, 2> networksAround(const QByteArray &addressKey);
/// If only one figure is kept: the /48 of an IPv6 address, an IPv4 address itself.
QByteArray customerKey(const QByteArray &addressKey);

} // namespace restante::base
