// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::ctl
{

/// The last `count` lines of restante.log in `dataFolder`, oldest first, going back into the files that were turned
/// over where the newest has fewer. Needs no running program. Errc::Io if there is no log.
Result<QStringList> lastLogLines(const QString &dataFolder, qint64 count);

} // namespace restante::ctl
