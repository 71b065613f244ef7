// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sqldialect.h"

#include "base/inputfile.h"
#include "base/ondisk.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtSql/QSqlDatabase>
#include <QtSql/QSqlError>

#ifdef Q_OS_UNIX
#include <sys/statvfs.h>
#endif

namespace restante::base
{

namespace
{

// Result codes of SQLite (sqlite3.h); QSQLITE reports extended codes, whose low byte is one of these.
enum SqliteCode {
    Busy = 5,
    LockedTable = 6,
    NoMemory = 7,
    ReadOnly = 8,
    IoError = 10,
    Corrupt = 11,
    Full = 13,
    CannotOpen = 14,
    TooBig = 18,
    ConstraintFailed = 19,
    NotADatabase = 26,
    IndexOfLogCannotGrow = 10 | (19 << 8), // SQLITE_IOERR_SHMSIZE: what a full disk makes of the shared memory file
};

// 50 KB bodies take a tenth less processor time than with 8 KiB, and lie in fewer places between what others left free;
// 1 KB bodies take the same, and a fifth more of the disk's bandwidth. Files that are there keep what they have.
constexpr int PageBytes = 16'384;
// The log may stay this long after a checkpoint: room that is already there when the disk is full, and more than it has
// when the queue's writer begins it anew, since cutting it off and letting it grow again costs new pages each time.
constexpr qint64 KeptLogBytes = qint64(24) << 20;

#ifdef Q_OS_UNIX
/// SQLite maps the index of its log into memory and makes room for it by one byte in each 4 KiB. If the disk's
/// blocks are smaller that leaves holes, and the first touch of one on a full disk ends the program (SIGBUS).
bool hasRoomForIndex(const QString &database)
{
    constexpr unsigned long stride = 4'096;
    constexpr quint64 enough = quint64(256) << 10;
    struct statvfs disk {
    };
    if (::statvfs(QFile::encodeName(QFileInfo(database).absolutePath()).constData(), &disk) != 0)
        return true; // opening it tells why
    return disk.f_bsize >= stride || quint64(disk.f_bavail) * disk.f_frsize >= enough;
}
#else
bool hasRoomForIndex(const QString &)
{
    return true;
}
#endif

class SqliteDialect final : public SqlDialect
{
public:
    QString driver() const override { return QStringLiteral("QSQLITE"); }

    Result<void> configure(QSqlDatabase &connection, const ConnectionOptions &options) const override
    {
        if (const QString problem = notAFile(options.database); !problem.isEmpty())
            return fileError(options.database, QLatin1String("opened"), problem);
        if (!options.readOnly && !hasRoomForIndex(options.database))
            return {Errc::DiskFull, QStringLiteral("The disk that holds %1 is full.").arg(options.database)};
        if (!options.readOnly && !QFile::exists(options.database)) {
            QFile file(options.database);
            // SQLite gives its log and shared memory files the permissions of this one.
            if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFileDevice::ReadOwner | QFileDevice::WriteOwner))
                return fileError(options.database, QLatin1String("created"), file.errorString());
        }
        connection.setDatabaseName(options.database);
        QString text = QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(options.busyTimeoutMs);
        if (options.readOnly)
            text += QStringLiteral(";QSQLITE_OPEN_READONLY");
        connection.setConnectOptions(text);
        return {};
    }

    QStringList preamble(const ConnectionOptions &options) const override
    {
        QStringList statements{QStringLiteral("PRAGMA mmap_size = 0"), QStringLiteral("PRAGMA temp_store = MEMORY")};
        const auto cacheSize = QStringLiteral("PRAGMA cache_size = -%1").arg(options.cacheKib);
        if (options.readOnly)
            return statements << cacheSize << QStringLiteral("PRAGMA query_only = 1");
        // The first two only mean something in a file that is still empty, and before it turns to WAL.
        statements << QStringLiteral("PRAGMA page_size = %1").arg(PageBytes)
                   << QStringLiteral("PRAGMA auto_vacuum = INCREMENTAL") << QStringLiteral("PRAGMA journal_mode = WAL")
                   << QStringLiteral("PRAGMA journal_size_limit = %1").arg(KeptLogBytes)
                   // The owner of the connection checkpoints after it has answered; this is the backstop, in pages.
                   << QStringLiteral("PRAGMA wal_autocheckpoint = 4096")
                   // Becomes a number of pages here and now: the size of a new file's pages must be settled before.
                   << cacheSize << durability(true);
        if (options.maxPages > 0)
            statements << QStringLiteral("PRAGMA max_page_count = %1").arg(options.maxPages);
        return statements;
    }

    QString forgetCache() const override { return QStringLiteral("PRAGMA shrink_memory"); }

    QStringList files(const ConnectionOptions &options) const override
    {
        return {options.database, options.database + QLatin1String("-wal")};
    }

    QString beginWrite() const override { return QStringLiteral("BEGIN IMMEDIATE"); }
    QString durability(bool full) const override
    {
        return full ? QStringLiteral("PRAGMA synchronous = FULL") : QStringLiteral("PRAGMA synchronous = NORMAL");
    }
    QString secureDelete(bool on) const override
    {
        return on ? QStringLiteral("PRAGMA secure_delete = ON") : QStringLiteral("PRAGMA secure_delete = OFF");
    }
    QString checkpoint(bool truncate) const override
    {
        return truncate ? QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")
                        : QStringLiteral("PRAGMA wal_checkpoint(PASSIVE)");
    }
    QString busyTimeout(int ms) const override { return QStringLiteral("PRAGMA busy_timeout = %1").arg(ms); }
    QString freeInside() const override
    {
        return QStringLiteral("SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size");
    }
    QString shrink() const override { return QStringLiteral("PRAGMA incremental_vacuum(1)"); }
    QString snapshotInto(const QString &file) const override
    {
        return QStringLiteral("VACUUM INTO '%1'").arg(QString(file).replace(u'\'', QStringLiteral("''")));
    }
    QString integrity(int most) const override { return QStringLiteral("PRAGMA integrity_check(%1)").arg(most); }
    QString migrations() const override { return QStringLiteral(":/restante/migrations/sqlite"); }

    SqlFault fault(const QSqlError &error) const override
    {
        if (error.type() == QSqlError::NoError)
            return SqlFault::None;
        const int code = error.nativeErrorCode().toInt();
        if (code == IndexOfLogCannotGrow)
            return SqlFault::Full;
        switch (code & 0xff) {
        case Full:
            return SqlFault::Full;
        case Busy:
        case LockedTable:
            return SqlFault::Locked;
        case Corrupt:
            return SqlFault::Damaged;
        case NotADatabase:
            return SqlFault::NoDatabase;
        case ConstraintFailed:
            return SqlFault::Constraint;
        case ReadOnly:
            return SqlFault::ReadOnly;
        case IoError:
            return SqlFault::Disk;
        case CannotOpen:
            return SqlFault::CannotOpen;
        case NoMemory:
            return SqlFault::Memory;
        case TooBig:
        default:
            return SqlFault::Other;
        }
    }
};

} // namespace

const SqlDialect &sqliteDialect()
{
    static const SqliteDialect dialect;
    return dialect;
}

} // namespace restante::base
