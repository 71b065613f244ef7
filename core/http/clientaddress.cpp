// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/clientaddress.h"

#include <algorithm>
#include <array>
#include <utility>

namespace restante::http
{

QHostAddress plainAddress(const QHostAddress &address)
{
    bool mapped = false;
    const quint32 v4 = address.toIPv4Address(&mapped);
    return mapped ? QHostAddress(v4) : address;
}

QHostAddress lastForwarded(const QByteArray &field)
{
    QByteArray element = field.mid(field.lastIndexOf(',') + 1).trimmed();
    if (element.startsWith('['))
        element = element.mid(1, element.indexOf(']') - 1);
    else if (element.count(':') == 1)
        element.truncate(element.indexOf(':'));
    const QHostAddress address(QString::fromLatin1(element));
    // QHostAddress takes 127.1 and 2130706433 for addresses too.
    if (address.protocol() == QAbstractSocket::IPv4Protocol && address.toString() != QLatin1String(element))
        return {};
    return plainAddress(address);
}

bool isNear(const QHostAddress &address)
{
    constexpr std::array<std::pair<quint32, int>, 3> privateNetworks{
        {{0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}}}; // RFC 1918
    return address.isLoopback() || address.isLinkLocal() || address.isUniqueLocalUnicast() ||
           std::any_of(privateNetworks.begin(), privateNetworks.end(), [&address](const auto &network) {
               return address.isInSubnet(QHostAddress(network.first), network.second);
           });
}

} // namespace restante::http
