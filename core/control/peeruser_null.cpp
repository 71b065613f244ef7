// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/peeruser.h"

namespace restante::control
{

quint32 ownUser()
{
    return 0;
}

std::optional<quint32> peerUser(qintptr)
{
    return std::nullopt;
}

bool tellsPeerUser()
{
    return false;
}

} // namespace restante::control
