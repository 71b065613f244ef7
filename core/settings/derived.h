// SPDX-License-Identifier: GPL-3.0-or-later
// What the rooms are given of the settings, in their own types.
#pragma once

#include "http/limits.h"
#include "queue/types.h"
#include "settings/settings.h"

namespace restante::settings
{

/// The limits of the HTTP front. `settings` have been validated.
http::Limits limitsOf(const Settings &settings);
/// Quotas and served destinations for the queue's writer. `settings` have been validated; names that do not parse are
/// left out.
queue::Policy policyOf(const Settings &settings);

} // namespace restante::settings
