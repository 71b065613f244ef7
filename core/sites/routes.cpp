// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/routes.h"

#include "matrix/pathsegments.h"

#include <array>

namespace restante::sites
{

namespace
{
constexpr std::array<Route, RouteCount> Table{{
    {RouteName::SendRelay, "PUT", "/_matrix/federation/v1/send_relay/*/*", true},
    {RouteName::RelayTxn, "GET", "/_matrix/federation/v1/relay_txn/*", true},
    {RouteName::Mailbox, "GET", "/_matrix/federation/unstable/org.restante/mailbox/*", true},
    {RouteName::Door, "PUT", "/_matrix/federation/unstable/org.restante/door", true},
    {RouteName::SenderKeys, "GET", "/_matrix/federation/unstable/org.restante/keys/*", true},
    {RouteName::Sent, "GET", "/_matrix/federation/unstable/org.restante/sent", true},
    {RouteName::ServerKeys, "GET", "/_matrix/key/v2/server", false},
    {RouteName::Version, "GET", "/_matrix/federation/v1/version", false},
}};

/// The parameters if `segments` follow `pattern`, nothing if they do not.
std::optional<QList<QByteArrayView>> match(const QList<QByteArrayView> &segments, QByteArrayView pattern)
{
    const QList<QByteArrayView> wanted = matrix::pathSegments(pattern);
    if (wanted.size() != segments.size())
        return std::nullopt;
    QList<QByteArrayView> parameters;
    for (qsizetype i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == "*")
            parameters.append(segments[i]);
        else if (wanted[i] != segments[i])
            return std::nullopt;
    }
    return parameters;
}
} // namespace

Result<RouteMatch> findRoute(QByteArrayView method, QByteArrayView target, QByteArray *allow)
{
    const QList<QByteArrayView> segments = matrix::pathSegments(target);
    for (const Route &route : Table) {
        auto parameters = match(segments, route.pattern);
        if (!parameters)
            continue;
        if (method != route.method) {
            *allow = route.method.toByteArray();
            return {Errc::MethodNotAllowed, QStringLiteral("This path does not take this method")};
        }
        return RouteMatch{&route, std::move(*parameters)};
    }
    return {Errc::NotFound, QStringLiteral("There is nothing at this path")};
}

} // namespace restante::sites
