// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/mailbox.h"

#include <QtCore/QThread>

#include <functional>
#include <memory>

namespace restante::base
{

/// A thread with an event loop that runs the tasks it is handed, in order. Constructed and destroyed by its owner in
/// one thread; `post` may be called from any thread while it lives. Destroying it drops the tasks that have not begun
/// and waits for the one that runs.
class TaskThread
{
public:
    using Task = std::function<void()>;

    /// `name` is what debuggers show. Returns once the thread can be posted to.
    explicit TaskThread(const QString &name);
    ~TaskThread();
    Q_DISABLE_COPY_MOVE(TaskThread)

    void post(Task task);

private:
    class Loop;
    std::unique_ptr<Loop> m_loop;
};

} // namespace restante::base
