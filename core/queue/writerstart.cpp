// SPDX-License-Identifier: GPL-3.0-or-later
// How the writer starts, and what it does about a damaged database: there, and while it runs.
#include "base/ondisk.h"
#include "queue/queuerewrite.h"
#include "queue/tablerepair.h"
#include "queue/writerworkshop.h"
#include "telemetry/logging.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QFileInfo>

#include <algorithm>
#include <cerrno>

namespace restante::queue
{

namespace
{
// While it runs, looking for damaged tables takes at most one part in so many of the writer's time.
constexpr int RepairPauses = 20;
constexpr qint64 LeastRepairPauseMs = 1'000;
} // namespace

Result<void> WriterThread::setUp()
{
    const QFileInfo folder(m_location.folder);
    if (!folder.isDir() || !folder.isWritable())
        return base::fileError(m_location.folder, QLatin1String("written"),
                               qt_error_string(folder.isDir() ? EACCES : ENOTDIR));
    m_shop = std::make_unique<Workshop>(*this);
    if (auto finished = QueueRewrite(m_location).finishInterrupted(); !finished)
        return finished;
    auto loaded = load();
    if (!loaded && loaded.error().code == Errc::DiskFull && base::DiskWatch::giveUpReserve(m_location.folder))
        loaded = load();
    if (isDamage(loaded))
        loaded = load(); // perhaps the disk failed for a moment only
    std::optional<Error> mended;
    if (isDamage(loaded) || (loaded && lacksSomething()))
        mended = mend(loaded);
    if (!loaded)
        return loaded;
    if (auto tried = m_bench->housekeeping.tryLeft(); !tried)
        qCWarning(lcQueue, "What was set aside could not be tried again yet: %ls",
                  qUtf16Printable(tried.error().detail));
    m_digestKey = m_bench->store.digestKey();
    m_counters.entries = m_bench->ledger.total().entries;
    m_counters.bytes = m_bench->ledger.total().bytes;
    furnish();
    if (mended)
        setHealth({}, mended);
    adopt(m_policy);
    m_shop->disk.keepReserve();
    m_shop->maintenance.start();
    return {};
}

Result<void> WriterThread::load()
{
    m_bench.reset();
    auto bench = openBench(m_policy);
    if (!bench)
        return bench.error();
    m_bench = *std::move(bench); // a repair wants it even where it cannot be read
    return loadBench(*m_bench);
}

Result<std::unique_ptr<WriterThread::Bench>> WriterThread::openBench(const Policy &policy)
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
        return migrated.error();
    auto bench = std::make_unique<Bench>(*std::move(database), *this, policy);
    if (!bench->database->dialect().checkpoint(false).isEmpty())
        bench->checkpointer = std::make_unique<Checkpointer>(options);
    return bench;
}

/// Everything that a start reads, and the little that it writes.
Result<void> WriterThread::loadBench(Bench &bench)
{
    if (auto copied = copyOldLog(bench); !copied)
        return copied;
    if (auto loaded = bench.index.load(); !loaded)
        return loaded;
    if (auto loaded = bench.ledger.load(); !loaded)
        return loaded;
    if (auto loaded = bench.store.load(); !loaded)
        return loaded;
    if (auto loaded = bench.housekeeping.load(); !loaded)
        return loaded;
    if (bench.ledger.isDoubtful() && !bench.ledger.lacksFold()) {
        if (auto counted = bench.store.recount(m_clock.wallMs()); !counted)
            qCWarning(lcQueue, "What is held could not be counted anew yet: %ls",
                      qUtf16Printable(counted.error().detail));
    }
    bench.committer.emplace(*bench.database, bench.ledger, bench.store, m_counters, bench.housekeeping.watch(),
                            [this] { relieve(); });
    return {};
}

/// What a program that was killed left in the log is copied before anything is added: on a full disk the log must begin
/// anew instead of growing into the room that the copy needs.
Result<void> WriterThread::copyOldLog(Bench &bench)
{
    const auto copied = bench.database->checkpoint(false);
    if (copied)
        return {};
    if (copied.error().code == Errc::DiskFull && base::DiskWatch::hasReserve(m_location.folder))
        return copied.error();
    qCWarning(lcQueue, "The log could not be copied into the database yet: %ls",
              qUtf16Printable(copied.error().detail));
    return {};
}

/// With wrong bytes, or as the disk says.
bool WriterThread::isDamage(const Result<void> &loaded) const
{
    if (loaded)
        return false;
    return m_bench ? base::isUnreadable(*m_bench->database, loaded.error()) : loaded.error().code == Errc::Corrupt;
}

/// Whether the start has come through, but for some entries, or stores will not; or the last run says so.
bool WriterThread::lacksSomething() const
{
    return m_bench->index.lacksEnd() || m_bench->ledger.lacksFold() || QueueRewrite(m_location).isAskedFor();
}

/// At the start. In place if that is enough: it needs neither room nor time. The value tells what was done, or why
/// nothing could be.
std::optional<Error> WriterThread::mend(Result<void> &loaded)
{
    std::optional<Error> mended;
    Result<void> done;
    if (!loaded && m_bench) {
        TableRepair repair(*m_bench->database);
        done = repair.run(true);
        if (!done)
            qCWarning(lcQueue, "A damaged table of the queue's database could not be made anew in its place: %ls",
                      qUtf16Printable(done.error().detail));
        if (!repair.anew().isEmpty()) {
            mended = repaired(repair.anew());
            loaded = load();
        }
    }
    if (loaded && done && !lacksSomething())
        return mended;
    return rewrite(loaded);
}

