// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "telemetry/counters.h"

#include <QtCore/QByteArray>

namespace restante::telemetry
{

/// What is true at the moment of asking and is not counted: the caller takes it from the queue.
struct Snapshot {
    qint64 heldEntries = 0;
    qint64 heldBytes = 0;
    qint64 destinations = 0; ///< with entries held
    qint64 served = 0;
    qint64 quarantined = 0;
    bool storing = true;
    bool paused = false;
    qint64 startedSeconds = 0; ///< wall clock, since 1970
};

/// The Content-Type of what `prometheusText` returns.
inline constexpr char PrometheusContentType[] = "text/plain; version=0.0.4; charset=utf-8";

/// The Prometheus text format, version 0.0.4: HELP and TYPE of every metric, all named restante_…, no label per origin
/// or destination. Any thread; each number is read once, they need not belong to the same instant.
QByteArray prometheusText(const Counters &counters, const Snapshot &now);

} // namespace restante::telemetry
