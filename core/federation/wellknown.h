// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/caller.h"

namespace restante::federation
{

/// What a server's answer to GET /.well-known/matrix/server says (PROTOCOL 3.4, step 3). Pure functions; any thread.
struct WellKnown {
    static constexpr qint64 MostBytes = qint64(50) * 1024;
    static constexpr qint64 DefaultMs = qint64(24) * 3600 * 1000;
    static constexpr qint64 LeastMs = qint64(5) * 60 * 1000;
    static constexpr qint64 MostMs = 2 * DefaultMs;

    /// The server that `m.server` names. Errc::BadAnswer for another status than 200, another shape, no server name.
    static Result<matrix::ServerName> delegatedTo(const Response &response);
    /// For how many milliseconds the answer counts: Cache-Control, else Expires against `nowMs` (wall clock), else a
    /// day; 5 minutes at least, 48 hours at most.
    static qint64 lifetimeMs(const Response &response, qint64 nowMs);
};

} // namespace restante::federation
