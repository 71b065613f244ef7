// SPDX-License-Identifier: GPL-3.0-or-later
// What restantectl does itself with a data folder, without the program that runs there.
#pragma once

#include "base/result.h"
#include "ctl/arguments.h"

#include <QtCore/QJsonObject>

namespace restante::ctl
{

/// Does the work of a command and gives its answer. Blocks. Errc::InvalidSetting and AlreadyRunning mean that what was
/// asked for cannot be done as the things are, and nothing was changed (exit status 2); others that it failed (1).
using OfflineCommand = Result<QJsonObject> (*)(const Invocation &invocation);

/// By all the words of the command; null for one that is done by the running program.
OfflineCommand findOffline(const QString &words);

} // namespace restante::ctl
