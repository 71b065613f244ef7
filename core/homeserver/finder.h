// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "homeserver/configuration.h"

namespace restante::homeserver
{

/// Looks for the configurations of Synapse and Dendrite where packages, installers and their own manuals put them:
/// below `root` (empty: the computer itself; tests give a folder of theirs) and in the folder `home`. `file`, if it is
/// not empty, is looked at alone. What is not there is no trouble; what cannot be read is named, with the reason.
/// Reads a few small files; any thread.
Found findHomeservers(const QString &root, const QString &home, const QString &file = {});

} // namespace restante::homeserver
