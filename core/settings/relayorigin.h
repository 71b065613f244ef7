// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"
#include "settings/complaint.h"

#include <QtCore/QList>

namespace restante::settings
{

/// Mail of one origin that one relay brings.
struct RelayOrigin {
    matrix::ServerName relay;
    matrix::ServerName origin;

    friend bool operator==(const RelayOrigin &, const RelayOrigin &) = default;
};

/// Reads `RELAY ORIGIN, RELAY ORIGIN`; an empty text is an empty list. NotAServerName with the part that is none, or is
/// not two names.
MaybeComplaint parse(const QString &text, QList<RelayOrigin> &out);

} // namespace restante::settings
