// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QSet>
#include <QtCore/QString>

#include <optional>
#include <vector>

namespace restante::sites
{

/// What a homeserver asks another server for when it lacks events (Matrix specification, server-server API,
/// "Retrieving events" and "Backfilling and retrieving missing events"). A value; any thread.
struct GapQuestion {
    enum class Kind {
        MissingEvents, ///< POST get_missing_events/{room}
        Event,         ///< GET event/{id}
        Backfill,      ///< GET backfill/{room}
        State,         ///< GET state/{room}, GET state_ids/{room}
    };
    Kind kind = Kind::State;
    QString room;                   ///< empty for Event
    std::vector<QByteArray> latest; ///< ids of events: the walk begins there; at most MostLatest
    QSet<QByteArray> earliest;      ///< it ends at these
    qint64 limit = 0;               ///< of events in the answer, 1…MostEvents
    qint64 leastDepth = 0;

    static constexpr qsizetype MostBodyBytes = qsizetype(64) * 1024; ///< more is no such question
    static constexpr qsizetype MostLatest = 20;
    static constexpr qint64 MostEvents = 50; ///< as many as a transaction may have

    /// Nothing for every other request, and for one that is not as the specification has it.
    static std::optional<GapQuestion> of(QByteArrayView method, const QByteArray &target, const QByteArray &body);
};

} // namespace restante::sites
