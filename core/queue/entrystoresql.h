// SPDX-License-Identifier: GPL-3.0-or-later
// The statements of the EntryStore.
#pragma once

#include "queue/entrystore.h"

namespace restante::queue
{

struct EntryStore::Statements {
    explicit Statements(base::Database &database)
        : meta(database, QStringLiteral("SELECT bytes FROM meta WHERE name = ?"))
        , addMeta(database, QStringLiteral("INSERT INTO meta (name, bytes) VALUES (?, ?)"))
        , claim(database, QStringLiteral("INSERT INTO contents (destination, dedup, rest, id) VALUES (?, ?, ?, ?) ON "
                                         "CONFLICT (destination, dedup) DO NOTHING"))
        , content(database, QStringLiteral("SELECT rest, id FROM contents WHERE destination = ? AND dedup = ?"))
        , held(database, QStringLiteral("SELECT 1 FROM entries WHERE destination = ? AND id = ?"))
        , add(database,
              QStringLiteral("INSERT INTO entries (destination, id, origin, label, address, dedup, size, pdu_count, "
                             "edu_count, origin_server_ts, received_ms, txn_id, pdus, edus) VALUES (?, ?, ?, ?, ?, ?, "
                             "?, ?, ?, ?, ?, ?, ?, ?)"))
        , take(database,
               QStringLiteral("DELETE FROM entries WHERE destination = ? AND id = ? RETURNING destination, id, "
                              "origin, label, address, dedup, size"))
        , takeArrival(database,
                      QStringLiteral("DELETE FROM entries WHERE arrival = ? RETURNING destination, id, origin, "
                                     "label, address, dedup, size"))
        , oldest(database,
                 QStringLiteral("SELECT id FROM entries WHERE destination = ? AND id <= ? ORDER BY id LIMIT ?"))
        , arrivals(database, QStringLiteral("SELECT arrival, received_ms FROM entries ORDER BY arrival LIMIT ?"))
        , restamp(database, QStringLiteral("UPDATE entries SET received_ms = ? WHERE arrival = ?"))
        , dropContent(database, QStringLiteral("DELETE FROM contents WHERE destination = ? AND dedup = ? AND id = ?"))
        , addTombstone(database,
                       QStringLiteral("INSERT INTO tombstones (acknowledged_ms, destination, dedup, id) VALUES "
                                      "(?, ?, ?, ?)"))
        , tombstones(database, QStringLiteral("SELECT number, acknowledged_ms, destination, dedup, id FROM tombstones "
                                              "ORDER BY number LIMIT ?"))
        , dropTombstone(database, QStringLiteral("DELETE FROM tombstones WHERE number = ?"))
        , setAside(
              database,
              QStringLiteral("INSERT INTO quarantine (destination, id, set_aside_ms, origin, received_ms, "
                             "origin_server_ts, txn_id, pdus, edus) SELECT destination, id, ?, origin, received_ms, "
                             "origin_server_ts, txn_id, pdus, edus FROM entries WHERE destination = ? AND id = ?"))
        , dropQuarantined(database, QStringLiteral("DELETE FROM quarantine WHERE destination = ? AND id = ?"))
        , dropOldQuarantined(database, QStringLiteral("DELETE FROM quarantine WHERE set_aside_ms < ?"))
    {
    }

    base::SqlStatement meta;
    base::SqlStatement addMeta;
    base::SqlStatement claim;
    base::SqlStatement content;
    base::SqlStatement held;
    base::SqlStatement add;
    base::SqlStatement take;
    base::SqlStatement takeArrival;
    base::SqlStatement oldest;
    base::SqlStatement arrivals;
    base::SqlStatement restamp;
    base::SqlStatement dropContent;
    base::SqlStatement addTombstone;
    base::SqlStatement tombstones;
    base::SqlStatement dropTombstone;
    base::SqlStatement setAside;
    base::SqlStatement dropQuarantined;
    base::SqlStatement dropOldQuarantined;
};

} // namespace restante::queue
