// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of entries, tombstones and quarantined rows with time.
#include "queue/entrystore.h"

#include "base/clock.h"
#include "queue/clockwatch.h"
#include "queue/entrystoresql.h"
#include "queue/tablewalk.h"

namespace restante::queue
{

namespace
{
constexpr int MostLookedAfter = 20'000; // for the time when rows without one came at the latest
} // namespace

bool EntryStore::isStamp(qint64 ms) const
{
    return ClockWatch::isPlausible(ms) && ms <= m_latestStampMs;
}

Result<void> EntryStore::lookForAged(qint64 nowMs, qint64 latestStampMs, int limit)
{
    m_latestStampMs = latestStampMs;
    m_arrivals.clear();
    m_unreadable.clear();
    const auto take = [this](const base::SqlStatement &row) {
        const Arrival arrival{row.integer(0), row.integer(1), row.integer(2), {row.integer(3)}};
        if (m_index.broken().isLeft(arrival.number)) // that counts as gone
            return false;
        m_arrivals.push_back(arrival);
        return true;
    };
    const auto pass = [this](qint64 from, const Error &reason) {
        m_damage = reason;
        return passGap(from);
    };
    if (auto walked = walkTable(m_sql->arrivals, m_agedTo + 1, m_index.lastArrival(), limit, take, pass); !walked)
        return walked;
    m_neighbour = nowMs;
    if (m_arrivals.empty() || isStamp(m_arrivals.back().stampMs))
        return {};
    const auto later = stampAfter(m_arrivals.back().number, latestStampMs);
    if (!later)
        return later.error();
    m_neighbour = std::min(later->value_or(nowMs), nowMs);
    return {};
}

/// A page that cannot be read begins at arrival `begin`; the value is where it ends. Nobody can tell how old the
/// entries on it are, nor anything else of them: they are to be set aside.
Result<qint64> EntryStore::passGap(qint64 begin)
{
    if (const auto known = m_gaps.find(begin); known != m_gaps.end())
        return known->second;
    auto end = endOfGap(m_sql->arrivals, begin, m_index.lastArrival());
    if (!end)
        return end;
    m_gaps[begin] = *end;
    if (extent(begin) == BrokenRows::Harm::Lost)
        return end;
    base::SqlStatement &statement = m_sql->placesBetween;
    if (auto done = statement.run(begin, *end); !done)
        return done.error();
    const base::SqlRows rows(statement);
    while (statement.next())
        m_unreadable.push_back({statement.integer(0), {{statement.integer(1)}, statement.integer(2)}});
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return end;
}

Result<EntryStore::Aged> EntryStore::expire(qint64 beforeMs, qint64 nowMs)
{
    Aged aged;
    if (!ClockWatch::isPlausible(nowMs)) // nothing has an age
        return aged;
    for (const auto &[number, place] : m_unreadable) {
        m_index.broken().failedToRead(place.arrival, Error{Errc::Corrupt, {}, 0}, BrokenRows::Harm::Unreadable);
        auto queue = m_ledger.findDestination(number);
        if (!queue)
            return queue.error();
        if (!*queue || !isLost(place))
            continue;
        if (auto done = setAside(**queue, place, Movement::Kind::Discarded, nowMs); !done)
            return done.error();
    }
    qint64 neighbour = m_neighbour;
    for (auto arrival = m_arrivals.rbegin(); arrival != m_arrivals.rend(); ++arrival) {
        // Stamped before there was a time to believe, or by a clock that was ahead: it came no later than its
        // neighbour.
        const bool stamped = isStamp(arrival->stampMs);
        neighbour = stamped ? arrival->stampMs : neighbour;
        if (neighbour >= beforeMs) {
            if (stamped)
                continue;
            if (auto done = restamp(*arrival, neighbour, nowMs); !done)
                return done.error();
            ++aged.restamped;
            continue;
        }
        auto expired = expireArrival(*arrival, nowMs);
        if (!expired)
            return expired.error();
        aged.expired += *expired;
    }
    // Rows that were stamped anew are young now; behind them the others wait for the next step.
    const bool all = !m_arrivals.empty() && aged.expired + aged.restamped == int(m_arrivals.size());
    m_agedTo = all ? m_arrivals.back().number : 0;
    return aged;
}

/// Whether it has expired now. A row that had to be left is listed among those that were set aside.
Result<bool> EntryStore::expireArrival(const Arrival &arrival, qint64 nowMs)
{
    const Place place{arrival.id, arrival.number};
    auto queue = m_ledger.findDestination(arrival.destination);
    if (!queue)
        return queue.error();
    auto row = take(arrival.destination, place);
    if (!row)
        return row.error();
    if (!*row)
        return false;
    if (*queue && m_index.broken().isLeft(arrival.number)) {
        if (auto listed = list(arrival.destination, place, nowMs); !listed)
            return listed.error();
        ++m_setAside;
    }
    const matrix::ServerName name = *queue ? (*queue)->name : matrix::ServerName();
    const auto kind = (*row)->known ? Movement::Kind::Expired : Movement::Kind::Discarded;
    if (kind == Movement::Kind::Expired) {
        if (auto noted = noteGivenUp(**row, name, kind, nowMs); !noted)
            return noted.error();
    }
    if (auto expired = forget(**row, name, kind, nowMs); !expired)
        return expired.error();
    return true;
}

/// What this relay was to send by itself is told to its origin, if that asks. `kind`: Expired, or Discarded.
Result<void> EntryStore::noteGivenUp(const Row &row, const matrix::ServerName &destination, Movement::Kind kind,
                                     qint64 nowMs)
{
    const Policy &policy = m_ledger.policy();
    if (policy.sendsFor.isEmpty() || destination.isNull() || policy.served.contains(destination))
        return {};
    const auto origin = m_ledger.originName(row.origin);
    if (!origin)
        return origin.error();
    if (!policy.sendsFor.contains(*origin))
        return {};
    return m_sql->giveUp.run(origin->bytes(), destination.bytes(), nowMs,
                             qint64(kind == Movement::Kind::Discarded ? 1 : 0));
}

/// A row that could not be changed is set aside.
Result<void> EntryStore::restamp(const Arrival &arrival, qint64 stampMs, qint64 nowMs)
{
    const Place place{arrival.id, arrival.number};
    if (m_index.broken().harm(arrival.number) == BrokenRows::Harm::None) {
        auto done = m_sql->restamp.run(stampMs, arrival.number);
        return done ? done : met(place, done.error());
    }
    auto queue = m_ledger.findDestination(arrival.destination);
    if (!queue)
        return queue.error();
    return *queue ? setAside(**queue, place, Movement::Kind::Discarded, nowMs) : Result<void>();
}

/// Of the next arrival that has one; nothing if those that are looked at have none.
Result<std::optional<qint64>> EntryStore::stampAfter(qint64 arrival, qint64 latestStampMs)
{
    auto done = m_sql->stampAfter.run(arrival, MostLookedAfter, ClockWatch::EarliestMs, latestStampMs);
    const base::SqlRows rows(m_sql->stampAfter);
    if (done && m_sql->stampAfter.next())
        return std::optional(m_sql->stampAfter.integer(0));
    if (done)
        done = m_sql->stampAfter.failure();
    if (!done && done.error().code != Errc::Corrupt) // a page that cannot be read has no time to tell
        return done.error();
    return std::optional<qint64>();
}

Result<void> EntryStore::stampTimeless(qint64 nowMs)
{
    for (base::SqlStatement *statement : {&m_sql->stampTombstones, &m_sql->stampQuarantined}) {
        if (auto done = statement->run(nowMs, ClockWatch::EarliestMs); !done)
            return done;
    }
    return {};
}

/// Those on a page that cannot be read are passed over, and those that cannot be deleted: their contents stay
/// suppressed, and they count as before.
Result<void> EntryStore::lookForTombstones(int limit)
{
    m_oldTombstones.clear();
    const auto take = [this](const base::SqlStatement &row) {
        const Tombstone tombstone{row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
        if (m_stuckTombstones.contains(tombstone.number))
            return false;
        m_oldTombstones.push_back(tombstone);
        return true;
    };
    const qint64 last = m_index.lastTombstone();
    const auto pass = [this, last](qint64 from, const Error &reason) {
        m_damage = reason;
        return endOfGap(m_sql->tombstones, from, last);
    };
    return walkTable(m_sql->tombstones, 1, last, limit, take, pass);
}

Result<int> EntryStore::forgetTombstones(qint64 beforeMs, qint64 most)
{
    int gone = 0;
    for (const Tombstone &tombstone : m_oldTombstones) {
        if (tombstone.acknowledgedMs >= beforeMs && m_ledger.tombstones() <= most)
            break;
        if (!m_index.knowsTombstone(tombstone.number))
            break;
        if (m_stuckTombstones.contains(tombstone.number))
            continue;
        if (auto done = m_index.dropContent(tombstone.destination, tombstone.dedup, {tombstone.id}); !done)
            return done.error();
        if (auto done = m_sql->dropTombstone.run(tombstone.number); !done) {
            if (isOfRow(m_database.lastFault()))
                m_stuckLearned += m_stuckTombstones.insert(tombstone.number).second;
            return done.error();
        }
        Movement movement;
        movement.kind = Movement::Kind::TombstoneForgotten;
        movement.destination = tombstone.destination;
        if (auto applied = m_ledger.apply(movement); !applied)
            return applied.error();
        ++gone;
    }
    return gone;
}

/// Those on a page that cannot be read, and those that cannot be deleted, keep no other from being found.
Result<void> EntryStore::lookForQuarantined(qint64 beforeMs, int limit)
{
    m_oldQuarantined.clear();
    base::SqlStatement &statement = m_sql->quarantined;
    const auto take = [&](const base::SqlStatement &row) {
        const Quarantined quarantined{row.integer(0), row.integer(1), {row.integer(2)}};
        if (row.integer(3) >= beforeMs || m_stuckAside.contains(quarantined.number))
            return false;
        m_oldQuarantined.push_back(quarantined);
        return true;
    };
    const auto last = EntryIndex::largest(m_sql->lastQuarantined);
    if (!last)
        return last.error();
    const auto pass = [&](qint64 from, const Error &reason) {
        m_damage = reason;
        return endOfGap(statement, from, *last);
    };
    return walkTable(statement, 1, *last, limit, take, pass);
}

Result<int> EntryStore::dropQuarantined()
{
    int gone = 0;
    for (const Quarantined &row : m_oldQuarantined) {
        if (m_stuckAside.contains(row.number))
            continue;
        if (auto dropped = m_sql->dropQuarantined.run(row.destination, row.id.value); !dropped) {
            if (isOfRow(m_database.lastFault()))
                m_stuckLearned += m_stuckAside.insert(row.number).second;
            return dropped.error();
        }
        ++gone;
    }
    return gone;
}

} // namespace restante::queue
