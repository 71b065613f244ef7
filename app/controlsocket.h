// SPDX-License-Identifier: GPL-3.0-or-later
// The programs' side of the control socket.
#pragma once

#include "control/server.h"
#include "startup.h"

#include <optional>

namespace restante::app
{

/// Lets clients in. A socket that cannot be made is a warning in the log: the program works without.
void openControl(control::Server &server, const QString &dataFolder);

/// For a start that found the data folder held by another program: has that one show its window, or the card
/// with this link in it, and waits a few seconds for one that has only just started. Nothing if that worked; else what
/// to say and how to end. `refusal` is the error that the start met. Blocks; call it before there is a window.
std::optional<StartFailure> showRunningWindow(const QString &dataFolder, const QString &card, const Error &refusal);

} // namespace restante::app
