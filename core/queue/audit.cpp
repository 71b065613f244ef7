// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/audit.h"

#include "base/sqlstatement.h"
#include "queue/movement.h"
#include "queue/tally.h"

#include <map>

namespace restante::queue
{

namespace
{

using Key = std::pair<qint64, qint64>;
using Tallies = std::map<Key, Tally>;

/// The four kinds of totals, and the tombstones.
struct Books {
    Tallies destinations; ///< second is 0
    Tallies pairs;
    Tallies labels;
    Tallies addresses;
    Tallies tombstones; ///< second is 0, no bytes

    void add(const Movement &movement)
    {
        if (movement.kind == Movement::Kind::TombstoneForgotten) {
            tombstones[{movement.destination, 0}].entries -= 1;
            return;
        }
        const qint64 sign = movement.kind == Movement::Kind::Stored ? 1 : -1;
        const Tally amount{sign, sign * movement.size};
        destinations[{movement.destination, 0}] += amount;
        pairs[{movement.destination, movement.origin}] += amount;
        labels[{movement.destination, movement.label}] += amount;
        if (movement.address != 0)
            addresses[{movement.destination, movement.address}] += amount;
        if (movement.kind == Movement::Kind::Acknowledged)
            tombstones[{movement.destination, 0}].entries += 1;
    }
};

/// `statement` gives destination, other, entries, bytes.
Result<void> read(base::Database &database, const QString &statement, Tallies &tallies)
{
    base::SqlStatement query(database, statement);
    if (auto done = query.run(); !done)
        return done;
    const base::SqlRows rows(query);
    while (query.next())
        tallies[{query.integer(0), query.integer(1)}] += {query.integer(2), query.integer(3)};
    return query.failure();
}

Result<void> readMovements(base::Database &database, Books &books)
{
    base::SqlStatement query(database, QStringLiteral("SELECT changes FROM movements ORDER BY number"));
    if (auto done = query.run(); !done)
        return done;
    const base::SqlRows rows(query);
    while (query.next()) {
        const auto movements = decodeMovements(query.bytes(0));
        if (!movements)
            return {Errc::Corrupt, QStringLiteral("The database's record of recent changes is damaged.")};
        for (const Movement &movement : *movements)
            books.add(movement);
    }
    return query.failure();
}

void compare(const QString &what, Tallies counted, Tallies kept, QStringList &differences)
{
    std::erase_if(counted, [](const auto &each) { return each.second.isZero(); });
    std::erase_if(kept, [](const auto &each) { return each.second.isZero(); });
    for (const auto &[key, tally] : counted) {
        const Tally other = kept.contains(key) ? kept.at(key) : Tally();
        if (!(other == tally))
            differences << QStringLiteral("%1 %2/%3: %4 entries of %5 bytes are held, the total says %6 of %7")
                               .arg(what)
                               .arg(key.first)
                               .arg(key.second)
                               .arg(tally.entries)
                               .arg(tally.bytes)
                               .arg(other.entries)
                               .arg(other.bytes);
    }
    for (const auto &[key, tally] : kept) {
        if (!counted.contains(key))
            differences << QStringLiteral("%1 %2/%3: nothing is held, the total says %4 of %5")
                               .arg(what)
                               .arg(key.first)
                               .arg(key.second)
                               .arg(tally.entries)
                               .arg(tally.bytes);
    }
}

/// `statement` over the rows of entries that count: not those that could not be deleted (BrokenRows).
QString overHeld(const QString &statement)
{
    return QStringLiteral("WITH held AS (SELECT arrival, destination, id, origin, label, address, dedup, size FROM "
                          "entries e WHERE NOT EXISTS (SELECT 1 FROM meta m WHERE m.name = 'broken_row:' || "
                          "e.arrival)) ") +
           statement;
}

Result<void> readCounted(base::Database &database, Books &counted)
{
    const std::pair<QString, Tallies *> statements[] = {
        {QStringLiteral("SELECT destination, 0, COUNT(*), SUM(size) FROM held GROUP BY destination"),
         &counted.destinations},
        {QStringLiteral("SELECT destination, origin, COUNT(*), SUM(size) FROM held GROUP BY destination, origin"),
         &counted.pairs},
        {QStringLiteral("SELECT destination, label, COUNT(*), SUM(size) FROM held GROUP BY destination, label"),
         &counted.labels},
        {QStringLiteral("SELECT destination, address, COUNT(*), SUM(size) FROM held WHERE address <> 0 GROUP BY "
                        "destination, address"),
         &counted.addresses},
        {QStringLiteral("SELECT destination, 0, COUNT(*), 0 FROM tombstones GROUP BY destination"),
         &counted.tombstones}};
    for (const auto &[statement, tallies] : statements) {
        if (auto done = read(database, overHeld(statement), *tallies); !done)
            return done;
    }
    return {};
}

Result<void> readKept(base::Database &database, Books &kept)
{
    const std::pair<QString, Tallies *> statements[] = {
        {QStringLiteral("SELECT id, 0, entries, bytes FROM destinations"), &kept.destinations},
        {QStringLiteral("SELECT destination, origin, entries, bytes FROM pairs"), &kept.pairs},
        {QStringLiteral("SELECT destination, label, entries, bytes FROM labels"), &kept.labels},
        {QStringLiteral("SELECT destination, address, entries, bytes FROM addresses"), &kept.addresses},
        {QStringLiteral("SELECT id, 0, tombstones, 0 FROM destinations"), &kept.tombstones}};
    for (const auto &[statement, tallies] : statements) {
        if (auto done = read(database, statement, *tallies); !done)
            return done;
    }
    return readMovements(database, kept);
}

/// What each entry, tombstone, content row and position that a fold has dealt with must have.
Result<void> compareIndexes(base::Database &database, QStringList &differences)
{
    const std::pair<QString, QString> statements[] = {
        {QStringLiteral("SELECT COUNT(*) FROM (SELECT destination, dedup, id, arrival FROM held UNION ALL SELECT "
                        "destination, dedup, id, arrival FROM tombstones) n WHERE n.arrival <= (SELECT "
                        "COALESCE(MAX(number), 0) FROM meta WHERE name = 'indexed_arrival') AND NOT EXISTS (SELECT 1 "
                        "FROM contents c WHERE c.destination = n.destination AND c.dedup = n.dedup AND c.id = n.id)"),
         QStringLiteral("entries and tombstones without a content row: %1")},
        {QStringLiteral("SELECT COUNT(*) FROM contents c WHERE NOT EXISTS (SELECT 1 FROM held e WHERE "
                        "e.destination = c.destination AND e.dedup = c.dedup AND e.id = c.id) AND NOT EXISTS (SELECT "
                        "1 FROM tombstones t WHERE t.destination = c.destination AND t.dedup = c.dedup AND t.id = "
                        "c.id)"),
         QStringLiteral("content rows of nothing: %1")},
        {QStringLiteral("SELECT COUNT(*) FROM held e WHERE e.arrival <= (SELECT COALESCE(MAX(number), 0) FROM meta "
                        "WHERE name = 'indexed_arrival') AND NOT EXISTS (SELECT 1 FROM positions p WHERE "
                        "p.destination = e.destination AND p.id = e.id AND p.arrival = e.arrival)"),
         QStringLiteral("entries without a position: %1")},
        {QStringLiteral("SELECT COUNT(*) FROM positions p WHERE NOT EXISTS (SELECT 1 FROM held e WHERE e.arrival = "
                        "p.arrival) AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.arrival = p.arrival AND "
                        "t.number > (SELECT COALESCE(MAX(number), 0) FROM meta WHERE name = 'indexed_tombstone'))"),
         QStringLiteral("positions of nothing: %1")}};
    for (const auto &[statement, words] : statements) {
        base::SqlStatement query(database, overHeld(statement));
        if (auto done = query.run(); !done)
            return done;
        const base::SqlRows rows(query);
        if (!query.next())
            return query.failure();
        if (query.integer(0) != 0)
            differences << words.arg(query.integer(0));
    }
    return {};
}

} // namespace

Result<QStringList> audit(const Location &location)
{
    base::ConnectionOptions options;
    options.database = location.database();
    options.readOnly = true;
    options.busyTimeoutMs = 2'000;
    auto database = base::Database::open(options);
    if (!database)
        return database.error();
    if (auto begun = (*database)->run(QStringLiteral("BEGIN")); !begun)
        return begun.error();
    Books counted;
    Books kept;
    QStringList differences;
    auto done = readCounted(**database, counted);
    if (done)
        done = readKept(**database, kept);
    if (done)
        done = compareIndexes(**database, differences);
    const auto ended = (*database)->run(QStringLiteral("COMMIT"));
    if (!done)
        return done.error();
    if (!ended)
        return ended.error();
    compare(QStringLiteral("destination"), counted.destinations, kept.destinations, differences);
    compare(QStringLiteral("origin"), counted.pairs, kept.pairs, differences);
    compare(QStringLiteral("label"), counted.labels, kept.labels, differences);
    compare(QStringLiteral("address"), counted.addresses, kept.addresses, differences);
    compare(QStringLiteral("tombstones"), counted.tombstones, kept.tombstones, differences);
    return differences;
}

} // namespace restante::queue
