// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/entryexport.h"

#include "base/linesfile.h"
#include "matrix/canonicaljson.h"

#include <algorithm>

namespace restante::queue
{

namespace
{

/// The ids of what is listed, oldest first; `aside`: with those that are set aside.
Result<QList<matrix::EntryId>> listedIds(Inspector &inspector, const HeldFor &what, bool aside)
{
    constexpr int pageRows = 200;
    QList<matrix::EntryId> ids;
    matrix::EntryId after;
    while (true) {
        const auto page = inspector.entries(what, after, pageRows);
        if (!page)
            return page.error();
        for (const EntryRow &row : page->rows) {
            if (aside || !row.quarantined)
                ids.append(row.id);
        }
        if (!page->more || page->rows.isEmpty())
            return ids;
        after = page->rows.last().id;
    }
}

} // namespace

Result<QList<matrix::EntryId>> heldIds(Inspector &inspector, const HeldFor &what)
{
    return listedIds(inspector, what, false);
}

QByteArray exportLine(const matrix::ServerName &destination, const HeldEntry &entry)
{
    return R"({"destination":)" + matrix::jsonString(destination.bytes()) + R"(,"entry_id":)" +
           QByteArray::number(entry.id.value) + R"(,"transaction_id":)" + matrix::jsonString(entry.txnId) +
           R"(,"received_ts":)" + QByteArray::number(entry.receivedMs) + R"(,"origin":)" +
           matrix::jsonString(entry.origin) + R"(,"origin_server_ts":)" + QByteArray::number(entry.originServerTs) +
           R"(,"pdus":)" + entry.pdus + R"(,"edus":)" + entry.edus + '}';
}

Result<qint64> writeExport(Inspector &inspector, const HeldFor &what, QList<matrix::EntryId> ids, const QString &file,
                           const std::atomic<bool> &stop)
{
    if (ids.isEmpty()) {
        auto all = listedIds(inspector, what, true);
        if (!all)
            return all.error();
        ids = std::move(*all);
    }
    std::sort(ids.begin(), ids.end());

    base::LinesFile out(file);
    if (auto opened = out.open(); !opened)
        return opened.error();
    qint64 written = 0;
    for (const matrix::EntryId id : std::as_const(ids)) {
        if (stop.load(std::memory_order_relaxed))
            return {Errc::Busy, QStringLiteral("The export was given up because the program is ending")};
        const auto entry = inspector.entry(what.destination, id);
        if (!entry && (entry.error().code == Errc::NotHeld || entry.error().code == Errc::Corrupt))
            continue;
        if (!entry)
            return entry.error();
        if (auto added = out.add(exportLine(what.destination, *entry)); !added)
            return added.error();
        ++written;
    }
    if (auto committed = out.commit(); !committed)
        return committed.error();
    return written;
}

} // namespace restante::queue
