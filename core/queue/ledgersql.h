// SPDX-License-Identifier: GPL-3.0-or-later
// The statements of the Ledger.
#pragma once

#include "queue/ledger.h"
#include "queue/metanumbers.h"

namespace restante::queue
{

struct Ledger::Statements {
    explicit Statements(base::Database &database)
        : destinationByName(database, QStringLiteral("SELECT id, name, entries, bytes, last_id, collected_ms, expired, "
                                                     "expired_ms, tombstones FROM destinations WHERE name = ?"))
        , destinationByNumber(database,
                              QStringLiteral("SELECT id, name, entries, bytes, last_id, collected_ms, expired, "
                                             "expired_ms, tombstones FROM destinations WHERE id = ?"))
        , addDestination(database, QStringLiteral("INSERT INTO destinations (id, name) VALUES (?, ?)"))
        , updateDestination(database, QStringLiteral("UPDATE destinations SET entries = ?, bytes = ?, last_id = ?, "
                                                     "collected_ms = ?, expired = ?, expired_ms = ?, tombstones = ? "
                                                     "WHERE id = ?"))
        , originByName(database, QStringLiteral("SELECT id FROM origins WHERE name = ?"))
        , originByNumber(database, QStringLiteral("SELECT name FROM origins WHERE id = ?"))
        , addOrigin(database, QStringLiteral("INSERT INTO origins (id, name) VALUES (?, ?)"))
        , pair(database,
               QStringLiteral("SELECT entries, bytes, first_day, known, last_day, learned_from FROM pairs WHERE "
                              "destination = ? AND origin = ?"))
        , learnedOrigins(database, QStringLiteral("SELECT origin FROM pairs WHERE destination = ? AND known = 1"))
        , halfLearned(database, QStringLiteral("SELECT learned_from, COUNT(*) FROM pairs WHERE destination = ? AND "
                                               "known = 0 AND first_day > 0 GROUP BY learned_from"))
        , pairsOfOrigin(database, QStringLiteral("SELECT destination, entries, bytes FROM pairs WHERE origin = ? AND "
                                                 "entries > 0"))
        , rowsOfAddress(database, QStringLiteral("SELECT destination, entries, bytes FROM addresses WHERE address = ?"))
        , putPair(database,
                  QStringLiteral("INSERT INTO pairs (destination, origin, entries, bytes, first_day, known, last_day, "
                                 "learned_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (destination, "
                                 "origin) DO UPDATE SET entries = excluded.entries, bytes = excluded.bytes, "
                                 "first_day = excluded.first_day, known = excluded.known, "
                                 "last_day = excluded.last_day, learned_from = excluded.learned_from"))
        , dropPair(database, QStringLiteral("DELETE FROM pairs WHERE destination = ? AND origin = ?"))
        , labels(database, QStringLiteral("SELECT label, name, entries, bytes FROM labels WHERE destination = ?"))
        , putLabel(database, QStringLiteral(
                                 "INSERT INTO labels (destination, label, name, entries, bytes) VALUES (?, ?, ?, ?, ?) "
                                 "ON CONFLICT (destination, label) DO UPDATE SET name = excluded.name, "
                                 "entries = excluded.entries, bytes = excluded.bytes"))
        , dropLabel(database, QStringLiteral("DELETE FROM labels WHERE destination = ? AND label = ?"))
        , address(database,
                  QStringLiteral("SELECT entries, bytes FROM addresses WHERE destination = ? AND address = ?"))
        , putAddress(
              database,
              QStringLiteral("INSERT INTO addresses (destination, address, entries, bytes) VALUES (?, ?, ?, ?) ON "
                             "CONFLICT (destination, address) DO UPDATE SET entries = excluded.entries, "
                             "bytes = excluded.bytes"))
        , dropAddress(database, QStringLiteral("DELETE FROM addresses WHERE destination = ? AND address = ?"))
        , addMovements(database, QStringLiteral("INSERT INTO movements (number, changes) VALUES (?, ?)"))
        , movements(database, QStringLiteral("SELECT number, changes FROM movements ORDER BY number"))
        , dropMovements(database, QStringLiteral("DELETE FROM movements"))
        , sums(database, QStringLiteral("SELECT COALESCE(SUM(entries), 0), COALESCE(SUM(bytes), 0), "
                                        "COALESCE(SUM(tombstones), 0), COALESCE(SUM(entries > 0), 0), "
                                        "COALESCE(MAX(id), 0), COALESCE(SUM(tombstones > 0), 0) FROM destinations"))
        , allDestinations(database, QStringLiteral("SELECT id FROM destinations"))
        , lastOrigin(database, QStringLiteral("SELECT COALESCE(MAX(id), 0) FROM origins"))
        , numbers(database)
        , idleDestinations(
              database, QStringLiteral("SELECT id, last_id FROM destinations d WHERE entries = 0 AND tombstones = 0 "
                                       "AND (expired = 0 OR expired_ms < ?) AND NOT EXISTS (SELECT 1 FROM quarantine "
                                       "q WHERE q.destination = d.id) LIMIT ?"))
        , dropDestination(database, QStringLiteral("DELETE FROM destinations WHERE id = ?"))
        , dropPairs(database, QStringLiteral("DELETE FROM pairs WHERE destination = ?"))
        , dropLabels(database, QStringLiteral("DELETE FROM labels WHERE destination = ?"))
        , dropAddresses(database, QStringLiteral("DELETE FROM addresses WHERE destination = ?"))
        , zeroPairs(database, QStringLiteral("UPDATE pairs SET entries = 0, bytes = 0 WHERE destination = ?"))
        , zeroLabels(database, QStringLiteral("UPDATE labels SET entries = 0, bytes = 0 WHERE destination = ?"))
        , setPair(database,
                  QStringLiteral("INSERT INTO pairs (destination, origin, entries, bytes) VALUES (?, ?, ?, ?) "
                                 "ON CONFLICT (destination, origin) DO UPDATE SET entries = "
                                 "excluded.entries, bytes = excluded.bytes"))
        , setLabel(database,
                   QStringLiteral("INSERT INTO labels (destination, label, name, entries, bytes) VALUES (?, ?, "
                                  "x'', ?, ?) ON CONFLICT (destination, label) DO UPDATE SET entries = "
                                  "excluded.entries, bytes = excluded.bytes"))
        , dropZeroPairs(database,
                        QStringLiteral("DELETE FROM pairs WHERE destination = ? AND entries = 0 AND bytes = 0 "
                                       "AND first_day = 0"))
        , dropZeroLabels(database,
                         QStringLiteral("DELETE FROM labels WHERE destination = ? AND entries = 0 AND bytes = 0"))
        , dropHalfLearned(database,
                          QStringLiteral("DELETE FROM pairs WHERE entries = 0 AND known = 0 AND first_day < ? AND "
                                         "origin > ? AND origin <= ?"))
        , forgetSilent(database,
                       QStringLiteral("UPDATE pairs SET known = 0, first_day = 0, last_day = 0 WHERE known = 1 "
                                      "AND last_day < ? AND origin > ? AND origin <= ?"))
        , forgetLongestSilent(
              database,
              QStringLiteral("UPDATE pairs SET known = 0, first_day = 0, last_day = 0 WHERE destination = ? AND "
                             "origin IN (SELECT origin FROM pairs WHERE destination = ? AND known = 1 ORDER BY "
                             "last_day LIMIT ?)"))
        , dropOldestHalves(
              database,
              QStringLiteral("UPDATE pairs SET first_day = 0 WHERE destination = ? AND origin IN (SELECT origin "
                             "FROM pairs WHERE destination = ? AND known = 0 AND first_day > 0 ORDER BY "
                             "first_day LIMIT ?)"))
        , dropForgotten(database,
                        QStringLiteral("DELETE FROM pairs WHERE entries = 0 AND known = 0 AND first_day = 0 AND "
                                       "origin > ? AND origin <= ?"))
        , dropOrigins(database,
                      QStringLiteral("DELETE FROM origins WHERE id > ? AND id <= ? AND NOT EXISTS (SELECT 1 FROM pairs "
                                     "p WHERE p.origin = origins.id) AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE "
                                     // The senders of some cannot be told at the moment.
                                     "q.origin = origins.id OR q.origin IS NULL)"))
    {
    }

