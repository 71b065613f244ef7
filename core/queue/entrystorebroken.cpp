// SPDX-License-Identifier: GPL-3.0-or-later
// What the EntryStore takes out: good rows, and broken ones as far as they can still be read.
#include "queue/entrystore.h"

#include "base/sqltransaction.h"
#include "queue/entrystoresql.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <cstdlib>

namespace restante::queue
{

namespace
{
/// Rows of the smallest entries that one page of 16 KiB holds, and some more.
constexpr qint64 MostOnAPage = 200;
} // namespace

EntryStore::Row EntryStore::unknownRow(qint64 destination, const Place &place)
{
    Row row;
    row.indexed.destination = destination;
    row.indexed.place = place;
    row.known = false;
    return row;
}

/// To do something with this row failed.
Error EntryStore::met(const Place &place, const Error &error)
{
    m_index.broken().failed(place.arrival, m_database.lastFault());
    if (error.code == Errc::Corrupt)
        m_damage = error;
    return error;
}

/// To read the figures of this row failed.
Error EntryStore::metReading(const Place &place, const Error &error)
{
    if (error.code == Errc::Corrupt) {
        m_index.broken().failedToRead(place.arrival, error, extent(place.arrival));
        m_damage = error;
    }
    return error;
}

bool EntryStore::hasRow(base::SqlStatement &statement, qint64 arrival)
{
    const auto done = statement.run(arrival);
    const base::SqlRows rows(statement);
    return done && statement.next();
}

/// The arrival nearest to `arrival`, which cannot be read, on the way to `end` from which on `statement` finds a row;
/// `end` if it finds none.
qint64 EntryStore::readableFrom(base::SqlStatement &statement, qint64 arrival, qint64 end)
{
    const qint64 way = end < arrival ? -1 : 1;
    qint64 step = 1;
    while (step < std::abs(end - arrival) && !hasRow(statement, arrival + way * step))
        step *= 2;
    if (step >= std::abs(end - arrival))
        return end;
    qint64 fails = step / 2;
    while (step - fails > 1) {
        const qint64 middle = fails + (step - fails) / 2;
        (hasRow(statement, arrival + way * middle) ? step : fails) = middle;
    }
    return arrival + way * step;
}

/// What to make of a row whose figures cannot be read. If no other row can be, or more around it cannot than lie on one
/// page, then a page in the way to all of them is broken, perhaps for a moment only: to set them all aside for good
/// would lose them.
BrokenRows::Harm EntryStore::extent(qint64 arrival)
{
    using Harm = BrokenRows::Harm;
    const qint64 last = m_index.lastArrival();
    const qint64 before = readableFrom(m_sql->arrivalBefore, arrival, 0);
    const qint64 after = readableFrom(m_sql->arrivalAfter, arrival, last + 1);
    Harm harm = before == 0 && after > last ? Harm::Lost : Harm::Unreadable;
    if (harm == Harm::Unreadable && after - before > MostOnAPage) {
        qint64 rows = 0;
        auto done = m_sql->placesBetween.run(before + 1, after);
        const base::SqlRows places(m_sql->placesBetween);
        while (done && rows <= MostOnAPage && m_sql->placesBetween.next())
            ++rows;
        if (!done || rows > MostOnAPage)
            harm = Harm::Lost;
    }
    if (harm == Harm::Lost && !m_saidLost) {
        m_saidLost = true;
        qCWarning(lcQueue,
                  "Many entries cannot be read because of one broken page (entry row %lld and those around it). "
                  "They are held back until they can be read.",
                  static_cast<long long>(arrival));
    }
    return harm;
}

/// Takes a row out of the table. If it could not be deleted before it stays, with a mark, and counts as gone; if
/// it could not be read either, the value is a row that is not known. Nothing if there is none.
Result<std::optional<EntryStore::Row>> EntryStore::take(qint64 destination, const Place &place)
{
    BrokenRows &broken = m_index.broken();
    if (place.arrival == 0 || broken.isLeft(place.arrival))
        return std::optional<Row>();
    const BrokenRows::Harm harm = broken.harm(place.arrival);
    if (harm == BrokenRows::Harm::None) {
        auto row = takeArrival(place.arrival);
        return row ? row : met(place, row.error());
    }
    Row row = unknownRow(destination, place);
    if (harm == BrokenRows::Harm::Stuck) {
        auto seen = runForRow(m_sql->seeArrival, place.arrival);
        if (!seen)
            return metReading(place, seen.error());
        if (!*seen)
            return seen;
        row = **std::move(seen);
    }
    if (auto left = broken.leave(destination, place); !left)
        return left.error();
    qCWarning(lcQueue, "The row of entry %lld cannot be deleted; it is left where it is and counts as gone.",
              static_cast<long long>(place.id.value));
    return std::optional<Row>(std::move(row));
}

Result<std::optional<EntryStore::Row>> EntryStore::runForRow(base::SqlStatement &statement, qint64 arrival)
{
    if (auto done = statement.run(arrival); !done)
        return done.error();
    return readRow(statement, arrival);
}

/// `statement`, which has been run, gives destination, id, origin, label, address, dedup, rest, size and body of
/// an arrival.
Result<std::optional<EntryStore::Row>> EntryStore::readRow(base::SqlStatement &statement, qint64 arrival)
{
    const base::SqlRows rows(statement);
    if (!statement.next()) {
        if (auto failed = statement.failure(); !failed)
            return failed.error();
        return std::optional<Row>();
    }
    Row row;
    row.indexed = {statement.integer(0), {{statement.integer(1)}, arrival}, statement.integer(5), statement.bytes(6)};
    row.origin = statement.integer(2);
    row.label = statement.integer(3);
    row.address = statement.integer(4);
    row.size = statement.integer(7);
    row.body = statement.integer(8);
    return std::optional<Row>(std::move(row));
}

/// Whether a place that an index lists has lost its row if there is none: nobody has taken it out.
bool EntryStore::isLost(const Place &place) const
{
    return place.arrival != 0 && !m_index.isTaken(place.arrival) && !m_index.broken().isLeft(place.arrival);
}

Result<bool> EntryStore::discardPlace(const Ledger::Destination &destination, const Place &place,
                                      std::optional<qint64> toldMs)
{
    auto row = take(destination.number, place);
    if (!row)
        return row.error();
    if (!*row && !isLost(place))
        return false;
    const Row gone = *row ? **std::move(row) : unknownRow(destination.number, place);
    if (toldMs && gone.known) {
        if (auto noted = noteGivenUp(gone, destination.name, Movement::Kind::Discarded, *toldMs); !noted)
            return noted.error();
    }
    if (auto forgotten = forget(gone, destination.name, Movement::Kind::Discarded, 0); !forgotten)
        return forgotten.error();
    return true;
}

Result<bool> EntryStore::discard(const matrix::ServerName &destination, matrix::EntryId id,
                                 std::optional<qint64> toldMs)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return false;
    auto place = m_index.find((*queue)->number, destination, id);
    if (!place)
        return place.error();
    auto held = discardPlace(**queue, *place, toldMs);
    if (!held || *held)
        return held;
    if (auto done = m_sql->dropQuarantined.run((*queue)->number, id.value); !done)
        return done.error();
    return m_sql->dropQuarantined.rowsAffected() > 0;
}

