// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QList>

namespace restante::sites
{

/// What a route leads to.
enum class RouteName { SendRelay, RelayTxn, Mailbox, Door, SenderKeys, Sent, ServerKeys, Version };

/// How many routes there are.
inline constexpr int RouteCount = 8;

/// Of our own extension that asks a relay for the keys of a sender (PROTOCOL 6.6); the name follows.
inline const QByteArray SenderKeysPath = QByteArrayLiteral("/_matrix/federation/unstable/org.restante/keys/");

/// One line of the route table.
struct Route {
    RouteName name;
    QByteArrayView method;
    QByteArrayView pattern; ///< raw path; '*' stands for one segment
    bool isSigned;          ///< asks for X-Matrix headers
};

/// A target that leads somewhere: the route, and the raw segments that stood where it has '*', in order (views into the
/// target).
struct RouteMatch {
    const Route *route = nullptr;
    QList<QByteArrayView> parameters;
};

/// Step 2 of the order of checks: finds the route of a raw request target. Literal segments are compared as sent, the
/// query is ignored. Errc::NotFound, or Errc::MethodNotAllowed with the allowed method in `allow`.
Result<RouteMatch> findRoute(QByteArrayView method, QByteArrayView target, QByteArray *allow);

} // namespace restante::sites
