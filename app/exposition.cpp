// SPDX-License-Identifier: GPL-3.0-or-later
#include "exposition.h"

#include "noderole.h"
#include "telemetry/prometheus.h"

#include <atomic>
#include <vector>

namespace restante::app
{

QByteArray exposition(const ExpositionSources &sources)
{
    using telemetry::Metric;
    const auto read = [](const std::atomic<qint64> &value) { return value.load(std::memory_order_relaxed); };
    const auto gauge = Metric::Type::Gauge;
    const auto counter = Metric::Type::Counter;
    const queue::QueueCounters &queue = sources.writer.counters();
    const http::ConnectionCounters &http = sources.connections;
    std::vector<Metric> metrics{
        {"entries_held", "Entries held now.", gauge, read(queue.entries)},
        {"held_bytes", "Bytes of the entries held now.", gauge, read(queue.bytes)},
        {"stores_accepted_total", "Transactions stored as new entries.", counter, read(queue.fresh)},
        {"stores_duplicate_total", "Transactions whose content was held already.", counter, read(queue.duplicates)},
        {"stores_over_quota_total", "Transactions refused because there was no room.", counter, read(queue.refused)},
        {"stores_failed_total", "Transactions refused because storage failed.", counter, read(queue.failed)},
        {"entries_acknowledged_total", "Entries taken over by their owners.", counter, read(queue.acknowledged)},
        {"entries_expired_total", "Entries that expired unread.", counter, read(queue.expired)},
        {"entries_discarded_total", "Entries thrown away by the operator.", counter, read(queue.discarded)},
        {"entries_quarantined_total", "Entries set aside because they could not be read.", counter,
         read(queue.quarantined)},
        {"dispatched_total", "Transactions that this relay sent by itself.", counter,
         qint64(sources.dispatches.sent.value())},
        {"dispatch_skipped_total", "Transactions that were to be sent and were of no use any more.", counter,
         qint64(sources.dispatches.skipped.value())},
        {"dispatch_destinations", "Servers that mail to be sent waits for.", gauge,
         read(sources.dispatches.destinations)},
        {"dispatch_parked", "Transactions to be sent that their destination will never take.", gauge,
         read(sources.dispatches.parked)},
        {"mailboxes_filling", "Served mailboxes that are at least 80 % full.", gauge,
         qint64(sources.writer.mailboxes().fills().size())},
        {"mailboxes_refusing", "Mailboxes for which mail is refused now because there is no room.", gauge,
         qint64(sources.writer.mailboxes().refusals().size())},
        {"storing", "1 while stores work, 0 while they fail.", gauge, sources.storing ? 1 : 0},
        {"connections", "Connections open now.", gauge, read(http.open)},
        {"connections_accepted_total", "Connections accepted.", counter, read(http.accepted)},
        {"connections_refused_total", "Connections refused by a limit.", counter, read(http.turnedAway)},
        {"connections_cut_total", "Connections ended because a deadline passed.", counter, read(http.cut)},
        {"requests_refused_by_guard_total", "Requests refused for their framing or size.", counter,
         read(http.refusedByGuard)},
        {"requests_timed_out_total", "Requests answered too late.", counter, read(http.handlerTimeouts)},
        {"accept_failures_total", "Connections that could not be accepted.", counter, read(http.acceptFailures)},
    };
    if (sources.node) {
        const std::vector<Metric> more = sources.node->metrics();
        metrics.insert(metrics.end(), more.begin(), more.end());
    }
    return telemetry::prometheusText(sources.counters, metrics);
}

} // namespace restante::app
