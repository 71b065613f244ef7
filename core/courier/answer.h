// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/caller.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <map>

namespace restante::courier
{

/// What the homeserver's answer to a transaction means.
struct Answer {
    enum class Kind {
        Taken,        ///< 200; which is not acceptance of every event
        NoKey,        ///< 401
        Busy,         ///< 429
        Failed,       ///< 5xx, 404, an answer that is none, or none in time
        Refused,      ///< it will never take it
        NoConnection, ///< nothing was sent
    };
    Kind kind = Kind::NoConnection;
    qint64 afterMs = 0;                        ///< Busy: when to try again; 0 = not said
    bool doubtful = false;                     ///< Failed: it may have been taken all the same
    QString reason = {};                       ///< English; empty for Taken
    std::map<QByteArray, QString> errors = {}; ///< Taken: what it said of single events, by their ids

    /// A function of values; any thread. A 404 comes from something else than a homeserver, or from one whose
    /// federation is switched off: no reason to give up this mail.
    static Answer of(const Result<federation::Response> &response);
};

} // namespace restante::courier
