// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/ondisk.h"
#include "base/result.h"
#include "base/sqldialect.h"

#include <QtSql/QSqlDatabase>

#include <limits>
#include <memory>
#include <vector>

namespace restante::base
{

/// What a checkpoint left of the log that changes go through.
struct LogState {
    bool busy = false; ///< a reader or writer kept it from doing all that was asked for
    qint64 pages = 0;  ///< in the log
    qint64 copied = 0; ///< of them, into the file

    bool isCopied() const { return !busy && copied == pages; }
};

/// One connection to a database. Lives in the thread that opened it, from open to destruction; nothing of it may be
/// used elsewhere. Every Statement on it must be gone before it is.
class Database
{
public:
    /// Opens, creating the file if it is missing and `options` allow it, and sets the connection up. Errc::Io if file
    /// or folder refuse, Errc::Corrupt if it is not a database or a damaged one (the file is left as it is), Errc::Busy
    /// if another program holds it locked, Errc::DiskFull.
    static Result<std::unique_ptr<Database>> open(const ConnectionOptions &options,
                                                  const SqlDialect &dialect = sqliteDialect());
    /// As `open`, but makes nothing: null if the file is missing or empty, or was never brought up to date. Errc::Io
    /// also for a folder or a pipe of that name.
    static Result<std::unique_ptr<Database>> openIfUsed(const ConnectionOptions &options);
    ~Database();
    Q_DISABLE_COPY_MOVE(Database)

    /// Brings the schema up to date: the numbered files `NNNN_name.sql` of the dialect's folder (of that of `set`, for
    /// a database of another kind), each in one
    /// transaction together with its number. Errc::NewerSchema if the database has a higher number than the program
    /// knows.
    /// Not beyond number `last`: tests make an older database.
    Result<void> migrate(QLatin1String set = {}, int last = std::numeric_limits<int>::max());
    /// Whether `migrate` would have anything to do.
    Result<bool> isToBeMigrated(QLatin1String set = {});
    /// The number of the last migration that ran; 0 in an empty database.
    Result<int> schemaVersion();

    /// After a statement met damage: what is cached is read anew, in case the disk has failed for a moment only. Called
    /// before each statement.
    void readAnew();

    /// Errc::StorageFailed if a file of the database was removed, moved or replaced since `open`: what is written now
    /// would be lost. Asked before each transaction that writes.
    Result<void> checkInPlace();

    /// Runs one statement that gives no rows, or whose rows do not matter (all of them are stepped through).
    Result<void> run(const QString &statement);
    /// Copies the log into the file, as far as nobody reads an older state; `truncate`: wholly, and empties it, or else
    /// is `busy` in the answer: waits for nobody in either case. Outside of a transaction. All 0 for an engine without
    /// such a log.
    Result<LogState> checkpoint(bool truncate);

    QSqlDatabase connection() const { return m_connection; }
    const SqlDialect &dialect() const { return m_dialect; }
    /// `error` in words for people, with the code that tells what can be done about it: DiskFull, Busy,
    /// Corrupt or StorageFailed.
    Error translate(const QSqlError &error) const;
    /// Of the error that was translated last.
    SqlFault lastFault() const { return m_lastFault; }

private:
    Database(QString name, const SqlDialect &dialect, int busyTimeoutMs);
    Result<void> apply(const QString &file, int version);

    QString m_name;
    const SqlDialect &m_dialect;
    const int m_busyTimeoutMs;
    QSqlDatabase m_connection;
    mutable bool m_metDamage = false; ///< since the last statement
    mutable SqlFault m_lastFault = SqlFault::None;
    std::vector<PlacedFile> m_files; ///< of a connection that writes
};

} // namespace restante::base
