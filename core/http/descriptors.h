// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace restante::http
{

/// Raises the number of files and sockets that this process may have open to the most that the system allows it.
/// Returns what it is then; 0 where the system has no such number. Call once at the start, before threads.
qint64 raiseDescriptorLimit();

/// A second descriptor for the same socket, not inherited by child processes; -1 where there is none to be had.
qintptr duplicateDescriptor(qintptr descriptor);

/// Closes a socket that no Qt object owns. -1 is ignored.
void closeDescriptor(qintptr descriptor);

} // namespace restante::http
