// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/commands.h"

#include "control/commandparts.h"

#include <algorithm>

namespace restante::control
{

const QList<Command> &commands()
{
    static const QList<Command> table = queueCommands() + servedCommands() + cardCommands() + relayCommands() +
                                        sendingCommands() + outboxCommands() + inboxCommands() + homeserverCommands() +
                                        keyCommands() + settingsCommands() + programCommands();
    return table;
}

const Command *findCommand(QStringView words)
{
    const auto found = std::find_if(commands().cbegin(), commands().cend(),
                                    [&words](const Command &command) { return words == command.words; });
    return found == commands().cend() ? nullptr : &*found;
}

} // namespace restante::control
