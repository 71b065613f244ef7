// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/connectioncounters.h"
#include "queue/writer.h"
#include "telemetry/counters.h"

#include <QtCore/QByteArray>

namespace restante::app
{

class NodeRole;

/// What the metrics are read from.
struct ExpositionSources {
    const telemetry::Counters &counters;
    const telemetry::DispatchCounters &dispatches;
    const queue::Writer &writer;
    const http::ConnectionCounters &connections; ///< of the relay's listener
    bool storing = true;                         ///< stores work
    const NodeRole *node = nullptr;              ///< null if it is off
};

/// All metrics, as Prometheus reads them. Any thread.
QByteArray exposition(const ExpositionSources &sources);

} // namespace restante::app
