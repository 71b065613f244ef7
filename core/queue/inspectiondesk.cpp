// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/inspectiondesk.h"

#include "queue/entryexport.h"

#include <future>

namespace restante::queue
{

InspectionDesk::InspectionDesk(Writer &writer)
    : m_writer(writer)
    , m_thread(QStringLiteral("inspection"))
{
    m_thread.post([this] { m_inspector = std::make_unique<Inspector>(m_writer); });
}

InspectionDesk::~InspectionDesk()
{
    m_closing.store(true, std::memory_order_relaxed);
    // The connection must close in the thread that opened it.
    std::promise<void> closed;
    std::future<void> done = closed.get_future();
    m_thread.post([this, &closed] {
        m_inspector.reset();
        closed.set_value();
    });
    done.wait();
}

void InspectionDesk::totals(QObject *context, Done<Totals> done)
{
    ask<Totals>([](Inspector &inspector) { return inspector.totals(); }, context, std::move(done));
}

void InspectionDesk::entries(const HeldFor &what, matrix::EntryId after, int limit, QObject *context,
                             Done<EntryPage> done)
{
    ask<EntryPage>([what, after, limit](Inspector &inspector) { return inspector.entries(what, after, limit); },
                   context, std::move(done));
}

void InspectionDesk::ids(const HeldFor &what, QObject *context, Done<QList<matrix::EntryId>> done)
{
    ask<QList<matrix::EntryId>>([what](Inspector &inspector) { return heldIds(inspector, what); }, context,
                                std::move(done));
}

void InspectionDesk::entry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context,
                           Done<HeldEntry> done)
{
    ask<HeldEntry>([destination, id](Inspector &inspector) { return inspector.entry(destination, id); }, context,
                   std::move(done));
}

void InspectionDesk::exportEntries(const HeldFor &what, QList<matrix::EntryId> ids, const QString &file,
                                   QObject *context, Done<qint64> done)
{
    ask<qint64>([this, what, ids = std::move(ids),
                 file](Inspector &inspector) { return writeExport(inspector, what, ids, file, m_closing); },
                context, std::move(done));
}

} // namespace restante::queue
