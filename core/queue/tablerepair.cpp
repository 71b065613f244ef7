// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/tablerepair.h"

#include "base/sqltransaction.h"
#include "queue/derivedtables.h"
#include "queue/metanumbers.h"

#include <algorithm>

namespace restante::queue
{

namespace
{

// A tombstone's number is at most so much above the last one that a fold has dealt with.
constexpr qint64 MostUnfolded = 65'536;

const auto ReadEntries = QStringLiteral("SELECT arrival FROM entries WHERE arrival >= ? ORDER BY arrival LIMIT ?");
const auto ReadTombstones = QStringLiteral("SELECT number FROM tombstones WHERE number >= ? ORDER BY number LIMIT ?");
const auto MarkOf = QStringLiteral("SELECT COALESCE(MAX(number), 0) FROM meta WHERE name = '%1'");

const auto CopyTombstones = QStringLiteral("INSERT INTO tombstones SELECT * FROM %1 WHERE number >= ? ORDER BY number "
                                           "LIMIT ?");
} // namespace

Result<void> TableRepair::run(bool tombstones)
{
    // Contents come from tombstones, and their number is counted when movements or destinations are lost.
    const std::pair<QString, Fill> tables[] = {{QStringLiteral("tombstones"), &TableRepair::fillTombstones},
                                               {QStringLiteral("movements"), &TableRepair::fillMovements},
                                               {QStringLiteral("positions"), &TableRepair::fillPositions},
                                               {QStringLiteral("contents"), &TableRepair::fillContents}};
    Result<void> first;
    const auto note = [&first](const Result<void> &done) {
        if (first && !done)
            first = done;
    };
    for (const auto &[table, fill] : tables) {
        if (fill == &TableRepair::fillTombstones && !tombstones)
            continue;
        if (fill == &TableRepair::fillMovements)
            note(repairTotals());
        auto damaged = isDamaged(table);
        if (!damaged)
            return damaged.error();
        if (!*damaged)
            continue;
        auto made = makeAnew(table, fill);
        note(made);
        if (made)
            m_anew << table;
    }
    return first;
}

Result<void> TableRepair::repairTotals()
{
    Result<void> first;
    for (const SmallTable &table : totalTables()) {
        auto damaged = isDamaged(table.name);
        if (!damaged)
            return damaged.error();
        if (!*damaged)
            continue;
        auto made = makeAnew(table);
        if (first && !made)
            first = made;
        if (!made)
            continue;
        m_anew << table.name;
    }
    return first;
}

/// Counting comes to every page, of the table and of each index.
Result<bool> TableRepair::isDamaged(const QString &table)
{
    auto sound = canBeCounted(QStringLiteral("SELECT COUNT(*) FROM %1 NOT INDEXED").arg(table));
    if (!sound)
        return sound;
    const auto indexes = indexesOf(table);
    if (!indexes)
        return indexes.error();
    for (const QString &index : *indexes) {
        if (!*sound)
            break;
        // COUNT(*) would choose by itself what to count by.
        sound = canBeCounted(QStringLiteral("SELECT SUM(1) FROM %1 INDEXED BY %2").arg(table, index));
        if (!sound)
            return sound;
    }
    return !*sound;
}

Result<bool> TableRepair::canBeCounted(const QString &count)
{
    const auto counted = number(count);
    if (!counted && counted.error().code != Errc::Corrupt)
        return counted.error();
    return counted.ok();
}

/// Not a table's key that is the table itself.
Result<QStringList> TableRepair::indexesOf(const QString &table)
{
    return base::textsOf(
        m_database,
        QStringLiteral("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = '%1'").arg(table));
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

/// As far as its rows can be read, in either direction; its names stand in their index as well.
Result<void> TableRepair::makeAnew(const SmallTable &table)
{
    const auto columns = columnsOf(m_database, table.name);
    if (!columns)
        return columns.error();
    const auto read = readSmall(m_database, table, *columns);
    if (!read)
        return read.error();
    if (table.hasNames && !read->whole && !read->namesWhole)
        return {Errc::Corrupt, QStringLiteral("Some names in %1 cannot be read.").arg(table.name)};
    qint64 floor = 0;
    if (table.hasNames && table.hasTotals && !read->whole) {
        const auto safe = safeIdFloor();
        if (!safe)
            return safe.error();
        floor = *safe;
    }
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    QString damaged;
    if (auto moved = move(table.name, damaged); !moved)
        return moved;
    if (auto filled = fillSmall(table, *read, floor); !filled)
        return filled;
    auto committed = transaction.commit();
    if (committed && !read->whole)
        m_totalsAnew = true;
    return committed;
}

Result<void> TableRepair::fillSmall(const SmallTable &table, const SmallRows &read, qint64 idFloor)
{
    if (auto written = writeSmall(m_database, table, read); !written)
        return written;
    if (read.whole || !table.hasTotals)
        return {};
    MetaNumbers numbers(m_database);
    if (table.hasNames) { // the last ids that were given are lost as well, and all is counted: nothing is added to that
        if (auto counted = m_database.run(CountTombstones); !counted)
            return counted;
        if (auto dropped = m_database.run(QStringLiteral("DELETE FROM movements")); !dropped)
            return dropped;
        if (auto raised = numbers.write(IdFloorName, idFloor); !raised)
            return raised;
    }
    return numbers.write(Doubtful, 1);
}

/// No entry has had an id above it.
Result<qint64> TableRepair::safeIdFloor()
{
    qint64 floor = 0;
    for (const char *select :
         {"SELECT MAX(id) FROM positions", "SELECT MAX(id) FROM tombstones", "SELECT MAX(id) FROM contents",
          "SELECT MAX(id) FROM entries WHERE arrival > (SELECT number FROM meta WHERE name = "
          "'indexed_arrival')",
          "SELECT number FROM meta WHERE name = 'id_floor'"}) {
        const auto highest = base::textsOf(m_database, QString::fromLatin1(select));
        if (!highest)
            return highest.error();
        floor = std::max(floor, highest->value(0).toLongLong());
    }
    return floor + LostIds;
}

/// The table is an empty one then, and what it was is called `damaged`.
Result<void> TableRepair::move(const QString &table, QString &damaged)
{
    auto schema = text(QStringLiteral("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '%1'").arg(table));
    if (!schema)
        return schema.error();
    const auto indexes = base::textsOf(
        m_database, QStringLiteral("SELECT name || char(10) || sql FROM sqlite_schema WHERE type = 'index' "
                                   "AND sql IS NOT NULL AND tbl_name = '%1'")
                        .arg(table));
    if (!indexes)
        return indexes.error();
    const auto before =
        number(QStringLiteral("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name GLOB 'damaged_*_%1'")
                   .arg(table));
    if (!before)
        return before.error();
    damaged = QStringLiteral("damaged_%1_%2").arg(*before + 1).arg(table);
    if (auto moved = m_database.run(QStringLiteral("ALTER TABLE %1 RENAME TO %2").arg(table, damaged)); !moved)
        return moved;
    if (auto made = m_database.run(*schema); !made)
        return made;
    for (const QString &index : *indexes) {
        const QString name = index.section(QLatin1Char('\n'), 0, 0);
        QString made = index.mid(name.size() + 1);
        made.replace(made.indexOf(name), name.size(), QStringLiteral("%1_%2").arg(name).arg(*before + 1));
        if (auto done = m_database.run(made); !done)
            return done;
    }
    return {};
}

Result<qint64> TableRepair::number(const QString &question)
{
    auto answer = text(question);
    return answer ? Result<qint64>(answer->toLongLong()) : answer.error();
}

Result<QString> TableRepair::text(const QString &question)
{
    auto answers = base::textsOf(m_database, question);
    if (!answers)
        return answers.error();
    if (answers->isEmpty())
        return Error{Errc::Corrupt, QStringLiteral("The database does not know its own tables."), 0};
    return answers->first();
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
