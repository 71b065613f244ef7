// SPDX-License-Identifier: GPL-3.0-or-later
// What the writer does about a damaged database while it runs: in place if that is enough, or written anew.
#include "queue/queuerewrite.h"
#include "queue/tablerepair.h"
#include "queue/writerworkshop.h"
#include "telemetry/logging.h"

#include <QtCore/QElapsedTimer>

#include <algorithm>

namespace restante::queue
{

namespace
{
constexpr int MendPauses = 20; // times as long as mending took, the writer does other things before it tries again
constexpr qint64 LeastMendPauseMs = 1'000;
// A disk that damages it again and again must not be filled with copies.
constexpr int MostKeptWhileRunning = 10;

bool isDamaged(const std::optional<Error> &error)
{
    return error && error->code == Errc::Corrupt;
}

qint64 pauseAfter(qint64 tookMs)
{
    return std::max(tookMs * MendPauses, LeastMendPauseMs);
}
} // namespace

/// Damage was met: mends what can be mended in its place. Whether that was all. `mustHelp`: as long as it is there
/// something of everybody's is refused or left undone. `stopsReading`: or cannot be shown, or what another room keeps
/// in the database cannot be written.
bool WriterThread::repair(bool mustHelp, bool stopsReading)
{
    Workshop &shop = *m_shop;
    if (m_clock.steadyMs() < shop.nextRepair)
        return mustHelp && shop.tablesSound && askForRewrite();
    QElapsedTimer took;
    took.start();
    TableRepair repair(*m_bench->database);
    const auto done = repair.run(false);
    shop.tablesSound = done && repair.anew().isEmpty();
    // What was made anew is met no more, and another damage need not wait for it.
    shop.madeAnew = done && !shop.tablesSound;
    shop.nextRepair = m_clock.steadyMs() + (shop.madeAnew ? LeastMendPauseMs : pauseAfter(took.elapsed()));
    if (!done)
        qCWarning(lcQueue, "A damaged table of the queue's database could not be made anew in its place: %ls",
                  qUtf16Printable(done.error().detail));
    const bool failed = !done && done.error().code == Errc::Corrupt;
    shop.mendFailed = shop.mendFailed || failed;
    if (repair.anew().isEmpty()) {
        shop.readFailed = shop.readFailed || stopsReading;
        return (failed || mustHelp || stopsReading) && askForRewrite();
    }
    if (done) {
        shop.trouble.reset(); // which told of that damage
        setHealth(shop.fault, repaired(repair.anew()));
    }
    if (repair.hasTotalsAnew() && !startOver()) {
        shop.mendFailed = true;
        return askForRewrite();
    }
    if (failed)
        return askForRewrite();
    if (repair.hasTotalsAnew())
        return true;
    auto folded = m_bench->ledger.fold(); // memory has what the movements told
    if (folded)
        folded = m_bench->ledger.trustTotals();
    if (!folded)
        qCWarning(lcQueue, "The totals could not be written; they stay in memory: %ls",
                  qUtf16Printable(folded.error().detail));
    return folded.ok();
}

/// Tables or the whole database were made anew behind the back of what is in memory: as after a start, everything is
/// read, and what is held counted. The old bench goes on if that fails.
bool WriterThread::startOver()
{
    auto bench = openBench(m_bench->ledger.policy());
    auto loaded = bench ? loadBench(**bench) : Result<void>(bench.error());
    if (!loaded) {
        qCWarning(lcQueue, "After a repair the queue's database could not be read anew: %ls",
                  qUtf16Printable(loaded.error().detail));
        return false;
    }
    m_overlay.clear(m_bench->index.takeSettled());
    m_bench = *std::move(bench);
    for (Operation &operation : m_shop->large) // to the start, the parts of these belong to nothing
        std::get<Operation::Store>(operation.what).parts = {};
    adopt(m_bench->ledger.policy());
    m_counters.entries = m_bench->ledger.total().entries;
    m_counters.bytes = m_bench->ledger.total().bytes;
    return true;
}

/// A damage that cannot be mended in its place. Whether the database has been written anew by now; otherwise that is
/// tried again, by the next start at the latest.
bool WriterThread::askForRewrite()
{
    Workshop &shop = *m_shop;
    if (!shop.damagedSince) {
        shop.damagedSince = m_clock.steadyMs();
        if (const auto asked = QueueRewrite(m_location).askFor(); !asked)
            qCWarning(lcQueue, "The next start will not know that the database is damaged: %ls",
                      qUtf16Printable(asked.error().detail));
    }
    return rewriteNow();
}

/// Whether anything still fails that it was asked for.
bool WriterThread::isRewriteNeeded() const
{
    const Workshop &shop = *m_shop;
    return shop.mendFailed || shop.readFailed || shop.foldFailed || shop.houseFailed || shop.placed ||
           shop.storesWait || isDamaged(shop.fault) || isDamaged(shop.keptFor) || m_bench->store.isCutOff();
}

bool WriterThread::rewriteNow()
{
    Workshop &shop = *m_shop;
    if (!shop.damagedSince || shop.stopping)
        return false;
    if (!isRewriteNeeded()) {
        withdrawRewrite();
        return false;
    }
    shop.rewrite.start();
    if (m_clock.steadyMs() < shop.nextRewrite)
        return false;
    QElapsedTimer took;
    took.start();
    const auto done = replaceDatabase();
    // Another damage need not wait: how often that goes is bounded by the copies that are kept.
    if (!done)
        shop.nextRewrite =
            m_clock.steadyMs() + (done.error().code == Errc::Busy ? LeastMendPauseMs : pauseAfter(took.elapsed()));
    if (done)
        tellRewritten(*std::exchange(shop.placed, {}));
    else
        tellNotRewritten(done.error());
    return done.ok();
}

/// With one that is written anew. If much of it cannot be read the disk may be away for a moment, and so much is not
/// given up before that has lasted for some time. One damaged page keeps nobody waiting: a disk that reports an error
/// has tried for longer than a sender waits, wrong bytes were read twice by now, and the file with that page is kept.
Result<void> WriterThread::replaceDatabase()
{
    Workshop &shop = *m_shop;
    if (!shop.placed) {
        QueueRewrite &rewrite = shop.rewriting ? *shop.rewriting : shop.rewriting.emplace(m_location);
        if (rewrite.kept() >= MostKeptWhileRunning)
            return {Errc::Io, QStringLiteral("There are too many damaged copies of it; remove some.")};
        m_bench->checkpointer.reset(); // it has the log open
        const auto written = rewrite.write(m_clock.wallMs(), freeBytes(), m_bench->store.hashKeys());
        Result<void> done = written ? Result<void>() : Result<void>(written.error());
        if (written && written->losesMuch() && m_clock.steadyMs() < *shop.damagedSince + m_tuning.rewritePatienceMs) {
            done = Error{Errc::Corrupt, QStringLiteral("Much of it cannot be read at the moment."), 0};
            if (const auto discarded = rewrite.discard(); !discarded)
                done = discarded.error();
        } else if (written) {
            ++m_edition;
            auto placed = rewrite.putInPlace(*written);
            ++m_edition;
            if (placed)
                shop.placed = *std::move(placed);
            else
                done = placed.error();
        }
        if (!done) {
            m_bench->checkpointer = makeCheckpointer();
            return done;
        }
    }
    if (!startOver())
        return {Errc::StorageFailed, QStringLiteral("The one that was written anew cannot be read.")};
    shop.rewriting.reset(); // the connections to the damaged one are closed
    return {};
}

void WriterThread::tellRewritten(const QString &words)
{
    Workshop &shop = *m_shop;
    shop.mendFailed = false;
    shop.readFailed = false;
    shop.nextRepair = 0;
    shop.foldFailed = false;
    shop.houseFailed = false;
    shop.keptFor.reset();
    shop.trouble.reset(); // whatever that damage was, this is what has become of it
    setHealth({}, Error{Errc::Corrupt, words, 0});
    withdrawRewrite();
    m_overlay.releaseAll();
    if (!shop.kept.empty())
        shop.retry.start(0);
    if (m_observers.changed)
        m_observers.changed();
}

void WriterThread::tellNotRewritten(const Error &hindrance)
{
    Workshop &shop = *m_shop;
    shop.hindrance =
        Error{Errc::Corrupt,
              QStringLiteral("The database %1 is damaged in a way that cannot be mended in place, and "
                             "could not be written anew yet: %2 This is tried again, also when the program "
                             "starts.")
                  .arg(m_location.database(), hindrance.detail),
              0};
    if (isDamaged(shop.fault) || shop.storesWait) {
        setHealth(shop.hindrance, shop.trouble);
        return;
    }
    shop.trouble.reset(); // whatever that damage was, this is what is done about it
    setHealth(shop.fault, shop.hindrance);
}

/// Once nothing fails any more that it was asked for.
void WriterThread::withdrawRewrite()
{
    Workshop &shop = *m_shop;
    if (!shop.damagedSince || isRewriteNeeded())
        return;
    if (const auto withdrawn = QueueRewrite(m_location).withdraw(); !withdrawn) {
        qCWarning(lcQueue, "%ls", qUtf16Printable(withdrawn.error().detail));
        return;
    }
    shop.rewrite.stop();
    shop.damagedSince.reset();
    if (shop.trouble && shop.hindrance && shop.trouble->detail == shop.hindrance->detail)
        shop.trouble.reset();
    shop.hindrance.reset();
}

} // namespace restante::queue
