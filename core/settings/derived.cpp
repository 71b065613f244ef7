// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/derived.h"

#include "settings/listenaddress.h"

namespace restante::settings
{

http::Limits limitsOf(const Settings &settings)
{
    http::Limits limits;
    limits.requestLineBytes = settings.requestLineBytes;
    limits.headBytes = settings.headBytes;
    limits.headFields = settings.headFields;
    limits.bodyBytes = settings.bodyBytes;
    limits.bodyMemoryBytes = settings.bodyMemoryBytes;
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
    limits.trustedProxy = parseAddress(settings.trustedProxy);
    return limits;
}

queue::Policy policyOf(const Settings &settings)
{
    queue::Policy policy;
    policy.quotas.destinationEntries = settings.destinationEntries;
    policy.quotas.destinationBytes = settings.destinationBytes;
    policy.quotas.originEntries = settings.originEntries;
    policy.quotas.originBytes = settings.originBytes;
    policy.quotas.totalEntries = settings.totalEntries;
    policy.quotas.totalBytes = settings.totalBytes;
    policy.quotas.diskFloorBytes = settings.diskFloorBytes;
    policy.quotas.unservedDestinations = settings.unservedDestinations;
    policy.quotas.expiryDays = settings.expiryDays;
    policy.quotas.tombstoneDays = settings.tombstoneDays;
    policy.quotas.tombstones = settings.tombstones;
    policy.quotas.secureDelete = settings.secureDelete;
    for (const ServedEntry &entry : settings.served) {
        const auto name = matrix::ServerName::parse(entry.name.toUtf8());
        if (!name)
            continue;
        queue::ServedDestination served;
        for (const QString &text : entry.knownOrigins) {
            if (const auto origin = matrix::ServerName::parse(text.toUtf8()))
                served.knownOrigins.insert(*origin);
        }
        policy.served.insert(*name, served);
    }
    return policy;
}

} // namespace restante::settings
