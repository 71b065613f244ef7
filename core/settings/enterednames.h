// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "settings/settings.h"

namespace restante::settings
{

/// Every server name in `settings` as matrix::tidiedName writes it.
void tidyNames(Settings &settings);

/// Errc::InvalidSetting where `edited` has a server name that `before` has not and that no person can have meant
/// (matrix::parseEnteredName). One that is there already is left alone, so that it can be taken out.
Result<void> checkNewNames(const Settings &before, const Settings &edited);

/// A sentence on each server name in `settings` that no person can have meant: which one it is, and why.
QStringList impossibleNames(const Settings &settings);

} // namespace restante::settings
