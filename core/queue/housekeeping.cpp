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
    // Tombstones may only be forgotten once the indexes know them; and a crash leaves little to make up for.
    if (auto folded = m_ledger.fold(); !folded)
        return folded;
    if (auto aged = age(round); !aged)
        return aged;
    if (round.expired > 0) {
        qCInfo(lcQueue, "%d entries expired.", round.expired);
        // The window and the replies read the counts of expired entries from the folded totals.
        if (auto folded = m_ledger.fold(); !folded)
            return folded;
    }
    if (m_clock.steadyMs() >= m_nextHourly) {
        if (auto done = hourly(round); !done)
            return done;
    }
    return m_spare.look(diskIsShort);
}

Result<void> Housekeeping::age(Round &round)
{
    const Quotas &quotas = m_ledger.policy().quotas;
    const qint64 now = m_watch->believedMs();
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    bool rememberFirst = false;
    const auto work = [&]() -> Result<int> {
        if (m_remembered.seenMs == 0 && ClockWatch::isPlausible(now)) {
            if (auto stamped = m_store.stampTimeless(now); !stamped)
                return stamped.error();
            rememberFirst = true;
        }
        auto aged = m_store.expire(now - quotas.expiryDays * base::DayMs, now, m_watch->latestStampMs(), AgeStep);
        if (!aged)
            return aged.error();
        auto forgotten = m_store.forgetTombstones(now - quotas.tombstoneDays * base::DayMs, quotas.tombstones, AgeStep);
        if (!forgotten)
            return forgotten;
        auto dropped = m_store.dropQuarantined(now - quotas.expiryDays * base::DayMs);
        if (!dropped)
            return dropped;
        if (auto written = m_store.writeBatch(); !written)
            return written.error();
        round.more = aged->expired + aged->restamped == AgeStep || *forgotten == AgeStep;
        return aged->expired;
    };
    auto expired = work();
    if (expired) {
        if (auto done = transaction.commit(); !done)
            expired = done.error();
    }
    if (!expired) {
        transaction.rollback();
        m_store.rolledBack();
        round.more = false;
        return expired.error();
    }
    m_store.committed();
    round.expired = *expired;
    return rememberFirst ? remember() : Result<void>();
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
    if (*more)
        round.more = true;
    else
        m_nextHourly = m_clock.steadyMs() + HourMs;
    return {};
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
    auto remembered = remember();
    return folded ? remembered : folded;
}

} // namespace restante::queue
