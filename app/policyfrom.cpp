// SPDX-License-Identifier: GPL-3.0-or-later
#include "policyfrom.h"

#include "settings/listenaddress.h"

#include <QtCore/QUrl>

#include <algorithm>

namespace restante::app
{

namespace
{
QSet<matrix::ServerName> namesIn(const QStringList &texts)
{
    QSet<matrix::ServerName> names;
    for (const QString &text : texts) {
        if (auto name = matrix::ServerName::parse(text.toUtf8()))
            names.insert(std::move(*name));
    }
    return names;
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
    limits.headMs = settings.headMs;
    limits.bodyMs = settings.bodyMs;
    limits.bodyBytesPerSecond = settings.bodyBytesPerSecond;
    limits.idleMs = settings.idleMs;
    limits.handlerMs = settings.handlerMs;
    limits.writeStallMs = settings.writeStallMs;
    limits.tlsHandshakeMs = settings.tlsHandshakeMs;
    limits.lingerMs = settings.lingerMs;
    limits.unsentBytes = settings.unsentBytes;
    limits.trustedProxy = settings::parseAddress(settings.trustedProxy);
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
    for (const settings::ServedEntry &entry : settings.served) {
        if (auto name = matrix::ServerName::parse(entry.name.toUtf8()))
            policy.served.insert(*name, {namesIn(entry.knownOrigins)});
    }
    return policy;
}

relay::Policy relayPolicyFrom(const settings::Settings &settings)
{
    relay::Policy policy;
    policy.enabled = settings.relayEnabled;
    policy.paused = settings.relayPaused;
    policy.open = settings.relayOpen;
    policy.requireFresh = settings.requireFresh;
    policy.blockedOrigins = namesIn(settings.blockedOrigins);
    QStringList served;
    for (const settings::ServedEntry &entry : settings.served) {
        served.append(entry.name);
        if (auto name = matrix::ServerName::parse(entry.name.toUtf8()); name && !entry.knownOrigins.isEmpty())
            policy.known.insert(*name, namesIn(entry.knownOrigins));
    }
    policy.served = namesIn(served);
    return policy;
}

federation::Client::Options clientOptionsFrom(const settings::Settings &settings)
{
    federation::Client::Options options;
    for (const QString &network : settings.allowedNetworks) {
        const QStringList parts = network.split(u'/');
        if (const auto address = settings::parseAddress(parts.value(0)))
            options.openNetworks.push_back({*address, parts.value(1).toInt()});
    }
    options.caFile = settings.caFile;
    return options;
}

federation::KeyLookup::Options keyLookupOptionsFrom(const settings::Settings &settings,
                                                    const matrix::ServerName &ownName)
{
    federation::KeyLookup::Options options;
    options.never = {ownName};
    for (const QString &notary : settings.notaries) {
        if (auto name = matrix::ServerName::parse(notary.toUtf8()))
            options.notaries.append(std::move(*name));
    }
    // Whoever waits for a key is answered by us before the guard answers in our place.
    options.answerMs = std::min(options.answerMs, settings.handlerMs / 2);
    return options;
}

namespace
{
/// As the client wants it: no path, the scheme in small letters, the host as DNS has it.
QByteArray placeOf(const QString &url)
{
    return QUrl(url, QUrl::StrictMode).adjusted(QUrl::RemovePath).toEncoded();
}
} // namespace

node::Association associationFrom(const settings::RelayEntry &entry)
{
    node::Association association;
    if (auto relay = matrix::ServerName::parse(entry.relay.toUtf8()))
        association.relay = *std::move(relay);
    if (!entry.url.isEmpty())
        association.peer = federation::FixedPeer{placeOf(entry.url), QByteArray::fromHex(entry.pin.toLatin1())};
    if (auto destination = matrix::ServerName::parse(entry.destination.toUtf8()))
        association.destination = *std::move(destination);
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
    for (const settings::RelayEntry &entry : settings.relays) {
        if (const node::Association association = associationFrom(entry); !association.relay.isNull())
            options.associations.append(association);
    }
    return options;
}

} // namespace restante::app