Result<EntryStore::Discarded> EntryStore::discardOldest(const matrix::ServerName &destination, matrix::EntryId after,
                                                        matrix::EntryId last, int limit, qint64 toldMs)
{
    Discarded discarded{0, after, false};
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return discarded;
    auto places = m_index.oldest((*queue)->number, destination, after, last, limit);
    if (!places)
        return places.error();
    for (const Place &place : *places) {
        auto held = discardPlace(**queue, place, toldMs);
        if (!held)
            return held.error();
        discarded.held += *held;
        discarded.upTo = place.id;
    }
    discarded.more = places->size() == size_t(limit);
    return discarded;
}

/// Puts a row into the list of what was set aside: all of it, or its head, or only its name.
Result<void> EntryStore::list(qint64 destination, const Place &place, qint64 stampMs)
{
    const BrokenRows::Harm harm = m_index.broken().harm(place.arrival);
    if (harm == BrokenRows::Harm::None) {
        if (auto listed = m_sql->setAside.run(stampMs, place.arrival); !listed)
            return met(place, listed.error());
    } else if (harm == BrokenRows::Harm::Stuck) {
        if (auto listed = m_sql->setHeadAside.run(stampMs, place.arrival); !listed)
            return metReading(place, listed.error());
    }
    // Does nothing if the row is listed by now.
    return m_sql->setNameAside.run(destination, place.id.value, stampMs);
}

/// `kind`: Discarded, or Expired if it was time. Does nothing with a row that is held back.
Result<void> EntryStore::setAside(const Ledger::Destination &destination, const Place &place, Movement::Kind kind,
                                  qint64 stampMs)
{
    if (m_index.broken().harm(place.arrival) == BrokenRows::Harm::Lost)
        return {};
    if (auto listed = list(destination.number, place, stampMs); !listed)
        return listed;
    auto row = take(destination.number, place);
    if (!row)
        return row.error();
    ++m_setAside;
    const bool known = *row && (*row)->known;
    const Row gone = *row ? **std::move(row) : unknownRow(destination.number, place);
    return forget(gone, destination.name, known ? kind : Movement::Kind::Discarded, stampMs);
}

