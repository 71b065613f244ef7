// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtNetwork/QHostAddress>

namespace restante::http
{

/// Raises the number of files and sockets that this process may have open to the most that the system allows it.
/// Returns what it is then; 0 if the system has no such number. Call once at the start, before threads.
qint64 raiseDescriptorLimit();

/// A second descriptor for the same socket, not inherited by child processes; -1 if none is to be had.
qintptr duplicateDescriptor(qintptr descriptor);

/// What came of accepting a connection: its descriptor, why it failed, or neither if no client waits.
struct Acceptance {
    qintptr descriptor = -1;
    QString failure;      ///< of the system, for the log; trying again at once would fail again
    bool stopped = false; ///< the socket does not listen just now
};
/// Accepts one connection from a socket that listens and does not block. Not inherited by child processes.
Acceptance acceptConnection(qintptr listening);
/// The address of a connection's other side; null if it is gone.
QHostAddress peerOf(qintptr descriptor);

/// Has a socket no longer listen and frees its port for others, but not its place: all its duplicates can
/// `listenAgain`. What waited to be accepted is refused. False if the system cannot do that.
bool stopListening(qintptr descriptor);
/// Undoes stopListening; false if another socket listens there now.
bool listenAgain(qintptr descriptor, int backlog);
/// Says `answer` to a client that is about to be let go, as far as it fits without waiting, and that nothing more
/// comes. What the client has sent by now is thrown away: closing over it would reset the connection, and the answer
/// with it.
void sayFarewell(qintptr descriptor, const QByteArray &answer);

/// Closes a socket that no Qt object owns. -1 is ignored.
void closeDescriptor(qintptr descriptor);

} // namespace restante::http
