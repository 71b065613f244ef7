// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/peeruser.h"

#include <sys/socket.h>
#include <unistd.h>

namespace restante::control
{

quint32 ownUser()
{
    return ::geteuid();
}

std::optional<quint32> peerUser(qintptr socketDescriptor)
{
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(int(socketDescriptor), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return std::nullopt;
    return credentials.uid;
}

bool tellsPeerUser()
{
    return true;
}

} // namespace restante::control
