// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"
#include "base/taskthread.h"

#include <atomic>
#include <memory>

namespace restante::queue
{

/// Copies the database's log into its file while the writer goes on, over a connection of its own in a thread of its
/// own: half of what a large entry costs is written here. Constructed and destroyed by the writer's thread.
class Checkpointer
{
public:
    explicit Checkpointer(base::ConnectionOptions options);
    /// Waits for what is under way.
    ~Checkpointer();
    Q_DISABLE_COPY_MOVE(Checkpointer)

    /// Copies what is in the log now. Nothing while the last such call is under way.
    void start();
    bool isRunning() const { return m_running.load(std::memory_order_acquire); }
    /// Whether the last call that ended copied all that was in the log then. A reader of an older state keeps
    /// the rest in it.
    bool hasCopiedAll() const { return m_copiedAll.load(std::memory_order_acquire); }

private:
    Result<base::LogState> run();

    const base::ConnectionOptions m_options;
    std::atomic<bool> m_running{false};
    std::atomic<bool> m_copiedAll{false};
    std::unique_ptr<base::Database> m_database; ///< made, used and destroyed in m_thread
    base::TaskThread m_thread;
};

} // namespace restante::queue
