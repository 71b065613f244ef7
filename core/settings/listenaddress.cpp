// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/listenaddress.h"

#include <algorithm>

namespace restante::settings
{

namespace
{
std::optional<quint16> parsePort(QStringView text)
{
    const auto isDigit = [](QChar c) { return c >= u'0' && c <= u'9'; };
    if (text.isEmpty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), isDigit))
        return {};
    const uint port = text.toUInt();
    if (port > 65535)
        return {};
    return quint16(port);
}

Error refused(QStringView text)
{
    return {Errc::InvalidSetting,
            QStringLiteral("\"%1\" is no listen address; write an IP address and a port, for example "
                           "127.0.0.1:8449 or [::1]:8449")
                .arg(text)};
}
} // namespace

std::optional<QHostAddress> parseAddress(QStringView text)
{
    const bool six = text.contains(u':');
    if (text.isEmpty() || text.contains(u'%') || text.contains(u'[') || text.trimmed() != text)
        return {};
    QHostAddress address;
    if (!address.setAddress(text.toString()))
        return {};
    if (six)
        return address.protocol() == QAbstractSocket::IPv6Protocol ? std::optional(address) : std::nullopt;
    // Only the one ordinary spelling survives the way there and back.
    if (address.protocol() != QAbstractSocket::IPv4Protocol || address.toString() != text)
        return {};
    return address;
}

Result<ListenAddress> ListenAddress::parse(QStringView text)
{
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon <= 0)
        return refused(text);
    QStringView host = text.first(colon);
    const auto port = parsePort(text.sliced(colon + 1));
    const bool bracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (bracketed)
        host = host.sliced(1, host.size() - 2);
    const auto address = parseAddress(host);
    if (!port || !address || bracketed != (address->protocol() == QAbstractSocket::IPv6Protocol))
        return refused(text);
    return ListenAddress{*address, *port};
}

} // namespace restante::settings
