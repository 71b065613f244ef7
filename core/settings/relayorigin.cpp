// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/relayorigin.h"

#include "settings/enteredname.h"

namespace restante::settings
{

MaybeComplaint parse(const QString &text, QList<RelayOrigin> &out)
{
    QList<RelayOrigin> read;
    for (const QString &part : text.split(u',', Qt::SkipEmptyParts)) {
        const QStringList names = part.simplified().split(u' ');
        RelayOrigin pair;
        if (names.size() != 2)
            return Complaint{ComplaintCode::NotAServerName, {part.trimmed()}};
        if (const auto wrong = parseEntered(names.first(), pair.relay))
            return wrong;
        if (const auto wrong = parseEntered(names.last(), pair.origin))
            return wrong;
        read.append(pair);
    }
    out = read;
    return {};
}

} // namespace restante::settings
