// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <atomic>

namespace restante::queue
{

/// What the queue did since the program started, and what it holds now. The writer's thread counts after each commit;
/// any thread reads, each figure by itself.
struct QueueCounters {
    std::atomic<qint64> fresh{0};        ///< stores that became an entry
    std::atomic<qint64> duplicates{0};   ///< stores whose content was held or acknowledged before
    std::atomic<qint64> refused{0};      ///< stores without room: a quota
    std::atomic<qint64> failed{0};       ///< stores that storage failed
    std::atomic<qint64> acknowledged{0}; ///< entries that their owner took over
    std::atomic<qint64> discarded{0};    ///< entries that the operator threw away
    std::atomic<qint64> expired{0};
    std::atomic<qint64> quarantined{0};
    std::atomic<qint64> entries{0}; ///< held now
    std::atomic<qint64> bytes{0};   ///< held now
};

} // namespace restante::queue
