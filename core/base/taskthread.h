// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/mailbox.h"

#include <QtCore/QString>

#include <atomic>
#include <functional>
#include <thread>

namespace restante::base
{

/// Threads besides the main one wait with poll(2) instead of GLib's loop, which costs a tenth of a small request and
/// serves nothing here. Call it first in main(); the user's own choice in the environment stands.
void useLightEventLoops();

/// Memory of large bodies goes back to the system as soon as it is given up. glibc would else keep what it has once
/// given back for the next time: 100 MiB after a few bodies of 12 MB. Call it first in main().
void giveLargeMemoryBack();

/// What all threads have given up, small pieces too, goes back to the system. For when much work has ended: it walks
/// through all free memory, a few milliseconds. After a full load the program is 48.7 MiB without it, 45.8 with it.
void giveFreeMemoryBack();

/// A thread with an event loop that runs the tasks it is handed, in order. Constructed and destroyed by its owner in
/// one thread; `post` may be called from any thread while it lives. Destroying it drops the tasks that have not begun
/// and waits for the one that runs. A plain thread, joined through the C++ library, so that tools which watch threads
/// see both ends of it.
class TaskThread
{
public:
    using Task = std::function<void()>;

    enum class Standing {
        Equal,
        Yielding, ///< if a processor is short the other threads go first (Linux: ten nicer); alone it has all
    };

    /// `name` is what debuggers show. Returns once the thread can be posted to.
    explicit TaskThread(const QString &name, Standing standing = Standing::Equal);
    ~TaskThread();
    Q_DISABLE_COPY_MOVE(TaskThread)

    void post(Task task);

private:
    /// What lives on the thread's stack while it runs.
    struct Loop;

    Loop *m_loop = nullptr;
    std::atomic<bool> m_stopping{false};
    std::thread m_thread;
};

} // namespace restante::base
