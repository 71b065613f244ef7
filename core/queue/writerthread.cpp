// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/writerthread.h"

#include "base/taskthread.h"
#include "queue/writerworkshop.h"
#include "telemetry/logging.h"

#include <QtCore/QElapsedTimer>

#include <algorithm>

namespace restante::queue
{

namespace
{

constexpr size_t ManyOperations = 4;
constexpr int QuietMs = 3'000;

} // namespace

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
        m_bench.reset();
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

void WriterThread::furnish()
{
    m_shop->box.emplace([this](std::vector<Operation> operations) { receive(std::move(operations)); });
    m_shop->pace.setSingleShot(true);
    m_shop->largeTurn.setSingleShot(true);
    m_shop->pace.setTimerType(Qt::PreciseTimer);
    m_shop->maintenance.setTimerType(Qt::VeryCoarseTimer);
    m_shop->maintenance.setInterval(m_tuning.maintenanceMs);
    m_shop->spare.setSingleShot(true);
    m_shop->retry.setSingleShot(true);
    m_shop->retry.setInterval(m_tuning.retryMs);
    m_shop->wipe.setSingleShot(true);
    m_shop->probe.setInterval(m_tuning.probeMs);
    m_shop->rewrite.setSingleShot(true);
    m_shop->rewrite.setInterval(m_tuning.retryMs);
    m_shop->quiet.setSingleShot(true);
    m_shop->quiet.setInterval(QuietMs);
    QObject::connect(&m_shop->pace, &QTimer::timeout, &m_shop->pace, [this] { m_shop->box->setPatience(1); });
    QObject::connect(&m_shop->largeTurn, &QTimer::timeout, &m_shop->largeTurn, [this] { commitLarge(); });
    QObject::connect(&m_shop->maintenance, &QTimer::timeout, &m_shop->maintenance, [this] { maintain(); });
    QObject::connect(&m_shop->spare, &QTimer::timeout, &m_shop->spare, [this] { giveBack(); });
    QObject::connect(&m_shop->retry, &QTimer::timeout, &m_shop->retry, [this] { retryKept(); });
    QObject::connect(&m_shop->wipe, &QTimer::timeout, &m_shop->wipe, [this] { wipe(); });
    QObject::connect(&m_shop->probe, &QTimer::timeout, &m_shop->probe, [this] { probe(); });
    QObject::connect(&m_shop->rewrite, &QTimer::timeout, &m_shop->rewrite, [this] { rewriteNow(); });
    QObject::connect(&m_shop->quiet, &QTimer::timeout, &m_shop->quiet, [] { base::giveFreeMemoryBack(); });
}

void WriterThread::receive(std::vector<Operation> operations)
{
    // A short batch costs about the same for one entry as for many. While many come, batches start some time apart, so
    // that each finds what came meanwhile; a few senders that wait for their answers are not kept waiting.
    const bool many = operations.size() >= ManyOperations;
    QElapsedTimer began;
    began.start();
    m_shop->box->setPatience(many ? m_tuning.fullBatch : 1);
    if (many)
        m_shop->quiet.start();
    std::vector<Operation> batch;
    batch.reserve(operations.size());
    qint64 bytes = 0; // of what is not small in it
    for (Operation &operation : operations) {
        const qint64 body = operation.bodyBytes();
        const bool isSmall = body <= SmallBodyBytes;
        if (operation.isLarge() || (!isSmall && bytes + body > BatchBodyBytes)) {
            m_shop->large.push_back(std::move(operation));
            continue;
        }
        bytes += isSmall ? 0 : body;
        m_waitingBytes.fetch_sub(operation.cost, std::memory_order_relaxed);
        if (operation.isControl()) {
            commit(std::exchange(batch, {}));
            control(operation);
        } else {
            batch.push_back(std::move(operation));
        }
    }
    commit(std::move(batch));
    if (!m_shop->large.empty())
        m_shop->largeTurn.start(0);
    if (const qint64 rest = m_tuning.paceMs - began.elapsed(); many && rest > 0)
        m_shop->pace.start(int(rest));
    else
        m_shop->box->setPatience(1);
    if (m_shop->stopping)
        exit();
}

/// Operations outside of batches happen at once, after what came before them.
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
            repair(false, seen->stopsReading);
    } else {
        m_shop->stopping = true;
    }
}

