// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/writer.h"

namespace restante::queue
{

/// Whether the queue there ever took in anything, also what is gone by now. A missing database did not. For a folder
/// that no program uses; any thread. Errors as base::Database::open.
Result<bool> hasEverHeld(const Location &location);

} // namespace restante::queue
