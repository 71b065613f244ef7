// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/committer.h"

#include "base/sqltransaction.h"
#include "telemetry/logging.h"

namespace restante::queue
{

namespace
{

constexpr size_t MostApart = 8;   // operations that are taken out of a batch one by one before it is given up
constexpr int CarefulChunk = 16;  // if rows are broken: each costs a chunk that is done again
constexpr int DiscardChunk = 500; // so that a large queue that is thrown away keeps nobody waiting for long
// What a store or a removal writes to the log beside the body: its part of the pages that a batch shares.
constexpr qint64 OverheadBytes = 1'024;
// What a batch writes to the log at least: a page of entries and one of movements.
constexpr qint64 BatchBytes = qint64(32) * 1'024;

Error asStorageFault(Error error)
{
    error.code = Errc::StorageFailed;
    return error;
}

} // namespace

Error asHealth(const Error &error)
{
    return error.code == Errc::Corrupt || error.code == Errc::DiskFull ? error : asStorageFault(error);
}

struct Committer::Work {
    Operation operation;
    Answer answer;
    std::optional<Operation> rest; ///< what of it is left for the next batch
    bool settled = false;
    bool failed = false;
};

Committer::Committer(base::Database &database, Ledger &ledger, EntryStore &store, QueueCounters &counters,
                     ClockWatch &watch, std::function<void()> relieve)
    : m_database(database)
    , m_ledger(ledger)
    , m_store(store)
    , m_counters(counters)
    , m_watch(watch)
    , m_relieve(std::move(relieve))
    , m_begin(database, database.dialect().beginWrite())
    , m_commit(database, QStringLiteral("COMMIT"))
{
}

Result<void> Committer::setDurable(bool full)
{
    if (m_durable == full)
        return {};
    auto done = m_database.run(m_database.dialect().durability(full));
    if (done)
        m_durable = full;
    return done;
}

Committer::Outcome Committer::run(std::vector<Operation> operations, const std::optional<Error> &refuseStores)
{
    Outcome outcome;
    m_watch.look();
    std::vector<Work> works(operations.size());
    for (size_t i = 0; i < works.size(); ++i) {
        works[i].operation = std::move(operations[i]);
        works[i].answer.token = works[i].operation.token;
        if (refuseStores && works[i].operation.isStore())
            fail(works[i], *refuseStores, outcome);
    }
    const auto waiting = [&works] {
        std::vector<Work *> rest;
        for (Work &work : works) {
            if (!work.settled)
                rest.push_back(&work);
        }
        return rest;
    };
    auto rest = waiting();
    const auto isStore = [](const Work *work) { return work->operation.isStore(); };
    std::vector<Work *> apart;
    auto done = attempt(rest, std::any_of(rest.begin(), rest.end(), isStore), outcome);
    while (!done && m_culprit && done.error().code != Errc::DiskFull && apart.size() < MostApart) {
        apart.push_back(m_culprit);
        std::erase(rest, m_culprit);
        done = attempt(rest, std::any_of(rest.begin(), rest.end(), isStore), outcome);
    }
    if (!done) {
        std::vector<Work *> others;
        std::copy_if(rest.begin(), rest.end(), std::back_inserter(others), std::not_fn(isStore));
        std::erase_if(rest, std::not_fn(isStore));
        const Error fault = done.error();
        if (m_culprit && !others.empty() && fault.code != Errc::DiskFull)
            done = attempt(rest, true, outcome); // whatever is wrong with the others
        for (Work *work : rest) {
            if (!done)
                fail(*work, done.error(), outcome);
        }
        salvage(others, fault, outcome);
    }
    runAlone(apart, outcome);
    outcome.stored = std::any_of(works.begin(), works.end(), [](const Work &work) {
        return work.operation.isStore() && work.settled && !work.failed;
    });
    if (auto damage = m_store.takeDamage())
        outcome.trouble = asHealth(*damage);
    for (Work &work : works) {
        if (work.rest)
            outcome.again.push_back(*std::move(work.rest));
        else if (work.operation.port)
            outcome.answers.emplace_back(std::move(work.operation.port), std::move(work.answer));
    }
    m_counters.entries = m_ledger.total().entries;
    m_counters.bytes = m_ledger.total().bytes;
    return outcome;
}

/// Each of those that spoilt the batch. A row that failed is dealt with in another way the next time.
void Committer::runAlone(const std::vector<Work *> &works, Outcome &outcome)
{
    for (Work *work : works) {
        quint64 learned = 0;
        Result<void> done;
        do {
            learned = m_store.learned();
            done = attempt({work}, work->operation.isStore(), outcome);
        } while (!done && m_store.learned() != learned);
        if (!done)
            fail(*work, done.error(), outcome);
    }
}

/// Operations other than stores must go through if they can at all. A lock that was not to be had is not waited for
/// again and again.
void Committer::salvage(const std::vector<Work *> &works, const Error &fault, Outcome &outcome)
{
    if (m_begun) {
        if (fault.code == Errc::DiskFull)
            m_relieve();
        if (attempt(works, false, outcome))
            return;
    }
    if (m_begun) {
        runAlone(works, outcome);
        return;
    }
    for (Work *work : works)
        fail(*work, fault, outcome);
}

Result<void> Committer::attempt(const std::vector<Work *> &works, bool durable, Outcome &outcome)
{
    m_culprit = nullptr;
    if (works.empty())
        return {};
    const bool mustLast =
        std::any_of(works.begin(), works.end(), [](const Work *work) { return work->operation.isDurable(); });
    if (auto set = setDurable(durable || mustLast); !set)
        return set;
    auto begun = m_database.checkInPlace();
    if (begun)
        begun = m_begin.run();
    m_begun = begun.ok();
    if (!begun)
        return begun;
    Tallying tallying;
    Result<void> done;
    for (Work *work : works) {
        work->rest.reset();
        done = perform(*work, tallying);
        if (!done) {
            m_culprit = work;
            break;
        }
    }
    if (done)
        done = m_store.writeBatch();
    if (done)
        done = m_commit.run();
    if (!done) {
        // If SQLite has rolled back by itself there is nothing left to do, and it says so.
        [[maybe_unused]] const auto undone = m_database.run(QStringLiteral("ROLLBACK"));
        m_store.rolledBack();
        return done;
    }
    tallying.quarantined = m_store.setAside();
    m_store.committed();
    for (Work *work : works)
        work->settled = true;
    count(tallying, outcome);
    return {};
}

Result<void> Committer::perform(Work &work, Tallying &tallying)
{
    if (const auto *operation = std::get_if<Operation::Store>(&work.operation.what))
        return store(*operation, work, tallying);
    if (const auto *operation = std::get_if<Operation::Acknowledge>(&work.operation.what))
        return acknowledge(*operation, tallying);
    if (const auto *operation = std::get_if<Operation::Discard>(&work.operation.what))
        return discard(*operation, work, tallying);
    if (const auto *operation = std::get_if<Operation::DiscardAll>(&work.operation.what))
        return discardAll(*operation, work, tallying);
    if (const auto *operation = std::get_if<Operation::Quarantine>(&work.operation.what))
        return quarantine(*operation);
    if (const auto *operation = std::get_if<Operation::Task>(&work.operation.what))
        return operation->run(m_database);
    return {Errc::Internal, QStringLiteral("An operation that is none of the batch's.")};
}

Result<void> Committer::store(const Operation::Store &operation, Work &work, Tallying &tallying)
{
    work.answer.error.reset();
    PartsSoFar parts = operation.parts;
    if (BodyParts::isLarge(operation.request)) {
        auto goesOn = putPart(operation, parts, work, tallying);
        if (!goesOn)
            return goesOn.error();
        if (!*goesOn)
            return {};
    }
    auto stored = m_store.store(operation.request, m_watch.stampMs(), parts);
    tallying.droppedParts = tallying.droppedParts || (parts.body != 0 && !(stored && stored->fresh));
    if (!stored)
        return tellRefused(stored.error(), work, tallying);
    tell(*stored, work, tallying);
    if (stored->fresh)
        tallying.writtenBytes += OverheadBytes + EntryStore::sizeOf(operation.request) - parts.bytes;
    return {};
}

/// The value is whether the entry can be stored now: not as long as there are other parts, or if it is settled already.
Result<bool> Committer::putPart(const Operation::Store &operation, PartsSoFar &parts, Work &work, Tallying &tallying)
{
    if (parts.body == 0) { // else the last part settles it
        auto known = m_store.judge(operation.request, m_watch.stampMs());
        if (!known) {
            auto told = tellRefused(known.error(), work, tallying);
            return told ? Result<bool>(false) : told.error();
        }
        if (*known) {
            tell(**known, work, tallying);
            return false;
        }
    }
    const qint64 before = parts.bytes;
    if (auto put = m_store.putPart(operation.request, parts); !put)
        return put.error();
    tallying.writtenBytes += parts.bytes - before;
    if (BodyParts::isWhole(operation.request, parts))
        return true;
    work.rest = work.operation;
    std::get<Operation::Store>(work.rest->what).parts = parts;
    return false;
}

void Committer::tell(const Stored &stored, Work &work, Tallying &tallying)
{
    work.answer.stored = stored;
    tallying.fresh += stored.fresh;
    tallying.duplicates += !stored.fresh;
}

/// For want of room; anything else is an error of the batch.
Result<void> Committer::tellRefused(const Error &error, Work &work, Tallying &tallying)
{
    if (error.code != Errc::QuotaExceeded)
        return error;
    work.answer.error = error;
    ++tallying.refused;
    return {};
}

Result<void> Committer::acknowledge(const Operation::Acknowledge &operation, Tallying &tallying)
{
    const auto kind = operation.sent ? Movement::Kind::Sent : Movement::Kind::Acknowledged;
    auto held = m_store.acknowledge(operation.destination, operation.place, kind, m_watch.stampMs());
    if (!held)
        return held.error();
    (operation.sent ? tallying.sent : tallying.acknowledged) += *held;
    tallying.writtenBytes += OverheadBytes;
    return {};
}

int Committer::discardChunk() const
{
    return m_store.isBroken() ? CarefulChunk : DiscardChunk;
}

Result<void> Committer::discard(const Operation::Discard &operation, Work &work, Tallying &tallying)
{
    const qsizetype end = std::min(operation.ids.size(), operation.done + discardChunk());
    qint64 held = 0;
    for (qsizetype i = operation.done; i < end; ++i) {
        auto gone = m_store.discard(operation.destination, operation.ids[i], m_watch.stampMs());
        if (!gone)
            return gone.error();
        held += *gone;
    }
    tallying.discarded += held;
    tallying.writtenBytes += (end - operation.done) * OverheadBytes;
    work.answer.count = operation.held + held;
    if (end < operation.ids.size()) {
        work.rest = work.operation;
        work.rest->what = Operation::Discard{operation.destination, operation.ids, end, work.answer.count};
    }
    return {};
}

Result<void> Committer::discardAll(const Operation::DiscardAll &operation, Work &work, Tallying &tallying)
{
    matrix::EntryId last = operation.last;
    if (last.isNull()) {
        auto newest = m_store.lastId(operation.destination);
        if (!newest)
            return newest.error();
        last = *newest;
    }
    auto gone = m_store.discardOldest(operation.destination, operation.done, last, discardChunk(), m_watch.stampMs());
    if (!gone)
        return gone.error();
    tallying.discarded += gone->held;
    tallying.writtenBytes += gone->held * OverheadBytes;
    work.answer.count = operation.held + gone->held;
    if (gone->more) {
        work.rest = work.operation;
        work.rest->what = Operation::DiscardAll{operation.destination, last, work.answer.count, gone->upTo};
    }
    return {};
}

Result<void> Committer::quarantine(const Operation::Quarantine &operation)
{
    auto moved = m_store.quarantine(operation.destination, operation.id, m_watch.stampMs());
    return moved ? Result<void>() : moved.error();
}

void Committer::count(const Tallying &tallying, Outcome &outcome)
{
    m_counters.fresh += tallying.fresh;
    m_counters.duplicates += tallying.duplicates;
    m_counters.refused += tallying.refused;
    m_counters.acknowledged += tallying.acknowledged;
    m_counters.discarded += tallying.discarded;
    m_counters.quarantined += tallying.quarantined;
    const qint64 gone = tallying.acknowledged + tallying.sent + tallying.discarded + tallying.quarantined;
    outcome.changed = outcome.changed || tallying.fresh > 0 || gone > 0;
    outcome.removed = outcome.removed || gone > 0 || tallying.droppedParts;
    if (tallying.writtenBytes > 0)
        outcome.writtenBytes += std::max(tallying.writtenBytes, BatchBytes);
}

/// An acknowledgement waits for better days, hidden by the overlay meanwhile, and so does what is to be set aside if
/// that has to wait for others; a store that met a damage can be given back; all others are told.
void Committer::fail(Work &work, const Error &error, Outcome &outcome)
{
    work.settled = true;
    work.failed = true;
    work.rest.reset();
    const auto *store = std::get_if<Operation::Store>(&work.operation.what);
    if (store && error.code == Errc::Corrupt && !work.operation.metDamage) {
        outcome.given.push_back(work.operation);
        work.operation.port.reset();
        return;
    }
    work.answer.error = asStorageFault(error);
    if (!store && error.code != Errc::Busy)
        outcome.trouble = asHealth(error);
    outcome.taskDamaged = outcome.taskDamaged ||
                          (std::holds_alternative<Operation::Task>(work.operation.what) && error.code == Errc::Corrupt);
    if (store) {
        m_store.abandon(store->parts);
        ++m_counters.failed;
        outcome.storeFault = asHealth(error);
    } else if (std::holds_alternative<Operation::Acknowledge>(work.operation.what) ||
               (std::holds_alternative<Operation::Quarantine>(work.operation.what) &&
                (error.code == Errc::Busy || error.code == Errc::DiskFull))) {
        outcome.kept.push_back(work.operation);
        if (error.code != Errc::Busy)
            outcome.keptFor = asHealth(error);
    } else if (std::holds_alternative<Operation::Quarantine>(work.operation.what)) {
        qCWarning(lcQueue, "A broken entry could not be set aside; it is tried again within the hour: %ls",
                  qUtf16Printable(error.detail));
    } else if (!work.operation.port) {
        qCWarning(lcQueue, "%ls", qUtf16Printable(error.detail));
    }
}

} // namespace restante::queue
