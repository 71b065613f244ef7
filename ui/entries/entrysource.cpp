// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/entrysource.h"

#include <QtCore/QCoreApplication>

namespace restante::ui
{

namespace
{
struct EntrySourceText {
    Q_DECLARE_TR_FUNCTIONS(EntrySource)
};

EntryLines linesOf(const queue::EntryPage &page)
{
    EntryLines lines;
    lines.more = page.more;
    for (const auto &row : page.rows)
        lines.rows.append({row.id.value,
                           row.origin,
                           QString(),
                           row.userLabel,
                           row.receivedMs,
                           row.bytes,
                           row.pduCount,
                           row.eduCount,
                           row.events,
                           row.quarantined,
                           {},
                           0});
    return lines;
}

EntryLines linesOf(const node::InboxPage &page)
{
    EntryLines lines;
    lines.more = page.more;
    lines.total = page.total;
    lines.totalBytes = page.bytes;
    for (const auto &row : page.rows) {
        lines.rows.append({row.id, row.origin, row.relay, QString(), row.collectedMs, row.bytes, row.pduCount,
                           row.eduCount, row.events, row.damaged, row.delivery, row.originServerTs});
        lines.moving = lines.moving || row.delivery.state != node::Delivery::State::Off;
    }
    return lines;
}

queue::HeldEntry entryOf(const node::InboxEntry &collected)
{
    queue::HeldEntry entry;
    entry.id = {collected.row.id};
    entry.origin = collected.row.origin.toUtf8();
    entry.txnId = collected.row.txnId.toUtf8();
    entry.originServerTs = collected.row.originServerTs;
    entry.receivedMs = collected.row.collectedMs;
    entry.pdus = collected.pdus;
    entry.edus = collected.edus;
    return entry;
}
} // namespace

QString QueueSource::timeTitle() const
{
    return EntrySourceText::tr("Received");
}

QString QueueSource::headline(const QString &origin, const QString & /*relay*/, const QString &time) const
{
    return EntrySourceText::tr("From %1, received %2").arg(origin, time);
}

void QueueSource::fetchLines(qint64 after, int limit, QObject *context, Done<EntryLines> done)
{
    m_operations.fetchEntries(m_what, {after}, limit, context, [done](const Result<queue::EntryPage> &page) {
        done(page ? Result<EntryLines>(linesOf(*page)) : Result<EntryLines>(page.error()));
    });
}

void QueueSource::fetchEntry(qint64 id, QObject *context, Done<queue::HeldEntry> done)
{
    m_operations.fetchEntry(m_what.destination, {id}, context, std::move(done));
}

QString InboxSource::timeTitle() const
{
    return EntrySourceText::tr("Collected");
}

QString InboxSource::headline(const QString &origin, const QString &relay, const QString &time) const
{
    //: %1 is the sending server, %2 the relay, %3 a date and time
    return EntrySourceText::tr("From %1, collected %3 from %2").arg(origin, relay, time);
}

void InboxSource::fetchLines(qint64 after, int limit, QObject *context, Done<EntryLines> done)
{
    m_operations.fetchInbox(m_part, after, limit, context, [done](const Result<node::InboxPage> &page) {
        done(page ? Result<EntryLines>(linesOf(*page)) : Result<EntryLines>(page.error()));
    });
}

void InboxSource::fetchEntry(qint64 id, QObject *context, Done<queue::HeldEntry> done)
{
    m_operations.fetchInboxEntry(id, context, [done](const Result<node::InboxEntry> &entry) {
        done(entry ? Result<queue::HeldEntry>(entryOf(*entry)) : Result<queue::HeldEntry>(entry.error()));
    });
}

} // namespace restante::ui
