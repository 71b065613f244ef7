// SPDX-License-Identifier: GPL-3.0-or-later
// Cards in words of people.
#pragma once

#include "card/card.h"
#include "control/cards.h"

namespace restante::ui
{

/// One sentence, with a full stop.
QString problemText(const card::CardProblem &problem);
/// The same with "%1" in the place of what it is about; empty for a code that has no words.
QString problemPattern(card::CardProblem::Code code);
/// An address, and from where it can be reached if that is not from anywhere.
QString addressText(const settings::RelayUrl &address);
/// Whose card it is and what adding it does, in one or two sentences. `called`: how its server is called here.
QString effectText(const card::Card &card, const control::CardUse &use, const QString &called);
/// What the operator should know before agreeing, a sentence each; `address` is the one that would be used.
QStringList cautions(const card::Card &card, const control::CardUse &use, const settings::RelayUrl &address);

} // namespace restante::ui
