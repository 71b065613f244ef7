// SPDX-License-Identifier: GPL-3.0-or-later
// Who is at the other end of a local socket, as the system knows it; the platforms have a file each.
#pragma once

#include <QtCore/QtGlobal>

#include <optional>

namespace restante::control
{

/// The user that this program runs as.
quint32 ownUser();
/// The user that opened the other end; nothing if the system cannot tell.
std::optional<quint32> peerUser(qintptr socketDescriptor);
/// Whether this platform can tell at all; if it cannot, the mode of the socket's file has to do.
bool tellsPeerUser();

} // namespace restante::control
