// SPDX-License-Identifier: GPL-3.0-or-later
// The cards of this installation, and what opening another's does here; the same for the window and for restantectl.
// Any thread.
#pragma once

#include "card/card.h"
#include "control/operations.h"

namespace restante::control
{

/// "I hold mail for you": name, addresses, and for a certificate that no authority signed its pin. The addresses are
/// those of card.addresses, or else public ones that the relay listens at with TLS. Errc::InvalidSetting, saying what
/// to set, if relaying is off or no address is known.
Result<card::Card> relayCard(const settings::Settings &settings, const ApplianceStatus &status);
/// "Serve me": the name under which this node collects. Errc::InvalidSetting if the node role is off.
Result<card::Card> friendCard(const settings::Settings &settings, const QString &ownName);

/// What adding a card would do here.
struct CardUse {
    enum class Effect {
        AddsFriend,
        AddsRelay,
        MovesRelay,     ///< a relay of this node is known elsewhere, or with another pin: this takes the place
        ChangesNothing, ///< all of it is known
        IsOwn,          ///< it is this installation's own card
    };
    Effect effect = Effect::ChangesNothing;
    settings::RelayEntry known; ///< of MovesRelay: as it is now
    settings::RelayUrl address; ///< of a relay: which of its addresses is used if nothing else is said
    QString petname;            ///< what it goes by here, or would: its own name for itself, or nothing
    bool nodeOff = false;       ///< a relay's card, while this installation collects no mail
    bool relayOff = false;      ///< a friend's card, while this installation takes in no mail for others
};
CardUse useOf(const card::Card &card, const settings::Settings &settings, const QString &ownName);

/// Makes the change that `useOf` tells, with one of the card's addresses (null: the one that it tells) and `petname`.
/// Errc::InvalidParam for one's own card; nothing happens if all of it is known.
Result<void> addCard(const card::Card &card, const settings::RelayUrl &address, const QString &petname,
                     const QString &ownName, settings::Settings &settings);

} // namespace restante::control
