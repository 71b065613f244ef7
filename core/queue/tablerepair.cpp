// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/tablerepair.h"

#include "base/sqltransaction.h"
#include "queue/metanumbers.h"

namespace restante::queue
{

namespace
{

// A tombstone's number is at most so much above the last one that a fold has dealt with.
constexpr qint64 MostUnfolded = 65'536;

const auto ReadEntries = QStringLiteral("SELECT arrival FROM entries WHERE arrival >= ? ORDER BY arrival LIMIT ?");
const auto ReadTombstones = QStringLiteral("SELECT number FROM tombstones WHERE number >= ? ORDER BY number LIMIT ?");
const auto MarkOf = QStringLiteral("SELECT COALESCE(MAX(number), 0) FROM meta WHERE name = '%1'");

// Exactly as many rows as can be read: one more would meet the damage. Rows that could not be deleted are none.
const auto AddPositions = QStringLiteral(
    "INSERT INTO positions (destination, id, arrival) SELECT destination, id, arrival FROM (SELECT "
    "destination, id, arrival FROM entries WHERE arrival >= ? ORDER BY arrival LIMIT ?) n WHERE NOT "
    "EXISTS (SELECT 1 FROM meta m WHERE m.name = 'broken_row:' || n.arrival) ORDER BY destination, id ON "
    "CONFLICT (destination, id) DO NOTHING");
const auto AddContents = QStringLiteral(
    "INSERT INTO contents (destination, dedup, rest, id) SELECT destination, dedup, rest, id FROM (SELECT "
    "destination, dedup, rest, id, arrival FROM entries WHERE arrival >= ? ORDER BY arrival LIMIT ?) n "
    "WHERE NOT EXISTS (SELECT 1 FROM meta m WHERE m.name = 'broken_row:' || n.arrival) ORDER BY "
    "destination, dedup ON CONFLICT (destination, dedup) DO NOTHING");
const auto AddAcknowledged = QStringLiteral(
    "INSERT INTO contents (destination, dedup, rest, id) SELECT destination, dedup, rest, id FROM (SELECT "
    "destination, dedup, rest, id FROM tombstones WHERE number >= ? ORDER BY number LIMIT ?) n WHERE 1 = "
    "1 ORDER BY destination, dedup ON CONFLICT (destination, dedup) DO NOTHING");
const auto CopyTombstones = QStringLiteral("INSERT INTO tombstones SELECT * FROM %1 WHERE number >= ? ORDER BY number "
                                           "LIMIT ?");
const auto CountTombstones =
    QStringLiteral("WITH counted AS MATERIALIZED (SELECT destination, COUNT(*) AS amount FROM tombstones GROUP BY "
                   "destination) UPDATE destinations SET tombstones = COALESCE((SELECT amount FROM counted c WHERE "
                   "c.destination = destinations.id), 0)");

} // namespace

Result<QStringList> TableRepair::run(bool tombstones)
{
    // Contents come from tombstones, and their number is counted when movements are lost.
    const std::pair<QString, Fill> tables[] = {{QStringLiteral("tombstones"), &TableRepair::fillTombstones},
                                               {QStringLiteral("movements"), &TableRepair::fillMovements},
                                               {QStringLiteral("positions"), &TableRepair::fillPositions},
                                               {QStringLiteral("contents"), &TableRepair::fillContents}};
    QStringList anew;
    for (const auto &[table, fill] : tables) {
        if (fill == &TableRepair::fillTombstones && !tombstones)
            continue;
        auto damaged = isDamaged(table);
        if (!damaged)
            return damaged.error();
        if (!*damaged)
            continue;
        if (auto made = makeAnew(table, fill); !made)
            return made.error();
        anew << table;
    }
    return anew;
}

/// Counting comes to every page.
Result<bool> TableRepair::isDamaged(const QString &table)
{
    const auto counted = number(QStringLiteral("SELECT COUNT(*) FROM %1").arg(table));
    if (!counted && counted.error().code != Errc::Corrupt)
        return counted.error();
    return !counted;
}

/// What can be read is found out before the transaction: after SQLite has met a damage in one it writes nothing more
/// there.
Result<void> TableRepair::makeAnew(const QString &table, Fill fill)
{
    const auto arrival = number(MarkOf.arg(QLatin1String("indexed_arrival")));
    if (!arrival)
        return arrival.error();
    auto entries = ranges(ReadEntries, *arrival);
    if (!entries)
        return entries.error();
    const auto tombstone = number(MarkOf.arg(QLatin1String("indexed_tombstone")));
    if (!tombstone)
        return tombstone.error();
    auto tombstones = ranges(ReadTombstones, *tombstone + MostUnfolded);
    if (!tombstones)
        return tombstones.error();
    m_entries = *std::move(entries);
    m_tombstones = *std::move(tombstones);
    base::SqlTransaction transaction(m_database);
    auto done = transaction.begin();
    QString damaged;
    if (done)
        done = move(table, damaged);
    if (done)
        done = (this->*fill)(damaged);
    if (done)
        done = transaction.commit();
    return done;
}

/// The table is an empty one then, and what it was is called `damaged`.
Result<void> TableRepair::move(const QString &table, QString &damaged)
{
    auto schema = text(QStringLiteral("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '%1'").arg(table));
    if (!schema)
        return schema.error();
    const auto before =
        number(QStringLiteral("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name GLOB 'damaged_*_%1'")
                   .arg(table));
    if (!before)
        return before.error();
    damaged = QStringLiteral("damaged_%1_%2").arg(*before + 1).arg(table);
    if (auto moved = m_database.run(QStringLiteral("ALTER TABLE %1 RENAME TO %2").arg(table, damaged)); !moved)
        return moved;
    return m_database.run(*schema);
}

Result<qint64> TableRepair::number(const QString &question)
{
    auto answer = text(question);
    return answer ? Result<qint64>(answer->toLongLong()) : answer.error();
}

Result<QString> TableRepair::text(const QString &question)
{
    base::SqlStatement statement(m_database, question);
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (statement.next())
        return statement.value(0).toString();
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return Error{Errc::Corrupt, QStringLiteral("The database does not know its own tables."), 0};
}

Result<std::vector<RowRange>> TableRepair::ranges(const QString &statement, qint64 last)
{
    base::SqlStatement read(m_database, statement);
    return readableRanges(read, 1, last);
}

Result<void> TableRepair::copy(const QString &statement, const std::vector<RowRange> &ranges)
{
    base::SqlStatement write(m_database, statement);
    for (const RowRange &range : ranges) {
        if (auto done = write.run(range.first, range.rows); !done)
            return done;
    }
    return {};
}

Result<void> TableRepair::fillPositions(const QString &)
{
    return copy(AddPositions, m_entries);
}

Result<void> TableRepair::fillContents(const QString &)
{
    if (auto done = copy(AddContents, m_entries); !done)
        return done;
    return copy(AddAcknowledged, m_tombstones);
}

Result<void> TableRepair::fillTombstones(const QString &damaged)
{
    return copy(CopyTombstones.arg(damaged), m_tombstones);
}

Result<void> TableRepair::fillMovements(const QString &)
{
    if (auto counted = m_database.run(CountTombstones); !counted)
        return counted;
    return MetaNumbers(m_database).write(Doubtful, 1);
}

} // namespace restante::queue
