// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/addresskey.h"

namespace restante::base
{

namespace
{
constexpr qsizetype Ipv4Bytes = 4;
constexpr qsizetype Ipv6Bytes = 8; ///< of its /64

constexpr qsizetype Bytes56 = 7;
constexpr int Shares56 = 4;
constexpr qsizetype Bytes48 = 6;
constexpr int Shares48 = 8;
constexpr qsizetype Bytes24 = 3;
constexpr int Shares24 = 16;

bool isIpv6(const QByteArray &key)
{
    return key.size() == Ipv6Bytes;
}

/// Of IPv4; ::1 has a /64 of zeros.
bool isLoopback(const QByteArray &key)
{
    constexpr char loopbackNetwork = 127;
    return isIpv6(key) ? key.count('\0') == Ipv6Bytes : key.startsWith(loopbackNetwork);
}
} // namespace

QByteArray addressKey(const QHostAddress &address)
{
    bool mapped = false;
    const quint32 v4 = address.toIPv4Address(&mapped);
    if (mapped) {
        const char bytes[] = {char(v4 >> 24), char(v4 >> 16), char(v4 >> 8), char(v4)};
        return {bytes, Ipv4Bytes};
    }
    const Q_IPV6ADDR v6 = address.toIPv6Address();
    const QByteArray key(reinterpret_cast<const char *>(v6.c), Ipv6Bytes);
    const bool is6to4 = key.startsWith("\x20\x02"); // RFC 3056, 2
    return is6to4 ? key.sliced(2, Ipv4Bytes) : key;
}

QVarLengthArray<WiderNetwork, 2> networksAround(const QByteArray &addressKey)
{
    if (isLoopback(addressKey))
        return {};
    if (isIpv6(addressKey))
        return {{addressKey.first(Bytes56), Shares56}, {addressKey.first(Bytes48), Shares48}};
    if (addressKey.size() == Ipv4Bytes)
        return {{addressKey.first(Bytes24), Shares24}};
    return {};
}

QByteArray customerKey(const QByteArray &addressKey)
{
    return isIpv6(addressKey) && !isLoopback(addressKey) ? addressKey.first(Bytes48) : addressKey;
}

} // namespace restante::base
