// SPDX-License-Identifier: GPL-3.0-or-later
// How the writer starts, and what it does about a damaged database there.
#include "base/ondisk.h"
#include "queue/checkpointer.h"
#include "queue/livingcopy.h"
#include "queue/queuerewrite.h"
#include "queue/tablerepair.h"
#include "queue/writerworkshop.h"
#include "telemetry/logging.h"

#include <QtCore/QFileInfo>

#include <cerrno>

namespace restante::queue
{

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
    dropAbandoned(); // what a program that was killed left
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
    m_bench = *std::move(bench); // a repair wants it even if it cannot be read
    return loadBench(*m_bench);
}

base::ConnectionOptions WriterThread::connectionOptions() const
{
    base::ConnectionOptions options;
    options.database = m_location.database();
    options.busyTimeoutMs = m_tuning.busyTimeoutMs;
    options.cacheKib = m_tuning.cacheKib;
    options.maxPages = m_tuning.maxPages;
    return options;
}

Result<std::unique_ptr<WriterThread::Bench>> WriterThread::openBench(const Policy &policy)
{
    auto database = base::Database::open(connectionOptions());
    if (!database)
        return database.error();
    const auto old = (*database)->isToBeMigrated();
    const auto aside = old && *old ? hasTablesAside(**database) : Result<bool>(false);
    if (aside && *aside) // with indexes of names that no migration expects: QueueRewrite goes without them
        return Error{Errc::Corrupt,
                     QStringLiteral("The database %1 has to be brought up to date, and holds tables that were damaged.")
                         .arg(m_location.database()),
                     0};
    if (auto migrated = (*database)->migrate(); !migrated)
        return migrated.error();
    auto bench = std::make_unique<Bench>(*std::move(database), *this, policy);
    bench->checkpointer = makeCheckpointer();
    return bench;
}

/// Null if the database has no log.
std::unique_ptr<Checkpointer> WriterThread::makeCheckpointer() const
{
    return base::sqliteDialect().checkpoint(false).isEmpty() ? nullptr
                                                             : std::make_unique<Checkpointer>(connectionOptions());
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
    QueueRewrite rewrite(m_location);
    const auto written = rewrite.write(m_clock.wallMs(), freeBytes(), {});
    const auto placed = written ? rewrite.putInPlace(*written) : written.error();
    loaded = load();
    if (placed)
        return Error{Errc::Corrupt, *placed, 0};
    qCWarning(lcQueue, "The damaged database could not be written anew: %ls", qUtf16Printable(placed.error().detail));
    if (!loaded && placed.error().code != Errc::Corrupt) // that is what people can do something about
        loaded = placed.error();
    return Error{Errc::Corrupt,
                 QStringLiteral("The database %1 is damaged and could not be written anew: %2")
                     .arg(m_location.database(), placed.error().detail),
                 0};
}

/// Of the disk; below 0 if that is not known.
qint64 WriterThread::freeBytes() const
{
    return m_tuning.freeBytes ? m_tuning.freeBytes(m_location.folder) : base::DiskWatch::freeBytesOf(m_location.folder);
}

Error WriterThread::repaired(const QStringList &anew) const
{
    return {Errc::Corrupt,
            QStringLiteral("The database %1 is damaged: of its tables, %2 could not be read as a whole and had to "
                           "be made anew.")
                .arg(m_location.database(), anew.join(QLatin1String(", "))),
            0};
}

} // namespace restante::queue
