// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QString>

namespace restante::bench
{

/// What is held before the start.
struct HeldShape {
    qint64 entries = 0;
    int destinations = 1;
    int origins = 1;
    int bytes = 900; ///< of each entry, about
};

/// Fills the queue in `folder` through the production writer, with quotas raised. Needs a QCoreApplication; no other
/// program may have the folder open. Returns the seconds that it took.
Result<double> preload(const QString &folder, const HeldShape &shape);

} // namespace restante::bench
