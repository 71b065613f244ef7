// SPDX-License-Identifier: GPL-3.0-or-later
#include "policyfrom.h"

#include "settings/settings.h"

#include <algorithm>

namespace restante::app
{

namespace
{
QSet<matrix::ServerName> setOf(const QList<matrix::ServerName> &names)
{
    return {names.cbegin(), names.cend()};
}

QSet<matrix::ServerName> frontNames(const settings::ServedEntry &entry)
{
    return entry.front.isNull() ? QSet<matrix::ServerName>() : QSet<matrix::ServerName>{entry.front, entry.name};
}

/// What Host says at the front door of each: where it is delegated to, or the server's own name if an SRV record leads
/// here. Clients leave the port out at times; then the name counts if it is nobody else's.
QHash<QByteArray, matrix::ServerName> frontedFrom(const QList<settings::ServedEntry> &served,
                                                  const matrix::ServerName &ownName)
{
    QHash<QByteArray, matrix::ServerName> fronted;
    QHash<QByteArray, int> uses{{ownName.host().toByteArray().toLower(), 1}};
    for (const settings::ServedEntry &entry : served) {
        for (const matrix::ServerName &name : frontNames(entry)) {
            fronted.insert(name.bytes().toLower(), entry.name);
            ++uses[name.host().toByteArray().toLower()];
        }
    }
    for (const settings::ServedEntry &entry : served) {
        for (const matrix::ServerName &name : frontNames(entry)) {
            const QByteArray host = name.host().toByteArray().toLower();
            if (!fronted.contains(host) && uses.value(host) == 1)
                fronted.insert(host, entry.name);
        }
    }
    return fronted;
}
} // namespace

http::Limits limitsFrom(const settings::Settings &settings)
{
    http::Limits limits;
    limits.requestLineBytes = settings.requestLineBytes;
    limits.headBytes = settings.headBytes;
    limits.headFields = settings.headFields;
    limits.bodyBytes = settings.bodyBytes;
    limits.bodyMemoryBytes = settings.bodyMemoryBytes;
    limits.answerMemoryBytes =
        std::max(limits.answerMemoryBytes, 2 * settings.bodyBytes + settings.smallBodyReserveBytes / 8);
    limits.bodyMemoryAddressDivisor = settings.bodyMemoryAddressDivisor;
    limits.smallBodyReserveBytes = settings.smallBodyReserveBytes;
    limits.smallBodyBytes = settings.smallBodyBytes;
    limits.connections = settings.connections;
    limits.connectionsPerAddress = settings.connectionsPerAddress;
    limits.connectionRate = settings.connectionRate;
    limits.connectionBurst = settings.connectionBurst;
    limits.headMs = settings.headMs;
    limits.bodyMs = settings.bodyMs;
    limits.bodyBytesPerSecond = settings.bodyBytesPerSecond;
    limits.idleMs = settings.idleMs;
    limits.handlerMs = settings.handlerMs;
    limits.writeStallMs = settings.writeStallMs;
    limits.tlsHandshakeMs = settings.tlsHandshakeMs;
    limits.lingerMs = settings.lingerMs;
    limits.unsentBytes = settings.unsentBytes;
    limits.trustedProxy = settings.trustedProxy;
    return limits;
}

queue::Policy queuePolicyFrom(const settings::Settings &settings)
{
    queue::Policy policy;
    queue::Quotas &quotas = policy.quotas;
    quotas.destinationEntries = settings.destinationEntries;
    quotas.destinationBytes = settings.destinationBytes;
    quotas.originEntries = settings.originEntries;
    quotas.originBytes = settings.originBytes;
    quotas.totalEntries = settings.totalEntries;
    quotas.totalBytes = settings.totalBytes;
    quotas.diskFloorBytes = settings.diskFloorBytes;
    quotas.unservedDestinations = settings.unservedDestinations;
    quotas.expiryDays = settings.expiryDays;
    quotas.tombstoneDays = settings.tombstoneDays;
    quotas.tombstones = settings.tombstones;
    quotas.secureDelete = settings.secureDelete;
    policy.sendsFor = setOf(settings.sendsFor);
    for (const settings::ServedEntry &entry : settings.served)
        policy.served.insert(entry.name, {setOf(entry.knownOrigins)});
    return policy;
}

Result<void> checkDoors(const settings::Settings &settings, const matrix::ServerName &ownName)
{
    for (const settings::ServedEntry &entry : settings.served) {
        for (const matrix::ServerName &name : frontNames(entry)) {
            if (name.toString().compare(ownName.toString(), Qt::CaseInsensitive) == 0)
                return {
                    Errc::InvalidSetting,
                    QStringLiteral("relay.served: \"%1\" is the name of this relay itself; the front door of %2 needs "
                                   "a host or a port of its own")
                        .arg(name.toString(), entry.name.toString())};
        }
    }
    return {};
}

relay::Policy relayPolicyFrom(const settings::Settings &settings, const matrix::ServerName &ownName)
{
    relay::Policy policy;
    policy.enabled = settings.relayEnabled;
    policy.paused = settings.relayPaused;
    policy.open = settings.relayOpen;
    policy.requireFresh = settings.requireFresh;
    policy.blockedOrigins = setOf(settings.blockedOrigins);
    policy.sendsFor = setOf(settings.sendsFor);
    for (const settings::ServedEntry &entry : settings.served) {
        policy.served.insert(entry.name);
        if (!entry.knownOrigins.isEmpty())
            policy.known.insert(entry.name, setOf(entry.knownOrigins));
    }
    policy.fronted = frontedFrom(settings.served, ownName);
    return policy;
}

federation::Client::Options clientOptionsFrom(const settings::Settings &settings)
{
    federation::Client::Options options;
    for (const settings::Network &network : settings.allowedNetworks)
        options.openNetworks.push_back({network.address, network.bits});
    options.caFile = settings.caFile;
    return options;
}

federation::KeyLookup::Options keyLookupOptionsFrom(const settings::Settings &settings,
                                                    const matrix::ServerName &ownName)
{
    federation::KeyLookup::Options options;
    options.never = {ownName};
    options.notaries = settings.notaries;
    // A client that waits for a key is answered by us before the guard answers in our place.
    options.answerMs = std::min(options.answerMs, settings.handlerMs / 2);
    return options;
}

node::Association associationFrom(const settings::RelayEntry &entry)
{
    node::Association association;
    association.relay = entry.relay;
    if (!entry.url.isNull())
        association.peer = federation::FixedPeer{entry.url.place(), entry.pin};
    association.destination = entry.destination;
    return association;
}

node::Node::Options nodeOptionsFrom(const settings::Settings &settings)
{
    node::Node::Options options;
    options.collector.limits.relayEntries = settings.inboxRelayEntries;
    options.collector.limits.relayBytes = settings.inboxRelayBytes;
    options.collector.limits.diskFloorBytes = settings.diskFloorBytes;
    options.collector.intervalMs = qint64(settings.collectSeconds) * 1'000;
    options.failuresUntilOffline = settings.failuresUntilOffline;
    options.homeserver = settings.homeserver.place();
    options.upstream = settings.upstream.toUtf8();
    for (const settings::RelayOrigin &pair : settings.unproven.pairs())
        options.unproven.append({pair.relay, pair.origin});
    for (const settings::RelayEntry &entry : settings.relays)
        options.associations.append(associationFrom(entry));
    for (const settings::RelayEntry &entry : settings.ownRelays)
        options.ownRelays.append(associationFrom(entry));
    return options;
}

} // namespace restante::app
