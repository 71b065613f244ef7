// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/databaserewrite.h"

#include "base/ondisk.h"
#include "base/sqlstatement.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <array>
#include <filesystem>
#include <memory>
#include <utility>

namespace restante::base
{

namespace
{
constexpr int RewriteWaitMs = 2'000;
constexpr qint64 RewriteSpareBytes = qint64(64) << 20; ///< of the disk, left for everything else
constexpr int MostKept = 100;
constexpr std::array<const char *, 3> WithDatabase{"", "-wal", "-shm"};

// Being written; complete, but not in its place yet; the damaged one.
QString partOf(const QString &file)
{
    return file + QStringLiteral(".part");
}

QString completeOf(const QString &file)
{
    return file + QStringLiteral(".new");
}

Result<void> removeDatabaseFiles(const QString &file)
{
    for (const char *end : WithDatabase) {
        QFile each(file + QLatin1String(end));
        if (each.exists() && !each.remove())
            return fileError(each.fileName(), QLatin1String("removed"), each.errorString());
    }
    return {};
}

/// Takes the place of what is there: an empty file, if somebody looked for the database just now.
Result<void> renameFile(const QString &from, const QString &to)
{
    std::error_code failed;
    std::filesystem::rename(QFile::encodeName(from).toStdString(), QFile::encodeName(to).toStdString(), failed);
    if (failed)
        return fileError(from, QLatin1String("renamed"), QString::fromStdString(failed.message()));
    return {};
}

Result<void> syncDatabase(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadWrite | QIODevice::ExistingOnly))
        return fileError(name, QLatin1String("opened"), file.errorString());
    if (auto synced = syncFile(file); !synced)
        return fileError(name, QLatin1String("written"), synced.error().detail);
    return {};
}

/// The log, which is empty, and its index, which are still open if somebody reads the old database: the new one
/// makes its own.
Result<void> forgetLog(const QString &file)
{
    for (const char *end : {"-wal", "-shm"}) {
        QFile each(file + QLatin1String(end));
        if (each.exists() && !each.remove())
            return fileError(each.fileName(), QLatin1String("removed"), each.errorString());
    }
    return {};
}

Result<std::unique_ptr<Database>> openFor(const QString &file)
{
    ConnectionOptions options;
    options.database = file;
    options.busyTimeoutMs = RewriteWaitMs;
    return Database::open(options);
}

/// So that nothing is left behind in a log.
Result<void> emptyLog(Database &database)
{
    const auto log = database.checkpoint(true);
    if (!log)
        return log.error();
    if (!log->isCopied())
        return {Errc::Busy, QStringLiteral("Another program uses %1.").arg(database.connection().databaseName())};
    return {};
}
} // namespace

bool isUnreadable(const Database &database, const Error &error)
{
    return error.code == Errc::Corrupt || (error.code == Errc::StorageFailed && database.lastFault() == SqlFault::Disk);
}

DatabaseRewrite::DatabaseRewrite(QString file)
    : m_file(std::move(file))
{
}

QString DatabaseRewrite::keptName(int number) const
{
    return m_file + QStringLiteral(".damaged-%1").arg(number);
}

int DatabaseRewrite::kept() const
{
    int count = 0;
    for (int number = 1; number <= MostKept; ++number)
        count += QFile::exists(keptName(number));
    return count;
}

bool DatabaseRewrite::isOutOfPlace() const
{
    return !QFile::exists(m_file) && QFile::exists(completeOf(m_file));
}

Result<void> DatabaseRewrite::finishInterrupted() const
{
    if (auto removed = removeDatabaseFiles(partOf(m_file)); !removed)
        return removed;
    if (!QFile::exists(completeOf(m_file)))
        return {};
    if (QFile::exists(m_file)) // in which may be newer things by now
        return removeDatabaseFiles(completeOf(m_file));
    if (auto renamed = renameFile(completeOf(m_file), m_file); !renamed)
        return renamed;
    return syncFolder(QFileInfo(m_file).absolutePath());
}

