// SPDX-License-Identifier: GPL-3.0-or-later
// Statements that derive tables of the queue's database from the entries and tombstones.
#pragma once

#include <QtCore/QString>

namespace restante::queue
{

// Each takes a range: the first key, and exactly as many rows as can be read from there: one more would meet the
// damage. Rows that could not be deleted are none.
inline const auto AddPositions = QStringLiteral(
    "INSERT INTO positions (destination, id, arrival) SELECT destination, id, arrival FROM (SELECT "
    "destination, id, arrival FROM entries WHERE arrival >= ? ORDER BY arrival LIMIT ?) n WHERE NOT "
    "EXISTS (SELECT 1 FROM meta m WHERE m.name = 'broken_row:' || n.arrival) ORDER BY destination, id ON "
    "CONFLICT (destination, id) DO NOTHING");
inline const auto AddContents = QStringLiteral(
    "INSERT INTO contents (destination, dedup, rest, id) SELECT destination, dedup, rest, id FROM (SELECT "
    "destination, dedup, rest, id, arrival FROM entries WHERE arrival >= ? ORDER BY arrival LIMIT ?) n "
    "WHERE NOT EXISTS (SELECT 1 FROM meta m WHERE m.name = 'broken_row:' || n.arrival) ORDER BY "
    "destination, dedup ON CONFLICT (destination, dedup) DO NOTHING");
inline const auto AddAcknowledged = QStringLiteral(
    "INSERT INTO contents (destination, dedup, rest, id) SELECT destination, dedup, rest, id FROM (SELECT "
    "destination, dedup, rest, id FROM tombstones WHERE number >= ? ORDER BY number LIMIT ?) n WHERE 1 = "
    "1 ORDER BY destination, dedup ON CONFLICT (destination, dedup) DO NOTHING");
/// How many tombstones each destination has.
inline const auto CountTombstones =
    QStringLiteral("WITH counted AS MATERIALIZED (SELECT destination, COUNT(*) AS amount FROM tombstones GROUP BY "
                   "destination) UPDATE destinations SET tombstones = COALESCE((SELECT amount FROM counted c WHERE "
                   "c.destination = destinations.id), 0)");

/// An entry id is not given twice: at most this many that cannot be read are above the highest one that can.
inline constexpr qint64 LostIds = qint64(1) << 20;

} // namespace restante::queue