    base::SqlStatement destinationByName;
    base::SqlStatement destinationByNumber;
    base::SqlStatement addDestination;
    base::SqlStatement updateDestination;
    base::SqlStatement originByName;
    base::SqlStatement originByNumber;
    base::SqlStatement addOrigin;
    base::SqlStatement pair;
    base::SqlStatement learnedOrigins;
    base::SqlStatement halfLearned;
    base::SqlStatement pairsOfOrigin;
    base::SqlStatement rowsOfAddress;
    base::SqlStatement putPair;
    base::SqlStatement dropPair;
    base::SqlStatement labels;
    base::SqlStatement putLabel;
    base::SqlStatement dropLabel;
    base::SqlStatement address;
    base::SqlStatement putAddress;
    base::SqlStatement dropAddress;
    base::SqlStatement addMovements;
    base::SqlStatement movements;
    base::SqlStatement dropMovements;
    base::SqlStatement sums;
    base::SqlStatement allDestinations;
    base::SqlStatement lastOrigin;
    MetaNumbers numbers;
    base::SqlStatement idleDestinations;
    base::SqlStatement dropDestination;
    base::SqlStatement dropPairs;
    base::SqlStatement dropLabels;
    base::SqlStatement dropAddresses;
    base::SqlStatement zeroPairs;
    base::SqlStatement zeroLabels;
    base::SqlStatement setPair;
    base::SqlStatement setLabel;
    base::SqlStatement dropZeroPairs;
    base::SqlStatement dropZeroLabels;
    base::SqlStatement dropHalfLearned;
    base::SqlStatement forgetSilent;
    base::SqlStatement forgetLongestSilent;
    base::SqlStatement dropOldestHalves;
    base::SqlStatement dropForgotten;
    base::SqlStatement dropOrigins;
};

} // namespace restante::queue
