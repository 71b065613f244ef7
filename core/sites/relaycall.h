// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/userid.h"
#include "matrix/xmatrix.h"
#include "sites/relaysite.h"
#include "sites/routes.h"

namespace restante::sites
{

/// What the gate learned of a request, kept for its handler.
struct RelaySite::Call final : http::Admitted {
    RouteName route = RouteName::Version;
    matrix::XMatrix claim;
    matrix::UserId user;
    matrix::ServerName mailbox; ///< that is asked about
    QByteArray txnId;
};

} // namespace restante::sites
