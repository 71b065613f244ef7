// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/salvage.h"

#include "base/ondisk.h"
#include "base/sqlstatement.h"
#include "node/salvagecopy.h"
#include "queue/diskwatch.h"
#include "telemetry/logging.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QStringList>

#include <array>
#include <memory>
#include <utility>

namespace restante::node
{

namespace
{
constexpr int SalvageWaitMs = 2'000;
constexpr qint64 SalvageSpareBytes = qint64(64) << 20; ///< of the disk, left for everything else
constexpr int MostKept = 100;
constexpr std::array<const char *, 3> WithDatabase{"", "-wal", "-shm"};

const auto HasTables = QStringLiteral("SELECT COUNT(*) = 3 FROM sqlite_schema WHERE type = 'table' AND "
                                      "name IN ('meta', 'inbox', 'handled')");

// Being written; complete, but not in its place yet; the damaged one.
QString partOf(const QString &file)
{
    return file + QStringLiteral(".part");
}

QString completeOf(const QString &file)
{
    return file + QStringLiteral(".new");
}

Result<void> removeDatabase(const QString &file)
{
    for (const char *end : WithDatabase) {
        QFile each(file + QLatin1String(end));
        if (each.exists() && !each.remove())
            return base::fileError(each.fileName(), QLatin1String("removed"), each.errorString());
    }
    return {};
}

Result<void> renameFile(const QString &from, const QString &to)
{
    QFile file(from);
    if (!file.rename(to))
        return base::fileError(from, QLatin1String("renamed"), file.errorString());
    return {};
}

Result<void> syncDatabase(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadWrite | QIODevice::ExistingOnly))
        return base::fileError(name, QLatin1String("opened"), file.errorString());
    if (auto synced = base::syncFile(file); !synced)
        return base::fileError(name, QLatin1String("written"), synced.error().detail);
    return {};
}

Result<std::unique_ptr<base::Database>> openFor(const QString &file)
{
    base::ConnectionOptions options;
    options.database = file;
    options.busyTimeoutMs = SalvageWaitMs;
    return base::Database::open(options);
}
} // namespace

QString Salvaged::words() const
{
    QStringList parts{QStringLiteral("entries of the inbox that were read: %1").arg(entries)};
    if (damaged > 0)
        parts << QStringLiteral("listed as damaged: %1").arg(damaged);
    if (lost > 0)
        parts << QStringLiteral("lost: %1").arg(lost);
    if (!handledWhole)
        parts << QStringLiteral("some of what was taken out before may come again");
    if (!destinationsWhole)
        parts << QStringLiteral("how some servers were doing is forgotten");
    return parts.join(QStringLiteral(", "));
}

Salvage::Salvage(const QString &folder)
    : m_file(folder + QStringLiteral("/node.sqlite"))
{
}

bool Salvage::isOutOfPlace() const
{
    return !QFile::exists(m_file) && QFile::exists(completeOf(m_file));
}

Result<void> Salvage::finishInterrupted() const
{
    if (auto removed = removeDatabase(partOf(m_file)); !removed)
        return removed;
    if (!QFile::exists(completeOf(m_file)))
        return {};
    if (QFile::exists(m_file)) // in which may be newer things by now
        return removeDatabase(completeOf(m_file));
    if (auto renamed = renameFile(completeOf(m_file), m_file); !renamed)
        return renamed;
    return base::syncFolder(QFileInfo(m_file).absolutePath());
}

Result<Salvaged> Salvage::write(const QByteArray &contentKey, qint64 stampMs) const
{
    if (auto removed = finishInterrupted(); !removed) // before the room is looked at, which it takes up
        return removed.error();
    auto salvaged = copy(contentKey, stampMs);
    if (salvaged)
        return salvaged;
    for (const QString &left : {partOf(m_file), completeOf(m_file)}) {
        if (const auto removed = removeDatabase(left); !removed)
            qCWarning(lcNode).noquote() << removed.error().detail; // why the copy failed is told by whoever asked
    }
    return salvaged;
}

Result<void> Salvage::checkRoom() const
{
    const qint64 free = queue::DiskWatch::freeBytesOf(QFileInfo(m_file).absolutePath());
    const qint64 needed = QFileInfo(m_file).size() + SalvageSpareBytes;
    if (free >= 0 && free < needed)
        return {Errc::DiskFull,
                QStringLiteral("To write the damaged database %1 anew the disk needs %2 MiB of free space.")
                    .arg(m_file)
                    .arg((needed >> 20) + 1)};
    return {};
}

Result<Salvaged> Salvage::copy(const QByteArray &contentKey, qint64 stampMs) const
{
    if (auto room = checkRoom(); !room)
        return room.error();
    auto from = openFor(m_file);
    if (!from)
        return from.error();
    // Without it everything would seem to be empty.
    if (const auto known = base::isTrue(**from, HasTables); !known || !*known)
        return {Errc::Corrupt,
                QStringLiteral("What tables there are in %1 cannot be read. Stop the program, keep a copy of the file, "
                               "and restore a backup.")
                    .arg(m_file)};
    const QString part = partOf(m_file);
    Result<Salvaged> salvaged = Salvaged();
    {
        auto to = openFor(part);
        if (!to)
            return to.error();
        if (auto made = (*to)->migrate(QLatin1String("node")); !made)
            return made.error();
        salvaged = SalvageCopy(**from, **to, stampMs).run(contentKey);
        if (!salvaged)
            return salvaged;
        const auto log = (*to)->checkpoint(true);
        if (!log)
            return log.error();
        if (!log->isCopied())
            return {Errc::Busy, QStringLiteral("Another program uses %1.").arg(part)};
    }
    // What still stands in the old one's log must not be left behind when it is put aside.
    const auto log = (*from)->checkpoint(true);
    if (!log)
        return log.error();
    if (!log->isCopied())
        return {Errc::Busy, QStringLiteral("Another program uses %1.").arg(m_file)};
    from->reset();
    if (auto synced = syncDatabase(part); !synced)
        return synced.error();
    if (auto renamed = renameFile(part, completeOf(m_file)); !renamed)
        return renamed.error();
    if (auto synced = base::syncFolder(QFileInfo(m_file).absolutePath()); !synced)
        return synced.error();
    return salvaged;
}

Result<QString> Salvage::putInPlace() const
{
    // Its last connection has removed it: a log that stays would be taken for the new database's.
    if (const QFileInfo log(m_file + QStringLiteral("-wal")); log.exists() && log.size() > 0)
        return {Errc::Busy, QStringLiteral("Another program uses %1.").arg(m_file)};
    QString kept;
    for (int number = 1; kept.isEmpty() || QFile::exists(kept); ++number) {
        if (number > MostKept)
            return {Errc::Io, QStringLiteral("There are too many damaged copies of %1; remove some.").arg(m_file)};
        kept = m_file + QStringLiteral(".damaged-%1").arg(number);
    }
    if (auto renamed = renameFile(m_file, kept); !renamed)
        return renamed.error();
    if (auto renamed = renameFile(completeOf(m_file), m_file); !renamed) {
        if (auto back = renameFile(kept, m_file); !back)
            return back.error();
        return renamed.error();
    }
    if (auto synced = base::syncFolder(QFileInfo(m_file).absolutePath()); !synced)
        return synced.error();
    return QFileInfo(kept).fileName();
}

} // namespace restante::node
