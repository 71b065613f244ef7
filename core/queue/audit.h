// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/writer.h"

#include <QtCore/QStringList>

namespace restante::queue
{

/// Counts everything that is held anew and compares it with the running totals, as one moment shows both. The value
/// names each difference; empty means that all agree. Reads the whole database: for tests and for repair, in a thread
/// that may wait.
Result<QStringList> audit(const Location &location);

} // namespace restante::queue
