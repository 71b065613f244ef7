// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/listenaddress.h"

namespace restante::ui
{

std::optional<ListenAddress> ListenAddress::parse(const QString &text)
{
    const auto colon = text.lastIndexOf(u':');
    if (colon <= 0)
        return std::nullopt;
    QString host = text.first(colon);
    const bool bracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (bracketed)
        host = host.sliced(1, host.size() - 2);
    bool number = false;
    const uint port = text.sliced(colon + 1).toUInt(&number);
    const QHostAddress address(host);
    if (!number || port > 65535 || address.isNull())
        return std::nullopt;
    // Unbracketed IPv6 leaves open which colon begins the port; QHostAddress also takes "1" for 0.0.0.1.
    if ((address.protocol() == QAbstractSocket::IPv6Protocol) != bracketed || (!bracketed && host.count(u'.') != 3))
        return std::nullopt;
    return ListenAddress{address, quint16(port)};
}

QString ListenAddress::toString() const
{
    const bool v6 = address.protocol() == QAbstractSocket::IPv6Protocol;
    return (v6 ? QStringLiteral("[%1]:%2") : QStringLiteral("%1:%2")).arg(address.toString()).arg(port);
}

} // namespace restante::ui
