// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/identityuse.h"

#include "node/everused.h"
#include "queue/everheld.h"

namespace restante::control
{

Result<bool> isIdentityUsed(const QString &folder)
{
    const auto held = queue::hasEverHeld({folder});
    if (!held || *held)
        return held;
    return node::hasEverCarriedMail(folder);
}

} // namespace restante::control
