// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>

#include <map>

namespace restante::telemetry
{

/// Pieces of mail in some stretch of time, counted as they were handled here.
struct Traffic {
    qint64 takenIn = 0;    ///< entries that the relay began to hold
    qint64 handedOver = 0; ///< entries that their owner took, by collecting or because they were sent there
    qint64 refused = 0;    ///< attempts to leave mail that were refused, for whatever reason; each attempt counts
    qint64 collected = 0;  ///< entries that the node got from its relays and had not had before
    qint64 delivered = 0;  ///< of its inbox, entries that the homeserver took

    Traffic &operator+=(const Traffic &more);
    friend bool operator==(const Traffic &, const Traffic &) = default;
};

/// How far back a report goes.
enum class TrafficSpan {
    Hour,  ///< 60 minutes
    Day,   ///< 24 hours, as clocks here begin them
    Month, ///< 30 calendar days
};

/// One bar of a chart.
struct TrafficBucket {
    qint64 startMs = 0; ///< wall clock
    Traffic traffic;

    friend bool operator==(const TrafficBucket &, const TrafficBucket &) = default;
};

struct TrafficReport {
    TrafficSpan span = TrafficSpan::Day;
    QList<TrafficBucket> buckets; ///< oldest first, none left out; the last one has not ended yet
    Traffic today;                ///< this computer's calendar day
    Traffic yesterday;

    friend bool operator==(const TrafficReport &, const TrafficReport &) = default;
};

/// How much mail came and went in the last hour, day and month: counts for minutes, quarters of an hour and calendar
/// days, of which only those with mail take room, at most a few KiB. A quarter of an hour is the largest stretch that
/// every time zone's hours are made of. A value type.
///
/// The clock may jump. What is full forgets what is furthest from now, before or after it: a clock that was years off
/// for a while costs a few bars, and leaves none behind in the end.
class TrafficHistory
{
public:
    static constexpr size_t MostMinutes = 60;
    static constexpr size_t MostQuarters = 96;
    static constexpr size_t MostDays = 31;

    /// Adds what was counted at `atMs` (wall clock).
    void add(const Traffic &more, qint64 atMs);
    TrafficReport report(TrafficSpan span, qint64 nowMs) const;

    /// One JSON object, for `parse`.
    QByteArray toJson() const;
    /// Errc::Corrupt for anything that `toJson` does not write.
    static Result<TrafficHistory> parse(const QByteArray &json);

private:
    using Row = std::map<qint64, Traffic>; ///< by minutes or quarters since 1970, or by Julian day

    Row m_minutes;
    Row m_quarters;
    Row m_days;
};

} // namespace restante::telemetry
