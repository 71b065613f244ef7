// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/writer.h"

#include <QtCore/QStringList>

namespace restante::queue
{

/// Counts everything that is held anew and compares it with the running totals, as one moment shows both. The value
/// names each difference, in words; empty means that all agree. Reads the whole database, in a thread that may wait;
/// changes nothing.
Result<QStringList> audit(const Location &location);
/// A sentence for each mailbox with entries that cannot be handed out, because what of them is in the database is
/// damaged: their numbers, and how they are thrown away. Errors as `audit`.
Result<QStringList> damagedEntries(const Location &location);

} // namespace restante::queue
