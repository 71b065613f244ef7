// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/addressrules.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace restante::federation
{

namespace
{
struct Range4 {
    quint32 first;
    int bits;
};

constexpr quint32 ipv4(quint32 a, quint32 b, quint32 c, quint32 d)
{
    return a << 24 | b << 16 | c << 8 | d;
}

// IANA's registry of special-purpose IPv4 addresses, with multicast.
constexpr Range4 NotPublic4[] = {
    {ipv4(0, 0, 0, 0), 8},       // this network
    {ipv4(10, 0, 0, 0), 8},      // private
    {ipv4(100, 64, 0, 0), 10},   // shared by carriers' NAT
    {ipv4(127, 0, 0, 0), 8},     // loopback
    {ipv4(169, 254, 0, 0), 16},  // link-local
    {ipv4(172, 16, 0, 0), 12},   // private
    {ipv4(192, 0, 0, 0), 24},    // protocol assignments
    {ipv4(192, 0, 2, 0), 24},    // documentation
    {ipv4(192, 88, 99, 0), 24},  // 6to4 relays
    {ipv4(192, 168, 0, 0), 16},  // private
    {ipv4(198, 18, 0, 0), 15},   // benchmarks
    {ipv4(198, 51, 100, 0), 24}, // documentation
    {ipv4(203, 0, 113, 0), 24},  // documentation
    {ipv4(224, 0, 0, 0), 4},     // multicast
    {ipv4(240, 0, 0, 0), 4},     // reserved, broadcast
};

struct Range6 {
    std::array<quint8, 8> first; // the rest is zero
    int bits;
};

// What is special inside 2000::/3; outside of it nothing is public.
constexpr Range6 NotPublic6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, // protocol assignments: benchmarks, ORCHID and others; Teredo is looked at before
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
    {{0x3f, 0xff, 0x00, 0x00}, 20}, // documentation
};

bool within4(quint32 address, quint32 network, int bits)
{
    return bits == 0 || (address ^ network) >> (32 - bits) == 0;
}

template <typename Bytes>
bool within6(const Q_IPV6ADDR &address, const Bytes &network, int bits)
{
    for (int i = 0; bits > 0; ++i, bits -= 8) {
        const int difference = address[i] ^ network[size_t(i)];
        if (bits >= 8 ? difference != 0 : difference >> (8 - bits) != 0)
            return false;
    }
    return true;
}

bool isPublic4(quint32 address)
{
    return std::none_of(std::begin(NotPublic4), std::end(NotPublic4),
                        [address](const Range4 &range) { return within4(address, range.first, range.bits); });
}

quint32 inner4(const Q_IPV6ADDR &address, int at)
{
    return ipv4(address[at], address[at + 1], address[at + 2], address[at + 3]);
}

/// An IPv4 address in other clothes: `::ffff:a.b.c.d`, and `::a.b.c.d`, which some systems take for the same. `::` and
/// `::1` are IPv6 addresses of their own.
bool isPlain4(const Q_IPV6ADDR &address)
{
    const bool zeros = std::all_of(address.c, address.c + 10, [](quint8 byte) { return byte == 0; });
    const int mark = address[10] << 8 | address[11];
    return zeros && (mark == 0xffff || (mark == 0 && inner4(address, 12) > 1));
}

bool isPublic6(const Q_IPV6ADDR &address)
{
    constexpr std::array<quint8, 12> nat64{0x00, 0x64, 0xff, 0x9b};
    constexpr std::array<quint8, 2> sixToFour{0x20, 0x02};
    constexpr std::array<quint8, 4> teredo{0x20, 0x01};
    constexpr std::array<quint8, 1> global{0x20};
    if (within6(address, nat64, 96))
        return isPublic4(inner4(address, 12));
    if (within6(address, sixToFour, 16))
        return isPublic4(inner4(address, 2));
    if (within6(address, teredo, 32)) // its relay, and the address behind it with all bits turned over
        return isPublic4(inner4(address, 4)) && isPublic4(~inner4(address, 12));
    return within6(address, global, 3) &&
           std::none_of(std::begin(NotPublic6), std::end(NotPublic6),
                        [&address](const Range6 &range) { return within6(address, range.first, range.bits); });
}

/// The address in the family that it is judged in.
QHostAddress judged(const QHostAddress &address)
{
    if (address.protocol() == QAbstractSocket::IPv6Protocol && isPlain4(address.toIPv6Address()))
        return QHostAddress(inner4(address.toIPv6Address(), 12));
    return address;
}
} // namespace