/// If it fails, housekeeping tries again.
void WriterThread::takePolicy()
{
    Workshop &shop = *m_shop;
    if (!shop.wanted)
        return;
    if (auto set = m_bench->ledger.setPolicy(*shop.wanted); !set) {
        qCWarning(lcQueue, "The changed quotas are not in effect yet: %ls", qUtf16Printable(set.error().detail));
        return;
    }
    adopt(*shop.wanted);
    shop.wanted.reset();
}

void WriterThread::adopt(const Policy &policy)
{
    lookAtDisk();
    const QString statement = m_bench->database->dialect().secureDelete(policy.quotas.secureDelete);
    if (statement.isEmpty())
        return;
    if (auto set = m_bench->database->run(statement); !set)
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
    conclude(m_bench->committer->run(std::move(operations), stores ? diskFault() : std::nullopt));
}

/// By themselves, so that what fails again and again is in nobody's way; less and less often.
void WriterThread::retryKept()
{
    Workshop &shop = *m_shop;
    auto outcome = m_bench->committer->run(std::exchange(shop.kept, {}), {});
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
    if (!outcome.given.empty()) {
        auto given = std::exchange(outcome.given, {});
        conclude(std::move(outcome));
        storeOnceMore(std::move(given));
        return;
    }
    const auto isDamage = [](const std::optional<Error> &error) { return error && error->code == Errc::Corrupt; };
    shop.kept.insert(shop.kept.end(), std::make_move_iterator(outcome.kept.begin()),
                     std::make_move_iterator(outcome.kept.end()));
    if (outcome.keptFor)
        shop.keptFor = outcome.keptFor;
    if (!outcome.trouble)
        outcome.trouble = shop.keptFor;
    if (shop.hindrance && isDamage(outcome.storeFault))
        outcome.storeFault = shop.hindrance;
    if (outcome.stored || outcome.storeFault || outcome.trouble || shop.trouble)
        setHealth(outcome.stored       ? std::nullopt
                  : outcome.storeFault ? outcome.storeFault
                                       : shop.fault,
                  outcome.trouble);
    answer(outcome);
    if (outcome.stored && std::exchange(shop.madeAnew, false))
        shop.nextRepair = 0; // it helped: what is met now is another damage
    for (Operation &rest : outcome.again) {
        if (rest.isLarge())
            shop.large.push_back(std::move(rest));
        else
            shop.again.push_back(std::move(rest));
    }
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
    if (isDamage(outcome.storeFault) || isDamage(outcome.trouble))
        repair(isDamage(outcome.storeFault) || isDamage(outcome.keptFor), outcome.taskDamaged);
    if (m_bench->store.isCutOff())
        askForRewrite();
    if (!shop.foldFailed && m_bench->ledger.wantsFold(m_tuning.foldMovements)) {
        auto folded = m_bench->ledger.fold();
        if (!folded && folded.error().code == Errc::DiskFull && relieve())
            folded = m_bench->ledger.fold();
        shop.foldFailed = !folded && folded.error().code == Errc::Corrupt;
        if (shop.foldFailed && repair(true)) {
            folded = Result<void>();
            shop.foldFailed = false;
        }
        if (!folded)
            qCWarning(lcQueue, "The totals could not be written; they stay in memory: %ls",
                      qUtf16Printable(folded.error().detail));
    }
    copyLog();
}

