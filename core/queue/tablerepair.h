// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"
#include "queue/tablewalk.h"

#include <QtCore/QStringList>

namespace restante::queue
{

/// Makes tables anew that cannot be read whole, where that loses no mail: `positions` and `contents` from the entries
/// and tombstones; `tombstones` as far as they can be read; `movements` empty, after which the totals are doubtful (a
/// number in `meta`) until they were added up anew or written from memory. A damaged table stays in the file under
/// another name: SQLite could not even delete it, and so its pages are used for nothing else. Backups leave it out
/// (copyLiving). Writer's thread.
class TableRepair
{
public:
    /// The number in `meta`: not 0 while the totals are doubtful.
    inline static const QString Doubtful = QStringLiteral("totals_doubtful");

    explicit TableRepair(base::Database &database)
        : m_database(database)
    {
    }
    Q_DISABLE_COPY_MOVE(TableRepair)

    /// Reads each of these tables, and makes anew what is damaged, each in a transaction of its own; outside of one.
    /// The value is the names of those tables. Takes seconds where millions of entries are held.
    /// `tombstones`: those as well, which forgets what cannot be read of them: not for a damage that may last a moment.
    Result<QStringList> run(bool tombstones);

private:
    using Fill = Result<void> (TableRepair::*)(const QString &damaged);

    Result<bool> isDamaged(const QString &table);
    Result<void> makeAnew(const QString &table, Fill fill);
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
    std::vector<RowRange> m_entries;    ///< that a fold has dealt with
    std::vector<RowRange> m_tombstones; ///< that can be read
};

} // namespace restante::queue
