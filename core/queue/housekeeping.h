// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sparespace.h"
#include "queue/clockwatch.h"
#include "queue/entrystore.h"
#include "queue/metanumbers.h"

#include <functional>
#include <optional>

namespace restante::queue
{

/// What the queue does without being asked: expiry, forgetting tombstones and names, giving spare space back to the
/// disk, remembering the time. In small steps, each a transaction of its own, so that stores in between do not wait.
/// Writer's thread.
class Housekeeping
{
public:
    struct Round {
        int expired = 0;
        int setAside = 0;  ///< entries that could not be read
        int givenBack = 0; ///< entries that had been set aside
        bool more = false; ///< there is more to do now
    };

    Housekeeping(base::Database &database, Ledger &ledger, EntryStore &store, const base::Clock &clock);
    Q_DISABLE_COPY_MOVE(Housekeeping)

    /// Reads what the clock showed before. Once, before anything else.
    Result<void> load();
    ClockWatch &watch() { return *m_watch; }

    /// One step. A part of it that fails keeps no other from being done; the value is the first error then, and `round`
    /// says what happened. `diskIsShort`: what is free inside the file becomes spare at once.
    Result<void> run(Round &round, bool diskIsShort);
    /// Tries some of the rows again that could not be read or deleted before. A part of each hourly round, and of a
    /// start; when everything is folded.
    Result<void> tryLeft();
    /// EntryStore::dropAbandoned. A part of each round.
    Result<void> dropAbandoned();
    base::SpareSpace &spare() { return m_spare; }
    /// Whether a transaction can be written now.
    Result<void> probe();
    /// Folds the totals and remembers the time.
    Result<void> close();

private:
    using Work = std::function<Result<void>()>;
    Result<void> inTransaction(const Work &work);
    Result<void> age(Round &round);
    Result<void> expire(Round &round, qint64 now);
    Result<void> forget(Round &round, qint64 now);
    Result<void> forgetQuarantined(Round &round, qint64 beforeMs);
    Result<void> hourly(Round &round);
    Result<void> remember();

    base::Database &m_database;
    Ledger &m_ledger;
    EntryStore &m_store;
    const base::Clock &m_clock;
    std::optional<ClockWatch> m_watch;
    ClockWatch::Memory m_remembered;
    qint64 m_nextHourly = 0;
    MetaNumbers m_numbers;
    base::SpareSpace m_spare;
};

} // namespace restante::queue
