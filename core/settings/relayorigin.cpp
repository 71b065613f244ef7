// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/relayorigin.h"

#include "settings/enteredname.h"

#include <QtCore/QStringList>

namespace restante::settings
{

QString RelayOrigins::toString() const
{
    QStringList parts;
    for (const RelayOrigin &pair : m_pairs)
        parts.append(pair.toString());
    return parts.join(QLatin1String(", "));
}

MaybeComplaint parse(const QString &text, RelayOrigins &out)
{
    out = {};
    for (const QString &part : text.split(u',', Qt::SkipEmptyParts)) {
        const QStringList names = part.simplified().split(u' ');
        RelayOrigin pair;
        if (names.size() != 2)
            return Complaint{ComplaintCode::NotAServerName, {part.trimmed()}};
        if (const auto wrong = parse(names.first(), pair.relay))
            return wrong;
        if (const auto wrong = parse(names.last(), pair.origin))
            return wrong;
        out.m_pairs.append(pair);
    }
    return {};
}

} // namespace restante::settings
