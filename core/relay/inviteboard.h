// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>

#include <mutex>

namespace restante::relay
{

/// An invite that came to a front door while the server behind it was away. It cannot be held: an invite needs the
/// invited server's signature, so that whoever sent it has to do so again.
struct FailedInvite {
    qint64 lastMs = 0;         ///< wall clock; when it came the last time
    matrix::ServerName origin; ///< the verified signer
    matrix::ServerName server; ///< behind the door
    QByteArray sender;         ///< a user of the origin; UTF-8 that a stranger chose, as the next two
    QByteArray invited;        ///< a user of the server
    QByteArray room;
    int times = 1;
};

/// What the operator sees of failed invites, since the start. Any thread; one small mutex.
class InviteBoard
{
public:
    static constexpr qsizetype MostInvites = 100; ///< beyond, the one that came longest ago goes

    InviteBoard() = default;
    Q_DISABLE_COPY_MOVE(InviteBoard)

    /// One row for the same origin, room and invited user. True if it is a new one.
    bool note(FailedInvite invite);
    /// The newest first.
    QList<FailedInvite> list() const;

private:
    mutable std::mutex m_mutex;
    QList<FailedInvite> m_invites;
};

} // namespace restante::relay
