// SPDX-License-Identifier: GPL-3.0-or-later
// What the writer's thread works with. Only for its own sources.
#pragma once

#include "queue/checkpointer.h"
#include "queue/housekeeping.h"
#include "queue/queuerewrite.h"
#include "queue/writerthread.h"

#include <QtCore/QTimer>

#include <deque>

namespace restante::queue
{

/// What a batch takes of bodies that are not small: 13 of 1 MB in one batch kept every small store waiting like one of
/// 13 MB.
constexpr qint64 BatchBodyBytes = qint64(2) << 20;
constexpr qint64 SmallBodyBytes = qint64(32) << 10;

/// The database, and all that knows its rows: what a start reads. If tables were made anew behind its back another
/// one takes its place.
struct WriterThread::Bench {
    Bench(std::unique_ptr<base::Database> opened, WriterThread &thread, const Policy &policy)
        : database(std::move(opened))
        , index(*database, thread.m_tail, thread.m_overlay)
        , ledger(*database, index, policy, thread.m_mailboxes)
        , store(*database, index, ledger)
        , housekeeping(*database, ledger, store, thread.m_clock)
    {
    }

    std::unique_ptr<base::Database> database;
    EntryIndex index;
    Ledger ledger;
    EntryStore store;
    Housekeeping housekeeping;
    std::optional<Committer> committer; ///< made once the clock's memory is read
    std::unique_ptr<Checkpointer> checkpointer;
};

struct WriterThread::Workshop {
    explicit Workshop(WriterThread &thread)
        : disk(thread.m_location.folder, thread.m_clock, thread.m_tuning.freeBytes)
    {
    }

    base::DiskWatch disk;
    std::optional<base::Mailbox<Operation>> box;
    std::vector<Operation> again; ///< for the next batch
    std::deque<Operation> large;  ///< stores that take turns: a part of a large one, or some that are not small
    std::vector<Operation> kept;  ///< what failed and must not be lost; never in a batch with others
    std::optional<Error> keptFor; ///< why
    std::optional<Policy> wanted; ///< a policy that could not be taken yet
    std::optional<Error> fault;   ///< why stores fail
    std::optional<Error> trouble; ///< what else failed
    qint64 uncheckpointed = 0;
    qint64 logged = 0;         ///< since the log could last begin anew
    bool copiedToWipe = false; ///< the copier ran since the last try to empty the log
    int wipes = 0;             ///< such tries in a row that failed
    bool stopping = false;
    qint64 nextRepair = 0;    ///< steady clock
    bool tablesSound = false; ///< nothing was to be mended when that was last tried
    bool madeAnew = false;    ///< something was, and no store has shown yet that it helped
    qint64 nextRewrite = 0;   ///< the same
    bool foldFailed = false;  ///< met a damage since the last round of housekeeping, which tries again
    bool houseFailed = false; ///< the last round did
    bool readFailed = false;  ///< since the last round, what is shown or other rooms keep could not be reached
    bool mendFailed = false;  ///< a table could not be made anew in its place
    bool storesWait = false;  ///< they met a damage, and are not answered before it was tried to mend it
    std::optional<qint64> damagedSince; ///< steady clock; if the database has to be written anew
    std::optional<Error> hindrance;     ///< why it could not be yet
    std::optional<QueueRewrite> rewriting;
    std::optional<QString> placed; ///< what became of it, but the new one is not in use yet
    QTimer pace;
    QTimer largeTurn;
    QTimer maintenance;
    QTimer spare;
    QTimer retry;
    QTimer probe;
    QTimer wipe;
    QTimer rewrite;
    QTimer quiet; ///< runs out when no more crowded batches come
};

} // namespace restante::queue
