// SPDX-License-Identifier: GPL-3.0-or-later
// What restantectl says about its commands.
#pragma once

#include "control/commands.h"

#include <QtCore/QString>

namespace restante::ctl
{

using control::Command;
using control::Parameter;

/// As it is in a usage line, without brackets.
QString synopsisOf(const Parameter &parameter);
/// "discard DEST ENTRY... | --all"
QString usageOf(const Command &command);
/// What `restantectl --help` prints.
QString overview();
/// What `restantectl help COMMAND` prints.
QString helpOn(const Command &command);

} // namespace restante::ctl
