// SPDX-License-Identifier: GPL-3.0-or-later
// Relays, trial requests and sweeps in words.
#pragma once

#include "node/types.h"
#include "settings/relayentry.h"
#include "ui/servernames.h"
#include "ui/shapes.h"

namespace restante::ui
{

/// How a relay is doing, in two or three words.
QString stateText(node::RelayStatus::State state);
/// The same as a shape, different for each state.
Shape stateShape(node::RelayStatus::State state);

/// What a trial request showed, and what to do about it.
QString outcomeText(node::RelayReport::Outcome outcome);
/// What is wrong with a part of an association, for the field beside which it is shown.
QString problemText(const settings::RelayProblem &problem, const settings::RelayEntry &entry);

/// A sweep that runs: how many so far, from how many relays, who is being asked.
QString progressText(const node::Sweep &sweep, const PetNames &names);
/// A sweep that is over: what came, and which relays failed and why. Empty where there was none.
QString resultText(const node::Sweep &sweep, const PetNames &names);

} // namespace restante::ui
