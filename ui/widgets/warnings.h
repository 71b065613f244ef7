// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/widgets/servernames.h"

namespace restante::ui
{

/// Where a warning's button leads.
enum class Remedy {
    NetworkSettings,
    RelayingSettings,
    NodeSettings,
    HomeserverSettings,
    FederationSettings,
    StorageSettings,
    ShowRelays,
    RelayCard,  ///< this relay's card, to hand on
    FriendCard, ///< the answer to another's
    OpenCard,   ///< of somebody else
    AddFriend,  ///< whose mail is to be held
    CopyDetails,
    Dismiss,
};

/// One sentence that asks for attention, and one thing to do about it.
struct Warning {
    QString text;
    QString button; ///< with a mnemonic
    QString detail; ///< English, for hovering and copying; may be empty
    Remedy remedy = Remedy::CopyDetails;

    friend bool operator==(const Warning &, const Warning &) = default;
};

/// What the operator should know, the most pressing first; friends go by `names`.
QList<Warning> warningsFor(const control::ApplianceStatus &status, const PetNames &names = {});

} // namespace restante::ui
