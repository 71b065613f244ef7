// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtNetwork/QHostAddress>

namespace restante::http
{

/// The address in its own family: a client behind a dual-stack listener looks like ::ffff:1.2.3.4.
QHostAddress plainAddress(const QHostAddress &address);

/// The last element of an X-Forwarded-For field, without its port; null if it is not an address.
QHostAddress lastForwarded(const QByteArray &field);

/// Whether a proxy of our own could have this address: this computer's, or one of a private network.
bool isNear(const QHostAddress &address);

} // namespace restante::http
