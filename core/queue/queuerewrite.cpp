// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/queuerewrite.h"

#include "base/ondisk.h"
#include "queue/queuecopy.h"
#include "telemetry/logging.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QStringList>

namespace restante::queue
{

namespace
{
QString requestOf(const QString &file)
{
    return file + QStringLiteral(".rewrite");
}
} // namespace

QString QueueRewritten::words() const
{
    QStringList parts{QStringLiteral("entries that were read: %1").arg(entries)};
    if (setAside > 0)
        parts << QStringLiteral("set aside because they cannot be read: %1").arg(setAside);
    if (!entriesWhole)
        parts << QStringLiteral("others may be lost");
    if (!namesWhole)
        parts << QStringLiteral("some names are lost, and mail of theirs with them");
    if (!tombstonesWhole || !hashKeysWhole)
        parts << QStringLiteral("some of what was collected before may come again");
    if (!keysWhole)
        parts << QStringLiteral("some keys of other servers are forgotten");
    return parts.join(QStringLiteral(", "));
}

QueueRewrite::QueueRewrite(const Location &location)
    : m_file(location.database())
    , m_rewrite(m_file)
    , m_leaves(m_file)
{
}

bool QueueRewrite::isAskedFor() const
{
    return QFile::exists(requestOf(m_file));
}

Result<void> QueueRewrite::askFor() const
{
    QFile request(requestOf(m_file));
    if (!request.open(QIODevice::WriteOnly, base::OwnerOnly))
        return base::fileError(request.fileName(), QLatin1String("created"), request.errorString());
    request.close();
    return base::syncFolder(QFileInfo(m_file).absolutePath());
}

Result<void> QueueRewrite::withdraw() const
{
    QFile request(requestOf(m_file));
    if (request.exists() && !request.remove())
        return base::fileError(request.fileName(), QLatin1String("removed"), request.errorString());
    return {};
}

Result<QueueRewritten> QueueRewrite::write(qint64 stampMs, qint64 freeBytes, const HashKeys &hashKeys)
{
    QueueRewritten rewritten;
    const auto fill = [&](base::Database &from, base::Database &to) -> Result<void> {
        qCWarning(lcQueue, "The queue's database is damaged and is written anew, which may take a while.");
        auto copied = QueueCopy(from, to, m_leaves, stampMs, hashKeys).run();
        if (!copied)
            return copied.error();
        rewritten = *copied;
        return {};
    };
    auto written = m_rewrite.write(
        {}, {QStringLiteral("meta"), QStringLiteral("entries"), QStringLiteral("tombstones")}, freeBytes, fill);
    if (!written)
        return written.error();
    return rewritten;
}

Result<QString> QueueRewrite::putInPlace(const QueueRewritten &rewritten) const
{
    auto kept = m_rewrite.putInPlace();
    if (!kept)
        return kept.error();
    auto words =
        QStringLiteral("The database %1 was damaged and has been written anew: %2. The damaged one is kept as %3.")
            .arg(m_file, rewritten.words(), *kept);
    if (const auto done = withdraw(); !done) // the next start does it once more
        words += QLatin1Char(' ') + done.error().detail;
    return words;
}

} // namespace restante::queue
