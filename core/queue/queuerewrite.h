// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/databaserewrite.h"
#include "queue/writer.h"

namespace restante::queue
{

/// What could be read of a damaged queue.sqlite.
struct QueueRewritten {
    qint64 entries = 0;       ///< that are held
    qint64 setAside = 0;      ///< that were held and cannot be read: listed as set aside
    bool entriesWhole = true; ///< else there may have been others, which nobody can tell
    bool tombstonesWhole = true;
    bool namesWhole = true;    ///< of destinations and origins
    bool hashKeysWhole = true; ///< else what is known of contents does not count any more
    bool keysWhole = true;     ///< of other servers

    /// For log and status: a sentence's part.
    QString words() const;
};

/// Writes a damaged queue.sqlite anew with all that can be read of it, where TableRepair is of no use
/// (DatabaseRewrite). Only at the start, before anybody else has it open; needs as much room as the database takes, and
/// time to copy it.
///
/// Somebody who meets such a damage while the program runs asks for it to be done by the next start: a damage in the
/// way of all stores need not be in the way of a start, and to look for it there each time would take too long. That is
/// a file beside the database, since a row in it might not be writable.
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

    /// `stampMs`: what the time is; `freeBytes`: of the disk, below 0 where that is not known. The value says what has
    /// become of everything. Errors as DatabaseRewrite::write and putInPlace; the damaged one stays in use then.
    Result<QString> run(qint64 stampMs, qint64 freeBytes) const;

private:
    QString m_file;
    base::DatabaseRewrite m_rewrite;
};

} // namespace restante::queue
