// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/inspectorparts.h"
#include "queue/openedition.h"

namespace restante::queue
{

namespace
{
constexpr int ListCacheKib = 2 * 1024;
constexpr int ListBusyMs = 2'000;
} // namespace

Result<void> Inspector::Private::connect()
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    if (m_connection && m_edition == m_writer.edition())
        return {};
    m_connection.reset();
    base::ConnectionOptions options;
    options.busyTimeoutMs = ListBusyMs;
    options.cacheKib = ListCacheKib;
    auto database = openToRead(m_writer, options, m_edition);
    if (!database)
        return database.error();
    m_connection.emplace(*std::move(database));
    return {};
}

/// What happened since the last fold.
Result<std::vector<Movement>> Inspector::Private::movements()
{
    base::SqlStatement &statement = m_connection->movements;
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows open(statement);
    std::vector<Movement> all;
    while (statement.next()) {
        const auto movements = decodeMovements(statement.bytes(0));
        if (!movements) // the next fold makes up for it
            continue;
        all.insert(all.end(), movements->begin(), movements->end());
    }
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return all;
}

/// The held entries that `positions` does not list yet, in order.
Result<std::vector<Place>> Inspector::Private::recent(qint64 queue)
{
    auto movements = this->movements();
    if (!movements)
        return movements.error();
    std::map<qint64, qint64> held;
    for (const Movement &movement : *movements) {
        if (movement.destination != queue || movement.kind == Movement::Kind::TombstoneForgotten)
            continue;
        if (movement.kind == Movement::Kind::Stored)
            held[movement.id] = movement.arrival;
        else
            held.erase(movement.id);
    }
    std::vector<Place> places;
    places.reserve(held.size());
    for (const auto &[id, arrival] : held)
        places.push_back({{id}, arrival});
    return places;
}

Result<qint64> Inspector::Private::number(const matrix::ServerName &destination)
{
    base::SqlStatement &statement = m_connection->destination;
    if (auto done = statement.run(destination.bytes()); !done)
        return done.error();
    const base::SqlRows open(statement);
    if (statement.next())
        return statement.integer(0);
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return qint64(0);
}

Inspector::Inspector(Writer &writer)
    : d(std::make_unique<Private>(writer))
{
}

Inspector::~Inspector() = default;

Result<Totals> Inspector::totals()
{
    return d->reported(d->totals());
}

Result<EntryPage> Inspector::entries(const HeldFor &what, matrix::EntryId after, int limit)
{
    return d->reported(d->entries(what, after, limit, true));
}

Result<EntryPage> Inspector::rows(const HeldFor &what, matrix::EntryId after, int limit)
{
    return d->reported(d->entries(what, after, limit, false));
}

Result<HeldEntry> Inspector::entry(const matrix::ServerName &destination, matrix::EntryId id)
{
    return d->entry(destination, id);
}

} // namespace restante::queue
