// SPDX-License-Identifier: GPL-3.0-or-later
// What clients of the control socket can ask for. Main thread.
#pragma once

#include "control/request.h"

#include <QtCore/QLatin1String>

#include <span>

namespace restante::control
{

struct Command {
    QLatin1String name;
    /// Calls `finish` of the request once, now or later.
    void (*run)(Request &request);
};

/// All commands, as they are listed to people.
std::span<const Command> commands();
/// Null for a name that does not exist.
const Command *findCommand(QStringView name);

// The commands, by what they are about; the table in commands.cpp gives them their names.

// commandsqueue.cpp: what is held for others
void tellStatus(Request &request);
void tellQueues(Request &request);
void tellEntries(Request &request);
void tellEntry(Request &request);
void discardEntries(Request &request);
void exportEntries(Request &request);
// commandssettings.cpp: what the operator decides
void addServed(Request &request);
void editServed(Request &request);
void removeServed(Request &request);
void tellServed(Request &request);
void addRelay(Request &request);
void editRelay(Request &request);
void removeRelay(Request &request);
void pauseRelay(Request &request);
void resumeRelay(Request &request);
void tellSettings(Request &request);
void tellSetting(Request &request);
void changeSettings(Request &request);
// commandsnode.cpp: the node beside a homeserver
void tellRelays(Request &request);
void testRelay(Request &request);
void retrieve(Request &request);
void tellOutbox(Request &request);
void forgetFailures(Request &request);
void sendTransaction(Request &request);
void tellIdentity(Request &request);
// commandskeys.cpp: whom to believe which key
void tellKeys(Request &request);
void pinKey(Request &request);
void forgetKeys(Request &request);
// commandsinbox.cpp: what was collected
void tellInbox(Request &request);
void tellInboxEntry(Request &request);
void tellNextInboxEntry(Request &request);
void exportInbox(Request &request);
void discardInbox(Request &request);

} // namespace restante::control
