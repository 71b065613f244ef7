// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "http/certificatewatch.h"
#include "http/connectioncounters.h"
#include "http/front.h"
#include "nearby/neighbours.h"
#include "queue/writer.h"
#include "settings/settings.h"
#include "telemetry/counters.h"

#include <QtCore/QMap>
#include <QtCore/QString>

#include <optional>

namespace restante::app
{

class NodeRole;

/// What the status is made of: each was observed by the part that it belongs to.
struct StatusSources {
    QString serverName;
    const settings::Settings &settings;
    const queue::Writer &writer;
    const queue::QueueHealth &health;
    const telemetry::Counters &counters;
    const telemetry::DispatchCounters &dispatches;
    const http::ConnectionCounters &connections;         ///< of the relay's listener
    const http::Front *front = nullptr;                  ///< the relay's; null before it listens
    const std::optional<Error> &listenError;             ///< of the first listener that is wanted and not up
    const QMap<QString, QString> &acceptTroubles;        ///< listeners where no connection can be accepted, and why
    const QStringList &lostAddresses;                    ///< that are listened on, and are none of this computer's
    const http::CertificateWatch *certificate = nullptr; ///< null without TLS
    QStringList doorCertificates;                        ///< troubles with those of front doors
    const NodeRole *node = nullptr;                      ///< null if it is off
    nearby::Neighbours::Standing neighbours;             ///< none if nobody wants to know of them
    const std::optional<Error> &nodeFault;               ///< why it is off although it is wanted
    const QList<control::StatusWarning> &atStart;        ///< what was odd at the start
    QString clock;                                       ///< trouble; empty: none
    QString log;                                         ///< the same
    QString authorities;                                 ///< the same
};

/// How the program is doing. Main thread.
control::ApplianceStatus statusOf(const StatusSources &sources);

} // namespace restante::app
