// SPDX-License-Identifier: GPL-3.0-or-later
// What a QueueCopy does about the entries, and about those that cannot be read.
#include "queue/queuecopy.h"

#include "queue/bodyparts.h"
#include "queue/livingcopy.h"
#include "queue/movement.h"
#include "queue/queuecopysql.h"
#include "telemetry/logging.h"

#include <algorithm>

namespace restante::queue
{

namespace
{
const auto EntryColumns = QStringLiteral("arrival, destination, id, origin, label, address, dedup, rest, size, "
                                         "pdu_count, edu_count, origin_server_ts, received_ms, attested_origin, "
                                         "attestation, txn_id, pdus, edus");
const auto BodyColumns =
    QStringLiteral("body, parts"); // which an older database lacks, and so do its rows in a newer one
enum EntryColumn {
    ArrivalColumn,
    DestinationColumn,
    IdColumn,
    OriginColumn,
    LabelColumn,
    SizeColumn = 8,
    BodyColumn = 18
};
constexpr int OlderColumns = 18;
constexpr int AllColumns = 20;
} // namespace

Result<void> QueueCopy::copyEntries()
{
    const auto has = columnsOf(m_from, QStringLiteral("entries"));
    if (!has)
        return has.error();
    const QString columns = EntryColumns + QLatin1String(", ") + BodyColumns;
    const bool older = !has->contains(QLatin1String("body"));
    const int last = (older ? OlderColumns : AllColumns) - 1;
    base::SqlStatement add(m_to, insertInto(QStringLiteral("entries"), columns));
    auto gaps = walkReadable(
        m_from, selectFrom(QStringLiteral("entries"), QStringLiteral("arrival"), older ? EntryColumns : columns),
        [&](const base::SqlStatement &row) { return takeEntry(valuesFrom(row, ArrivalColumn, last), add); });
    if (!gaps)
        return gaps.error();
    m_gaps = *std::move(gaps);
    m_allSeen = m_allSeen && m_gaps.empty();
    const auto filled = readBehindDamage(
        QStringLiteral("entries"), {OlderColumns, AllColumns},
        [&](const QVariantList &values) { return takeEntry(values, add); }, m_gaps, m_behindDamage);
    if (!filled)
        return filled.error();
    m_gapsFilled = *filled;
    return {};
}

/// Those of entries that were copied. One that lacks parts is set aside when it is read.
Result<void> QueueCopy::copyParts()
{
    if (m_bodies.isEmpty())
        return {};
    base::SqlStatement add(m_to, insertInto(QStringLiteral("parts"), QStringLiteral("number, bytes")));
    const auto take = [&](const QVariantList &values) -> Result<void> {
        if (!m_bodies.contains(values[0].toLongLong() / BodyParts::NumbersOfABody * BodyParts::NumbersOfABody))
            return {};
        auto added = add.runWith(values);
        return added ? m_pieces.wrote(values[1].toByteArray().size()) : added;
    };
    const auto gaps = walkReadable(
        m_from, selectFrom(QStringLiteral("parts"), QStringLiteral("number"), QStringLiteral("number, bytes")),
        [&](const base::SqlStatement &row) { return take(valuesFrom(row, 0, 1)); });
    if (!gaps)
        return gaps.error();
    QSet<qint64> found;
    const auto filled = readBehindDamage(QStringLiteral("parts"), {2}, take, *gaps, found);
    return filled ? Result<void>() : filled.error();
}

/// Rows that could not be deleted before, and so count as gone, need not come along, unless they were set aside: those
/// may be given back.
Result<void> QueueCopy::takeEntry(QVariantList values, base::SqlStatement &add)
{
    while (values.size() < AllColumns)
        values << QVariant();
    const qint64 arrival = values[ArrivalColumn].toLongLong();
    const std::pair<qint64, qint64> key(values[DestinationColumn].toLongLong(), values[IdColumn].toLongLong());
    saw(key.second, arrival);
    if (isAcknowledged(arrival))
        return {};
    if (m_marks.contains(arrival) || m_aside.contains(key)) {
        if (!m_marks.contains(arrival) || !m_aside.contains(key))
            return {};
        m_keptMarks.push_back(arrival);
    } else {
        ++m_found.entries;
    }
    if (!m_labelsWhole && !m_labels.contains({key.first, values[LabelColumn].toLongLong()}))
        values[LabelColumn] = 0;
    m_destinations.meant(key.first);
    m_origins.meant(values[OriginColumn].toLongLong());
    const bool inParts = !values[BodyColumn].isNull();
    if (inParts)
        m_bodies.insert(values[BodyColumn].toLongLong());
    if (auto added = add.runWith(values); !added)
        return added;
    return m_pieces.wrote(inParts ? 0 : values[SizeColumn].toLongLong());
}

/// What the index of positions lists if nothing of the entries can be read.
Result<void> QueueCopy::findListed()
{
    const auto select = QStringLiteral("SELECT destination, id, arrival FROM positions ORDER BY destination%1, id%1");
    const auto whole = readBothWays(m_from, select.arg(QString()), select.arg(QLatin1String(" DESC")),
                                    [this](const base::SqlStatement &row) -> Result<void> {
                                        saw(row.integer(1), row.integer(2));
                                        return setAside(row.integer(0), row.integer(1), row.integer(2));
                                    });
    if (!whole)
        return whole.error();
    m_allSeen = m_allSeen && *whole;
    const auto aside = tablesAside(m_from);
    if (!aside)
        return aside.error();
    const bool repaired = std::any_of(aside->begin(), aside->end(), [](const QString &table) {
        return table.endsWith(QLatin1String("_positions")) || table.endsWith(QLatin1String("_movements"));
    }); // then what was made anew lacks them
    const qint64 listed = m_numbers.value(IndexedArrival);
    const bool matters = std::any_of(m_gaps.begin(), m_gaps.end(),
                                     [listed](const KeyGap &gap) { return listed == 0 || gap.first <= listed; });
    m_found.entriesWhole = m_gapsFilled || ((*whole || !matters) && !repaired);
    return {};
}

/// The same for what came since the last fold: the movements know it.
Result<void> QueueCopy::findMoved()
{
    QMap<qint64, Movement> stored;
    const auto whole = readBothWays(m_from, QStringLiteral("SELECT changes FROM movements ORDER BY number"),
                                    QStringLiteral("SELECT changes FROM movements ORDER BY number DESC"),
                                    [&](const base::SqlStatement &row) -> Result<void> {
                                        const auto movements = decodeMovements(row.bytes(0));
                                        for (const Movement &movement : movements.value_or(std::vector<Movement>())) {
                                            saw(movement.id, movement.arrival);
                                            if (movement.kind == Movement::Kind::Stored)
                                                stored.insert(movement.arrival, movement);
                                            else
                                                stored.remove(movement.arrival);
                                        }
                                        return {};
                                    });
    if (!whole)
        return whole.error();
    m_allSeen = m_allSeen && *whole;
    for (const Movement &movement : std::as_const(stored)) {
        if (auto listed = setAside(movement.destination, movement.id, movement.arrival); !listed)
            return listed;
    }
    const qint64 listed = m_numbers.value(IndexedArrival);
    const bool matters = !m_gapsFilled && std::any_of(m_gaps.begin(), m_gaps.end(),
                                                      [listed](const KeyGap &gap) { return gap.end > listed + 1; });
    m_found.entriesWhole = m_found.entriesWhole && (*whole || !matters);
    return {};
}

Result<void> QueueCopy::setAside(qint64 destination, qint64 id, qint64 arrival)
{
    if (!isIn(m_gaps, arrival) || m_behindDamage.contains(arrival) || isAcknowledged(arrival) ||
        m_marks.contains(arrival) || m_aside.contains({destination, id}))
        return {};
    m_aside.insert({destination, id});
    ++m_found.setAside;
    if (auto added = m_addName.run(destination, id, m_stampMs); !added)
        return added;
    m_destinations.meant(destination);
    return m_pieces.wrote(0);
}

/// What a damaged page leads to lies on sound pages of its own. Whether nothing of what was in `gaps` is missing then.
/// `columns`: how many a row may have.
Result<bool> QueueCopy::readBehindDamage(const QString &table, const QList<qsizetype> &columns, const TakeColumns &take,
                                         const std::vector<KeyGap> &gaps, QSet<qint64> &found)
{
    if (gaps.empty())
        return true;
    const auto root =
        base::textsOf(m_from, QStringLiteral("SELECT rootpage FROM sqlite_schema WHERE name = '%1'").arg(table));
    if (!root)
        return root.error();
    qint64 strange = 0;
    const auto missed = m_leaves.read(
        root->value(0).toUInt(), [&](qint64 key) { return isIn(gaps, key); },
        [&](qint64 key, const QVariantList &stored) -> Result<void> {
            if (!columns.contains(stored.size())) {
                ++strange;
                return {};
            }
            QVariantList values = stored;
            values[0] = key;
            found.insert(key);
            return take(values);
        });
    if (!missed && missed.error().code != Errc::Io)
        return missed.error();
    if (!missed) {
        qCWarning(lcQueue, "%ls", qUtf16Printable(missed.error().detail));
        m_found.missed += qint64(gaps.size());
        return false;
    }
    const auto isNew = [this](qint64 key) { return !m_marks.contains(key); };
    m_found.missed += missed->pages + strange + std::count_if(missed->keys.begin(), missed->keys.end(), isNew);
    return missed->isNothing() && strange == 0;
}

bool QueueCopy::isIn(const std::vector<KeyGap> &gaps, qint64 key)
{
    return std::any_of(gaps.begin(), gaps.end(),
                       [key](const KeyGap &gap) { return key >= gap.first && key < gap.end; });
}

bool QueueCopy::isAcknowledged(qint64 arrival) const
{
    return std::binary_search(m_acknowledged.begin(), m_acknowledged.end(), arrival);
}

} // namespace restante::queue
