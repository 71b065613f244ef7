// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/housekeeping.h"

#include "base/clock.h"
#include "base/sqltransaction.h"
#include "telemetry/logging.h"

namespace restante::queue
{

namespace
{

constexpr qint64 HourMs = 3'600'000;
constexpr int CarefulStep = 16;  // if rows are broken: each costs a step that is done again
constexpr size_t LeftStep = 256; // rows that could not be read or deleted, tried again an hour
constexpr int AgeStep = 256;     // entries or tombstones a step
constexpr int PruneStep = 2'000; // rows of destinations or numbers of origins a step

const auto SeenName = QStringLiteral("clock_seen_ms");
const auto DoubtFromName = QStringLiteral("clock_doubt_from_ms");
const auto DoubtWallName = QStringLiteral("clock_doubt_wall_ms");

} // namespace

Housekeeping::Housekeeping(base::Database &database, Ledger &ledger, EntryStore &store, const base::Clock &clock)
    : m_database(database)
    , m_ledger(ledger)
    , m_store(store)
    , m_clock(clock)
    , m_numbers(database)
    , m_spare(database, clock)
{
}

Result<void> Housekeeping::load()
{
    for (const auto &[name, member] :
         {std::pair(SeenName, &ClockWatch::Memory::seenMs), std::pair(DoubtFromName, &ClockWatch::Memory::doubtFromMs),
          std::pair(DoubtWallName, &ClockWatch::Memory::doubtWallMs)}) {
        auto value = m_numbers.read(name);
        if (!value)
            return value.error();
        m_remembered.*member = *value;
    }
    m_watch.emplace(m_clock, m_remembered);
    if (m_watch->inDoubt())
        qCWarning(lcQueue,
                  "The computer's clock is far from where it was last. Nothing expires by it until it has gone "
                  "on evenly for a day.");
    return {};
}

Result<void> Housekeeping::run(Round &round, bool diskIsShort)
{
    const bool doubted = m_watch->inDoubt();
    m_watch->look();
    if (doubted != m_watch->inDoubt())
        qCInfo(lcQueue, "%s",
               doubted ? "The computer's clock is believed again."
                       : "The computer's clock has jumped; nothing expires by it for a day.");
    Result<void> first;
    const auto note = [&first](const Result<void> &done) {
        if (first && !done)
            first = done;
        return done.ok();
    };
    m_store.tryLost();
    // Tombstones may only be forgotten once the indexes know them; and a crash leaves little to make up for.
    note(m_ledger.fold());
    note(age(round));
    if (round.expired > 0)
        qCInfo(lcQueue, "%d entries expired.", round.expired);
    // The window and the replies read the counts of expired entries from the folded totals.
    const bool folded = note(m_ledger.fold());
    if (folded)
        note(m_store.recount(m_watch->believedMs()));
    if (folded && m_clock.steadyMs() >= m_nextHourly)
        note(hourly(round));
    round.givenBack = m_store.takeGivenBack();
    note(dropAbandoned());
    note(m_spare.look(diskIsShort));
    return first;
}

/// A row that fails is dealt with in another way the next time, so that the step is tried again then.
Result<void> Housekeeping::inTransaction(const Work &work)
{
    while (true) {
        const quint64 learned = m_store.learned();
        base::SqlTransaction transaction(m_database);
        if (auto begun = transaction.begin(); !begun)
            return begun;
        auto done = work();
        if (done)
            done = m_store.writeBatch();
        if (done)
            done = transaction.commit();
        if (done) {
            m_store.committed();
            return done;
        }
        transaction.rollback();
        m_store.rolledBack();
        if (m_store.learned() == learned)
            return done;
    }
}

Result<void> Housekeeping::dropAbandoned()
{
    return m_store.dropAbandoned([this](const Work &work) { return inTransaction(work); });
}

Result<void> Housekeeping::age(Round &round)
{
    const qint64 now = m_watch->believedMs();
    auto expired = expire(round, now);
    auto forgotten = forget(round, now);
    return expired ? forgotten : expired;
}

Result<void> Housekeeping::expire(Round &round, qint64 now)
{
    const qint64 before = now - m_ledger.policy().quotas.expiryDays * base::DayMs;
    const int limit = m_store.isBroken() ? CarefulStep : AgeStep;
    if (auto looked = m_store.lookForAged(now, m_watch->latestStampMs(), limit); !looked)
        return looked;
    EntryStore::Aged aged;
    int setAside = 0;
    auto done = inTransaction([&]() -> Result<void> {
        auto step = m_store.expire(before, now);
        if (!step)
            return step.error();
        aged = *step;
        setAside = m_store.setAside();
        return {};
    });
    if (!done)
        return done;
    round.expired = aged.expired;
    round.setAside = setAside;
    round.more = aged.expired + aged.restamped == limit;
    return {};
}

/// Tombstones and what was set aside.
Result<void> Housekeeping::forget(Round &round, qint64 now)
{
    const Quotas &quotas = m_ledger.policy().quotas;
    if (m_remembered.seenMs == 0 && ClockWatch::isPlausible(now)) {
        // Before that they look older than anything.
        if (auto stamped = inTransaction([&] { return m_store.stampTimeless(now); }); !stamped)
            return stamped;
        if (auto remembered = remember(); !remembered)
            return remembered;
    }
    if (auto looked = m_store.lookForTombstones(AgeStep); !looked)
        return looked;
    const quint64 learned = m_store.learned();
    int tombstones = 0;
    auto forgotten = inTransaction([&]() -> Result<void> {
        auto step = m_store.forgetTombstones(now - quotas.tombstoneDays * base::DayMs, quotas.tombstones);
        if (!step)
            return step.error();
        tombstones = *step;
        return {};
    });
    // Those that turned out to be stuck have kept the step from being a whole one.
    if (forgotten && (tombstones == AgeStep || (tombstones > 0 && m_store.learned() != learned)))
        round.more = true;
    auto dropped = forgetQuarantined(round, now - quotas.expiryDays * base::DayMs);
    return forgotten ? dropped : forgotten;
}

Result<void> Housekeeping::forgetQuarantined(Round &round, qint64 beforeMs)
{
    if (auto looked = m_store.lookForQuarantined(beforeMs, AgeStep); !looked)
        return looked;
    const quint64 learned = m_store.learned();
    int gone = 0;
    auto done = inTransaction([&]() -> Result<void> {
        auto step = m_store.dropQuarantined();
        if (!step)
            return step.error();
        gone = *step;
        return {};
    });
    if (done && (gone == AgeStep || m_store.learned() != learned)) // those that are stuck have kept others waiting
        round.more = true;
    return done;
}

Result<void> Housekeeping::hourly(Round &round)
{
    if (auto folded = m_ledger.fold(); !folded)
        return folded;
    if (auto remembered = remember(); !remembered)
        return remembered;
    auto more = m_ledger.prune(m_watch->believedMs(), PruneStep);
    if (!more)
        return more.error();
    if (*more) {
        round.more = true;
        return {};
    }
    m_nextHourly = m_clock.steadyMs() + HourMs;
    m_store.tryWithheld();
    return tryLeft();
}

Result<void> Housekeeping::tryLeft()
{
    const qint64 before = m_watch->believedMs() - m_ledger.policy().quotas.expiryDays * base::DayMs;
    auto tried = m_store.tryLeft(LeftStep, before, [this](const Work &work) { return inTransaction(work); });
    auto folded = m_ledger.fold();
    return tried ? folded : tried;
}

Result<void> Housekeeping::probe()
{
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    if (auto done = m_numbers.write(QStringLiteral("probe"), m_clock.steadyMs()); !done)
        return done;
    return transaction.commit();
}

Result<void> Housekeeping::remember()
{
    m_watch->look();
    const ClockWatch::Memory memory = m_watch->memory();
    if (memory == m_remembered)
        return {};
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    for (const auto &[name, value] : {std::pair(SeenName, memory.seenMs), std::pair(DoubtFromName, memory.doubtFromMs),
                                      std::pair(DoubtWallName, memory.doubtWallMs)}) {
        if (auto done = m_numbers.write(name, value); !done)
            return done;
    }
    auto done = transaction.commit();
    if (done)
        m_remembered = memory;
    return done;
}

Result<void> Housekeeping::close()
{
    auto folded = m_ledger.fold();
    if (folded)
        folded = m_store.recount(m_watch->believedMs());
    auto remembered = remember();
    return folded ? remembered : folded;
}

} // namespace restante::queue
