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
constexpr qint64 BytesAtOnce = qint64(1) << 20;
} // namespace

QByteArray inboxLine(const InboxEntry &entry)
{
    const InboxRow &row = entry.row;
    QByteArray line =
        R"({"id":)" + QByteArray::number(row.id) + R"(,"relay":)" + matrix::jsonString(row.relay.toUtf8()) +
        R"(,"origin":)" + matrix::jsonString(row.origin.toUtf8()) + R"(,"transaction_id":)" +
        matrix::jsonString(row.txnId.toUtf8()) + R"(,"origin_server_ts":)" + QByteArray::number(row.originServerTs) +
        R"(,"collected_ts":)" + QByteArray::number(row.collectedMs) + R"(,"pdus":)" + entry.pdus + R"(,"edus":)" +
        entry.edus + '}';
    // Line breaks inside events are white space between tokens (in strings they are escaped).
    line.replace('\n', ' ').replace('\r', ' ');
    return line;
}

InboxExport::InboxExport(InboxStore &inbox, const QList<qint64> &ids, const QString &file)
    : m_inbox(inbox)
    , m_wanted(ids.begin(), ids.end())
    , m_out(file)
{
}

Result<bool> InboxExport::step()
{
    if (!m_opened) {
        if (auto opened = m_out.open(); !opened)
            return opened.error();
        m_opened = true;
    }
    if (m_ids.empty()) {
        if (!m_more)
            return false;
        return nextPage();
    }
    for (qint64 bytes = 0; bytes < BytesAtOnce && !m_ids.empty(); m_ids.pop_front()) {
        const auto entry = m_inbox.entry(m_ids.front());
        if (!entry && entry.error().code == Errc::NotHeld)
            continue; // taken out meanwhile
        if (!entry && entry.error().code == Errc::Corrupt) {
            m_exported.leftOut.append(m_ids.front());
            continue;
        }
        if (!entry)
            return entry.error();
        if (auto added = m_out.add(inboxLine(*entry)); !added)
            return added.error();
        bytes += entry->row.bytes;
        ++m_exported.written;
    }
    return true;
}

Result<bool> InboxExport::nextPage()
{
    const auto page = m_inbox.page(m_after, PageRows);
    if (!page)
        return page.error();
    for (const InboxRow &row : page->rows) {
        m_after = row.id;
        if (m_wanted.isEmpty() || m_wanted.contains(row.id))
            m_ids.push_back(row.id);
    }
    m_more = page->more;
    return true;
}

Result<InboxExported> InboxExport::commit()
{
    if (auto committed = m_out.commit(); !committed)
        return committed.error();
    return m_exported;
}

} // namespace restante::node
