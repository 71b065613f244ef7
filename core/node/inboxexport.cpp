// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/inboxexport.h"

#include "base/linesfile.h"
#include "matrix/canonicaljson.h"

#include <QtCore/QSet>

namespace restante::node
{

namespace
{
constexpr int PageRows = 200;
}

QByteArray inboxLine(const InboxEntry &entry)
{
    const InboxRow &row = entry.row;
    return R"({"inbox_id":)" + QByteArray::number(row.id) + R"(,"origin":)" + matrix::jsonString(row.origin.toUtf8()) +
           R"(,"origin_server_ts":)" + QByteArray::number(row.originServerTs) + R"(,"transaction_id":)" +
           matrix::jsonString(row.txnId.toUtf8()) + R"(,"relay":)" + matrix::jsonString(row.relay.toUtf8()) +
           R"(,"collected_ts":)" + QByteArray::number(row.collectedMs) + R"(,"pdus":)" + entry.pdus + R"(,"edus":)" +
           entry.edus + '}';
}

Result<qint64> writeInbox(InboxStore &inbox, const QList<qint64> &ids, const QString &file)
{
    base::LinesFile out(file);
    if (auto opened = out.open(); !opened)
        return opened.error();
    const QSet<qint64> wanted(ids.begin(), ids.end());
    qint64 written = 0;
    qint64 after = 0;
    for (bool more = true; more;) {
        const auto page = inbox.page(after, PageRows);
        if (!page)
            return page.error();
        for (const InboxRow &row : page->rows) {
            after = row.id;
            if (!wanted.isEmpty() && !wanted.contains(row.id))
                continue;
            const auto entry = inbox.entry(row.id);
            if (!entry)
                return entry.error();
            if (auto added = out.add(inboxLine(*entry)); !added)
                return added.error();
            ++written;
        }
        more = page->more;
    }
    if (auto committed = out.commit(); !committed)
        return committed.error();
    return written;
}

} // namespace restante::node
