// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/database.h"

namespace restante::base
{

/// The free space inside a database file, and how it goes back to the disk: what nobody needed for a while, in small
/// pieces. A queue that is emptied and filled again keeps its file. The thread of its Database, and gone before it.
class SpareSpace
{
public:
    static constexpr qint64 KeptBytes = qint64(64) << 20; ///< for what comes
    static constexpr qint64 NeededWithinMs = 600'000;     ///< what was needed within this time may be needed again
    static constexpr int PiecePages = 64;                 ///< given back at a time

    /// About `keptBytes` of free space are never given back.
    SpareSpace(Database &database, const Clock &clock, qint64 keptBytes = KeptBytes);
    Q_DISABLE_COPY_MOVE(SpareSpace)

    /// Notes how much is free; to be called every minute or so. `atOnce`: the disk is short, all but what is kept goes.
    /// Errors as for giveBack.
    Result<void> look(bool atOnce);
    /// Whether there is something to give back.
    bool hasSpare() const { return m_spare > 0; }
    /// Gives one piece back, in a transaction of its own.
    Result<void> giveBack();
    /// Inside the file; 0 if the engine does not tell.
    Result<qint64> freeBytes();

private:
    Database &m_database;
    const Clock &m_clock;
    const qint64 m_kept;
    qint64 m_nextVerdict = 0;
    qint64 m_least = 0; ///< that was free since the last verdict
    qint64 m_spare = 0; ///< still to be given back
};

} // namespace restante::base