std::optional<Error> WriterThread::rewrite(Result<void> &loaded)
{
    m_bench.reset(); // nobody may have it open
    const auto freeBytes = m_tuning.freeBytes ? m_tuning.freeBytes : &base::DiskWatch::freeBytesOf;
    const auto written = QueueRewrite(m_location).run(m_clock.wallMs(), freeBytes(m_location.folder));
    const auto before = loaded;
    loaded = load();
    if (written)
        return Error{Errc::Corrupt, *written, 0};
    qCWarning(lcQueue, "The damaged database could not be written anew: %ls", qUtf16Printable(written.error().detail));
    if (!loaded && written.error().code != Errc::Corrupt) // that is what people can do something about
        loaded = written.error();
    return Error{Errc::Corrupt,
                 QStringLiteral("The database %1 is damaged and could not be written anew: %2")
                     .arg(m_location.database(), written.error().detail),
                 0};
}

Error WriterThread::repaired(const QStringList &anew) const
{
    return {Errc::Corrupt,
            QStringLiteral("The database %1 is damaged: of its tables, %2 could not be read as a whole and had to "
                           "be made anew.")
                .arg(m_location.database(), anew.join(QLatin1String(", "))),
            0};
}

/// Somebody has met a damage while the program runs: see to what can be mended in its place. Whether that was all.
bool WriterThread::repair(bool storesFail)
{
    Workshop &shop = *m_shop;
    if (m_clock.steadyMs() < shop.nextRepair)
        return false;
    QElapsedTimer took;
    took.start();
    TableRepair repair(*m_bench->database);
    const auto done = repair.run(false);
    shop.nextRepair = m_clock.steadyMs() + std::max(took.elapsed() * RepairPauses, LeastRepairPauseMs);
    if (!done)
        qCWarning(lcQueue, "A damaged table of the queue's database could not be made anew in its place: %ls",
                  qUtf16Printable(done.error().detail));
    if ((!done && done.error().code == Errc::Corrupt) || (storesFail && repair.anew().isEmpty()))
        askForRewrite(done.ok());
    if (repair.anew().isEmpty())
        return false;
    if (done)
        setHealth(shop.fault, repaired(repair.anew()));
    if (repair.hasTotalsAnew())
        return startOver();
    auto folded = m_bench->ledger.fold(); // memory has what the movements told
    if (folded)
        folded = m_bench->ledger.trustTotals();
    if (!folded)
        qCWarning(lcQueue, "The totals could not be written; they stay in memory: %ls",
                  qUtf16Printable(folded.error().detail));
    return folded.ok();
}

/// Totals or names were made anew behind the back of what is in memory, and lack something: as after a start,
/// everything is read, and what is held counted. The old bench goes on where that fails.
bool WriterThread::startOver()
{
    auto bench = openBench(m_bench->ledger.policy());
    auto loaded = bench ? loadBench(**bench) : Result<void>(bench.error());
    if (!loaded) {
        qCWarning(lcQueue, "After a repair the queue's database could not be read anew: %ls",
                  qUtf16Printable(loaded.error().detail));
        askForRewrite(false);
        return false;
    }
    m_overlay.clear(m_bench->index.takeSettled());
    m_bench = *std::move(bench);
    adopt(m_bench->ledger.policy());
    m_counters.entries = m_bench->ledger.total().entries;
    m_counters.bytes = m_bench->ledger.total().bytes;
    return true;
}

/// A damage that cannot be mended here and now. `forStores`: it is taken back once a store works.
void WriterThread::askForRewrite(bool forStores)
{
    Workshop &shop = *m_shop;
    if (shop.rewriteAsked) {
        shop.askedForStores = shop.askedForStores && forStores;
        return;
    }
    if (const auto asked = QueueRewrite(m_location).askFor(); !asked) {
        qCWarning(lcQueue, "The next start will not know that the database is damaged: %ls",
                  qUtf16Printable(asked.error().detail));
        return;
    }
    shop.rewriteAsked = true;
    shop.askedForStores = forStores;
    if (shop.fault && shop.fault->code == Errc::Corrupt) {
        setHealth(needsRestart(), shop.trouble);
        return;
    }
    shop.trouble.reset(); // whatever that damage was, this is what to do about it
    setHealth(shop.fault, needsRestart());
}

void WriterThread::withdrawRewrite()
{
    Workshop &shop = *m_shop;
    if (!shop.askedForStores)
        return;
    if (const auto withdrawn = QueueRewrite(m_location).withdraw(); !withdrawn) {
        qCWarning(lcQueue, "%ls", qUtf16Printable(withdrawn.error().detail));
        return;
    }
    shop.rewriteAsked = false;
    shop.askedForStores = false;
}

Error WriterThread::needsRestart() const
{
    return {Errc::Corrupt,
            QStringLiteral("The database %1 is damaged where that cannot be mended while the program runs. Restart the "
                           "program: it writes the database anew then, with all that can be read of it.")
                .arg(m_location.database()),
            0};
}

} // namespace restante::queue
