// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/writerthread.h"

#include "base/ondisk.h"
#include "queue/checkpointer.h"
#include "queue/housekeeping.h"
#include "queue/tablerepair.h"
#include "telemetry/logging.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QFileInfo>
#include <QtCore/QTimer>

#include <cerrno>

namespace restante::queue
{

namespace
{

// After about so many written bytes the log is copied into the database, beside the writer: the system still has all of
// it in memory then.
constexpr qint64 CheckpointBytes = qint64(4) << 20;
// After so many the writer itself copies the rest, which is little. Only then the log can begin anew under steady load.
// Less than the log that is kept (see the dialect).
constexpr qint64 RestartLogBytes = qint64(16) << 20;
constexpr size_t ManyOperations = 4;
constexpr int QuickWipes = 20;                    // tries to empty the log, half a second apart,
constexpr int SlowWipeFactor = 20;                // then so many times rarer, while somebody reads on and on
constexpr qint64 SpareLogBytes = qint64(1) << 20; // about what one piece writes to the log, at most
// Giving space back takes at most one part in so many of the writer's time.
constexpr int SparePauses = 5;
constexpr qint64 RepairPauseMs = 600'000; // between two looks for tables that are to be made anew

} // namespace

struct WriterThread::Workshop {
    Workshop(std::unique_ptr<base::Database> opened, WriterThread &thread)
        : database(std::move(opened))
        , disk(thread.m_location.folder, thread.m_clock, thread.m_tuning.freeBytes)
        , index(*database, thread.m_tail, thread.m_overlay)
        , ledger(*database, index, thread.m_policy, thread.m_mailboxes)
        , store(*database, index, ledger)
        , housekeeping(*database, ledger, store, thread.m_clock)
    {
    }

