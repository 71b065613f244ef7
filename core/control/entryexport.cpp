// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/entryexport.h"

#include "matrix/canonicaljson.h"

#include <QtCore/QSaveFile>

#include <algorithm>

namespace restante::control
{

namespace
{
constexpr int PageRows = 200;

/// The ids of all that is held for `destination`, oldest first.
Result<QList<matrix::EntryId>> allIds(queue::Inspector &inspector, const matrix::ServerName &destination)
{
    QList<matrix::EntryId> ids;
    matrix::EntryId after;
    while (true) {
        const auto page = inspector.entries(destination, after, PageRows);
        if (!page)
            return page.error();
        for (const queue::EntryRow &row : page->rows) {
            if (!row.quarantined)
                ids.append(row.id);
        }
        if (!page->more || page->rows.isEmpty())
            return ids;
        after = page->rows.last().id;
    }
}

Error writeFailed(const QSaveFile &out)
{
    return {Errc::Io, QStringLiteral("%1 could not be written: %2").arg(out.fileName(), out.errorString()), 0};
}
} // namespace

QByteArray exportLine(const matrix::ServerName &destination, const queue::HeldEntry &entry)
{
    return R"({"destination":)" + matrix::jsonString(destination.bytes()) + R"(,"entry_id":)" +
           QByteArray::number(entry.id.value) + R"(,"transaction_id":)" + matrix::jsonString(entry.txnId) +
           R"(,"received_ts":)" + QByteArray::number(entry.receivedMs) + R"(,"origin":)" +
           matrix::jsonString(entry.origin) + R"(,"origin_server_ts":)" + QByteArray::number(entry.originServerTs) +
           R"(,"pdus":)" + entry.pdus + R"(,"edus":)" + entry.edus + "}\n";
}

Result<qint64> writeExport(queue::Inspector &inspector, const matrix::ServerName &destination,
                           QList<matrix::EntryId> ids, const QString &file, const std::atomic<bool> &stop)
{
    if (ids.isEmpty()) {
        auto all = allIds(inspector, destination);
        if (!all)
            return all.error();
        ids = std::move(*all);
    }
    std::sort(ids.begin(), ids.end());

    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || !out.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner))
        return writeFailed(out);
    qint64 written = 0;
    for (const matrix::EntryId id : std::as_const(ids)) {
        if (stop.load(std::memory_order_relaxed))
            return {Errc::Busy, QStringLiteral("The export was given up because the program ends")};
        const auto entry = inspector.entry(destination, id);
        if (!entry && entry.error().code == Errc::NotHeld)
            continue;
        if (!entry)
            return entry.error();
        // Line breaks inside events are white space between tokens (in strings they are escaped).
        QByteArray line = exportLine(destination, *entry);
        std::replace(line.begin(), line.end() - 1, '\n', ' ');
        std::replace(line.begin(), line.end() - 1, '\r', ' ');
        if (out.write(line) != line.size())
            return writeFailed(out);
        ++written;
    }
    if (!out.commit())
        return writeFailed(out);
    return written;
}

} // namespace restante::control
