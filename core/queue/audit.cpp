// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/audit.h"

#include "base/sqlstatement.h"
#include "queue/movement.h"
#include "queue/tally.h"

#include <algorithm>
#include <functional>
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
        if (movement.leavesTombstone())
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

/// The names that the numbers stand for.
using Names = std::map<qint64, QString>;

Result<Names> readNames(base::Database &database, const QString &statement)
{
    Names names;
    base::SqlStatement query(database, statement);
    if (auto done = query.run(); !done)
        return done.error();
    const base::SqlRows rows(query);
    while (query.next())
        names[query.integer(0)] = QString::fromUtf8(query.bytes(1));
    if (auto failed = query.failure(); !failed)
        return failed.error();
    return names;
}

QString nameOf(const Names &names, qint64 number)
{
    const auto known = names.find(number);
    return known == names.end() ? QStringLiteral("a server without a name (number %1)").arg(number) : known->second;
}

/// `whose`: in words, by the key of a tally.
void compare(const std::function<QString(const Key &)> &whose, Tallies counted, Tallies kept, QStringList &differences)
{
    for (const auto &[key, tally] : kept)
        counted.try_emplace(key);
    for (const auto &[key, held] : counted) {
        const auto total = kept.find(key);
        const Tally told = total == kept.end() ? Tally() : total->second;
        if (told == held)
            continue;
        differences << QStringLiteral("%1: %2 of %3 bytes are there, the total says %4 of %5")
                           .arg(whose(key))
                           .arg(held.entries)
                           .arg(held.bytes)
                           .arg(told.entries)
                           .arg(told.bytes);
    }
}

/// `statement` over the rows of entries that count: not those that could not be deleted (BrokenRows).
QString overHeld(const QString &statement)
{
    return QStringLiteral("WITH held AS (SELECT arrival, destination, id, origin, label, address, dedup, size, body, "
                          "parts FROM entries e WHERE NOT EXISTS (SELECT 1 FROM meta m WHERE m.name = 'broken_row:' || "
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
         QStringLiteral("positions of nothing: %1")},
        {QStringLiteral("SELECT COUNT(*) FROM held e WHERE e.body IS NOT NULL AND e.parts <> (SELECT COUNT(*) FROM "
                        "parts p WHERE p.number >= e.body AND p.number < e.body + 65536)"),
         QStringLiteral("entries that lack parts: %1")},
        {QStringLiteral("SELECT COUNT(*) FROM parts p WHERE p.number / 65536 NOT IN (SELECT body / 65536 FROM entries "
                        "WHERE body IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM meta m WHERE m.name = "
                        "'unfinished_body:' || p.number / 65536 * 65536)"),
         QStringLiteral("parts of nothing: %1")}};
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

Result<std::unique_ptr<base::Database>> openToAudit(const Location &location)
{
    base::ConnectionOptions options;
    options.database = location.database();
    options.readOnly = true;
    options.busyTimeoutMs = 2'000;
    return base::Database::open(options);
}

/// "12, 15 and 3 more"
QString listOf(const QList<qint64> &ids)
{
    constexpr qsizetype mostNamed = 20;
    QStringList named;
    for (const qint64 id : ids.first(std::min(ids.size(), mostNamed)))
        named << QString::number(id);
    const QString list = named.join(QStringLiteral(", "));
    return ids.size() > mostNamed ? QStringLiteral("%1 and %2 more").arg(list).arg(ids.size() - mostNamed) : list;
}

} // namespace

Result<QStringList> audit(const Location &location)
{
    auto database = openToAudit(location);
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
    const auto destinations = readNames(**database, QStringLiteral("SELECT id, name FROM destinations"));
    const auto origins = readNames(**database, QStringLiteral("SELECT id, name FROM origins"));
    const auto ended = (*database)->run(QStringLiteral("COMMIT"));
    for (const Result<void> &each : {done, destinations ? Result<void>() : destinations.error(),
                                     origins ? Result<void>() : origins.error(), ended}) {
        if (!each)
            return each.error();
    }
    const auto of = [&](const char *what) {
        return [&destinations, what](const Key &key) {
            return QStringLiteral("%1 for %2").arg(QLatin1String(what), nameOf(*destinations, key.first));
        };
    };
    compare(of("entries"), counted.destinations, kept.destinations, differences);
    compare(
        [&](const Key &key) {
            return QStringLiteral("entries from %1 for %2")
                .arg(nameOf(*origins, key.second), nameOf(*destinations, key.first));
        },
        counted.pairs, kept.pairs, differences);
    compare(of("entries for one user"), counted.labels, kept.labels, differences);
    compare(of("entries from one address"), counted.addresses, kept.addresses, differences);
    compare(of("acknowledged entries that are remembered"), counted.tombstones, kept.tombstones, differences);
    return differences;
}

Result<QStringList> damagedEntries(const Location &location)
{
    auto database = openToAudit(location);
    if (!database)
        return database.error();
    std::map<QString, QList<qint64>> mailboxes;
    base::SqlStatement query(**database,
                             QStringLiteral("SELECT COALESCE(d.name, CAST('number ' || q.destination AS BLOB)), q.id "
                                            "FROM quarantine q LEFT JOIN destinations d ON d.id = q.destination ORDER "
                                            "BY q.id"));
    if (auto done = query.run(); !done)
        return done.error();
    {
        const base::SqlRows rows(query);
        while (query.next())
            mailboxes[QString::fromUtf8(query.bytes(0))] << query.integer(1);
        if (auto failed = query.failure(); !failed)
            return failed.error();
    }
    QStringList sentences;
    for (const auto &[name, ids] : mailboxes)
        sentences << QStringLiteral(
                         "these entries for %1 are damaged and cannot be handed out: %2 (restantectl discard "
                         "%1 ENTRY... throws them away)")
                         .arg(name, listOf(ids));
    return sentences;
}

} // namespace restante::queue
