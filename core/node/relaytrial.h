// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/caller.h"
#include "node/types.h"

namespace restante::node
{

/// The request that tries a relay: for our own queue, acknowledging nothing, so that nothing changes there.
federation::Request trialRequest(const Association &relay, const matrix::ServerName &ownName);
/// What its answer shows.
RelayReport judgeTrial(const Result<federation::Response> &response);

} // namespace restante::node
