// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/userid.h"

#include "matrix/utf8.h"

#include <algorithm>

namespace restante::matrix
{

namespace
{

constexpr qsizetype MaxBytes = 255;

bool isLocalpartByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '=' || c == '-' ||
           c == '/' || c == '+';
}

Error notUserId()
{
    return {Errc::InvalidUsername, QStringLiteral("This is not a user id.")};
}

} // namespace

Result<UserId> UserId::parseHistorical(QByteArrayView text)
{
    if (text.size() > MaxBytes || !text.startsWith('@'))
        return notUserId();
    const qsizetype colon = text.indexOf(':');
    if (colon < 0)
        return notUserId();
    const QByteArrayView localpart = text.first(colon).sliced(1);
    if (localpart.contains('\0') || !isUtf8(localpart))
        return notUserId();
    auto domain = ServerName::parse(text.sliced(colon + 1));
    if (!domain)
        return notUserId();
    UserId id;
    id.m_text = text.toByteArray();
    id.m_localpartLength = localpart.size();
    id.m_domain = std::move(*domain);
    return id;
}

Result<UserId> UserId::parse(QByteArrayView text)
{
    auto id = parseHistorical(text);
    if (!id)
        return id;
    const QByteArrayView localpart = id->localpart();
    if (localpart.isEmpty() || !std::all_of(localpart.begin(), localpart.end(), isLocalpartByte))
        return notUserId();
    return id;
}

} // namespace restante::matrix
