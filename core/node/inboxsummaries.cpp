// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/inboxsummaries.h"

#include "base/sqltransaction.h"
#include "node/damagedrows.h"

#include <algorithm>

namespace restante::node
{

namespace
{
const auto AddToLast = QStringLiteral("INSERT INTO summaries (id, events) VALUES (last_insert_rowid(), ?)");
const auto Add = QStringLiteral("INSERT OR IGNORE INTO summaries (id, events) VALUES (?, ?)");
const auto Remove = QStringLiteral("DELETE FROM summaries WHERE id = ?");
const auto MissingTo = QStringLiteral("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'unsummarised_to'");
const auto SetMissingTo = QStringLiteral("UPDATE meta SET value = ? WHERE name = 'unsummarised_to'");
const auto NoneMissing = QStringLiteral("DELETE FROM meta WHERE name = 'unsummarised_to'");
const auto Missing = QStringLiteral("SELECT id, pdus, edus FROM inbox WHERE id <= ? ORDER BY id DESC LIMIT ?");

const auto One = QStringLiteral("SELECT pdus, edus FROM inbox WHERE id = ?");

/// A line for each of the first events: p or e (an EDU), type, sender and room, with tabs between them.
QString summaryText(const QByteArray &pdus, const QByteArray &edus)
{
    QStringList lines;
    for (const matrix::EventSummary &event : matrix::summarise(pdus, edus, InboxSummaries::MostEvents)) {
        QStringList fields{event.edu ? QStringLiteral("e") : QStringLiteral("p"), event.type, event.sender,
                           event.roomId};
        for (QString &field : fields)
            field.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
        lines.append(fields.join(QLatin1Char('\t')));
    }
    return lines.isEmpty() ? QStringLiteral("") : lines.join(QLatin1Char('\n')); // null would be NULL
}
} // namespace

InboxSummaries::InboxSummaries(base::Database &database)
    : m_database(database)
    , m_addToLast(database, AddToLast)
    , m_add(database, Add)
    , m_remove(database, Remove)
    , m_missingTo(database, MissingTo)
    , m_setMissingTo(database, SetMissingTo)
    , m_noneMissing(database, NoneMissing)
    , m_missing(database, Missing)
    , m_one(database, One)
{
}

std::vector<matrix::EventSummary> InboxSummaries::eventsIn(const QString &summary)
{
    std::vector<matrix::EventSummary> events;
    for (const QString &line : summary.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        const QStringList fields = line.split(QLatin1Char('\t'));
        events.push_back({fields.value(0) == QLatin1String("e"), fields.value(1), fields.value(2), fields.value(3)});
    }
    return events;
}

Result<void> InboxSummaries::addToLast(const QByteArray &pdus, const QByteArray &edus)
{
    return m_addToLast.run(summaryText(pdus, edus));
}

Result<void> InboxSummaries::remove(qint64 id)
{
    return m_remove.run(id);
}

/// Up to which id entries may have none; 0 if each has one.
Result<qint64> InboxSummaries::missingTo()
{
    if (auto done = m_missingTo.run(); !done)
        return done.error();
    const base::SqlRows rows(m_missingTo);
    if (m_missingTo.next())
        return m_missingTo.integer(0);
    if (auto failed = m_missingTo.failure(); !failed)
        return failed.error();
    return qint64(0);
}

/// Some of those with this id and lower ones; the value is the lowest that is done.
Result<qint64> InboxSummaries::addUpTo(qint64 to)
{
    if (auto done = m_missing.run(to, qint64(MissingAtOnce)); !done)
        return done.error();
    qint64 lowest = 0;
    const base::SqlRows rows(m_missing);
    for (qint64 bytes = 0; bytes < MissingBytesAtOnce && m_missing.next();) {
        const QByteArray pdus = m_missing.bytes(1);
        const QByteArray edus = m_missing.bytes(2);
        lowest = m_missing.integer(0);
        if (auto done = m_add.run(lowest, summaryText(pdus, edus)); !done)
            return done.error();
        bytes += pdus.size() + edus.size();
    }
    if (auto failed = m_missing.failure(); !failed)
        return failed.error();
    return lowest;
}

/// Each by itself, in a transaction of its own.
Result<void> InboxSummaries::addRange(qint64 from, qint64 to)
{
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    for (qint64 id = from; id < to; ++id) {
        if (auto done = m_one.run(id); !done)
            return done;
        const base::SqlRows rows(m_one);
        const auto done = m_one.next() ? m_add.run(id, summaryText(m_one.bytes(0), m_one.bytes(1))) : m_one.failure();
        if (!done)
            return done;
    }
    return transaction.commit();
}

/// Everything from `lowest` on is done; false if that is all.
Result<bool> InboxSummaries::endAt(qint64 lowest)
{
    const bool more = lowest > 1;
    if (auto done = more ? m_setMissingTo.run(QString::number(lowest - 1)) : m_noneMissing.run(); !done)
        return done.error();
    return more;
}

Result<bool> InboxSummaries::addMissing()
{
    const auto to = missingTo();
    if (!to)
        return to.error();
    if (*to == 0)
        return false;
    {
        base::SqlTransaction transaction(m_database);
        if (auto begun = transaction.begin(); !begun)
            return begun.error();
        const auto lowest = addUpTo(*to);
        const auto more = lowest ? endAt(*lowest) : Result<bool>(lowest.error());
        if (!isCorrupt(more)) {
            if (auto committed = more ? transaction.commit() : Result<void>(); !committed)
                return committed.error();
            return more;
        }
    }
    const qint64 lowest = std::max<qint64>(1, *to - MissingAtOnce + 1);
    const auto around = changeAroundDamage(size_t(*to - lowest + 1), [this, lowest](size_t from, size_t end) {
        return addRange(lowest + qint64(from), lowest + qint64(end));
    });
    return around ? endAt(lowest) : around.error();
}

} // namespace restante::node
