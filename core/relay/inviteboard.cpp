// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/inviteboard.h"

#include <algorithm>
#include <utility>

namespace restante::relay
{

bool InviteBoard::note(FailedInvite invite)
{
    const std::lock_guard lock(m_mutex);
    const auto same = std::find_if(m_invites.begin(), m_invites.end(), [&invite](const FailedInvite &each) {
        return each.origin == invite.origin && each.room == invite.room && each.invited == invite.invited;
    });
    const bool isNew = same == m_invites.end();
    if (!isNew) {
        invite.times = same->times + 1;
        m_invites.erase(same);
    }
    m_invites.prepend(std::move(invite));
    if (m_invites.size() > MostInvites)
        m_invites.removeLast();
    return isNew;
}

QList<FailedInvite> InviteBoard::list() const
{
    const std::lock_guard lock(m_mutex);
    return m_invites;
}

} // namespace restante::relay