AddressRules::AddressRules(std::vector<Network> open, OwnAddresses own)
    : m_open(std::move(open))
    , m_own(std::move(own))
{
}

bool AddressRules::allows(const QHostAddress &address) const
{
    const QHostAddress plain = judged(address);
    return isOpened(plain) || (isPublic(plain) && !isOwn(plain));
}

bool AddressRules::isOwn(const QHostAddress &address) const
{
    const QList<QHostAddress> own = m_own ? m_own() : QList<QHostAddress>();
    return std::any_of(own.begin(), own.end(),
                       [&address](const QHostAddress &each) { return judged(each).isEqual(address); });
}

bool AddressRules::isPublic(const QHostAddress &address)
{
    const QHostAddress plain = judged(address);
    switch (plain.protocol()) {
    case QAbstractSocket::IPv4Protocol:
        return isPublic4(plain.toIPv4Address());
    case QAbstractSocket::IPv6Protocol:
        return isPublic6(plain.toIPv6Address());
    default:
        return false;
    }
}

bool AddressRules::allowsPort(quint16 port)
{
    return port == 443 || port == 80 || port >= 1024;
}

bool AddressRules::isOpened(const QHostAddress &address) const
{
    return std::any_of(m_open.begin(), m_open.end(), [&address](const Network &network) {
        if (network.address.protocol() != address.protocol())
            return false;
        if (address.protocol() == QAbstractSocket::IPv4Protocol)
            return within4(address.toIPv4Address(), network.address.toIPv4Address(), network.bits);
        return address.protocol() == QAbstractSocket::IPv6Protocol &&
               within6(address.toIPv6Address(), std::to_array(network.address.toIPv6Address().c), network.bits);
    });
}

AddressRules::OwnAddresses askedNowAndThen(AddressRules::OwnAddresses own, qint64 ms, const base::Clock &clock)
{
    struct Last {
        QList<QHostAddress> addresses;
        std::optional<qint64> askedMs;
    };
    return [own = std::move(own), ms, &clock, last = std::make_shared<Last>()] {
        const qint64 now = clock.steadyMs();
        if (!last->askedMs || now - *last->askedMs >= ms) {
            last->addresses = own();
            last->askedMs = now;
        }
        return last->addresses;
    };
}

bool isResolvable(QByteArrayView host)
{
    constexpr qsizetype mostLabelBytes = 63;
    constexpr qsizetype mostBytes = 253;
    if (host.isEmpty() || host.size() > mostBytes)
        return false;
    QByteArrayView last = host;
    for (QByteArrayView rest = host; !rest.isNull();) {
        const qsizetype dot = rest.indexOf('.');
        last = dot < 0 ? rest : rest.first(dot);
        if (last.isEmpty() || last.size() > mostLabelBytes)
            return false;
        rest = dot < 0 ? QByteArrayView() : rest.sliced(dot + 1);
        if (dot >= 0 && rest.isEmpty())
            return false; // a final dot
    }
    const bool hex = last.startsWith("0x") || last.startsWith("0X");
    const auto isNumeral = [hex](char c) {
        return (c >= '0' && c <= '9') || (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
    };
    const QByteArrayView digits = hex ? last.sliced(2) : last;
    return !std::all_of(digits.begin(), digits.end(), isNumeral);
}

} // namespace restante::federation
