// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"
#include "queue/smalltable.h"
#include "queue/tablewalk.h"

#include <QtCore/QStringList>

namespace restante::queue
{

/// Makes damaged tables anew in their database, if that loses no mail: the small ones with totals and names from
/// what can be read of them and of their indexes; `positions` and `contents` from the entries and tombstones;
/// `tombstones` as far as they can be read; `movements` empty. Takes no room, and no time worth mentioning unless many
/// entries are held, so that it is done while others go on; what it cannot mend needs a QueueRewrite, since a new table
/// displaces a page of another, which may be damaged as well.
///
/// A damaged table stays in the file under another name: SQLite could not even delete it, and so its pages are used for
/// nothing else. Backups leave it out (copyLiving). Its indexes keep their names, so that those of the new one have
/// others, which no migration expects: one that is due has the database written anew instead. Writer's thread.
class TableRepair
{
public:
    /// The number in `meta`: not 0 while the totals are doubtful, until they were added up anew or written from memory.
    inline static const QString Doubtful = QStringLiteral("totals_doubtful");

    explicit TableRepair(base::Database &database)
        : m_database(database)
    {
    }
    Q_DISABLE_COPY_MOVE(TableRepair)

    /// Reads each of these tables, and makes anew what is damaged, each in a transaction of its own; outside of one.
    /// Takes seconds if millions of entries are held. `tombstones`: those as well, which forgets what cannot be read
    /// of them: not for a damage that may last a moment. Errc::Corrupt if a table could not be made anew; others
    /// before it are.
    Result<void> run(bool tombstones);
    /// The names of the tables that were made anew.
    const QStringList &anew() const { return m_anew; }
    /// Whether what a Ledger in use has in memory came from rows that are lost now: it has to be read anew.
    bool hasTotalsAnew() const { return m_totalsAnew; }

private:
    using Fill = Result<void> (TableRepair::*)(const QString &damaged);

    Result<void> repairTotals();
    Result<bool> isDamaged(const QString &table);
    Result<bool> canBeCounted(const QString &count);
    Result<QStringList> indexesOf(const QString &table);
    Result<void> makeAnew(const QString &table, Fill fill);
    Result<void> makeAnew(const SmallTable &table);
    Result<void> fillSmall(const SmallTable &table, const SmallRows &read, qint64 idFloor);
    Result<qint64> safeIdFloor();
    Result<void> move(const QString &table, QString &damaged);
    Result<qint64> number(const QString &question);
    Result<QString> text(const QString &question);
    Result<std::vector<RowRange>> ranges(const QString &statement, qint64 last);
    Result<void> copy(const QString &statement, const std::vector<RowRange> &ranges);
    Result<void> fillPositions(const QString &damaged);
    Result<void> fillContents(const QString &damaged);
    Result<void> fillTombstones(const QString &damaged);
    Result<void> fillMovements(const QString &damaged);

    base::Database &m_database;
    QStringList m_anew;
    bool m_totalsAnew = false;
    std::vector<RowRange> m_entries;    ///< that a fold has dealt with
    std::vector<RowRange> m_tombstones; ///< that can be read
};

} // namespace restante::queue