/// As a reader judges it.
Result<bool> EntryStore::isWhole(const Place &place)
{
    base::SqlStatement &statement = m_sql->whole;
    if (auto done = statement.run(place.arrival); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (!statement.next()) {
        if (auto failed = statement.failure(); !failed)
            return failed.error();
        return false;
    }
    if (!areArrays(statement.bytes(1), statement.bytes(2)))
        m_index.broken().readsWrongly(place.arrival);
    return queue::isWhole(statement.bytes(0), statement.bytes(1), statement.bytes(2));
}

Result<bool> EntryStore::quarantine(const matrix::ServerName &destination, matrix::EntryId id, qint64 stampMs)
{
    auto queue = m_ledger.findDestination(destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return false;
    auto place = m_index.find((*queue)->number, destination, id);
    if (!place)
        return place.error();
    if (!isLost(*place)) // gone since somebody met it
        return false;
    if (m_index.broken().harm(place->arrival) == BrokenRows::Harm::None) {
        auto whole = isWhole(*place);
        if (!whole)
            return met(*place, whole.error());
        if (*whole) { // the disk has failed for a moment
            m_index.overlay().release(destination, id);
            return false;
        }
    }
    if (auto done = setAside(**queue, *place, Movement::Kind::Discarded, stampMs); !done)
        return done.error();
    return m_index.broken().harm(place->arrival) != BrokenRows::Harm::Lost;
}

Result<void> EntryStore::recount(qint64 nowMs)
{
    while (!m_inexact.empty()) {
        auto destination = m_ledger.findDestination(*m_inexact.begin());
        if (!destination)
            return destination.error();
        if (*destination) {
            if (auto counted = recount(**destination, nowMs); !counted)
                return counted;
        }
        m_inexact.erase(m_inexact.begin());
    }
    return m_ledger.isDoubtful() ? m_ledger.trustTotals() : Result<void>();
}

/// Row by row, so that one that cannot be read is set aside as well, and does not count.
Result<void> EntryStore::recount(const Ledger::Destination &destination, qint64 nowMs)
{
    constexpr int step = 500;
    Ledger::Sums sums;
    std::vector<Place> unreadable;
    matrix::EntryId after;
    const matrix::EntryId last{matrix::EntryId::Largest};
    while (true) {
        auto places = m_index.oldest(destination.number, destination.name, after, last, step);
        if (!places)
            return places.error();
        for (const Place &place : *places) {
            after = place.id;
            auto done = m_sql->figures.run(place.arrival);
            const base::SqlRows rows(m_sql->figures);
            if (!done && metReading(place, done.error()).code != Errc::Corrupt)
                return done;
            if (m_index.broken().harm(place.arrival) == BrokenRows::Harm::Lost) // those still count
                return Error{Errc::Busy, QStringLiteral("Some entries cannot be read at the moment."), 0};
            if (!done || !m_sql->figures.next()) {
                unreadable.push_back(place);
                continue;
            }
            const Tally one{1, m_sql->figures.integer(3)};
            sums.destination += one;
            sums.origins[m_sql->figures.integer(0)] += one;
            sums.labels[m_sql->figures.integer(1)] += one;
            if (const qint64 address = m_sql->figures.integer(2); address != 0)
                sums.addresses[address] += one;
        }
        if (places->size() < size_t(step))
            break;
    }
    const qint64 number = destination.number;
    if (!unreadable.empty()) {
        if (auto done = setAllAside(destination, unreadable, nowMs); !done)
            return done;
        if (auto folded = m_ledger.fold(); !folded)
            return folded;
    }
    auto counted = m_ledger.findDestination(number); // a fold may have let go of it
    if (!counted)
        return counted.error();
    if (!*counted)
        return {};
    (*counted)->lastId = std::max((*counted)->lastId, after.value); // which is lost if the totals are doubtful
    return m_ledger.setSums(**counted, sums);
}

/// In a transaction of its own.
Result<void> EntryStore::setAllAside(const Ledger::Destination &destination, const std::vector<Place> &places,
                                     qint64 nowMs)
{
    base::SqlTransaction transaction(m_database);
    auto done = transaction.begin();
    for (size_t i = 0; done && i < places.size(); ++i)
        done = setAside(destination, places[i], Movement::Kind::Discarded, nowMs);
    if (done)
        done = writeBatch();
    if (done)
        done = transaction.commit();
    if (!done) {
        transaction.rollback();
        rolledBack();
        return done;
    }
    committed();
    return {};
}

} // namespace restante::queue
