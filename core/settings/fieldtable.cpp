// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/fieldtable.h"

#include "matrix/servername.h"
#include "settings/enterednames.h"
#include "settings/listenaddress.h"

#include <QtCore/QFileInfo>
#include <QtCore/QSet>

#include <algorithm>
#include <utility>
#include <vector>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

namespace
{
QString checkListen(const QString &text)
{
    const auto parsed = ListenAddress::parse(text);
    return parsed ? QString() : parsed.error().detail;
}

QString checkOptionalListen(const QString &text)
{
    return text.isEmpty() ? QString() : checkListen(text);
}

QString checkAddress(const QString &text)
{
    if (text.isEmpty() || parseAddress(text))
        return {};
    return u"\"%1\" is no IP address"_s.arg(text);
}

QString checkPath(const QString &text)
{
    if (text.isEmpty() || QFileInfo(text).isAbsolute())
        return {};
    return u"\"%1\" is no absolute path"_s.arg(text);
}

QString checkRules(const QString &text)
{
    for (const QString &part : text.split(u';', Qt::SkipEmptyParts)) {
        const QString value = part.section(u'=', 1).trimmed();
        if (part.count(u'=') != 1 || part.section(u'=', 0, 0).trimmed().isEmpty() ||
            (value != "true"_L1 && value != "false"_L1))
            return u"\"%1\" is no log rule; write CATEGORY=true or CATEGORY=false, separated by ';'"_s.arg(part);
    }
    return {};
}

QString checkLoopbackListen(const QString &text)
{
    const auto parsed = ListenAddress::parse(text);
    if (!parsed)
        return parsed.error().detail;
    return parsed->address.isLoopback() ? QString() : u"\"%1\" is not a loopback address"_s.arg(text);
}

QString checkNetwork(const QString &text)
{
    const QStringList parts = text.split(u'/');
    const auto address = parseAddress(parts.value(0));
    bool isNumber = false;
    const int bits = parts.value(1).toInt(&isNumber);
    const int most = address && address->protocol() == QAbstractSocket::IPv4Protocol ? 32 : 128;
    if (parts.size() == 2 && address && isNumber && bits >= 0 && bits <= most)
        return {};
    return u"\"%1\" is no network; write ADDRESS/BITS, for example 192.168.0.0/16"_s.arg(text);
}

constexpr double KiB = 1024;
constexpr double MiB = 1024 * KiB;
constexpr double TiB = 1024 * 1024 * MiB;
constexpr double Hour = 3'600'000;
using S = Settings;

// key, member, least, most, needs a restart, check of a text
const Field table[] = {
    {"server.listen"_L1, &S::listen, 1, 64, false, checkListen},
    {"server.tls_certificate"_L1, &S::tlsCertificate, 0, 0, false, checkPath},
    {"server.tls_key"_L1, &S::tlsKey, 0, 0, false, checkPath},
    {"server.trusted_proxy"_L1, &S::trustedProxy, 0, 0, false, checkAddress},
    {"server.http_workers"_L1, &S::httpWorkers, 1, 64, true},
    {"relay.enabled"_L1, &S::relayEnabled},
    {"relay.paused"_L1, &S::relayPaused},
    {"relay.open"_L1, &S::relayOpen},
    {"relay.require_fresh"_L1, &S::requireFresh},
    {"relay.served"_L1, &S::served, 0, 10'000},
    {"relay.blocked_origins"_L1, &S::blockedOrigins, 0, 100'000, false, checkServerName},
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
    {"budgets.origin_rate"_L1, &S::originRate, 0, 1e6, false},
    {"budgets.origin_burst"_L1, &S::originBurst, 1, 1e6, false},
    {"budgets.failed_kib_rate"_L1, &S::failedRate, 0, 1e6, false},
    {"budgets.failed_kib_burst"_L1, &S::failedBurst, 1, 1e6, false},
    {"node.enabled"_L1, &S::nodeEnabled, 0, 0, true},
    {"node.listen"_L1, &S::nodeListen, 0, 0, true, checkLoopbackListen},
    {"node.relays"_L1, &S::relays, 0, 1'000},
    {"node.failures_until_offline"_L1, &S::failuresUntilOffline, 1, 100},
    {"node.collect_seconds"_L1, &S::collectSeconds, 10, 7 * 24 * 3'600},
    {"node.inbox_relay_entries"_L1, &S::inboxRelayEntries, 1, 1e9},
    {"node.inbox_relay_bytes"_L1, &S::inboxRelayBytes, 64 * KiB, 64 * TiB},
    {"federation.fetch_keys"_L1, &S::fetchKeys, 0, 0, true},
    {"federation.notaries"_L1, &S::notaries, 0, 16, true, checkServerName},
    {"federation.allowed_networks"_L1, &S::allowedNetworks, 0, 1'000, true, checkNetwork},
    {"federation.ca_file"_L1, &S::caFile, 0, 0, true, checkPath},
    {"metrics.listen"_L1, &S::metricsListen, 0, 0, false, checkOptionalListen},
    {"log.rules"_L1, &S::logRules, 0, 0, false, checkRules},
};

void complain(QList<Complaint> &found, QLatin1String key, const QString &text)
{
    found.append({key, u"%1: %2"_s.arg(key, text)});
}

/// What no single field can know.
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
    std::vector<std::pair<QLatin1String, QString>> wanted;
    for (const QString &text : settings.listen)
        wanted.emplace_back("server.listen"_L1, text);
    if (settings.nodeEnabled)
        wanted.emplace_back("node.listen"_L1, settings.nodeListen);
    if (!settings.metricsListen.isEmpty())
        wanted.emplace_back("metrics.listen"_L1, settings.metricsListen);
    for (size_t later = 1; later < wanted.size(); ++later) {
        const auto &[key, text] = wanted[later];
        const auto place = ListenAddress::parse(text);
        for (size_t earlier = 0; place && earlier < later; ++earlier) {
            const auto taken = ListenAddress::parse(wanted[earlier].second);
            if (taken && isSamePlace(*taken, *place)) {
                complain(found, key,
                         u"%1 is the same place as %2 in %3"_s.arg(text, wanted[earlier].second,
                                                                   QString(wanted[earlier].first)));
                break;
            }
        }
    }
}

void checkTogether(const Settings &settings, QList<Complaint> &found)
{
    checkListeners(settings, found);
    if (settings.tlsCertificate.isEmpty() != settings.tlsKey.isEmpty()) {
        const bool keyMissing = settings.tlsKey.isEmpty();
        complain(found, keyMissing ? "server.tls_key"_L1 : "server.tls_certificate"_L1,
                 u"TLS needs both a certificate and a key, only one of them is given"_s);
    }
    if (settings.smallBodyReserveBytes >= settings.bodyMemoryBytes)
        complain(found, "limits.small_body_reserve_bytes"_L1, u"must be less than limits.body_memory_bytes"_s);
    if (settings.bodyMemoryBytes - settings.smallBodyReserveBytes < settings.bodyBytes)
        complain(found, "limits.body_memory_bytes"_L1,
                 u"must be at least limits.body_bytes and limits.small_body_reserve_bytes together"_s);
    if (settings.requestLineBytes > settings.headBytes)
        complain(found, "limits.request_line_bytes"_L1, u"must not be more than limits.head_bytes"_s);
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

QString checkServerName(const QString &text)
{
    if (matrix::ServerName::parse(text.toUtf8()))
        return {};
    return u"\"%1\" is not a server name"_s.arg(text);
}

QList<Complaint> complaints(const Settings &settings)
{
    QList<Complaint> found;
    for (const Field &field : table) {
        const QString text = field.complaint(settings);
        if (!text.isEmpty())
            found.append({field.key, text});
    }
    checkTogether(settings, found);
    return found;
}

Result<void> validate(const Settings &settings)
{
    const auto found = complaints(settings);
    if (found.isEmpty())
        return {};
    return {Errc::InvalidSetting, found.first().text};
}

Result<void> set(Settings &settings, QStringView key, const QString &text)
{
    const Field *field = findField(key);
    if (!field)
        return {Errc::InvalidSetting, u"there is no setting named \"%1\""_s.arg(key)};
    Settings copy = settings;
    auto read = field->fromText(text, copy);
    if (!read)
        return read;
    tidyNames(copy);
    const QString complaint = field->complaint(copy);
    if (!complaint.isEmpty())
        return {Errc::InvalidSetting, complaint};
    if (const auto names = checkNewNames(settings, copy); !names)
        return {Errc::InvalidSetting, u"%1: %2"_s.arg(key, names.error().detail)};
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
