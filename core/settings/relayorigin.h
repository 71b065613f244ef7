// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"
#include "settings/complaint.h"

#include <QtCore/QList>
#include <QtCore/QString>

namespace restante::settings
{

/// Mail of one origin that one relay brings.
struct RelayOrigin {
    matrix::ServerName relay;
    matrix::ServerName origin;

    QString toString() const { return relay.toString() + u' ' + origin.toString(); }
    friend bool operator==(const RelayOrigin &, const RelayOrigin &) = default;
};

/// Any number of these, in the operator's order, written `RELAY ORIGIN, RELAY ORIGIN`.
class RelayOrigins
{
public:
    const QList<RelayOrigin> &pairs() const { return m_pairs; }
    QString toString() const;

    friend bool operator==(const RelayOrigins &, const RelayOrigins &) = default;
    friend MaybeComplaint parse(const QString &text, RelayOrigins &out);

private:
    QList<RelayOrigin> m_pairs;
};

/// An empty text gives none. NotAServerName with the part that is none, or is not two names.
MaybeComplaint parse(const QString &text, RelayOrigins &out);

} // namespace restante::settings
