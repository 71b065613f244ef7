// SPDX-License-Identifier: GPL-3.0-or-later
// The statements of the EntryStore.
#pragma once

#include "queue/bodyparts.h"
#include "queue/entrystore.h"

namespace restante::queue
{

struct EntryStore::Statements {
    explicit Statements(base::Database &database)
        : meta(database, QStringLiteral("SELECT bytes FROM meta WHERE name = ?"))
        , addMeta(database, QStringLiteral("INSERT INTO meta (name, bytes) VALUES (?, ?)"))
        , held(database, QStringLiteral("SELECT 1 FROM entries WHERE arrival = ?"))
        , add(database, QStringLiteral(
                            "INSERT INTO entries (arrival, destination, id, origin, label, address, dedup, rest, size, "
                            "pdu_count, edu_count, origin_server_ts, received_ms, txn_id, pdus, edus, body, parts) "
                            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
        , takeArrival(database,
                      QStringLiteral("DELETE FROM entries WHERE arrival = ? RETURNING destination, id, origin, "
                                     "label, address, dedup, rest, size, body"))
        , seeArrival(database, QStringLiteral("SELECT destination, id, origin, label, address, dedup, rest, size, "
                                              "body FROM entries WHERE arrival = ?"))
        , arrivals(database, QStringLiteral("SELECT arrival, received_ms, destination, id FROM entries WHERE "
                                            "arrival >= ? ORDER BY arrival LIMIT ?"))
        , arrivalBefore(database, QStringLiteral("SELECT arrival FROM entries WHERE arrival <= ? ORDER BY arrival DESC "
                                                 "LIMIT 1"))
        , arrivalAfter(database,
                       QStringLiteral("SELECT arrival FROM entries WHERE arrival >= ? ORDER BY arrival LIMIT 1"))
        , placesBetween(database,
                        QStringLiteral("SELECT destination, id, arrival FROM positions WHERE arrival >= ? AND "
                                       "arrival < ?"))
        , stampAfter(database,
                     QStringLiteral("SELECT received_ms FROM (SELECT received_ms FROM entries WHERE arrival > ? "
                                    "ORDER BY arrival LIMIT ?) WHERE received_ms BETWEEN ? AND ? LIMIT 1"))
        , restamp(database, QStringLiteral("UPDATE entries SET received_ms = ? WHERE arrival = ?"))
        , giveUp(database,
                 QStringLiteral("INSERT INTO given_up (origin, destination, entries, last_ms, discarded) VALUES (?, ?, "
                                "1, ?, ?) ON CONFLICT (origin, destination) DO UPDATE SET entries = entries + 1, "
                                "last_ms = excluded.last_ms, discarded = discarded + excluded.discarded"))
        , addTombstone(database,
                       QStringLiteral("INSERT INTO tombstones (number, acknowledged_ms, destination, dedup, rest, id, "
                                      "arrival) VALUES (?, ?, ?, ?, ?, ?, ?)"))
        , tombstones(database, QStringLiteral("SELECT number, acknowledged_ms, destination, dedup, id FROM tombstones "
                                              "WHERE number >= ? ORDER BY number LIMIT ?"))
        , dropTombstone(database, QStringLiteral("DELETE FROM tombstones WHERE number = ?"))
        , setAside(database,
                   QStringLiteral(
                       "INSERT INTO quarantine (destination, id, set_aside_ms, origin, received_ms, "
                       "origin_server_ts, txn_id, pdus, edus) SELECT e.destination, e.id, ?, e.origin, e.received_ms, "
                       "e.origin_server_ts, e.txn_id, %1, %2 FROM entries e WHERE e.arrival = ? ON CONFLICT "
                       "(destination, id) DO NOTHING")
                       .arg(wholePdus(), wholeEdus()))
        , setHeadAside(database, QStringLiteral(
                                     "INSERT INTO quarantine (destination, id, set_aside_ms, origin, received_ms, "
                                     "origin_server_ts) SELECT destination, id, ?, origin, received_ms, "
                                     "origin_server_ts FROM entries WHERE arrival = ? ON CONFLICT (destination, id) DO "
                                     "NOTHING"))
        , setNameAside(database,
                       QStringLiteral("INSERT INTO quarantine (destination, id, set_aside_ms) VALUES (?, ?, ?) "
                                      "ON CONFLICT (destination, id) DO NOTHING"))
        , stampTombstones(database,
                          QStringLiteral("UPDATE tombstones SET acknowledged_ms = ? WHERE acknowledged_ms < ?"))
        , stampQuarantined(database, QStringLiteral("UPDATE quarantine SET set_aside_ms = ? WHERE set_aside_ms < ?"))
        , dropQuarantined(database, QStringLiteral("DELETE FROM quarantine WHERE destination = ? AND id = ?"))
        , isAside(database, QStringLiteral("SELECT 1 FROM quarantine WHERE destination = ? AND id = ?"))
        , unlabel(database,
                  QStringLiteral("UPDATE entries SET label = 0 WHERE arrival = ? AND received_ms >= ? "
                                 "RETURNING destination, id, origin, label, address, dedup, rest, size, body"))
        , quarantined(database, QStringLiteral("SELECT rowid, destination, id, set_aside_ms FROM quarantine WHERE "
                                               "rowid >= ? ORDER BY rowid LIMIT ?"))
        , lastQuarantined(database, QStringLiteral("SELECT COALESCE(MAX(rowid), 0) FROM quarantine"))
        , whole(database, QStringLiteral("SELECT o.name, %1, %2, e.txn_id FROM entries e LEFT JOIN origins o ON "
                                         "o.id = e.origin WHERE e.arrival = ?")
                              .arg(wholePdus(), wholeEdus()))
        , figures(database, QStringLiteral("SELECT origin, label, address, size FROM entries WHERE arrival = ?"))
    {
    }

    base::SqlStatement meta;
    base::SqlStatement addMeta;
    base::SqlStatement held;
    base::SqlStatement add;
    base::SqlStatement takeArrival;
    base::SqlStatement seeArrival;
    base::SqlStatement arrivals;
    base::SqlStatement arrivalBefore;
    base::SqlStatement arrivalAfter;
    base::SqlStatement placesBetween;
    base::SqlStatement stampAfter;
    base::SqlStatement restamp;
    base::SqlStatement giveUp;
    base::SqlStatement addTombstone;
    base::SqlStatement tombstones;
    base::SqlStatement dropTombstone;
    base::SqlStatement setAside;
    base::SqlStatement setHeadAside;
    base::SqlStatement setNameAside;
    base::SqlStatement stampTombstones;
    base::SqlStatement stampQuarantined;
    base::SqlStatement dropQuarantined;
    base::SqlStatement isAside;
    base::SqlStatement unlabel;
    base::SqlStatement quarantined;
    base::SqlStatement lastQuarantined;
    base::SqlStatement whole;
    base::SqlStatement figures;
};

} // namespace restante::queue
