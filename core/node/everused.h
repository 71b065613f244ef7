// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

namespace restante::node
{

/// Whether the node of this data folder ever collected mail, or left some at relays: both are done in the name of its
/// identity. What it handed on for a homeserver is signed by that one and does not count. A missing database says no.
/// For a folder that no program uses; any thread. Errors as base::Database::open.
Result<bool> hasEverCarriedMail(const QString &folder);

} // namespace restante::node
