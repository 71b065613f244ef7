// SPDX-License-Identifier: GPL-3.0-or-later
// What the Inspector tells of each destination.
#include "queue/inspectorparts.h"

#include <algorithm>

namespace restante::queue
{

namespace
{
constexpr int MaxListed = 25'000;
} // namespace

Result<Totals> Inspector::Private::totals()
{
    if (auto connected = connect(); !connected)
        return connected.error();
    const Snapshot snapshot(*m_connection);
    if (!snapshot.begun())
        return snapshot.begun().error();
    Totals totals;
    Rows rows;
    if (auto done = readSums(totals); !done)
        return done.error();
    auto listed = readDestinations(m_connection->destinations, rows);
    if (!listed && listed.error().code == Errc::Corrupt) {
        // The first or the last entry of one of them cannot be read.
        rows.clear();
        listed = readDestinations(m_connection->destinationsAlone, rows);
        for (auto row = rows.begin(); listed && row != rows.end(); ++row)
            listed = readEnds(row->first, row->second.total);
    }
    if (!listed)
        return listed.error();
    if (auto done = readLabels(rows); !done)
        return done.error();
    if (auto done = readMovements(rows, totals); !done)
        return done.error();
    for (auto &[number, row] : rows) {
        if (row.total.entries == 0 && row.total.expired == 0 && row.total.lastCollectedMs == 0)
            continue;
        for (auto &[label, figures] : row.labels) {
            if (figures.entries > 0)
                row.total.labels.append(std::move(figures));
        }
        totals.destinations.append(std::move(row.total));
    }
    return totals;
}

Result<void> Inspector::Private::readSums(Totals &totals)
{
    base::SqlStatement &statement = m_connection->sums;
    if (auto done = statement.run(); !done)
        return done;
    const base::SqlRows open(statement);
    if (!statement.next())
        return statement.failure();
    totals.entries = statement.integer(0);
    totals.bytes = statement.integer(1);
    totals.quarantined = statement.integer(2);
    return {};
}

Result<void> Inspector::Private::readEnds(qint64 queue, DestinationTotal &total)
{
    qint64 first = 0;
    qint64 last = 0;
    {
        base::SqlStatement &statement = m_connection->endPlaces;
        if (auto done = statement.run(queue); !done)
            return done;
        const base::SqlRows open(statement);
        if (!statement.next())
            return statement.failure();
        first = statement.integer(0);
        last = statement.integer(1);
    }
    for (const auto &[id, member] :
         {std::pair(first, &DestinationTotal::oldestMs), std::pair(last, &DestinationTotal::newestMs)}) {
        auto ms = receivedMs(queue, id);
        if (!ms)
            return ms.error();
        total.*member = *ms;
    }
    return {};
}

/// 0 if nobody can tell.
Result<qint64> Inspector::Private::receivedMs(qint64 queue, qint64 id)
{
    base::SqlStatement &statement = m_connection->received;
    if (auto done = statement.run(queue, id); !done)
        return done.error().code == Errc::Corrupt ? Result<qint64>(qint64(0)) : done.error();
    const base::SqlRows open(statement);
    return statement.next() ? statement.integer(0) : qint64(0);
}

Result<void> Inspector::Private::readDestinations(base::SqlStatement &statement, Rows &rows)
{
    if (auto done = statement.run(MaxListed); !done)
        return done;
    const base::SqlRows open(statement);
    while (statement.next()) {
        auto name = matrix::ServerName::parse(statement.bytes(1));
        if (!name)
            continue; // nothing can be asked about a destination without a name
        DestinationTotal &total = rows[statement.integer(0)].total;
        total.destination = *std::move(name);
        total.entries = statement.integer(2);
        total.bytes = statement.integer(3);
        total.lastCollectedMs = statement.integer(4);
        total.expired = statement.integer(5);
        total.oldestMs = statement.integer(6);
        total.newestMs = statement.integer(7);
    }
    return statement.failure();
}

Result<void> Inspector::Private::readLabels(Rows &rows)
{
    base::SqlStatement &statement = m_connection->labels;
    if (auto done = statement.run(); !done)
        return done;
    const base::SqlRows open(statement);
    while (statement.next()) {
        const auto row = rows.find(statement.integer(0));
        if (row == rows.end())
            continue;
        row->second.labels[statement.integer(1)] = {QString::fromUtf8(statement.bytes(2)), statement.integer(3),
                                                    statement.integer(4)};
    }
    return statement.failure();
}

Result<void> Inspector::Private::readMovements(Rows &rows, Totals &totals)
{
    auto movements = this->movements();
    if (!movements)
        return movements.error();
    for (const Movement &movement : *movements)
        apply(movement, rows, totals);
    for (auto &[number, row] : rows) {
        if (row.recent.empty())
            continue;
        row.total.newestMs = row.recent.rbegin()->second;
        if (row.total.oldestMs == 0)
            row.total.oldestMs = row.recent.begin()->second;
    }
    return {};
}

void Inspector::Private::apply(const Movement &movement, Rows &rows, Totals &totals)
{
    if (movement.kind == Movement::Kind::TombstoneForgotten)
        return;
    const qint64 sign = movement.kind == Movement::Kind::Stored ? 1 : -1;
    totals.entries += sign;
    totals.bytes += sign * movement.size;
    const auto row = rows.find(movement.destination);
    if (row == rows.end())
        return;
    DestinationTotal &total = row->second.total;
    total.entries += sign;
    total.bytes += sign * movement.size;
    if (movement.kind == Movement::Kind::Acknowledged)
        total.lastCollectedMs = std::max(total.lastCollectedMs, movement.atMs);
    if (movement.kind == Movement::Kind::Expired)
        total.expired += 1;
    if (movement.kind == Movement::Kind::Stored)
        row->second.recent[movement.id] = movement.atMs;
    else
        row->second.recent.erase(movement.id);
    UserLabelTotal &label = row->second.labels[movement.label];
    label.entries += sign;
    label.bytes += sign * movement.size;
}

} // namespace restante::queue
