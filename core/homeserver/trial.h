// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "identity/publickey.h"
#include "matrix/servername.h"

#include <QtCore/QString>

#include <functional>

namespace restante::homeserver
{

/// What two requests to a homeserver showed.
struct TrialReport {
    enum class Outcome {
        Works,         ///< it is the homeserver whose name and key this installation has
        Unreachable,   ///< nobody answers there
        NotHomeserver, ///< what answers there is none
        NoFederation,  ///< something answers there that takes no requests of other servers
        OtherServer,   ///< a homeserver with another name
        OtherKey,      ///< it has our name and another key
        BadKeys,       ///< what it says of its keys cannot be right
        Busy,          ///< it, or a proxy before it, answers that it cannot just now
    };
    Outcome outcome = Outcome::Unreachable;
    QString place = {};
    QString software = {};   ///< as it calls itself, "Synapse 1.160.0"; printable, at most 100 characters; may be empty
    QString serverName = {}; ///< in what it says of its keys; empty: it says nothing
    QString expected = {};   ///< our own name
    QString keyIds = {};     ///< those of its keys, ", " between them
    int status = 0;          ///< of the answer that decided; 0 = there was none
    QString detail = {};     ///< one English sentence
    qint64 tookMs = 0;

    bool works() const { return outcome == Outcome::Works; }
};

/// The name and key that the homeserver must have: those of this installation.
struct Expected {
    matrix::ServerName name;
    QByteArray keyId;
    identity::PublicKey key{};
};

/// Asks the homeserver at `place` (`http://127.0.0.1:8008`) what it is and which keys it has, in two requests that
/// change nothing and are not signed. `done` comes once, later, in this thread, and not after `caller` is gone.
/// `clock` outlives the trial.
void tryHomeserver(federation::Caller &caller, const base::Clock &clock, const QByteArray &place, Expected expected,
                   std::function<void(const TrialReport &)> done);

} // namespace restante::homeserver
