// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

namespace restante::control
{

/// Whether something was done in the name of this data folder's identity that another one could not go on with: mail
/// was taken in, collected, or left at relays. Until then the identity may be replaced. The caller holds the folder.
/// Errors as base::Database::open.
Result<bool> isIdentityUsed(const QString &folder);

} // namespace restante::control
