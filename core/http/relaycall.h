// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/relaysite.h"
#include "http/routes.h"
#include "matrix/userid.h"
#include "matrix/xmatrix.h"

namespace restante::http
{

/// What the gate learned of a request, kept for its handler.
struct RelaySite::Call final : Admitted {
    RouteName route = RouteName::Version;
    matrix::XMatrix claim;
    matrix::UserId user;
    matrix::ServerName mailbox; ///< that is asked about
    QByteArray txnId;
};

} // namespace restante::http
