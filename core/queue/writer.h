// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "queue/mailboxboard.h"
#include "queue/queuecounters.h"
#include "queue/types.h"

#include <functional>
#include <memory>

namespace restante::base
{
class Database;
}

namespace restante::queue
{

class AcknowledgedOverlay;
class Tail;
class WriterThread;

/// Where a queue lives and how it is opened.
struct Location {
    QString folder; ///< the data folder; the database is queue.sqlite in it

    QString database() const { return folder + QStringLiteral("/queue.sqlite"); }
};

/// What the writer lives with; no settings. Tests change it.
struct Tuning {
    int busyTimeoutMs = 2'000;                        ///< how long a database that another program locks is waited for
    int cacheKib = 12 * 1024;                         ///< page cache of the writing connection
    qint64 maxPages = 0;                              ///< the database refuses to grow beyond; 0 = no bound
    qint64 waitingBytes = qint64(64) << 20;           ///< of operations that wait; beyond, stores get Errc::Busy
    int paceMs = 6;                                   ///< under load: from batch to batch, unless `fullBatch` wait
    size_t fullBatch = 64;                            ///< operations that are worth a batch at once
    qint64 foldMovements = 16'384;                    ///< entries that came or went between two folds (Ledger)
    int maintenanceMs = 60'000;                       ///< between two rounds of expiry
    int wipeMs = 500;                                 ///< between the steps of emptying the log of deleted mail
    int retryMs = 1'000;                              ///< until acknowledgements that failed are tried again
    qint64 rewritePatienceMs = 10'000;                ///< how long much must be unreadable to be given up
    int probeMs = 5'000;                              ///< while storing fails: between two looks whether it works again
    std::function<qint64(const QString &)> freeBytes; ///< of the disk with this folder; empty: asks the system
};

/// The writing side of the queue: one thread, one connection, all waiting operations in one SQL transaction
/// (core/README 5, 7). Constructed and destroyed in one thread (the main thread); `setPolicy` may be called there;
/// Client is for other threads.
class Writer
{
public:
    /// Called in the writer's thread: coalesced facts for the window. Must only post.
    struct Observers {
        std::function<void()> changed;           ///< some total changed; at most once a batch
        std::function<void(QueueHealth)> health; ///< it is another one than before
        std::function<void()> mailboxes;         ///< the lists of `mailboxes()` changed; at most once a batch
    };

    /// Opens or creates the database, migrates it, starts the thread. Errc::NewerSchema, Corrupt, Io, AlreadyRunning.
    static Result<std::unique_ptr<Writer>> open(Location location, Policy policy, const base::Clock &clock,
                                                Observers observers, const Tuning &tuning = {});
    /// Finishes what waits, checkpoints, closes.
    ~Writer();
    Q_DISABLE_COPY_MOVE(Writer)

    /// The servers that are served, and how much may be held, from now on. The totals are folded for that; the policy
    /// that is in force already, as when another setting was changed, is nothing new.
    void setPolicy(Policy policy);
    AcknowledgedOverlay &overlay();
    const Tail &tail() const;
    const Location &location() const;
    /// Grows by two when the database was written anew while the program runs: what was opened before shows the damaged
    /// one, to which nothing is added any more. An odd number: just now one takes the place of the other. Any thread.
    quint64 edition() const;
    /// Runs expiry, tombstone pruning and shrinking soon (they also run by themselves on a coarse timer).
    void maintain();
    /// The database could not be read with this error, and there is no way around what is damaged. Any thread.
    void report(const Error &error);
    /// Runs `task` in the writer's thread, within its next transaction; a failure is logged. For rows of other rooms in
    /// the same database. Any thread.
    void perform(std::function<Result<void>(base::Database &)> task);
    /// Any thread.
    const QueueCounters &counters() const;
    const MailboxBoard &mailboxes() const;

private:
    friend class Client;
    Writer(std::unique_ptr<WriterThread> thread, Policy policy);
    std::unique_ptr<WriterThread> m_thread;
    Policy m_policy; ///< the last one that was set
};

/// One thread's access to the Writer. Construct, use and destroy it in one thread with an event loop; completions are
/// called there, in batches, never from inside the call. A completion never comes after the Client is gone; it must
/// not destroy the Client itself. The Writer outlives it.
class Client
{
public:
    explicit Client(Writer &writer);
    ~Client();
    Q_DISABLE_COPY_MOVE(Client)

    /// Durable when `done` gets a value. Errors: QuotaExceeded; StorageFailed; Busy if too much waits already.
    void store(StoreRequest request, std::function<void(Result<Stored>)> done);
    /// For contentDigest(), the same as long as the database lives. Secret.
    const matrix::DigestKey &digestKey() const;

    /// The owner took this entry over. Visible to readers at once if the caller's reader found the row.
    /// `arrival` is the key of that row, 0 if the caller does not know it.
    void acknowledge(const matrix::ServerName &destination, matrix::EntryId id, qint64 arrival = 0);
    /// This relay sent it by itself, or has no use for it: as `acknowledge`, but its owner has collected nothing.
    void acknowledgeSent(const matrix::ServerName &destination, matrix::EntryId id);
    /// The operator threw these away (no tombstone). What this relay was to send is told to its origin. `done` gets how
    /// many were held.
    void discard(const matrix::ServerName &destination, QList<matrix::EntryId> ids,
                 std::function<void(Result<qint64>)> done);
    /// The operator threw away all that is held for `destination`.
    void discardAll(const matrix::ServerName &destination, std::function<void(Result<qint64>)> done);
    /// Runs `task` in the writer's thread, within its next transaction. `done` gets a value when that is committed and
    /// survives a crash of the program; a power cut only from the next checkpoint on. Errors: the task's;
    /// StorageFailed; Busy if too much waits already.
    void perform(std::function<Result<void>(base::Database &)> task, std::function<void(Result<void>)> done);
    /// As `perform`, and a value means that it survives a power cut, too, with all that was committed before. `task`
    /// must change something: nothing is brought to the disk otherwise.
    void performDurably(std::function<Result<void>(base::Database &)> task, std::function<void(Result<void>)> done);
    /// A row that could not be read: set aside, so that the queue goes on (promise 8).
    void quarantine(const matrix::ServerName &destination, matrix::EntryId id);
    /// Reading failed with this error: the health tells it.
    void report(const Error &error);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace restante::queue
