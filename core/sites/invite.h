// SPDX-License-Identifier: GPL-3.0-or-later
// An invite as a homeserver sends it (Matrix specification, server-server API, "Inviting to a room"). Pure functions;
// any thread.
#pragma once

#include "matrix/jsonscan.h"
#include "relay/inviteboard.h"

#include <optional>

namespace restante::sites
{

/// Whether this is a PUT to /_matrix/federation/v1|v2/invite/{roomId}/{eventId}.
bool isInvite(QByteArrayView method, QByteArrayView target);
/// What it says; `origin` has signed it, `server` is asked. Nothing if it does not invite a user of `server` in the
/// name of one of `origin`. `target` is one for which isInvite is true.
std::optional<relay::FailedInvite> readInvite(QByteArrayView target, const matrix::ScannedObject &body,
                                              const matrix::ServerName &origin, const matrix::ServerName &server);

} // namespace restante::sites
