// SPDX-License-Identifier: GPL-3.0-or-later
// The statements of the Inspector.
#include "queue/bodyparts.h"
#include "queue/inspectorparts.h"

namespace restante::queue
{

namespace
{
/// The statement for lines of a destination's list.
QString lines(const QString &from, const QString &where)
{
    return QStringLiteral(
               "SELECT e.arrival, e.id, o.name, e.txn_id, l.name, e.received_ms, e.origin_server_ts, e.size, "
               "e.pdu_count, e.edu_count FROM %1 LEFT JOIN origins o ON o.id = e.origin LEFT JOIN labels l "
               "ON l.destination = e.destination AND l.label = e.label WHERE %2")
        .arg(from, where);
}
} // namespace

Inspector::Private::Connection::Connection(std::unique_ptr<base::Database> opened)
    : database(std::move(opened))
    , begin(*database, QStringLiteral("BEGIN"))
    , end(*database, QStringLiteral("COMMIT"))
    , sums(*database, QStringLiteral("SELECT COALESCE(SUM(entries), 0), COALESCE(SUM(bytes), 0), (SELECT COUNT(*) FROM "
                                     "quarantine) FROM destinations"))
    , destinations(
          *database,
          QStringLiteral("SELECT d.id, d.name, d.entries, d.bytes, d.collected_ms, d.expired, "
                         "(SELECT e.received_ms FROM positions p JOIN entries e ON e.arrival = p.arrival WHERE "
                         "p.destination = d.id ORDER BY p.id LIMIT 1), (SELECT e.received_ms FROM positions p JOIN "
                         "entries e ON e.arrival = p.arrival WHERE p.destination = d.id ORDER BY p.id DESC LIMIT 1) "
                         "FROM destinations d LIMIT ?"))
    , destinationsAlone(*database, QStringLiteral("SELECT id, name, entries, bytes, collected_ms, expired, 0, 0 FROM "
                                                  "destinations LIMIT ?"))
    , places(*database, QStringLiteral("SELECT id, arrival FROM positions WHERE destination = ? AND id > ? ORDER BY id "
                                       "LIMIT ?"))
    , endPlaces(*database, QStringLiteral("SELECT MIN(id), MAX(id) FROM positions WHERE destination = ?"))
    , received(*database,
               QStringLiteral("SELECT e.received_ms FROM positions p JOIN entries e ON e.arrival = p.arrival "
                              "WHERE p.destination = ? AND p.id = ?"))
    , labels(*database, QStringLiteral("SELECT destination, label, name, entries, bytes FROM labels"))
    , movements(*database, QStringLiteral("SELECT changes FROM movements ORDER BY number"))
    , destination(*database, QStringLiteral("SELECT id FROM destinations WHERE name = ?"))
    , page(*database, lines(QStringLiteral("positions p JOIN entries e ON e.arrival = p.arrival"),
                            QStringLiteral("p.destination = ? AND p.id > ? ORDER BY p.id LIMIT ?")))
    , line(*database, lines(QStringLiteral("entries e"), QStringLiteral("e.arrival = ?")))
    , bodies(*database,
             QStringLiteral("SELECT %1, %2 FROM entries e WHERE e.arrival = ?").arg(wholePdus(), wholeEdus()))
    , quarantined(
          *database,
          QStringLiteral("SELECT q.id, o.name, q.txn_id, q.received_ms, q.origin_server_ts, "
                         "COALESCE(LENGTH(q.pdus), 0) + COALESCE(LENGTH(q.edus), 0) FROM quarantine q LEFT JOIN "
                         "origins o ON o.id = q.origin WHERE q.destination = ? AND q.id > ? ORDER BY q.id LIMIT ?"))
    , position(*database, QStringLiteral("SELECT arrival FROM positions WHERE destination = ? AND id = ?"))
    , entry(*database,
            QStringLiteral("SELECT o.name, e.txn_id, e.origin_server_ts, e.received_ms, %1, %2 FROM entries e "
                           "LEFT JOIN origins o ON o.id = e.origin WHERE e.arrival = ?")
                .arg(wholePdus(), wholeEdus()))
    , quarantinedEntry(*database,
                       QStringLiteral("SELECT o.name, q.txn_id, q.origin_server_ts, q.received_ms, q.pdus, q.edus FROM "
                                      "quarantine q LEFT JOIN origins o ON o.id = q.origin WHERE q.destination = ? AND "
                                      "q.id = ?"))
{
}

} // namespace restante::queue
