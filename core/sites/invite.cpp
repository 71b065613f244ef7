// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/invite.h"

#include "matrix/pathsegments.h"

#include <algorithm>
#include <vector>

namespace restante::sites
{

namespace
{
constexpr qsizetype MostIdBytes = 255;

/// A member of an event that is a user id of `server`, else null.
QByteArray userOf(const std::vector<matrix::JsonMember> &event, const char *member, const matrix::ServerName &server)
{
    const auto found =
        std::find_if(event.begin(), event.end(), [member](const auto &each) { return each.key == member; });
    const QByteArray user = found == event.end() ? QByteArray() : found->value.toText().value_or(QByteArray());
    const bool isUser =
        user.size() <= MostIdBytes && user.startsWith('@') && user.sliced(user.indexOf(':') + 1) == server.bytes();
    return isUser ? user : QByteArray();
}
} // namespace

bool isInvite(QByteArrayView method, QByteArrayView target)
{
    const auto segments = matrix::pathSegments(target);
    return method == "PUT" && segments.size() == 6 && segments[0] == "_matrix" && segments[1] == "federation" &&
           (segments[2] == "v1" || segments[2] == "v2") && segments[3] == "invite";
}

std::optional<relay::FailedInvite> readInvite(QByteArrayView target, const matrix::ScannedObject &body,
                                              const matrix::ServerName &origin, const matrix::ServerName &server)
{
    const auto segments = matrix::pathSegments(target);
    const auto room = matrix::decodeSegment(segments[4]);
    if (!room || room->size() > MostIdBytes || !room->startsWith('!'))
        return {};
    const matrix::JsonSlice *wrapped = segments[2] == "v2" ? body.find("event") : nullptr;
    if (segments[2] == "v2" && !wrapped)
        return {};
    const auto event = wrapped ? matrix::membersOf(*wrapped) : body.members();
    relay::FailedInvite invite;
    invite.origin = origin;
    invite.server = server;
    invite.room = *room;
    invite.sender = userOf(event, "sender", origin);
    invite.invited = userOf(event, "state_key", server);
    if (invite.sender.isNull() || invite.invited.isNull())
        return {};
    return invite;
}

} // namespace restante::sites
