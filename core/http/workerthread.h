// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "http/worker.h"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace restante::http
{

/// One HTTP thread, seen from outside. Lives in the main thread, which starts and joins it.
class WorkerThread
{
public:
    using MakeSite = std::function<std::unique_ptr<Site>()>;

    WorkerThread() = default;
    /// Stops and joins.
    ~WorkerThread();
    Q_DISABLE_COPY_MOVE(WorkerThread)

    /// Starts the thread; returns when it is ready to serve, or an error when its site could not be made.
    Result<void> start(Shared &shared, int index, const MakeSite &makeSite, std::shared_ptr<Listening> listening,
                       Worker::Spread spread);
    /// Only between `start` and the return of `join`. Any thread.
    void post(Order order) { m_worker->post(std::move(order)); }
    /// Connections that it was given and that have not ended. Any thread.
    int load() const { return m_load.load(std::memory_order_relaxed); }
    void addLoad() { m_load.fetch_add(1, std::memory_order_relaxed); }
    /// Tells it to stop; returns as soon as it accepts nothing any more.
    void stop();
    /// Waits for its end.
    void join();

private:
    Worker *m_worker = nullptr; ///< lives on the thread's own stack
    std::atomic<int> m_load{0};
    std::thread m_thread;
};

} // namespace restante::http
