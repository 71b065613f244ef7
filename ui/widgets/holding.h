// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

namespace restante::ui
{

/// Whether this computer is there to hold mail for others, as far as anybody asked it to; else it only collects.
inline bool holdsMail(const control::ApplianceStatus &status)
{
    return !status.node || status.served > 0 || status.openRelay;
}

} // namespace restante::ui
