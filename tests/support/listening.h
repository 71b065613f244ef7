// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "appliance.h"

namespace restante::test
{

/// A whole installation that listens. The clock outlives it.
inline std::unique_ptr<app::Appliance> listening(const settings::Options &options, const base::Clock &clock)
{
    auto appliance = app::Appliance::open(options, clock);
    if (!appliance)
        qFatal("%s", qPrintable(appliance.error().detail));
    if (const auto up = (*appliance)->listen(false); !up)
        qFatal("%s", qPrintable(up.error().detail));
    return std::move(*appliance);
}

} // namespace restante::test