/// These met a damage. Most damage can be mended within a second, and then their senders need not know of it.
void WriterThread::storeOnceMore(std::vector<Operation> stores)
{
    m_shop->storesWait = true;
    repair(true);
    m_shop->storesWait = false;
    for (Operation &operation : stores) {
        auto &store = std::get<Operation::Store>(operation.what);
        m_bench->store.abandon(std::exchange(store.parts, {})); // which are not there in a database that was read anew
        operation.metDamage = true;
    }
    conclude(m_bench->committer->run(std::move(stores), diskFault()));
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

std::optional<Error> WriterThread::diskFault()
{
    const qint64 floor = m_bench->ledger.policy().quotas.diskFloorBytes;
    if (m_shop->disk.isAbove(floor))
        return {};
    return Error{Errc::DiskFull,
                 QStringLiteral("The disk has only %1 MiB free; nothing is taken in below %2 MiB.")
                     .arg(m_shop->disk.freeBytes() >> 20)
                     .arg(floor >> 20),
                 0};
}

/// What would be refused is told before it is tried.
void WriterThread::lookAtDisk()
{
    if (m_shop->fault)
        return; // the probe looks
    if (auto fault = diskFault())
        setHealth(fault, m_shop->trouble);
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
    if (!fault && !stored) {
        shop.disk.keepReserve();
        withdrawRewrite();
    }
    if (fault || (trouble && trouble->code != Errc::Corrupt))
        shop.probe.start();
    else
        shop.probe.stop();
    if (m_observers.health)
        m_observers.health(QueueHealth{!fault, fault.value_or(Error{}), shop.trouble});
}

/// Notices that the cause is gone even if nobody tries to store.
void WriterThread::probe()
{
    if (auto fault = diskFault()) {
        setHealth(fault, m_shop->trouble);
        return;
    }
    if (m_shop->fault && m_shop->fault->code == Errc::Corrupt)
        return; // this writes one row somewhere; only a store shows whether the damage is gone
    if (auto durable = m_bench->committer->setDurable(true); !durable)
        return;
    auto written = m_bench->housekeeping.probe();
    setHealth(written ? std::nullopt : std::optional<Error>(asHealth(written.error())), m_shop->keptFor);
}

void WriterThread::tellMailboxes()
{
    if (m_mailboxes.takeChanged() && m_observers.mailboxes)
        m_observers.mailboxes();
}

void WriterThread::maintain()
{
    Workshop &shop = *m_shop;
    takePolicy();
    lookAtDisk();
    auto done = m_bench->committer->setDurable(false);
    Housekeeping::Round round;
    m_shop->foldFailed = false;
    m_shop->readFailed = false;
    if (done)
        done = m_bench->housekeeping.run(round, diskFault().has_value());
    const bool damaged = !done && done.error().code == Errc::Corrupt;
    const bool mended = damaged && repair(shop.houseFailed);
    shop.houseFailed = damaged && !mended;
    m_counters.expired += round.expired;
    m_counters.quarantined += round.setAside;
    m_counters.entries = m_bench->ledger.total().entries;
    m_counters.bytes = m_bench->ledger.total().bytes;
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
    } else if (auto damage = m_bench->store.takeDamage()) {
        setHealth(m_shop->fault, damage);
    }
    if (round.more && !m_shop->stopping)
        QTimer::singleShot(0, &m_shop->maintenance, [this] { maintain(); });
    else if (m_bench->housekeeping.spare().hasSpare() && !m_shop->stopping && !m_shop->spare.isActive())
        m_shop->spare.start(0);
}

void WriterThread::shutDown()
{
    while (!m_shop->large.empty())
        commitLarge();
    // Discards that go on in chunks are finished; what failed just now gets one more chance.
    while (!m_shop->again.empty())
        commit({});
    if (!m_shop->kept.empty())
        retryKept();
    if (auto done = m_bench->housekeeping.close(); !done)
        qCWarning(lcQueue, "The totals could not be written; the next start makes up for it: %ls",
                  qUtf16Printable(done.error().detail));
    m_box = nullptr;
    m_shop->box.reset();
    m_bench->checkpointer.reset();
    checkpoint(true);
    m_bench.reset();
    m_shop.reset();
}

} // namespace restante::queue
