// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

namespace restante::app
{

/// What is odd about a data folder before this start makes what is missing in it: others can enter it, the log is
/// closed, or an identity or a database is missing or empty beside files that an earlier start left. Looks only; the
/// caller holds the folder.
QList<control::StatusWarning> lookAtFolder(const QString &folder, bool withNode);

} // namespace restante::app
