// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/listenaddress.h"

#include <QtCore/QStringList>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

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

/// Nothing if `text` is not one.
std::optional<ListenAddress> listenAddressIn(QStringView text)
{
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon <= 0)
        return {};
    QStringView host = text.first(colon);
    const auto port = parsePort(text.sliced(colon + 1));
    const bool bracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (bracketed)
        host = host.sliced(1, host.size() - 2);
    const auto address = parseAddress(host);
    if (!port || !address || bracketed != (address->protocol() == QAbstractSocket::IPv6Protocol))
        return {};
    return ListenAddress{*address, *port};
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

QString ListenAddress::toString() const
{
    const bool six = address.protocol() == QAbstractSocket::IPv6Protocol;
    return QString(six ? u"[%1]:%2"_s : u"%1:%2"_s).arg(address.toString(), QString::number(port));
}

QList<ListenAddress> everyNetwork(quint16 port, bool six)
{
    QList<ListenAddress> list{{QHostAddress(QHostAddress::AnyIPv4), port}};
    if (six)
        list.append({QHostAddress(QHostAddress::AnyIPv6), port});
    return list;
}

bool isEveryNetwork(const QList<ListenAddress> &list)
{
    const quint16 port = list.value(0).port;
    return list == everyNetwork(port, false) || list == everyNetwork(port, true);
}

QString Network::toString() const
{
    return u"%1/%2"_s.arg(address.toString(), QString::number(bits));
}

MaybeComplaint parse(const QString &text, ListenAddress &out)
{
    const auto read = listenAddressIn(text);
    if (!read)
        return Complaint{ComplaintCode::NotAListenAddress, {text}};
    out = *read;
    return {};
}

MaybeComplaint parse(const QString &text, std::optional<ListenAddress> &out)
{
    if (!text.isEmpty())
        return parse(text, out.emplace());
    out.reset();
    return {};
}

MaybeComplaint parse(const QString &text, std::optional<QHostAddress> &out)
{
    out = parseAddress(text);
    if (text.isEmpty() || out)
        return {};
    return Complaint{ComplaintCode::NotAnAddress, {text}};
}

MaybeComplaint parse(const QString &text, Network &out)
{
    const QStringList parts = text.split(u'/');
    const auto address = parseAddress(parts.value(0));
    bool isNumber = false;
    const int bits = parts.value(1).toInt(&isNumber);
    const int most = address && address->protocol() == QAbstractSocket::IPv4Protocol ? 32 : 128;
    if (parts.size() != 2 || !address || !isNumber || bits < 0 || bits > most)
        return Complaint{ComplaintCode::NotANetwork, {text}};
    out = {*address, bits};
    return {};
}

} // namespace restante::settings
