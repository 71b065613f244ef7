// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/servername.h"

#include <algorithm>

namespace restante::matrix
{

namespace
{

constexpr qsizetype MaxHostBytes = 255;
constexpr qsizetype KeyNameDigits = 64;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLowerHex(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'f');
}

bool isHex(char c)
{
    return isLowerHex(c) || (c >= 'A' && c <= 'F');
}

bool isDnsByte(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
}

/// Four numbers from 0 to 255 without leading zeros: what every resolver reads alike. "127.1" and "0x7f.1" are names.
bool isIpv4(QByteArrayView text)
{
    int parts = 0;
    qsizetype at = 0;
    while (parts < 4) {
        const qsizetype begin = at;
        int value = 0;
        while (at < text.size() && at - begin < 3 && isDigit(text[at]))
            value = value * 10 + (text[at++] - '0');
        if (at == begin || value > 255 || (text[begin] == '0' && at - begin > 1))
            return false;
        if (++parts == 4)
            break;
        if (at == text.size() || text[at++] != '.')
            return false;
    }
    return at == text.size();
}

/// RFC 4291 2.2, without a zone. `text` is what stands between the brackets.
bool isIpv6(QByteArrayView text)
{
    int groups = 0;
    bool gap = false;
    qsizetype at = 0;
    if (text.startsWith("::")) {
        gap = true;
        at = 2;
    }
    while (at < text.size()) {
        const qsizetype begin = at;
        while (at < text.size() && at - begin < 4 && isHex(text[at]))
            ++at;
        if (at < text.size() && text[at] == '.') {
            if (!isIpv4(text.sliced(begin)))
                return false;
            groups += 2;
            break;
        }
        if (at == begin)
            return false;
        ++groups;
        if (at == text.size())
            break;
        if (text[at++] != ':' || at == text.size())
            return false;
        if (text[at] == ':') {
            if (gap)
                return false;
            gap = true;
            ++at;
        }
    }
    return gap ? groups <= 7 : groups == 8;
}

/// The length of the host at the beginning of `text`, and its kind as far as the host alone tells; 0 for no host.
qsizetype hostLength(QByteArrayView text, ServerName::Kind *kind)
{
    if (text.startsWith('[')) {
        const qsizetype bracket = text.indexOf(']');
        if (bracket < 0 || !isIpv6(text.first(bracket).sliced(1)))
            return 0;
        *kind = ServerName::Kind::Ipv6;
        return bracket + 1;
    }
    const auto end = std::find_if_not(text.begin(), text.end(), [](char c) { return isDnsByte(c); });
    const QByteArrayView host = text.first(end - text.begin());
    *kind = isIpv4(host) ? ServerName::Kind::Ipv4 : ServerName::Kind::Dns;
    return host.size() <= MaxHostBytes ? host.size() : 0;
}

/// ":8448" and nothing else.
std::optional<quint16> readPort(QByteArrayView text)
{
    if (text.size() < 2 || text.size() > 6 || text[0] != ':' ||
        !std::all_of(text.begin() + 1, text.end(), [](char c) { return isDigit(c); }))
        return std::nullopt;
    int value = 0;
    for (const char digit : text.sliced(1))
        value = value * 10 + (digit - '0');
    return value <= 65535 ? std::optional(static_cast<quint16>(value)) : std::nullopt;
}

} // namespace

Result<ServerName> ServerName::parse(QByteArrayView text)
{
    ServerName name;
    name.m_hostLength = hostLength(text, &name.m_kind);
    if (name.m_hostLength == 0)
        return {Errc::InvalidParam, QStringLiteral("This is not a server name.")};
    const QByteArrayView rest = text.sliced(name.m_hostLength);
    if (!rest.isEmpty()) {
        name.m_port = readPort(rest);
        if (!name.m_port)
            return {Errc::InvalidParam, QStringLiteral("This is not a server name: its port is wrong.")};
    } else if (text.size() == KeyNameDigits &&
               std::all_of(text.begin(), text.end(), [](char c) { return isLowerHex(c); })) {
        name.m_kind = Kind::Ed25519;
    }
    name.m_text = text.toByteArray();
    return name;
}

} // namespace restante::matrix
