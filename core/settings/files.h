// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/complaint.h"
#include "settings/settings.h"

namespace restante::settings
{

/// Looks whether the files that settings name are there, can be read, and hold what they are for (PEM). `keys` are the
/// settings that are looked at; empty: all. Reads files: `validate`, which runs everywhere and often, does not.
MaybeComplaint checkFiles(const Settings &settings, const QStringList &keys = {});

} // namespace restante::settings
