// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of entries, tombstones and quarantined rows with time.
#include "queue/entrystore.h"

#include "base/clock.h"
#include "queue/clockwatch.h"
#include "queue/entrystoresql.h"

namespace restante::queue
{

namespace
{
constexpr int MostLookedAfter = 20'000; // for the time when rows without one came at the latest
constexpr int WidestGap = 4'096;        // keys that are tried in a row for one that can be read
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
    base::SqlStatement &statement = m_sql->arrivals;
    qint64 from = m_agedTo + 1;
    while (int(m_arrivals.size()) < limit && from <= m_index.lastArrival()) {
        const int wanted = limit - int(m_arrivals.size());
        int read = 0;
        auto done = statement.run(from, wanted);
        {
            const base::SqlRows rows(statement);
            for (; done && statement.next(); ++read) {
                const Arrival arrival{
                    statement.integer(0), statement.integer(1), statement.integer(2), {statement.integer(3)}};
                from = arrival.number + 1;
                if (!m_index.broken().isLeft(arrival.number)) // that counts as gone
                    m_arrivals.push_back(arrival);
            }
            if (done)
                done = statement.failure();
        }
        if (!done && done.error().code != Errc::Corrupt)
            return done;
        if (done && read < wanted)
            break;
        if (done)
            continue;
        m_damage = done.error();
        if (auto passed = passGap(from); !passed)
            return passed;
    }
    m_neighbour = nowMs;
    if (m_arrivals.empty() || isStamp(m_arrivals.back().stampMs))
        return {};
    const auto later = stampAfter(m_arrivals.back().number, latestStampMs);
    if (!later)
        return later.error();
    m_neighbour = std::min(later->value_or(nowMs), nowMs);
    return {};
}

/// A page that cannot be read begins at `from`, and ends there in the end. Nobody can tell how old the entries on it
/// are, nor anything else of them: they are to be set aside.
Result<void> EntryStore::passGap(qint64 &from)
{
    const qint64 begin = from;
    if (const auto known = m_gaps.find(begin); known != m_gaps.end()) {
        from = known->second;
        return {};
    }
    auto end = gapEnd(m_sql->arrivals, begin, m_index.lastArrival());
    if (!end)
        return end.error();
    from = *end;
    m_gaps[begin] = from;
    if (extent(begin) == BrokenRows::Harm::Lost)
        return {};
    base::SqlStatement &statement = m_sql->placesBetween;
    if (auto done = statement.run(begin, from); !done)
        return done;
    const base::SqlRows rows(statement);
    while (statement.next())
        m_unreadable.push_back({statement.integer(0), {{statement.integer(1)}, statement.integer(2)}});
    return statement.failure();
}

/// `statement` gives rows from a key on, in the order of their keys, of which there is none after `last`; it fails from
/// `from` on. The value is the first key from which it does not.
Result<qint64> EntryStore::gapEnd(base::SqlStatement &statement, qint64 from, qint64 last)
{
    qint64 end = from + 1;
    for (int tries = 0; end <= last && tries < WidestGap; ++end, ++tries) {
        auto done = statement.run(end, 1);
        const base::SqlRows rows(statement);
        if (done)
            break;
        if (done.error().code != Errc::Corrupt)
            return done.error();
    }
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
    if (auto expired = forget(**row, name, kind, nowMs); !expired)
        return expired.error();
    return true;
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

/// Of the next arrival that has one; nothing where those that are looked at have none.
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
    base::SqlStatement &statement = m_sql->tombstones;
    qint64 from = 1;
    while (int(m_oldTombstones.size()) < limit && from <= m_index.lastTombstone()) {
        const int wanted = limit - int(m_oldTombstones.size());
        int read = 0;
        auto done = statement.run(from, wanted);
        {
            const base::SqlRows rows(statement);
            for (; done && statement.next(); ++read) {
                const Tombstone tombstone{statement.integer(0), statement.integer(1), statement.integer(2),
                                          statement.integer(3), statement.integer(4)};
                from = tombstone.number + 1;
                if (!m_stuckTombstones.contains(tombstone.number))
                    m_oldTombstones.push_back(tombstone);
            }
            if (done)
                done = statement.failure();
        }
        if (!done && done.error().code != Errc::Corrupt)
            return done;
        if (done && read < wanted)
            break;
        if (done)
            continue;
        m_damage = done.error();
        auto end = gapEnd(statement, from, m_index.lastTombstone());
        if (!end)
            return end.error();
        from = *end;
    }
    return {};
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
            if (done.error().code == Errc::Corrupt)
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

Result<int> EntryStore::dropQuarantined(qint64 beforeMs, int limit)
{
    std::vector<std::pair<qint64, qint64>> old;
    {
        if (auto done = m_sql->oldQuarantined.run(beforeMs, limit); !done)
            return done.error();
        const base::SqlRows rows(m_sql->oldQuarantined);
        while (m_sql->oldQuarantined.next())
            old.emplace_back(m_sql->oldQuarantined.integer(0), m_sql->oldQuarantined.integer(1));
        if (auto failed = m_sql->oldQuarantined.failure(); !failed)
            return failed.error();
    }
    int gone = 0;
    for (const auto &row : old) {
        if (m_stuckAside.contains(row))
            continue;
        if (auto dropped = m_sql->dropQuarantined.run(row.first, row.second); !dropped) {
            if (dropped.error().code == Errc::Corrupt)
                m_stuckLearned += m_stuckAside.insert(row).second;
            return dropped.error();
        }
        ++gone;
    }
    return gone;
}

} // namespace restante::queue
