// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/clockwatch.h"
#include "queue/entrystore.h"
#include "queue/operation.h"
#include "queue/queuecounters.h"

#include <functional>
#include <optional>
#include <vector>

namespace restante::queue
{

/// `error` as the health tells it: a damage and a full disk have a code of their own, all else is StorageFailed.
Error asHealth(const Error &error);

/// Group commit: runs all waiting operations in one transaction, and if that fails the ones that may still go
/// through. Lives in the writer's thread.
class Committer
{
public:
    /// What became of the operations of one `run`.
    struct Outcome {
        std::vector<std::pair<std::shared_ptr<ClientPort>, Answer>> answers;
        std::vector<Operation> again;    ///< unfinished: to be run with the next batch, large stores in their turn
        std::vector<Operation> kept;     ///< failed, and to be tried again apart, not before a moment
        std::vector<Operation> given;    ///< stores that met a damage for the first time: nobody has been answered
        bool changed = false;            ///< totals changed
        bool removed = false;            ///< bytes of entries were deleted
        bool stored = false;             ///< stores were committed: storage works
        std::optional<Error> storeFault; ///< why stores failed
        std::optional<Error> trouble;    ///< why something else failed, but for a lock, or a damage that was met
        std::optional<Error> keptFor;    ///< why the last one of `kept` failed
        bool taskDamaged = false;        ///< what another room keeps in the database met a damage
        qint64 writtenBytes = 0;         ///< roughly, to the log
    };

    /// `relieve` makes room if that is possible; called between two attempts, of which the first met a full disk.
    Committer(base::Database &database, Ledger &ledger, EntryStore &store, QueueCounters &counters, ClockWatch &watch,
              std::function<void()> relieve);
    Q_DISABLE_COPY_MOVE(Committer)

    /// Only store, acknowledge, discard, quarantine and task operations. `refuseStores`: all stores fail with it.
    /// An operation that fails takes no other one with it: it is run again by itself.
    Outcome run(std::vector<Operation> operations, const std::optional<Error> &refuseStores);
    /// Sets how the next transactions commit; outside of one.
    Result<void> setDurable(bool full);

private:
    struct Work;
    /// What one attempt counted; it counts only once it is committed.
    struct Tallying {
        qint64 fresh = 0;
        qint64 duplicates = 0;
        qint64 refused = 0;
        qint64 acknowledged = 0;
        qint64 sent = 0;
        qint64 discarded = 0;
        qint64 quarantined = 0;
        qint64 writtenBytes = 0;
        bool droppedParts = false;
    };

    Result<void> attempt(const std::vector<Work *> &works, bool durable, Outcome &outcome);
    void runAlone(const std::vector<Work *> &works, Outcome &outcome);
    void salvage(const std::vector<Work *> &works, const Error &fault, Outcome &outcome);
    Result<void> perform(Work &work, Tallying &tallying);
    Result<void> store(const Operation::Store &operation, Work &work, Tallying &tallying);
    Result<bool> putPart(const Operation::Store &operation, PartsSoFar &parts, Work &work, Tallying &tallying);
    static void tell(const Stored &stored, Work &work, Tallying &tallying);
    static Result<void> tellRefused(const Error &error, Work &work, Tallying &tallying);
    Result<void> acknowledge(const Operation::Acknowledge &operation, Tallying &tallying);
    Result<void> discard(const Operation::Discard &operation, Work &work, Tallying &tallying);
    Result<void> discardAll(const Operation::DiscardAll &operation, Work &work, Tallying &tallying);
    Result<void> quarantine(const Operation::Quarantine &operation);
    int discardChunk() const;
    void count(const Tallying &tallying, Outcome &outcome);
    void fail(Work &work, const Error &error, Outcome &outcome);

    base::Database &m_database;
    Ledger &m_ledger;
    EntryStore &m_store;
    QueueCounters &m_counters;
    ClockWatch &m_watch;
    std::function<void()> m_relieve;
    std::optional<bool> m_durable;
    bool m_begun = false;      ///< whether the last attempt got as far as a transaction
    Work *m_culprit = nullptr; ///< whose part of it failed; null if it was the transaction itself
    base::SqlStatement m_begin;
    base::SqlStatement m_commit;
};

} // namespace restante::queue
