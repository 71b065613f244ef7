// SPDX-License-Identifier: GPL-3.0-or-later
// Relays, trial requests and sweeps in words.
#pragma once

#include "node/types.h"
#include "ui/widgets/servernames.h"
#include "ui/widgets/shapes.h"

namespace restante::ui
{

/// How a relay is doing, in two or three words.
QString stateText(const node::RelayStatus &relay);
/// The same as a shape, different for each state.
Shape stateShape(node::RelayStatus::State state);

/// Why a relay is in that state, in the relay's own words where it said something, and since when; may be empty.
QString problemText(const node::RelayStatus &relay);
/// What went wrong with a relay: a sentence, and the reason as it was given.
QString relayErrorText(const Error &error);

/// What a trial request showed, what to do about it, and what the relay answered.
QString outcomeText(const node::RelayReport &report);

/// A sweep that runs: how many so far, from how many relays, who is being asked.
QString progressText(const node::Sweep &sweep, const PetNames &names);
/// A sweep that is over: what came, and which relays failed and why. Empty where there was none.
QString resultText(const node::Sweep &sweep, const PetNames &names);

} // namespace restante::ui
