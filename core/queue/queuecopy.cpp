// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/queuecopy.h"

#include "base/sqltransaction.h"
#include "queue/bodyparts.h"
#include "queue/derivedtables.h"
#include "queue/metanumbers.h"
#include "queue/queuecopysql.h"
#include "queue/tablerepair.h"

#include <algorithm>
#include <limits>

namespace restante::queue
{

namespace
{
constexpr int PieceRows = 1'000;
// Arrivals and tombstones: at most this many are lost above the highest one that is left.
constexpr qint64 LostNumbers = 1'000'000;

const auto IndexedTombstone = QStringLiteral("indexed_tombstone");
const auto Mark = QStringLiteral("broken_row:");
const QStringList HashKeyNames{ContentKeyName, AddressKeyName};

const auto TombstoneColumns = QStringLiteral("number, acknowledged_ms, destination, dedup, rest, id, arrival");
const auto QuarantineColumns = QStringLiteral("destination, id, set_aside_ms, origin, received_ms, origin_server_ts, "
                                              "txn_id, pdus, edus");

} // namespace

QueueCopy::QueueCopy(base::Database &from, base::Database &to, base::TableLeaves &leaves, qint64 stampMs,
                     const HashKeys &hashKeys)
    : m_from(from)
    , m_to(to)
    , m_leaves(leaves)
    , m_stampMs(stampMs)
    , m_knownHashKeys(hashKeys)
    , m_addName(to, QStringLiteral("INSERT OR IGNORE INTO quarantine (destination, id, set_aside_ms) VALUES (?, ?, ?)"))
    , m_pieces(to, PieceRows)
{
}

Result<QueueRewritten> QueueCopy::run()
{
    // What is not on the disk when the new database is complete is brought there then.
    if (auto set = m_to.run(m_to.dialect().durability(false)); !set)
        return set.error();
    const Step steps[] = {&QueueCopy::copyMeta,       &QueueCopy::copyTotals,      &QueueCopy::copyKeys,
                          &QueueCopy::copyQuarantine, &QueueCopy::copyTombstones,  &QueueCopy::copyEntries,
                          &QueueCopy::copyParts,      &QueueCopy::findListed,      &QueueCopy::findMoved,
                          &QueueCopy::keepMarks,      &QueueCopy::nameTheNameless, &QueueCopy::derive,
                          &QueueCopy::writeNumbers};
    for (const Step step : steps) {
        if (auto done = (this->*step)(); !done)
            return done.error();
    }
    if (auto ended = m_pieces.end(); !ended)
        return ended.error();
    return m_found;
}

Result<void> QueueCopy::copyMeta()
{
    const auto whole = readBothWays(m_from, QStringLiteral("SELECT name, number, bytes FROM meta ORDER BY name"),
                                    QStringLiteral("SELECT name, number, bytes FROM meta ORDER BY name DESC"),
                                    [this](const base::SqlStatement &row) { return takeMeta(row); });
    if (!whole)
        return whole.error();
    m_allSeen = m_allSeen && *whole;
    base::SqlStatement add(m_to, insertInto(QStringLiteral("meta"), QStringLiteral("name, bytes")));
    for (auto known = m_knownHashKeys.cbegin(); known != m_knownHashKeys.cend(); ++known) {
        if (m_hashKeys.contains(known.key()))
            continue;
        m_hashKeys.insert(known.key());
        if (auto added = add.run(known.key(), known.value()); !added)
            return added;
    }
    m_found.hashKeysWhole = m_hashKeys.size() == HashKeyNames.size() || *whole; // an empty database has none yet
    return {};
}

Result<void> QueueCopy::takeMeta(const base::SqlStatement &row)
{
    const QString name = row.value(0).toString();
    if (name.startsWith(Mark)) {
        m_marks.insert(name.mid(Mark.size()).toLongLong(), valuesFrom(row, 0, 2));
        return {};
    }
    if (name.startsWith(BodyParts::Mark)) // these parts do not come along
        return {};
    if (HashKeyNames.contains(name))
        m_hashKeys.insert(name);
    m_numbers.insert(name, row.integer(1));
    if (name == IndexedArrival || name == IndexedTombstone || name == IdFloorName || name == TableRepair::Doubtful)
        return {};
    base::SqlStatement add(m_to, insertInto(QStringLiteral("meta"), QStringLiteral("name, number, bytes")));
    if (auto added = add.runWith(valuesFrom(row, 0, 2)); !added)
        return added;
    return m_pieces.wrote(0);
}

/// An older database lacks some columns, and tables.
Result<void> QueueCopy::copySmall(const std::vector<SmallTable> &tables, bool &namesWhole, bool &rowsWhole)
{
    for (const SmallTable &table : tables) {
        const auto wanted = columnsOf(m_to, table.name);
        if (!wanted)
            return wanted.error();
        auto columns = columnsOf(m_from, table.name);
        if (!columns)
            return columns.error();
        columns->removeIf([&](const QString &column) { return !wanted->contains(column); });
        if (columns->isEmpty())
            continue;
        const auto read = readSmall(m_from, table, *columns);
        if (!read)
            return read.error();
        namesWhole = namesWhole && (read->whole || !table.hasNames || read->namesWhole);
        rowsWhole = rowsWhole && read->whole;
        if (auto ended = m_pieces.end(); !ended)
            return ended;
        base::SqlTransaction transaction(m_to);
        if (auto begun = transaction.begin(); !begun)
            return begun;
        if (auto written = writeSmall(m_to, table, *read); !written)
            return written;
        if (auto committed = transaction.commit(); !committed)
            return committed;
    }
    return {};
}

Result<void> QueueCopy::copyTotals()
{
    bool rowsWhole = true;
    if (auto copied = copySmall(totalTables(), m_found.namesWhole, rowsWhole); !copied)
        return copied;
    m_allSeen = m_allSeen && rowsWhole;
    m_labelsWhole = rowsWhole;
    if (!m_found.namesWhole) { // what is known of a name must not be taken for another's
        for (const char *drop : {"DELETE FROM pairs WHERE origin NOT IN (SELECT id FROM origins)",
                                 "DELETE FROM pairs WHERE destination NOT IN (SELECT id FROM destinations)",
                                 "DELETE FROM labels WHERE destination NOT IN (SELECT id FROM destinations)",
                                 "DELETE FROM addresses WHERE destination NOT IN (SELECT id FROM destinations)"}) {
            if (auto dropped = m_to.run(QString::fromLatin1(drop)); !dropped)
                return dropped;
        }
    }
    if (auto done = readNames(); !done)
        return done;
    return m_labelsWhole ? Result<void>() : readLabels();
}

Result<void> QueueCopy::readNames()
{
    const std::pair<const char *, Names *> known[] = {{"SELECT id, last_id FROM destinations", &m_destinations},
                                                      {"SELECT id, 0 FROM origins", &m_origins}};
    for (const auto &[select, names] : known) {
        base::SqlStatement statement(m_to, QString::fromLatin1(select));
        if (auto done = statement.run(); !done)
            return done;
        const base::SqlRows rows(statement);
        while (statement.next()) {
            names->known.insert(statement.integer(0));
            saw(statement.integer(1), 0);
        }
        if (auto failed = statement.failure(); !failed)
            return failed;
    }
    return {};
}

Result<void> QueueCopy::readLabels()
{
    base::SqlStatement labels(m_to, QStringLiteral("SELECT destination, label FROM labels"));
    if (auto done = labels.run(); !done)
        return done;
    const base::SqlRows rows(labels);
    while (labels.next())
        m_labels.insert({labels.integer(0), labels.integer(1)});
    return labels.failure();
}

Result<void> QueueCopy::copyKeys()
{
    bool names = true;
    return copySmall(keyTables(), names, m_found.keysWhole);
}

/// Of one whose row cannot be read the index still knows that there was one.
Result<void> QueueCopy::copyQuarantine()
{
    base::SqlStatement add(m_to, insertInto(QStringLiteral("quarantine"), QuarantineColumns));
    const auto gaps = walkReadable(
        m_from,
        selectFrom(QStringLiteral("quarantine"), QStringLiteral("rowid"), QLatin1String("rowid, ") + QuarantineColumns),
        [&](const base::SqlStatement &row) -> Result<void> {
            m_aside.insert({row.integer(1), row.integer(2)});
            m_destinations.meant(row.integer(1));
            if (!row.value(4).isNull())
                m_origins.meant(row.integer(4));
            saw(row.integer(2), 0);
            if (auto added = add.runWith(valuesFrom(row, 1, 9)); !added)
                return added;
            return m_pieces.wrote(row.bytes(8).size() + row.bytes(9).size());
        });
    if (!gaps)
        return gaps.error();
    if (gaps->empty())
        return {};
    const auto index = QStringLiteral("SELECT destination, id FROM quarantine ORDER BY destination%1, id%1");
    const auto listed = readBothWays(m_from, index.arg(QString()), index.arg(QLatin1String(" DESC")),
                                     [&](const base::SqlStatement &row) {
                                         m_aside.insert({row.integer(0), row.integer(1)});
                                         m_destinations.meant(row.integer(0));
                                         auto added = m_addName.run(row.integer(0), row.integer(1), m_stampMs);
                                         return added ? m_pieces.wrote(0) : added;
                                     });
    return listed ? Result<void>() : listed.error();
}

Result<void> QueueCopy::copyTombstones()
{
    base::SqlStatement add(m_to, insertInto(QStringLiteral("tombstones"), TombstoneColumns));
    constexpr int last = 6;
    const auto gaps =
        walkReadable(m_from, selectFrom(QStringLiteral("tombstones"), QStringLiteral("number"), TombstoneColumns),
                     [&](const base::SqlStatement &row) { return takeTombstone(valuesFrom(row, 0, last), add); });
    if (!gaps)
        return gaps.error();
    m_allSeen = m_allSeen && gaps->empty();
    QSet<qint64> found;
    const auto filled = readBehindDamage(
        QStringLiteral("tombstones"), {last + 1},
        [&](const QVariantList &values) { return takeTombstone(values, add); }, *gaps, found);
    if (!filled)
        return filled.error();
    m_found.tombstonesWhole = *filled;
    std::sort(m_acknowledged.begin(), m_acknowledged.end());
    return {};
}

Result<void> QueueCopy::takeTombstone(const QVariantList &values, base::SqlStatement &add)
{
    m_highestTombstone = std::max(m_highestTombstone, values[0].toLongLong());
    saw(values[5].toLongLong(), values[6].toLongLong());
    m_acknowledged.push_back(values[6].toLongLong());
    if (auto added = add.runWith(values); !added)
        return added;
    return m_pieces.wrote(0);
}

Result<void> QueueCopy::keepMarks()
{
    base::SqlStatement add(m_to, insertInto(QStringLiteral("meta"), QStringLiteral("name, number, bytes")));
    for (const qint64 arrival : m_keptMarks) {
        if (auto added = add.runWith(m_marks.value(arrival)); !added)
            return added;
    }
    return {};
}

/// A number that lost its name must not be given to another server, which would get the mail of the first: as long as
/// it is meant anywhere it has a name that no server has.
Result<void> QueueCopy::nameTheNameless()
{
    if (auto ended = m_pieces.end(); !ended)
        return ended;
    base::SqlTransaction transaction(m_to);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    for (const auto &[table, names] : {std::pair(QStringLiteral("destinations"), &m_destinations),
                                       std::pair(QStringLiteral("origins"), &m_origins)}) {
        base::SqlStatement add(m_to, insertInto(table, QStringLiteral("id, name")));
        for (const qint64 id : std::as_const(names->nameless)) {
            if (auto added = add.run(id, QByteArray("lost name ") + QByteArray::number(id)); !added)
                return added;
        }
    }
    return transaction.commit();
}

Result<void> QueueCopy::derive()
{
    base::SqlTransaction transaction(m_to);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    constexpr qint64 all = std::numeric_limits<qint64>::max();
    for (const QString &text : {AddPositions, AddContents, AddAcknowledged}) {
        base::SqlStatement statement(m_to, text);
        if (auto done = statement.run(qint64(0), all); !done)
            return done;
    }
    if (auto counted = m_to.run(CountTombstones); !counted)
        return counted;
    return transaction.commit();
}

/// No number is given twice, whatever of it can be read.
Result<void> QueueCopy::writeNumbers()
{
    const qint64 arrivals = std::max(m_highestArrival, m_numbers.value(IndexedArrival));
    const qint64 tombstones = std::max(m_highestTombstone, m_numbers.value(IndexedTombstone));
    const qint64 ids = std::max(m_highestId, m_numbers.value(IdFloorName));
    const qint64 lost = m_allSeen ? 0 : LostNumbers;
    base::SqlTransaction transaction(m_to);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    MetaNumbers numbers(m_to);
    for (const auto &[name, number] :
         {std::pair(IndexedArrival, arrivals + lost), std::pair(IndexedTombstone, tombstones + lost),
          std::pair(IdFloorName, ids + (m_allSeen ? 0 : LostIds)), std::pair(TableRepair::Doubtful, qint64(1))}) {
        if (auto written = numbers.write(name, number); !written)
            return written;
    }
    return transaction.commit();
}

void QueueCopy::saw(qint64 id, qint64 arrival)
{
    m_highestId = std::max(m_highestId, id);
    m_highestArrival = std::max(m_highestArrival, arrival);
}

} // namespace restante::queue
