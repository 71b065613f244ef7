// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "telemetry/counters.h"

#include <QtCore/QByteArray>

#include <vector>

namespace restante::telemetry
{

/// One number from somewhere else, read at the moment of asking.
struct Metric {
    enum class Type { Counter, Gauge };

    const char *name; ///< without the prefix restante_
    const char *help; ///< one plain sentence
    Type type = Type::Counter;
    qint64 value = 0;
};

/// The Content-Type of what `prometheusText` returns.
inline constexpr char PrometheusContentType[] = "text/plain; version=0.0.4; charset=utf-8";

/// The Prometheus text format, version 0.0.4: HELP and TYPE of every metric, all named restante_…, no label per origin
/// or destination. Any thread; each number is read once, they need not belong to the same instant.
QByteArray prometheusText(const Counters &counters, const std::vector<Metric> &more);

} // namespace restante::telemetry
