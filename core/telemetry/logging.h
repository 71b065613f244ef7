// SPDX-License-Identifier: GPL-3.0-or-later
// Every log category of the program. Messages never hold keys, bodies, Authorization values or client addresses of
// honest traffic; what a stranger can cause without end is logged at debug level only.
#pragma once

#include <QtCore/QLoggingCategory>
#include <QtCore/QString>

namespace restante
{

Q_DECLARE_LOGGING_CATEGORY(lcApp)       // restante.app: start, stop, options, settings
Q_DECLARE_LOGGING_CATEGORY(lcIdentity)  // restante.identity: our key, keys of others
Q_DECLARE_LOGGING_CATEGORY(lcQueue)     // restante.queue: database, writer, expiry
Q_DECLARE_LOGGING_CATEGORY(lcRelay)     // restante.relay: admission, taking in, handing out
Q_DECLARE_LOGGING_CATEGORY(lcNode)      // restante.node: collecting, inbox, outbox
Q_DECLARE_LOGGING_CATEGORY(lcHttp)      // restante.http: listeners, guard, handlers
Q_DECLARE_LOGGING_CATEGORY(lcControl)   // restante.control: the local socket
Q_DECLARE_LOGGING_CATEGORY(lcTelemetry) // restante.telemetry: the log itself
Q_DECLARE_LOGGING_CATEGORY(lcUi)        // restante.ui: the window

namespace telemetry
{

/// Applies the setting log.rules: `CATEGORY=true|false` separated by ';', for example `restante.http.debug=true`.
/// Without rules everything from info on is logged. Any thread.
void applyLogRules(const QString &rules);

} // namespace telemetry
} // namespace restante
