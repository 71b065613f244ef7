// SPDX-License-Identifier: GPL-3.0-or-later
// What the Inspector tells of the entries of one destination.
#include "queue/inspectorparts.h"

#include <algorithm>

namespace restante::queue
{

namespace
{
constexpr int MaxEvents = 8;
constexpr qint64 MaxSummarised = qint64(256) << 10; // bytes of a body that are read for a line of the list
} // namespace

Result<EntryPage> Inspector::Private::entries(const HeldFor &what, matrix::EntryId after, int limit, bool summaries)
{
    if (auto connected = connect(); !connected)
        return connected.error();
    const Snapshot snapshot(*m_connection);
    if (!snapshot.begun())
        return snapshot.begun().error();
    auto queue = number(what.destination);
    if (!queue)
        return queue.error();
    EntryPage page;
    const auto done =
        what.user ? readUsers(*queue, *what.user, after, limit + 1, page) : readAll(*queue, after, limit + 1, page);
    if (!done)
        return done.error();
    page.more = page.rows.size() > limit;
    if (page.more)
        page.rows.resize(limit);
    for (EntryRow &row : page.rows) {
        if (!summaries || row.quarantined || row.bytes > MaxSummarised)
            continue;
        if (auto summed = summarise(row); !summed)
            return summed.error();
    }
    return page;
}

Result<void> Inspector::Private::readAll(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    if (auto done = readPage(queue, after, limit, page); !done)
        return done;
    if (auto done = readQuarantined(queue, after, limit, page); !done)
        return done;
    std::sort(page.rows.begin(), page.rows.end(), [](const EntryRow &a, const EntryRow &b) { return a.id < b.id; });
    return {};
}

Result<void> Inspector::Private::readUsers(qint64 queue, const QString &user, matrix::EntryId after, int limit,
                                           EntryPage &page)
{
    constexpr int step = 500;
    while (true) {
        EntryPage next;
        if (auto done = readPage(queue, after, step, next); !done)
            return done;
        for (EntryRow &row : next.rows) {
            if (row.userLabel == user && page.rows.size() < limit)
                page.rows.append(std::move(row));
        }
        if (next.rows.size() < step || page.rows.size() >= limit)
            return {};
        after = next.rows.constLast().id;
    }
}

Result<void> Inspector::Private::readPage(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    base::SqlStatement &statement = m_connection->page;
    const qsizetype before = page.rows.size();
    auto done = statement.run(queue, after.value, limit);
    if (done)
        done = readLines(statement, page);
    if (!done && done.error().code == Errc::Corrupt) {
        page.rows.resize(before);
        done = readOneByOne(queue, after, limit, page);
    }
    if (!done)
        return done;
    return readRecent(queue, after, limit, page);
}

/// Shows an entry that cannot be read as that; others do not suffer from it.
Result<void> Inspector::Private::readOneByOne(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    std::vector<Place> places;
    {
        base::SqlStatement &statement = m_connection->places;
        if (auto done = statement.run(queue, after.value, limit); !done)
            return done;
        const base::SqlRows open(statement);
        while (statement.next())
            places.push_back({{statement.integer(0)}, statement.integer(1)});
        if (auto failed = statement.failure(); !failed)
            return failed;
    }
    for (const Place &place : places) {
        if (auto done = readLine(place, page); !done)
            return done;
    }
    return {};
}

Result<void> Inspector::Private::readLine(const Place &place, EntryPage &page)
{
    base::SqlStatement &statement = m_connection->line;
    auto done = statement.run(place.arrival);
    if (done)
        return readLines(statement, page);
    if (done.error().code != Errc::Corrupt)
        return done;
    EntryRow row;
    row.id = place.id;
    row.quarantined = true;
    page.rows.append(std::move(row));
    return {};
}

Result<void> Inspector::Private::readRecent(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    if (page.rows.size() >= limit)
        return {};
    auto places = recent(queue);
    if (!places)
        return places.error();
    for (const Place &place : *places) {
        if (page.rows.size() >= limit)
            return {};
        if (!(after < place.id))
            continue;
        if (auto done = readLine(place, page); !done)
            return done;
    }
    return {};
}

/// Takes the rows of a statement that has been run.
Result<void> Inspector::Private::readLines(base::SqlStatement &statement, EntryPage &page)
{
    const base::SqlRows open(statement);
    while (statement.next()) {
        EntryRow row;
        row.arrival = statement.integer(0);
        row.id = {statement.integer(1)};
        row.origin = QString::fromUtf8(statement.bytes(2));
        row.txnId = QString::fromUtf8(statement.bytes(3));
        row.userLabel = QString::fromUtf8(statement.bytes(4));
        row.receivedMs = statement.integer(5);
        row.originServerTs = statement.integer(6);
        row.bytes = statement.integer(7);
        row.pduCount = int(statement.integer(8));
        row.eduCount = int(statement.integer(9));
        page.rows.append(std::move(row));
    }
    return statement.failure();
}

Result<void> Inspector::Private::readQuarantined(qint64 queue, matrix::EntryId after, int limit, EntryPage &page)
{
    base::SqlStatement &statement = m_connection->quarantined;
    if (auto done = statement.run(queue, after.value, limit); !done)
        return done;
    const base::SqlRows open(statement);
    while (statement.next()) {
        EntryRow row;
        row.id = {statement.integer(0)};
        row.origin = QString::fromUtf8(statement.bytes(1));
        row.txnId = QString::fromUtf8(statement.bytes(2));
        row.receivedMs = statement.integer(3);
        row.originServerTs = statement.integer(4);
        row.bytes = statement.integer(5);
        row.quarantined = true;
        page.rows.append(std::move(row));
    }
    return statement.failure();
}

/// Only for people: a body that cannot be read leaves the line without a summary.
Result<void> Inspector::Private::summarise(EntryRow &row)
{
    base::SqlStatement &statement = m_connection->bodies;
    if (auto done = statement.run(row.arrival); !done)
        return done.error().code == Errc::Corrupt ? Result<void>() : done;
    const base::SqlRows open(statement);
    if (statement.next())
        row.events = matrix::summarise(statement.bytes(0), statement.bytes(1), MaxEvents);
    return {};
}

/// 0 if it is not held.
Result<qint64> Inspector::Private::arrivalOf(qint64 queue, matrix::EntryId id)
{
    {
        base::SqlStatement &statement = m_connection->position;
        if (auto done = statement.run(queue, id.value); !done)
            return done.error();
        const base::SqlRows open(statement);
        if (statement.next())
            return statement.integer(0);
        if (auto failed = statement.failure(); !failed)
            return failed.error();
    }
    auto places = recent(queue);
    if (!places)
        return places.error();
    const auto place = std::find_if(places->begin(), places->end(), [id](const Place &each) { return each.id == id; });
    return place == places->end() ? qint64(0) : place->arrival;
}

Result<HeldEntry> Inspector::Private::heldEntry(const base::SqlStatement &statement, matrix::EntryId id)
{
    HeldEntry entry;
    entry.id = id;
    entry.origin = statement.bytes(0);
    entry.txnId = statement.bytes(1);
    entry.originServerTs = statement.integer(2);
    entry.receivedMs = statement.integer(3);
    entry.pdus = statement.bytes(4);
    entry.edus = statement.bytes(5);
    if (!areArrays(entry.pdus, entry.edus))
        return Error{Errc::Corrupt, QStringLiteral("The events of this entry cannot be read."), 0};
    return entry;
}

Result<HeldEntry> Inspector::Private::entry(const matrix::ServerName &destination, matrix::EntryId id)
{
    if (auto connected = connect(); !connected)
        return connected.error();
    const Snapshot snapshot(*m_connection);
    if (!snapshot.begun())
        return snapshot.begun().error();
    auto queue = number(destination);
    if (!queue)
        return queue.error();
    auto arrival = arrivalOf(*queue, id);
    if (!arrival)
        return arrival.error();
    base::SqlStatement &held = m_connection->entry;
    if (auto done = held.run(*arrival); !done)
        return done.error();
    {
        const base::SqlRows open(held);
        if (held.next())
            return heldEntry(held, id);
        if (auto failed = held.failure(); !failed)
            return failed.error();
    }
    base::SqlStatement &aside = m_connection->quarantinedEntry;
    if (auto done = aside.run(*queue, id.value); !done)
        return done.error();
    const base::SqlRows open(aside);
    if (aside.next())
        return heldEntry(aside, id);
    if (auto failed = aside.failure(); !failed)
        return failed.error();
    return Error{Errc::NotHeld, QStringLiteral("This entry is not held (any more)."), 0};
}

} // namespace restante::queue
