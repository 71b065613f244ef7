// SPDX-License-Identifier: GPL-3.0-or-later
// What the files of commands have in common: parameters that several take, and changes of the settings.
#pragma once

#include "control/commands.h"
#include "control/settingsedits.h"

namespace restante::control
{

// The parts of the table, each with the functions that it names.
QList<Command> queueCommands();
QList<Command> servedCommands();
QList<Command> cardCommands();
QList<Command> relayCommands();
QList<Command> sendingCommands();
QList<Command> outboxCommands();
QList<Command> inboxCommands();
QList<Command> homeserverCommands();
QList<Command> keyCommands();
QList<Command> settingsCommands();
QList<Command> programCommands();

Parameter word(QLatin1String name, QLatin1String key);
Parameter destination();
Parameter entries();
Parameter all();
Parameter file();
Parameter after();
Parameter limit();
Parameter petname();
Parameter known();
/// The same option if something has been said before: an empty value takes that away.
Parameter changed(Parameter option, QLatin1String help);

/// Changes the settings and answers whether a restart is needed.
void edit(Request &request, SettingsEdits::Edit change);

} // namespace restante::control
