// SPDX-License-Identifier: GPL-3.0-or-later
// What the writer does about the database's log and the free space inside its file.
#include "queue/checkpointer.h"
#include "queue/writerworkshop.h"
#include "telemetry/logging.h"

#include <QtCore/QElapsedTimer>

namespace restante::queue
{

namespace
{

// After about this many written bytes the log is copied into the database, beside the writer: the system still has all
// of it in memory then.
constexpr qint64 CheckpointBytes = qint64(4) << 20;
// After this many the writer itself copies the rest, once it is little. Only then the log can begin anew under steady
// load. Less than the log that is kept (see the dialect).
constexpr qint64 RestartLogBytes = qint64(16) << 20;
constexpr qint64 LittleBytes = qint64(1) << 20; // with up to 4 MiB all others waited for 10 to 65 ms on a busy machine
// After this many it copies whatever is left.
constexpr qint64 LongestLogBytes = 3 * RestartLogBytes;
constexpr int QuickWipes = 20;                    // tries to empty the log, half a second apart,
constexpr int SlowWipeFactor = 20;                // then this many times rarer, while a reader goes on and on
constexpr qint64 SpareLogBytes = qint64(1) << 20; // about what one piece writes to the log, at most
// Giving space back takes at most one part in this many of the writer's time.
constexpr int SparePauses = 5;

} // namespace

void WriterThread::copyLog()
{
    Workshop &shop = *m_shop;
    if (!m_bench->checkpointer || m_bench->checkpointer->isRunning())
        return;
    const bool isLong = shop.logged >= RestartLogBytes;
    const bool isLittle = shop.uncheckpointed < (isLong ? LittleBytes : CheckpointBytes);
    if (shop.logged >= LongestLogBytes || (isLong && isLittle)) {
        checkpoint(false);
    } else if (!isLittle) {
        shop.uncheckpointed = 0;
        m_bench->checkpointer->start();
    }
}

/// Large stores wait meanwhile, so that only little is left for the writer to copy.
bool WriterThread::isCopyingLongLog() const
{
    return m_shop->logged >= RestartLogBytes && m_bench->checkpointer && m_bench->checkpointer->isRunning();
}

void WriterThread::checkpoint(bool truncate)
{
    m_shop->uncheckpointed = 0;
    m_shop->logged = 0;
    const auto done = m_bench->database->checkpoint(truncate);
    if (!done)
        qCWarning(lcQueue, "The log could not be copied into the database yet: %ls",
                  qUtf16Printable(done.error().detail));
    else if (truncate && done->busy && m_bench->ledger.policy().quotas.secureDelete)
        qCWarning(lcQueue,
                  "Deleted mail is still in the database's log, which is being read. The next start empties it.");
}

/// Deleted bytes that nobody may find again are in the log until it is emptied.
void WriterThread::wipeSoon()
{
    if (m_bench->ledger.policy().quotas.secureDelete && m_bench->checkpointer && !m_shop->wipe.isActive())
        m_shop->wipe.start(m_tuning.wipeMs);
}

/// Empties the log when nobody reads in it, and waits for nobody: the log is copied beside the writer before, so that
/// little is left to do here.
void WriterThread::wipe()
{
    Workshop &shop = *m_shop;
    if (m_bench->checkpointer->isRunning()) {
        shop.wipe.start(m_tuning.wipeMs);
        return;
    }
    if (!std::exchange(shop.copiedToWipe, true)) {
        shop.uncheckpointed = 0;
        m_bench->checkpointer->start();
        shop.wipe.start(m_tuning.wipeMs);
        return;
    }
    shop.copiedToWipe = false;
    if (m_bench->checkpointer->hasCopiedAll()) {
        const auto emptied = m_bench->database->checkpoint(true);
        if (emptied && !emptied->busy) {
            if (std::exchange(shop.wipes, 0) > QuickWipes)
                qCInfo(lcQueue, "Deleted mail is gone from the database's log.");
            shop.uncheckpointed = 0;
            shop.logged = 0;
            return;
        }
    }
    if (++shop.wipes == QuickWipes + 1)
        qCWarning(lcQueue, "Deleted mail is still in the database's log, which cannot be emptied while an older state "
                           "of it is being read. It is tried again until that works.");
    shop.wipe.start(shop.wipes > QuickWipes ? m_tuning.wipeMs * SlowWipeFactor : m_tuning.wipeMs);
}

/// Gives up the reserve, if there is one, and lets the log be used from its start again. Whether there was one.
bool WriterThread::relieve()
{
    const bool reserve = base::DiskWatch::giveUpReserve(m_location.folder);
    checkpoint(false);
    return reserve;
}

/// One piece, then a pause in which stores have their turn.
void WriterThread::giveBack()
{
    Workshop &shop = *m_shop;
    QElapsedTimer began;
    began.start();
    auto done = m_bench->committer->setDurable(false);
    if (done)
        done = m_bench->housekeeping.spare().giveBack();
    if (!done) {
        qCWarning(lcQueue, "Free space inside the database could not be given back to the disk yet: %ls",
                  qUtf16Printable(done.error().detail));
        return;
    }
    shop.uncheckpointed += SpareLogBytes;
    shop.logged += SpareLogBytes;
    copyLog();
    if (m_bench->housekeeping.spare().hasSpare() && !shop.stopping)
        shop.spare.start(int(began.elapsed() + 1) * SparePauses);
}

} // namespace restante::queue
