// SPDX-License-Identifier: GPL-3.0-or-later
// Where this computer may be reached: what its interfaces say, as addresses for a card. Whether anybody gets through to
// one of them, nobody can tell from here.
#pragma once

#include "settings/relayurl.h"

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtNetwork/QHostAddress>

#include <functional>

class QObject;

namespace restante::card
{

/// An address that this computer has.
struct InterfaceAddress {
    QHostAddress address;
    bool isPassing = false; ///< of IPv6: a privacy address, or one whose time is over; in a day it is another one
};

/// Those of all interfaces that work just now. Main thread; does not block.
QList<InterfaceAddress> interfaceAddresses();

/// Those of `all` that somebody else could use, as URLs with `port`: first those that are public, IPv4 before IPv6.
/// Leaves out loopback and link-local ones, which need more than an address, and passing ones where there are others
/// of the same reach.
QList<settings::RelayUrl> addressesToOffer(const QList<InterfaceAddress> &all, quint16 port);
/// `https://HOST:PORT`; null if that is no address for a card, which is always encrypted.
settings::RelayUrl cardAddress(const QString &host, quint16 port);

/// Whether anything can listen on IPv6 here. Opens a socket for that moment.
bool hasIPv6();

/// Looks whether the name of this computer, or that name in `.local`, leads to one of the addresses it has, and calls
/// `done` with the name if so; not after `context` is gone. Main thread; the resolver works in a thread of its own.
void lookUpOwnName(QObject *context, std::function<void(const QString &name)> done);

} // namespace restante::card