    std::unique_ptr<base::Database> database;
    DiskWatch disk;
    EntryIndex index;
    Ledger ledger;
    EntryStore store;
    Housekeeping housekeeping;
    std::optional<Committer> committer; ///< made once the clock's memory is read
    std::optional<base::Mailbox<Operation>> box;
    std::vector<Operation> again; ///< for the next batch
    std::vector<Operation> kept;  ///< what failed and must not be lost; never in a batch with others
    std::optional<Error> keptFor; ///< why
    std::optional<Policy> wanted; ///< a policy that could not be taken yet
    std::optional<Error> fault;   ///< why stores fail
    std::optional<Error> trouble; ///< what else failed
    std::unique_ptr<Checkpointer> checkpointer;
    qint64 uncheckpointed = 0;
    qint64 logged = 0;         ///< since the log could last begin anew
    bool copiedToWipe = false; ///< the copier ran since the last try to empty the log
    int wipes = 0;             ///< such tries in a row that failed
    bool stopping = false;
    qint64 nextRepair = 0;   ///< steady clock
    bool foldFailed = false; ///< since the last round of housekeeping, which tries again
    QTimer pace;
    QTimer maintenance;
    QTimer spare;
    QTimer retry;
    QTimer probe;
    QTimer wipe;
};

WriterThread::WriterThread(Location location, Policy policy, const base::Clock &clock, Writer::Observers observers,
                           Tuning tuning)
    : m_location(std::move(location))
    , m_policy(std::move(policy))
    , m_clock(clock)
    , m_observers(std::move(observers))
    , m_tuning(std::move(tuning))
{
    setObjectName(QStringLiteral("queue writer"));
}

// NOLINTNEXTLINE(bugprone-exception-escape): a mutex that cannot be locked is the end anyway
WriterThread::~WriterThread()
{
    close();
}

Result<void> WriterThread::open()
{
    start();
    std::unique_lock lock(m_openMutex);
    m_openCondition.wait(lock, [this] { return m_opened.has_value(); });
    return *m_opened;
}

void WriterThread::tellOpened(Result<void> result)
{
    const std::lock_guard lock(m_openMutex);
    m_opened = std::move(result);
    m_openCondition.notify_one();
}

void WriterThread::close()
{
    if (!isRunning())
        return;
    if (m_box) {
        Operation stop;
        stop.what = Operation::Stop{};
        m_box->post(std::move(stop));
    }
    wait();
    // QThread's own end is hidden from tools that watch threads; this one they see.
    const std::lock_guard lock(m_openMutex);
}

bool WriterThread::submit(Operation operation)
{
    const qint64 waiting = m_waitingBytes.fetch_add(operation.cost, std::memory_order_relaxed);
    if (operation.isStore() && waiting + operation.cost > m_tuning.waitingBytes) {
        m_waitingBytes.fetch_sub(operation.cost, std::memory_order_relaxed);
        return false;
    }
    m_box->post(std::move(operation));
    return true;
}

void WriterThread::run()
{
    if (auto ready = setUp(); !ready) {
        m_shop.reset();
        tellOpened(ready);
        return;
    }
    m_box = &*m_shop->box;
    tellOpened({});
    exec();
    shutDown();
    const std::lock_guard lock(m_openMutex); // see close
}

Result<void> WriterThread::setUp()
{
    const QFileInfo folder(m_location.folder);
    if (!folder.isDir() || !folder.isWritable())
        return base::fileError(m_location.folder, QLatin1String("written"),
                               qt_error_string(folder.isDir() ? EACCES : ENOTDIR));
    auto loaded = load();
    if (!loaded && loaded.error().code == Errc::DiskFull && DiskWatch::giveUpReserve(m_location.folder)) {
        m_shop.reset();
        loaded = load();
    }
    std::optional<Error> repaired;
    if (!loaded && loaded.error().code == Errc::Corrupt && m_shop)
        repaired = repairTables(true);
    if (repaired) {
        m_shop.reset();
        loaded = load();
    }
    if (!loaded)
        return loaded;
    if (auto tried = m_shop->housekeeping.tryLeft(); !tried)
        qCWarning(lcQueue, "What was set aside could not be tried again yet: %ls",
                  qUtf16Printable(tried.error().detail));
    m_counters.entries = m_shop->ledger.total().entries;
    m_counters.bytes = m_shop->ledger.total().bytes;
    furnish();
    if (repaired)
        setHealth({}, repaired);
    adopt(m_policy);
    m_shop->disk.keepReserve();
    m_shop->maintenance.start();
    return {};
}

/// Everything that a start reads, and the little that it writes.
Result<void> WriterThread::load()
{
    base::ConnectionOptions options;
    options.database = m_location.database();
    options.busyTimeoutMs = m_tuning.busyTimeoutMs;
    options.cacheKib = m_tuning.cacheKib;
    options.maxPages = m_tuning.maxPages;
    auto database = base::Database::open(options);
    if (!database)
        return database.error();
    if (auto migrated = (*database)->migrate(); !migrated)
        return migrated;
    m_shop = std::make_unique<Workshop>(*std::move(database), *this);
    if (!m_shop->database->dialect().checkpoint(false).isEmpty())
        m_shop->checkpointer = std::make_unique<Checkpointer>(options);
    if (auto copied = copyOldLog(); !copied)
        return copied;
    if (auto loaded = m_shop->index.load(); !loaded)
        return loaded;
    if (auto loaded = m_shop->ledger.load(); !loaded)
        return loaded;
    if (auto loaded = m_shop->store.load(); !loaded)
        return loaded;
    m_digestKey = m_shop->store.digestKey();
    if (auto loaded = m_shop->housekeeping.load(); !loaded)
        return loaded;
    if (m_shop->ledger.isDoubtful()) {
        if (auto counted = m_shop->store.recount(m_clock.wallMs()); !counted)
            qCWarning(lcQueue, "What is held could not be counted anew yet: %ls",
                      qUtf16Printable(counted.error().detail));
    }
    m_shop->committer.emplace(*m_shop->database, m_shop->ledger, m_shop->store, m_counters,
                              m_shop->housekeeping.watch(), [this] { relieve(); });
    return {};
}

/// Where a table that others can tell is damaged it is made anew. The value says so; nothing where none was.
std::optional<Error> WriterThread::repairTables(bool tombstones)
{
    auto anew = TableRepair(*m_shop->database).run(tombstones);
    if (!anew)
        qCWarning(lcQueue, "A damaged table of the queue's database could not be made anew: %ls",
                  qUtf16Printable(anew.error().detail));
    if (!anew || anew->isEmpty())
        return {};
    return Error{Errc::Corrupt,
                 QStringLiteral("The database %1 is damaged: of its tables, %2 could not be read as a whole and had to "
                                "be made anew.")
                     .arg(m_location.database(), anew->join(QLatin1String(", "))),
                 0};
}

/// Somebody has met a damage: see to what can be mended. Not often, since all of these tables are read for that.
bool WriterThread::repair()
{
    if (m_clock.steadyMs() < m_shop->nextRepair)
        return false;
    m_shop->nextRepair = m_clock.steadyMs() + RepairPauseMs;
    const auto repaired = repairTables(false);
    if (!repaired)
        return false;
    qCWarning(lcQueue, "%ls", qUtf16Printable(repaired->detail));
    setHealth(m_shop->fault, repaired);
    auto folded = m_shop->ledger.fold(); // memory has what the movements told
    if (folded)
        folded = m_shop->ledger.trustTotals();
    if (!folded)
        qCWarning(lcQueue, "The totals could not be written; they stay in memory: %ls",
                  qUtf16Printable(folded.error().detail));
    return folded.ok();
}

/// What a program that was killed left in the log is copied before anything is added: on a full disk the log must begin
/// anew instead of growing into the room that the copy needs.
Result<void> WriterThread::copyOldLog()
{
    const auto copied = m_shop->database->checkpoint(false);
    if (copied)
        return {};
    if (copied.error().code == Errc::DiskFull && DiskWatch::hasReserve(m_location.folder))
        return copied.error();
    qCWarning(lcQueue, "The log could not be copied into the database yet: %ls",
              qUtf16Printable(copied.error().detail));
    return {};
}

void WriterThread::furnish()
{
    m_shop->box.emplace([this](std::vector<Operation> operations) { receive(std::move(operations)); });
    m_shop->pace.setSingleShot(true);
    m_shop->pace.setTimerType(Qt::PreciseTimer);
    m_shop->maintenance.setTimerType(Qt::VeryCoarseTimer);
    m_shop->maintenance.setInterval(m_tuning.maintenanceMs);
    m_shop->spare.setSingleShot(true);
    m_shop->retry.setSingleShot(true);
    m_shop->retry.setInterval(m_tuning.retryMs);
    m_shop->wipe.setSingleShot(true);
    m_shop->probe.setInterval(m_tuning.probeMs);
    QObject::connect(&m_shop->pace, &QTimer::timeout, &m_shop->pace, [this] { m_shop->box->setPatience(1); });
    QObject::connect(&m_shop->maintenance, &QTimer::timeout, &m_shop->maintenance, [this] { maintain(); });
    QObject::connect(&m_shop->spare, &QTimer::timeout, &m_shop->spare, [this] { giveBack(); });
    QObject::connect(&m_shop->retry, &QTimer::timeout, &m_shop->retry, [this] { retryKept(); });
    QObject::connect(&m_shop->wipe, &QTimer::timeout, &m_shop->wipe, [this] { wipe(); });
    QObject::connect(&m_shop->probe, &QTimer::timeout, &m_shop->probe, [this] { probe(); });
}

void WriterThread::receive(std::vector<Operation> operations)
{
    // A short batch costs about the same for one entry as for many. While many come, batches start some time apart, so
    // that each finds what came meanwhile; a few senders that wait for their answers are not kept waiting.
    const bool many = operations.size() >= ManyOperations;
    QElapsedTimer began;
    began.start();
    m_shop->box->setPatience(many ? m_tuning.fullBatch : 1);
    std::vector<Operation> batch;
    batch.reserve(operations.size());
    for (Operation &operation : operations) {
        m_waitingBytes.fetch_sub(operation.cost, std::memory_order_relaxed);
        if (operation.isControl()) {
            commit(std::exchange(batch, {}));
            control(operation);
        } else {
            batch.push_back(std::move(operation));
        }
    }
    commit(std::move(batch));
    if (const qint64 rest = m_tuning.paceMs - began.elapsed(); many && rest > 0)
        m_shop->pace.start(int(rest));
    else
        m_shop->box->setPatience(1);
    if (m_shop->stopping)
        exit();
}

/// What is no part of a batch happens at once, after what came before it.
void WriterThread::control(const Operation &operation)
{
    if (const auto *change = std::get_if<Operation::SetPolicy>(&operation.what)) {
        m_shop->wanted = change->policy;
        takePolicy();
    } else if (std::holds_alternative<Operation::Maintain>(operation.what)) {
        maintain();
    } else if (const auto *seen = std::get_if<Operation::Trouble>(&operation.what)) {
        setHealth(m_shop->fault, seen->error);
        if (seen->error.code == Errc::Corrupt)
            repair();
    } else {
        m_shop->stopping = true;
    }
}

/// Where it fails, housekeeping tries again.
void WriterThread::takePolicy()
{
    Workshop &shop = *m_shop;
    if (!shop.wanted)
        return;
    if (auto set = shop.ledger.setPolicy(*shop.wanted); !set) {
        qCWarning(lcQueue, "The changed quotas are not in effect yet: %ls", qUtf16Printable(set.error().detail));
        return;
    }
    adopt(*shop.wanted);
    shop.wanted.reset();
}

void WriterThread::adopt(const Policy &policy)
{
    const QString statement = m_shop->database->dialect().secureDelete(policy.quotas.secureDelete);
    if (statement.isEmpty())
        return;
    if (auto set = m_shop->database->run(statement); !set)
        qCWarning(lcQueue, "Secure deletion could not be set: %ls", qUtf16Printable(set.error().detail));
    wipeSoon(); // what a program that was killed left, or was deleted before
}

void WriterThread::commit(std::vector<Operation> operations)
{
    Workshop &shop = *m_shop;
    if (!shop.again.empty()) {
        operations.insert(operations.begin(), std::make_move_iterator(shop.again.begin()),
                          std::make_move_iterator(shop.again.end()));
        shop.again.clear();
    }
    if (operations.empty())
        return;
    const bool stores = std::any_of(operations.begin(), operations.end(),
                                    [](const Operation &operation) { return operation.isStore(); });
    conclude(shop.committer->run(std::move(operations), stores ? diskFault() : std::nullopt));
}

/// By themselves, so that what fails again and again is in nobody's way; less and less often.
void WriterThread::retryKept()
{
    Workshop &shop = *m_shop;
    auto outcome = shop.committer->run(std::exchange(shop.kept, {}), {});
    const bool failed = !outcome.kept.empty();
    if (!failed)
        shop.keptFor.reset();
    shop.retry.setInterval(failed
                               ? std::min(shop.retry.interval() * 2, std::max(m_tuning.maintenanceMs, m_tuning.retryMs))
                               : m_tuning.retryMs);
    conclude(std::move(outcome));
}

void WriterThread::conclude(Committer::Outcome outcome)
{
    Workshop &shop = *m_shop;
    shop.kept.insert(shop.kept.end(), std::make_move_iterator(outcome.kept.begin()),
                     std::make_move_iterator(outcome.kept.end()));
    if (outcome.keptFor)
        shop.keptFor = outcome.keptFor;
    if (!outcome.trouble)
        outcome.trouble = shop.keptFor;
    if (outcome.stored || outcome.storeFault || outcome.trouble || shop.trouble)
        setHealth(outcome.stored       ? std::nullopt
                  : outcome.storeFault ? outcome.storeFault
                                       : shop.fault,
                  outcome.trouble);
    answer(outcome);
    shop.again.insert(shop.again.end(), std::make_move_iterator(outcome.again.begin()),
                      std::make_move_iterator(outcome.again.end()));
    if (!shop.kept.empty() && !shop.retry.isActive())
        shop.retry.start();
    if (!shop.again.empty())
        QTimer::singleShot(0, &shop.retry, [this] { commit({}); });
    if (outcome.changed && m_observers.changed)
        m_observers.changed();
    tellMailboxes();
    if (outcome.removed)
        wipeSoon();
    shop.uncheckpointed += outcome.writtenBytes;
    shop.logged += outcome.writtenBytes;
    const auto isDamage = [](const std::optional<Error> &error) { return error && error->code == Errc::Corrupt; };
    if (isDamage(outcome.storeFault) || isDamage(outcome.trouble))
        repair();
    if (!shop.foldFailed && shop.ledger.wantsFold(m_tuning.foldMovements)) {
        auto folded = shop.ledger.fold();
        if (!folded && folded.error().code == Errc::DiskFull && relieve())
            folded = shop.ledger.fold();
        if (!folded && folded.error().code == Errc::Corrupt && repair())
            folded = Result<void>();
        shop.foldFailed = !folded && folded.error().code == Errc::Corrupt;
        if (!folded)
            qCWarning(lcQueue, "The totals could not be written; they stay in memory: %ls",
                      qUtf16Printable(folded.error().detail));
    }
    copyLog();
}

void WriterThread::copyLog()
{
    Workshop &shop = *m_shop;
    if (!shop.checkpointer || shop.checkpointer->isRunning())
        return;
    if (shop.logged >= RestartLogBytes) {
        checkpoint(false);
    } else if (shop.uncheckpointed >= CheckpointBytes) {
        shop.uncheckpointed = 0;
        shop.checkpointer->start();
    }
}

/// All that goes to one client goes in one piece.
void WriterThread::answer(Committer::Outcome &outcome)
{
    std::vector<std::pair<std::shared_ptr<ClientPort>, std::vector<Answer>>> posts;
    for (auto &[port, reply] : outcome.answers) {
        auto post =
            std::find_if(posts.begin(), posts.end(), [&port = port](const auto &each) { return each.first == port; });
        if (post == posts.end())
            post = posts.insert(posts.end(), {port, {}});
        post->second.push_back(std::move(reply));
    }
    for (auto &[port, replies] : posts) {
        const std::lock_guard lock(port->mutex);
        if (port->box)
            port->box->post(std::move(replies));
    }
}

void WriterThread::checkpoint(bool truncate)
{
    m_shop->uncheckpointed = 0;
    m_shop->logged = 0;
    const auto done = m_shop->database->checkpoint(truncate);
    if (!done)
        qCWarning(lcQueue, "The log could not be copied into the database yet: %ls",
                  qUtf16Printable(done.error().detail));
    else if (truncate && done->busy && m_shop->ledger.policy().quotas.secureDelete)
        qCWarning(lcQueue,
                  "Deleted mail is still in the database's log, which somebody reads. The next start empties it.");
}

/// Deleted bytes that nobody may find again are in the log until it is emptied.
void WriterThread::wipeSoon()
{
    if (m_shop->ledger.policy().quotas.secureDelete && m_shop->checkpointer && !m_shop->wipe.isActive())
        m_shop->wipe.start(m_tuning.wipeMs);
}

/// Empties the log when nobody reads in it, and waits for nobody: the log is copied beside the writer before, so that
/// little is left to do here.
void WriterThread::wipe()
{
    Workshop &shop = *m_shop;
    if (shop.checkpointer->isRunning()) {
        shop.wipe.start(m_tuning.wipeMs);
        return;
    }
    if (!std::exchange(shop.copiedToWipe, true)) {
        shop.uncheckpointed = 0;
        shop.checkpointer->start();
        shop.wipe.start(m_tuning.wipeMs);
        return;
    }
    shop.copiedToWipe = false;
    if (shop.checkpointer->hasCopiedAll()) {
        const auto emptied = shop.database->checkpoint(true);
        if (emptied && !emptied->busy) {
            if (std::exchange(shop.wipes, 0) > QuickWipes)
                qCInfo(lcQueue, "Deleted mail is gone from the database's log.");
            shop.uncheckpointed = 0;
            shop.logged = 0;
            return;
        }
    }
    if (++shop.wipes == QuickWipes + 1)
        qCWarning(lcQueue,
                  "Deleted mail is still in the database's log, which cannot be emptied while somebody reads an "
                  "older state of it. It is tried again until that works.");
    shop.wipe.start(shop.wipes > QuickWipes ? m_tuning.wipeMs * SlowWipeFactor : m_tuning.wipeMs);
}

/// Gives up the reserve, if there is one, and lets the log be used from its start again. Whether there was one.
bool WriterThread::relieve()
{
    const bool reserve = DiskWatch::giveUpReserve(m_location.folder);
    checkpoint(false);
    return reserve;
}

std::optional<Error> WriterThread::diskFault()
{
    const qint64 floor = m_shop->ledger.policy().quotas.diskFloorBytes;
    if (m_shop->disk.isAbove(floor))
        return {};
    return Error{Errc::DiskFull,
                 QStringLiteral("The disk has only %1 MiB free; nothing is taken in below %2 MiB.")
                     .arg(m_shop->disk.freeBytes() >> 20)
                     .arg(floor >> 20),
                 0};
}

/// `fault`: why stores fail; `trouble`: why something else failed just now.
void WriterThread::setHealth(const std::optional<Error> &fault, std::optional<Error> trouble)
{
    Workshop &shop = *m_shop;
    // A damage does not heal while the program runs.
    if (shop.trouble && shop.trouble->code == Errc::Corrupt)
        trouble = shop.trouble;
    const auto same = [](const std::optional<Error> &a, const std::optional<Error> &b) {
        return a.has_value() == b.has_value() && (!a || a->detail == b->detail);
    };
    const bool sameFault = same(fault, shop.fault);
    const bool sameTrouble = same(trouble, shop.trouble);
    const bool stored = !shop.fault;
    shop.fault = fault;
    shop.trouble = trouble;
    if (sameFault && sameTrouble)
        return;
    if (!sameFault && fault)
        qCWarning(lcQueue, "Nothing can be stored: %ls", qUtf16Printable(fault->detail));
    else if (!sameFault)
        qCInfo(lcQueue, "Storing works again.");
    if (!sameTrouble && trouble)
        qCWarning(lcQueue, "The queue's database failed: %ls", qUtf16Printable(trouble->detail));
    if (!fault && !stored)
        shop.disk.keepReserve();
    if (fault || (trouble && trouble->code != Errc::Corrupt))
        shop.probe.start();
    else
        shop.probe.stop();
    if (m_observers.health)
        m_observers.health(QueueHealth{!fault, fault.value_or(Error{}), trouble});
}

/// Notices that the cause is gone even where nobody tries to store.
void WriterThread::probe()
{
    if (auto fault = diskFault()) {
        setHealth(fault, m_shop->trouble);
        return;
    }
    if (m_shop->fault && m_shop->fault->code == Errc::Corrupt)
        return; // this writes one row somewhere; only a store shows whether the damage is gone
    if (auto durable = m_shop->committer->setDurable(true); !durable)
        return;
    auto written = m_shop->housekeeping.probe();
    setHealth(written ? std::nullopt : std::optional<Error>(asHealth(written.error())), m_shop->keptFor);
}

void WriterThread::tellMailboxes()
{
    if (m_mailboxes.takeChanged() && m_observers.mailboxes)
        m_observers.mailboxes();
}

void WriterThread::maintain()
{
    takePolicy();
    auto done = m_shop->committer->setDurable(false);
    Housekeeping::Round round;
    m_shop->foldFailed = false;
    if (done)
        done = m_shop->housekeeping.run(round, diskFault().has_value());
    if (!done && done.error().code == Errc::Corrupt)
        repair();
    m_counters.expired += round.expired;
    m_counters.quarantined += round.setAside;
    m_counters.entries = m_shop->ledger.total().entries;
    m_counters.bytes = m_shop->ledger.total().bytes;
    if (round.expired + round.setAside + round.givenBack > 0 && m_observers.changed)
        m_observers.changed();
    tellMailboxes();
    if (done && !m_shop->fault)
        m_shop->disk.keepReserve(); // which may have been given up although no store met the full disk
    wipeSoon();                     // what expired, or had been set aside for long
    if (!done) {
        qCWarning(lcQueue, "Housekeeping failed and is tried again later: %ls", qUtf16Printable(done.error().detail));
        if (done.error().code == Errc::DiskFull && relieve() && !m_shop->stopping)
            QTimer::singleShot(0, &m_shop->maintenance, [this] { maintain(); });
        if (done.error().code != Errc::Busy)
            setHealth(m_shop->fault, asHealth(done.error()));
    } else if (auto damage = m_shop->store.takeDamage()) {
        setHealth(m_shop->fault, damage);
    }
    if (round.more && !m_shop->stopping)
        QTimer::singleShot(0, &m_shop->maintenance, [this] { maintain(); });
    else if (m_shop->housekeeping.spare().hasSpare() && !m_shop->stopping && !m_shop->spare.isActive())
        m_shop->spare.start(0);
}

/// One piece, then a pause in which stores have their turn.
void WriterThread::giveBack()
{
    Workshop &shop = *m_shop;
    QElapsedTimer began;
    began.start();
    auto done = shop.committer->setDurable(false);
    if (done)
        done = shop.housekeeping.spare().giveBack();
    if (!done) {
        qCWarning(lcQueue, "Free space inside the database could not be given back to the disk yet: %ls",
                  qUtf16Printable(done.error().detail));
        return;
    }
    shop.uncheckpointed += SpareLogBytes;
    shop.logged += SpareLogBytes;
    copyLog();
    if (shop.housekeeping.spare().hasSpare() && !shop.stopping)
        shop.spare.start(int(began.elapsed() + 1) * SparePauses);
}

void WriterThread::shutDown()
{
    // Discards that go on in chunks are finished; what failed just now gets one more chance.
    while (!m_shop->again.empty())
        commit({});
    if (!m_shop->kept.empty())
        retryKept();
    if (auto done = m_shop->housekeeping.close(); !done)
        qCWarning(lcQueue, "The totals could not be written; the next start makes up for it: %ls",
                  qUtf16Printable(done.error().detail));
    m_box = nullptr;
    m_shop->box.reset();
    m_shop->checkpointer.reset();
    checkpoint(true);
    m_shop.reset();
}

} // namespace restante::queue