Result<void> DatabaseRewrite::write(QLatin1String set, const QStringList &tables, qint64 freeBytes,
                                    const Fill &fill) const
{
    if (auto removed = finishInterrupted(); !removed) // it takes up room
        return removed;
    auto written = checkRoom(freeBytes);
    if (written)
        written = copy(set, tables, fill);
    if (written)
        return written;
    Error error = written.error();
    for (const QString &left : {partOf(m_file), completeOf(m_file)}) {
        if (const auto removed = removeDatabaseFiles(left); !removed)
            error.detail += QLatin1Char(' ') + removed.error().detail;
    }
    return error;
}

Result<void> DatabaseRewrite::checkRoom(qint64 freeBytes) const
{
    const qint64 needed = QFileInfo(m_file).size() + RewriteSpareBytes;
    if (freeBytes >= 0 && freeBytes < needed)
        return {Errc::DiskFull,
                QStringLiteral("To write the damaged database %1 anew the disk needs %2 MiB of free space.")
                    .arg(m_file)
                    .arg((needed >> 20) + 1)};
    return {};
}

Result<void> DatabaseRewrite::copy(QLatin1String set, const QStringList &tables, const Fill &fill) const
{
    auto from = openFor(m_file);
    if (!from)
        return from.error();
    // Without it everything would seem to be empty.
    const auto known =
        isTrue(**from, QStringLiteral("SELECT COUNT(*) = %1 FROM sqlite_schema WHERE type = 'table' AND name IN ('%2')")
                           .arg(tables.size())
                           .arg(tables.join(QLatin1String("', '"))));
    if (!known || !*known)
        return {Errc::Corrupt,
                QStringLiteral("What tables there are in %1 cannot be read. Stop the program, keep a copy of the file, "
                               "and restore a backup.")
                    .arg(m_file)};
    if (auto emptied = emptyLog(**from); !emptied) // before the long way, rather than after it
        return emptied;
    if (auto filled = fillPart(**from, set, fill); !filled)
        return filled;
    if (auto emptied = emptyLog(**from); !emptied)
        return emptied;
    from->reset();
    if (auto synced = syncDatabase(partOf(m_file)); !synced)
        return synced;
    if (auto renamed = renameFile(partOf(m_file), completeOf(m_file)); !renamed)
        return renamed;
    return syncFolder(QFileInfo(m_file).absolutePath());
}

Result<void> DatabaseRewrite::fillPart(Database &from, QLatin1String set, const Fill &fill) const
{
    auto to = openFor(partOf(m_file));
    if (!to)
        return to.error();
    if (auto made = (*to)->migrate(set); !made)
        return made;
    if (auto filled = fill(from, **to); !filled)
        return filled;
    return emptyLog(**to);
}

Result<QString> DatabaseRewrite::putInPlace() const
{
    // `write` has emptied it: a log that stays would be taken for the new database's.
    if (const QFileInfo log(m_file + QStringLiteral("-wal")); log.exists() && log.size() > 0)
        return {Errc::Busy, QStringLiteral("Another program uses %1.").arg(m_file)};
    QString kept;
    for (int number = 1; kept.isEmpty() || QFile::exists(kept); ++number) {
        if (number > MostKept)
            return {Errc::Io, QStringLiteral("There are too many damaged copies of %1; remove some.").arg(m_file)};
        kept = keptName(number);
    }
    if (auto renamed = renameFile(m_file, kept); !renamed)
        return renamed.error();
    auto renamed = forgetLog(m_file);
    if (renamed)
        renamed = renameFile(completeOf(m_file), m_file);
    if (!renamed) {
        if (auto back = renameFile(kept, m_file); !back)
            return back.error();
        return renamed.error();
    }
    if (auto synced = syncFolder(QFileInfo(m_file).absolutePath()); !synced)
        return synced.error();
    return QFileInfo(kept).fileName();
}

} // namespace restante::base
