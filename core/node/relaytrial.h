// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "node/types.h"

#include <functional>

namespace restante::node
{

/// Tries a relay, in two requests that change nothing there: for our own queue, acknowledging nothing, which shows that
/// it is a relay and knows us; then whether it takes in the mail that it is configured for (ours, or ours for a
/// contact), which only a relay like ours can say. `done` comes once, later, in this thread, and not after `caller` is
/// gone; `tookMs` is left at 0. `clock` outlives the trial.
void tryRelay(federation::Caller &caller, const base::Clock &clock, const Association &relay,
              const matrix::ServerName &ownName, std::function<void(const RelayReport &)> done);

/// Why the relay is of no use, as a trial showed; nothing if it answers as a relay does, whatever it takes in.
std::optional<Error> trialError(const RelayReport &report);
/// What the answer for our own queue shows; Works if it is a relay's.
RelayReport judgeTrial(const Result<federation::Response> &response);
/// The same report after the answer to whether mail is taken in: Works, CannotSay, NotHeld or Paused. `about`: whose.
RelayReport judgeMailbox(RelayReport report, const Result<federation::Response> &response,
                         const matrix::ServerName &about);

} // namespace restante::node
