// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/databaserewrite.h"
#include "base/tableleaves.h"
#include "queue/writer.h"

#include <QtCore/QMap>

namespace restante::queue
{

/// The secret keys of the fingerprints that the database has, by their names in the table `meta`.
using HashKeys = QMap<QString, QByteArray>;

/// What could be read of a damaged queue.sqlite.
struct QueueRewritten {
    qint64 entries = 0;       ///< that are held
    qint64 setAside = 0;      ///< that were held and cannot be read: listed as set aside
    bool entriesWhole = true; ///< else there may have been others, which nobody can tell
    bool tombstonesWhole = true;
    bool namesWhole = true;    ///< of destinations and origins
    bool hashKeysWhole = true; ///< else what is known of contents does not count any more
    bool keysWhole = true;     ///< of other servers
    qint64 missed = 0;         ///< pages with entries or tombstones that could not be read, and rows that go on on such

    /// Whether more was lost than one damaged page has.
    bool losesMuch() const { return missed > 1 || !namesWhole || !hashKeysWhole; }
    /// For log and status: a sentence's part.
    QString words() const;
};

/// Writes a damaged queue.sqlite anew with all that can be read of it, if TableRepair is of no use
/// (DatabaseRewrite). At the start, or in the thread of the writer, which writes nothing meanwhile; needs as much room
/// as the database takes, and time to copy it.
///
/// What cannot be done while the program runs is asked of the next start: a damage in the way of all stores need not be
/// in the way of a start, and to look for it there each time would take too long. That is a file beside the database,
/// since a row in it might not be writable.
///
/// After `write` it must outlive the connections to the damaged database (TableLeaves).
class QueueRewrite
{
public:
    explicit QueueRewrite(const Location &location);

    /// DatabaseRewrite::finishInterrupted.
    Result<void> finishInterrupted() const { return m_rewrite.finishInterrupted(); }

    bool isAskedFor() const;
    /// Errc::Io.
    Result<void> askFor() const;
    Result<void> withdraw() const;

    /// Writes the new one beside the damaged one. `stampMs`: what the time is; `freeBytes`: of the disk, below 0 if
    /// that is not known; `hashKeys`: as far as they are known. Errors as DatabaseRewrite::write.
    Result<QueueRewritten> write(qint64 stampMs, qint64 freeBytes, const HashKeys &hashKeys);
    /// Then: the value says what has become of everything. Errors as DatabaseRewrite::putInPlace; the damaged one stays
    /// in use then.
    Result<QString> putInPlace(const QueueRewritten &rewritten) const;
    /// Or: it is not wanted. Errc::Io.
    Result<void> discard() const { return m_rewrite.finishInterrupted(); }
    /// How many damaged ones are kept.
    int kept() const { return m_rewrite.kept(); }

private:
    QString m_file;
    base::DatabaseRewrite m_rewrite;
    base::TableLeaves m_leaves; ///< of the damaged one
};

} // namespace restante::queue
