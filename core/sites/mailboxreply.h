// SPDX-License-Identifier: GPL-3.0-or-later
// What our own extension `GET /_matrix/federation/unstable/org.restante/mailbox/{serverName}` answers. Pure functions.
#pragma once

#include "base/result.h"
#include "matrix/servername.h"

#include <QtCore/QByteArray>

namespace restante::sites
{

/// To the owner: `{"holds":…,"paused":…,"server_name":…}`. `holds`: mail for it is taken in. `paused`: nobody's mail is
/// taken in just now. `room`: whether its mailbox had room for what came last; if not, `"full":true` for QuotaExceeded,
/// or `"full_for_unknown":true` if it is so `onlyForUnknown` senders; `"paused":true` if nothing can be stored.
/// `reason` says in words why nothing is taken in, but not of a pause.
QByteArray ownMailboxReply(const matrix::ServerName &owner, bool holds, bool paused, const Result<void> &room,
                           bool onlyForUnknown = false);

/// To a server that might leave mail for `owner`: `{"accepts":…,"server_name":…}`, and if it may not, `errcode` and
/// `error` as send_relay would answer them.
QByteArray otherMailboxReply(const matrix::ServerName &owner, const Result<void> &mayLeave);

} // namespace restante::sites
