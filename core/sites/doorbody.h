// SPDX-License-Identifier: GPL-3.0-or-later
// The body of our own extension `PUT /_matrix/federation/unstable/org.restante/door` (PROTOCOL 6.5). A pure function;
// any thread.
#pragma once

#include "base/result.h"
#include "matrix/jsonscan.h"
#include "matrix/servername.h"
#include "relay/freshness.h"

#include <optional>

namespace restante::sites
{

/// What the owner of a front door says to the relay that has it.
struct DoorBody {
    QByteArray document;                        ///< its key document; empty: none comes along
    std::optional<matrix::ServerName> upstream; ///< where requests are to be passed on to; nothing: they are to be held
    qint64 leaseMs = 0;                         ///< for how long
    std::optional<relay::Stamp> stamp;
};

/// Members that are not known are ignored. Errc::BadJson; `upstream` is a host with a port, because the name of the
/// server itself leads to the relay.
Result<DoorBody> readDoorBody(const matrix::ScannedObject &body);

} // namespace restante::sites
