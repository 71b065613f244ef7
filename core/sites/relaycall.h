// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/userid.h"
#include "sites/relaysite.h"
#include "sites/routes.h"

namespace restante::sites
{

/// What the gate learned of a request, kept for its handler.
struct RelaySite::Call final : http::Admitted, Intake::Mail {
    RouteName route = RouteName::Version;
    matrix::UserId user;
    matrix::ServerName mailbox; ///< that is asked about
};

} // namespace restante::sites
