// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlpieces.h"
#include "base/sqlstatement.h"
#include "queue/brokenrows.h"
#include "queue/queuerewrite.h"
#include "queue/smalltable.h"
#include "queue/tablewalk.h"

#include <QtCore/QMap>
#include <QtCore/QSet>

#include <utility>
#include <vector>

namespace restante::queue
{

/// The part of a QueueRewrite that reads and writes rows: whatever can be read of one database, into an empty one of
/// the newest schema. `positions` and `contents` are derived from what was copied; the totals are left doubtful, for
/// the start to count anew. Same thread as the databases, which outlive it; once.
class QueueCopy
{
public:
    /// `leaves`: of the file of `from`; `stampMs`: what the time is; `hashKeys`: as QueueRewrite::write.
    QueueCopy(base::Database &from, base::Database &to, base::TableLeaves &leaves, qint64 stampMs,
              const HashKeys &hashKeys);

    /// Errors are those of `to`, and those of `from` other than damage.
    Result<QueueRewritten> run();

private:
    using Step = Result<void> (QueueCopy::*)();
    /// Numbers that stand for names of servers.
    struct Names {
        QSet<qint64> known;
        QSet<qint64> nameless; ///< that are meant somewhere

        void meant(qint64 number)
        {
            if (!known.contains(number))
                nameless.insert(number);
        }
    };

    Result<void> copyMeta();
    Result<void> takeMeta(const base::SqlStatement &row);
    Result<void> copySmall(const std::vector<SmallTable> &tables, bool &namesWhole, bool &rowsWhole);
    Result<void> copyTotals();
    Result<void> readNames();
    Result<void> readLabels();
    Result<void> copyKeys();
    Result<void> copyQuarantine();
    Result<void> copyTombstones();
    Result<void> copyEntries();
    Result<void> copyParts();
    Result<void> takeEntry(QVariantList values, base::SqlStatement &add);
    Result<void> takeTombstone(const QVariantList &values, base::SqlStatement &add);
    using TakeColumns = std::function<Result<void>(const QVariantList &values)>;
    Result<bool> readBehindDamage(const QString &table, const QList<qsizetype> &columns, const TakeColumns &take,
                                  const std::vector<KeyGap> &gaps, QSet<qint64> &found);
    Result<void> findListed();
    Result<void> findMoved();
    Result<void> setAside(qint64 destination, qint64 id, qint64 arrival);
    Result<void> keepMarks();
    Result<void> nameTheNameless();
    Result<void> derive();
    Result<void> writeNumbers();
    static bool isIn(const std::vector<KeyGap> &gaps, qint64 key);
    bool isAcknowledged(qint64 arrival) const;
    void saw(qint64 id, qint64 arrival);

    base::Database &m_from;
    base::Database &m_to;
    base::TableLeaves &m_leaves;
    qint64 m_stampMs;
    const HashKeys &m_knownHashKeys;
    QueueRewritten m_found;
    base::SqlStatement m_addName; ///< to what is set aside

    QMap<QString, qint64> m_numbers;         ///< of meta, that are not copied as they are
    QSet<QString> m_hashKeys;                ///< of meta, that could be read
    QMap<qint64, QVariantList> m_marks;      ///< rows of meta about rows that were left, by arrival
    std::vector<qint64> m_keptMarks;         ///< arrivals, of those that may come back
    QSet<std::pair<qint64, qint64>> m_aside; ///< destination and id, of what was set aside before
    bool m_labelsWhole = true;
    QSet<std::pair<qint64, qint64>> m_labels; ///< destination and label, if not all are known
    Names m_destinations;
    Names m_origins;
    std::vector<qint64> m_acknowledged; ///< arrivals, sorted
    QSet<qint64> m_bodies;              ///< of entries, that are in parts
    std::vector<KeyGap> m_gaps;         ///< of entries
    bool m_gapsFilled = false;          ///< all that was in them could be read all the same
    QSet<qint64> m_behindDamage;        ///< arrivals in these gaps that could be read all the same
    bool m_allSeen = true;              ///< no number can be greater than those that were seen
    qint64 m_highestId = 0;
    qint64 m_highestArrival = 0;
    qint64 m_highestTombstone = 0;
    base::SqlPieces m_pieces;
};

} // namespace restante::queue
