// SPDX-License-Identifier: GPL-3.0-or-later
// What differs between database engines. SQLite is the engine built today; a second one is one more subclass.
#pragma once

#include "base/result.h"

#include <QtCore/QStringList>

class QSqlDatabase;
class QSqlError;

namespace restante::base
{

/// Why a statement failed, in terms of what to do about it.
enum class SqlFault {
    None,
    Full,       ///< no room on the disk; deleting may still work
    Locked,     ///< another connection holds the lock
    Damaged,    ///< the file or a row in it is damaged
    NoDatabase, ///< the file is something else
    Constraint, ///< a unique key is there already
    ReadOnly,   ///< the file or its disk may only be read
    Disk,       ///< the disk reports an error
    CannotOpen, ///< the file, or one that belongs to it, cannot be opened or made
    Memory,     ///< there is not enough memory
    Other,      ///< anything else: a fault of the program
};

/// How one connection is to be opened.
struct ConnectionOptions {
    QString database; ///< a file for SQLite
    bool readOnly = false;
    int busyTimeoutMs = 0; ///< how long a locked database is waited for
    int cacheKib = 2048;   ///< page cache of this connection
    qint64 maxPages = 0;   ///< refuse to grow beyond; 0 = no bound (tests imitate a full disk with it)
};

/// One database engine. Stateless; any thread.
class SqlDialect
{
public:
    SqlDialect() = default;
    virtual ~SqlDialect() = default;
    Q_DISABLE_COPY_MOVE(SqlDialect)

    /// The QtSql driver.
    virtual QString driver() const = 0;
    /// Sets file name and driver options; creates the file, readable to its owner alone, if it is missing and
    /// `options` allow writing. Errc::Io or DiskFull with words.
    virtual Result<void> configure(QSqlDatabase &connection, const ConnectionOptions &options) const = 0;
    /// Statements to run right after opening, in order.
    virtual QStringList preamble(const ConnectionOptions &options) const = 0;
    /// Gives up what the connection has cached and nobody is using.
    virtual QString forgetCache() const = 0;
    /// The files that must stay where they are while a connection of `options` writes.
    virtual QStringList files(const ConnectionOptions &options) const = 0;
    /// Starts a transaction that will write.
    virtual QString beginWrite() const = 0;
    /// Between transactions: whether the next commits must survive a power loss.
    virtual QString durability(bool full) const = 0;
    /// Makes deleted bytes unreadable, or stops doing so. Empty: the engine has no such thing.
    virtual QString secureDelete(bool on) const = 0;
    /// Copies the log into the main file, as far as nobody reads it; `truncate`: wholly, and empties the log, for which
    /// it waits as `busyTimeout` says. One row: whether it had to leave something undone, pages in the log, pages
    /// copied. Empty: the engine does that by itself.
    virtual QString checkpoint(bool truncate) const = 0;
    /// How long the connection waits from now on for what another one locks.
    virtual QString busyTimeout(int ms) const = 0;
    /// One row, one number: bytes of free space inside the database file. Empty: not known.
    virtual QString freeInside() const = 0;
    /// Gives the free space of one page inside the file, if there is any, back to the disk.
    virtual QString shrink() const = 0;
    /// Writes a copy of the whole database, as it is at one moment, to `file`, which is missing or empty; others may
    /// read and write the database meanwhile.
    virtual QString snapshotInto(const QString &file) const = 0;
    /// Reads all of the database: one row, "ok", or a fault a row, at most `most`.
    virtual QString integrity(int most) const = 0;
    /// The resource folder with this engine's numbered migrations.
    virtual QString migrations() const = 0;
    virtual SqlFault fault(const QSqlError &error) const = 0;
};

/// The process-wide SQLite dialect (stateless).
const SqlDialect &sqliteDialect();

} // namespace restante::base
