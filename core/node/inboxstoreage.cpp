// SPDX-License-Identifier: GPL-3.0-or-later
// What was taken out of the inbox is remembered for a time, by a clock that is believed, and then forgotten.
#include "base/sqltransaction.h"
#include "node/damagedrows.h"
#include "node/handledmemory.h"
#include "node/inboxstoreparts.h"

#include <array>
#include <utility>

namespace restante::node
{

namespace
{
constexpr qint64 HourMs = 3'600'000;
constexpr std::array<std::pair<const char *, qint64 queue::ClockWatch::Memory::*>, 3> ClockFacts{{
    {"clock_seen_ms", &queue::ClockWatch::Memory::seenMs},
    {"clock_doubt_from_ms", &queue::ClockWatch::Memory::doubtFromMs},
    {"clock_doubt_wall_ms", &queue::ClockWatch::Memory::doubtWallMs},
}};
constexpr int SparePieces = 16; // given back to the disk at a time
} // namespace

/// What the clock showed before. Once, before anything ages.
Result<void> InboxStore::Private::loadClock()
{
    for (const auto &[name, member] : ClockFacts) {
        if (auto done = number.run(QString::fromLatin1(name)); !done)
            return done;
        const base::SqlRows rows(number);
        if (number.next())
            remembered.*member = number.integer(0);
        else if (auto failed = number.failure(); !failed)
            return failed;
    }
    queue::ClockWatch::Memory start = remembered;
    if (start.seenMs == 0) {
        // An older program kept no such memory. What it took out last tells when that was.
        if (auto done = lastHandled.run(StaysMs); !done)
            return done;
        const base::SqlRows rows(lastHandled);
        if (lastHandled.next() && queue::ClockWatch::isPlausible(lastHandled.integer(0)))
            start.seenMs = lastHandled.integer(0);
        else if (auto failed = lastHandled.failure(); !failed)
            return failed;
    }
    watch.emplace(clock, start);
    return {};
}

/// For what is taken out now.
qint64 InboxStore::Private::stampMs()
{
    watch->look();
    return watch->stampMs();
}

/// Forgets what was handled long ago, by a clock that is believed. What came before there was one begins to age then.
Result<void> InboxStore::Private::age()
{
    watch->look();
    const qint64 now = watch->believedMs();
    if (!queue::ClockWatch::isPlausible(now))
        return {};
    if (remembered.seenMs == 0) {
        if (auto done = stampTimeless.run(now, queue::ClockWatch::EarliestMs); !done)
            return done;
    }
    if (auto done = forgetOld(now - HandledMs); !done)
        return done;
    if (remembered.seenMs != 0 && clock.steadyMs() < nextRemembered)
        return {};
    const auto memory = watch->memory();
    for (const auto &[name, member] : ClockFacts) {
        if (auto done = setNumber.run(QString::fromLatin1(name), memory.*member); !done)
            return done;
    }
    remembered = memory;
    nextRemembered = clock.steadyMs() + HourMs;
    return {};
}

/// One that cannot be dropped stays remembered.
Result<void> InboxStore::Private::forgetOld(qint64 beforeMs)
{
    auto done = pruneOld.run(beforeMs);
    if (!isCorrupt(done))
        return done;
    std::vector<QByteArray> keys;
    {
        if (auto listed = oldHandled.run(beforeMs); !listed)
            return listed;
        const base::SqlRows rows(oldHandled);
        while (oldHandled.next())
            keys.push_back(oldHandled.bytes(0));
        if (auto failed = oldHandled.failure(); !failed)
            return failed;
    }
    const auto around = changeAroundDamage(keys.size(), [&](size_t from, size_t to) -> Result<void> {
        base::SqlTransaction transaction(*database);
        if (auto begun = transaction.begin(); !begun)
            return begun;
        for (size_t i = from; i < to; ++i) {
            if (auto dropped = dropHandled.run(keys[i]); !dropped)
                return dropped;
        }
        return transaction.commit();
    });
    return around ? Result<void>() : around.error();
}

Result<void> InboxStore::Private::prune(const InboxLimits &limits)
{
    const auto aged = age();
    const auto pruned = pruneMany.run(MostHandled);
    const auto delivered = deliveries.prune(clock.wallMs());
    auto done = spare.look(!disk.isAbove(limits.diskFloorBytes));
    for (int piece = 0; done && spare.hasSpare() && piece < SparePieces; ++piece)
        done = spare.giveBack();
    return !aged ? aged : !pruned ? pruned : !delivered ? delivered : done; // what fails keeps no other from being done
}

} // namespace restante::node
