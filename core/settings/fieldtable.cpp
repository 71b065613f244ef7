// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/fieldtable.h"

#include "settings/cardtext.h"
#include "settings/enteredname.h"

#include <QtCore/QFileInfo>
#include <QtCore/QSet>

#include <algorithm>
#include <utility>
#include <vector>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

MaybeComplaint checkPath(const QString &text)
{
    if (text.isEmpty() || QFileInfo(text).isAbsolute())
        return {};
    return Complaint{ComplaintCode::NotAbsolute, {text}};
}

namespace
{

MaybeComplaint checkRules(const QString &text)
{
    for (const QString &part : text.split(u';', Qt::SkipEmptyParts)) {
        const QString value = part.section(u'=', 1).trimmed();
        if (part.count(u'=') != 1 || part.section(u'=', 0, 0).trimmed().isEmpty() ||
            (value != "true"_L1 && value != "false"_L1))
            return Complaint{ComplaintCode::NotALogRule, {part}};
    }
    return {};
}

MaybeComplaint checkUpstream(const QString &text)
{
    const auto name = matrix::ServerName::parse(text.toUtf8());
    return text.isEmpty() || (name && name->port()) ? std::nullopt
                                                    : MaybeComplaint(Complaint{ComplaintCode::NotAnUpstream, {text}});
}

MaybeComplaint checkCardName(const QString &text)
{
    return isCardName(text) ? std::nullopt : MaybeComplaint(Complaint{ComplaintCode::NotACardName, {text}});
}

MaybeComplaint checkCardAddresses(const QString &text)
{
    QList<RelayUrl> urls;
    return parseCardAddresses(text, urls);
}

MaybeComplaint checkLoopback(const QString &text)
{
    ListenAddress address;
    if (auto wrong = parse(text, address))
        return wrong;
    return address.address.isLoopback() ? std::nullopt : MaybeComplaint(Complaint{ComplaintCode::NotLoopback, {text}});
}

constexpr double KiB = 1024;
constexpr double MiB = 1024 * KiB;
constexpr double TiB = 1024 * 1024 * MiB;
constexpr double Hour = 3'600'000;
using S = Settings;

// key, member, least, most, needs a restart, check of a text
const Field table[] = {
    {"server.listen"_L1, &S::listen, 1, 64},
    {"server.tls_certificate"_L1, &S::tlsCertificate, 0, 0, false, checkPath},
    {"server.tls_key"_L1, &S::tlsKey, 0, 0, false, checkPath},
    {"server.plain_http"_L1, &S::plainHttp},
    {"server.trusted_proxy"_L1, &S::trustedProxy},
    {"server.http_workers"_L1, &S::httpWorkers, 1, 64, true},
    {"relay.enabled"_L1, &S::relayEnabled},
    {"relay.paused"_L1, &S::relayPaused},
    {"relay.open"_L1, &S::relayOpen},
    {"relay.require_fresh"_L1, &S::requireFresh},
    {"relay.served"_L1, &S::served, 0, 10'000},
    {"relay.blocked_origins"_L1, &S::blockedOrigins, 0, 100'000},
    {"relay.sends_for"_L1, &S::sendsFor, 0, 10'000},
    {"relay.probe_seconds"_L1, &S::probeSeconds, 1, 24 * 3'600},
    {"queue.destination_entries"_L1, &S::destinationEntries, 1, 1e9},
    {"queue.destination_bytes"_L1, &S::destinationBytes, 64 * KiB, 64 * TiB},
    {"queue.origin_entries"_L1, &S::originEntries, 1, 1e9},
    {"queue.origin_bytes"_L1, &S::originBytes, 64 * KiB, 64 * TiB},
    {"queue.total_entries"_L1, &S::totalEntries, 1, 1e9},
    {"queue.total_bytes"_L1, &S::totalBytes, 64 * KiB, 64 * TiB},
    {"queue.disk_floor_bytes"_L1, &S::diskFloorBytes, 0, 64 * TiB},
    {"queue.unserved_destinations"_L1, &S::unservedDestinations, 0, 10'000'000},
    {"queue.expiry_days"_L1, &S::expiryDays, 1, 3'650},
    {"queue.tombstone_days"_L1, &S::tombstoneDays, 1, 3'650},
    {"queue.tombstones"_L1, &S::tombstones, 0, 100'000'000},
    {"queue.secure_delete"_L1, &S::secureDelete},
    {"limits.request_line_bytes"_L1, &S::requestLineBytes, 512, MiB, true},
    {"limits.head_bytes"_L1, &S::headBytes, KiB, MiB, true},
    {"limits.head_fields"_L1, &S::headFields, 8, 10'000, true},
    {"limits.body_bytes"_L1, &S::bodyBytes, 64 * KiB, 1024 * MiB, true},
    {"limits.body_memory_bytes"_L1, &S::bodyMemoryBytes, MiB, TiB, true},
    {"limits.body_memory_address_divisor"_L1, &S::bodyMemoryAddressDivisor, 1, 1'000, true},
    {"limits.small_body_reserve_bytes"_L1, &S::smallBodyReserveBytes, 0, TiB, true},
    {"limits.small_body_bytes"_L1, &S::smallBodyBytes, 0, 1024 * MiB, true},
    {"limits.connections"_L1, &S::connections, 1, 1'000'000, true},
    {"limits.connections_per_address"_L1, &S::connectionsPerAddress, 1, 1'000'000, true},
    {"limits.head_ms"_L1, &S::headMs, 100, Hour, true},
    {"limits.body_ms"_L1, &S::bodyMs, 100, Hour, true},
    {"limits.body_bytes_per_second"_L1, &S::bodyBytesPerSecond, KiB, 1024 * MiB, true},
    {"limits.idle_ms"_L1, &S::idleMs, 100, Hour, true},
    {"limits.handler_ms"_L1, &S::handlerMs, 100, Hour, true},
    {"limits.write_stall_ms"_L1, &S::writeStallMs, 100, Hour, true},
    {"limits.tls_handshake_ms"_L1, &S::tlsHandshakeMs, 100, Hour, true},
    {"limits.linger_ms"_L1, &S::lingerMs, 0, Hour, true},
    {"limits.unsent_bytes"_L1, &S::unsentBytes, KiB, 1024 * MiB, true},
    {"budgets.address_rate"_L1, &S::addressRate, 0, 1e6, false},
    {"budgets.address_burst"_L1, &S::addressBurst, 1, 1e6, false},
    {"budgets.connection_rate"_L1, &S::connectionRate, 0, 1e6, true},
    {"budgets.connection_burst"_L1, &S::connectionBurst, 1, 1e6, true},
    {"budgets.origin_rate"_L1, &S::originRate, 0, 1e6, false},
    {"budgets.origin_burst"_L1, &S::originBurst, 1, 1e6, false},
    {"budgets.failed_kib_rate"_L1, &S::failedRate, 0, 1e6, false},
    {"budgets.failed_kib_burst"_L1, &S::failedBurst, 1, 1e6, false},
    {"node.enabled"_L1, &S::nodeEnabled, 0, 0, true},
    {"node.listen"_L1, &S::nodeListen, 0, 0, true, checkLoopback},
    {"node.relays"_L1, &S::relays, 0, 1'000},
    {"node.own_relays"_L1, &S::ownRelays, 0, 16},
    {"node.failures_until_offline"_L1, &S::failuresUntilOffline, 1, 100},
    {"node.collect_seconds"_L1, &S::collectSeconds, 10, 7 * 24 * 3'600},
    {"node.inbox_relay_entries"_L1, &S::inboxRelayEntries, 1, 1e9},
    {"node.inbox_relay_bytes"_L1, &S::inboxRelayBytes, 64 * KiB, 64 * TiB},
    {"node.homeserver"_L1, &S::homeserver},
    {"node.upstream"_L1, &S::upstream, 0, 0, false, checkUpstream},
    {"node.unproven"_L1, &S::unproven, 0, 1'000},
    {"node.announce"_L1, &S::announce, 0, 0},
    {"federation.fetch_keys"_L1, &S::fetchKeys, 0, 0, true},
    {"federation.notaries"_L1, &S::notaries, 0, 16, true},
    {"federation.allowed_networks"_L1, &S::allowedNetworks, 0, 1'000, true},
    {"federation.ca_file"_L1, &S::caFile, 0, 0, true, checkPath},
    {"card.name"_L1, &S::cardName, 0, 0, false, checkCardName},
    {"card.addresses"_L1, &S::cardAddresses, 0, 0, false, checkCardAddresses},
    {"metrics.listen"_L1, &S::metricsListen},
    {"log.rules"_L1, &S::logRules, 0, 0, false, checkRules},
};

/// Whether two listeners cannot both be had.
bool isSamePlace(const ListenAddress &a, const ListenAddress &b)
{
    const auto isAny = [](const QHostAddress &address) {
        return address == QHostAddress(QHostAddress::AnyIPv4) || address == QHostAddress(QHostAddress::AnyIPv6);
    };
    if (a.port == 0 || a.port != b.port || a.address.protocol() != b.address.protocol())
        return false;
    return a.address == b.address || isAny(a.address) || isAny(b.address);
}

void checkListeners(const Settings &settings, QList<Complaint> &found)
{
    std::vector<std::pair<QLatin1String, ListenAddress>> wanted;
    for (const ListenAddress &address : settings.listen)
        wanted.emplace_back("server.listen"_L1, address);
    if (settings.nodeEnabled)
        wanted.emplace_back("node.listen"_L1, settings.nodeListen);
    if (settings.metricsListen)
        wanted.emplace_back("metrics.listen"_L1, *settings.metricsListen);
    for (auto later = wanted.cbegin(); later != wanted.cend(); ++later) {
        const auto taken = std::find_if(
            wanted.cbegin(), later, [later](const auto &other) { return isSamePlace(other.second, later->second); });
        if (taken != later)
            found.append({ComplaintCode::SamePlace,
                          {later->second.toString(), taken->second.toString(), QString(taken->first)},
                          later->first});
    }
}

/// What no single field can know.
void checkTogether(const Settings &settings, QList<Complaint> &found)
{
    checkListeners(settings, found);
    for (const RelayEntry &entry : settings.ownRelays) {
        if (!entry.destination.isNull())
            found.append({ComplaintCode::OwnRelayForOne, {entry.relay.toString()}, u"node.own_relays"_s});
    }
    if (!settings.tlsCertificate.isEmpty() && settings.tlsKey.isEmpty())
        found.append({ComplaintCode::TlsKeyMissing, {}, u"server.tls_key"_s});
    if (settings.tlsCertificate.isEmpty() && !settings.tlsKey.isEmpty())
        found.append({ComplaintCode::TlsCertificateMissing, {}, u"server.tls_certificate"_s});
    for (const ServedEntry &entry : settings.served) {
        if (!entry.tlsCertificate.isEmpty() && settings.tlsCertificate.isEmpty() &&
            (settings.plainHttp || settings.trustedProxy))
            found.append({ComplaintCode::DoorCertificateAlone, {entry.name.toString()}, u"relay.served"_s});
    }
    if (settings.smallBodyReserveBytes >= settings.bodyMemoryBytes)
        found.append({ComplaintCode::ReserveTooLarge, {}, u"limits.small_body_reserve_bytes"_s});
    if (settings.bodyMemoryBytes - settings.smallBodyReserveBytes < settings.bodyBytes)
        found.append({ComplaintCode::MemoryTooSmall, {}, u"limits.body_memory_bytes"_s});
    if (settings.requestLineBytes > settings.headBytes)
        found.append({ComplaintCode::RequestLineTooLarge, {}, u"limits.request_line_bytes"_s});
}
} // namespace

std::span<const Field> fields()
{
    return table;
}

const Field *findField(QStringView key)
{
    const auto found =
        std::find_if(std::begin(table), std::end(table), [key](const Field &field) { return key == field.key; });
    return found == std::end(table) ? nullptr : found;
}

QList<Complaint> complaints(const Settings &settings)
{
    QList<Complaint> found;
    for (const Field &field : table) {
        if (const auto wrong = field.complaint(settings))
            found.append(*wrong);
    }
    checkTogether(settings, found);
    return found;
}

Result<void> validate(const Settings &settings)
{
    const auto found = complaints(settings);
    if (found.isEmpty())
        return {};
    return errorOf(found.first());
}

MaybeComplaint set(Settings &settings, QStringView key, const QString &text)
{
    const Field *field = findField(key);
    if (!field)
        return Complaint{ComplaintCode::NoSuchSetting, {key.toString()}};
    Settings copy = settings;
    if (auto wrong = field->fromText(text, copy))
        return wrong;
    if (auto wrong = field->complaint(copy))
        return wrong;
    if (auto wrong = checkNewNames(settings, copy))
        return wrong;
    settings = copy;
    return {};
}

QStringList changed(const Settings &before, const Settings &after)
{
    QStringList keys;
    for (const Field &field : table) {
        if (!field.equal(before, after))
            keys.append(field.key);
    }
    return keys;
}

bool needsRestart(const QStringList &keys)
{
    return std::any_of(keys.begin(), keys.end(), [](const QString &key) {
        const Field *field = findField(key);
        return field && field->restart;
    });
}

} // namespace restante::settings
