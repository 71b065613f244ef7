// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/taskthread.h"

#include <QtCore/QEventLoop>

#include <future>

#ifdef Q_OS_LINUX
#include <pthread.h>
#include <sys/resource.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace restante::base
{

struct TaskThread::Loop {
    explicit Loop(const std::atomic<bool> &stopping)
        : mailbox([this, &stopping](std::vector<Task> tasks) {
            for (Task &task : tasks) {
                if (!task) // the last letter of all
                    return events.quit();
                if (!stopping.load(std::memory_order_acquire))
                    task();
                task = nullptr; // what it captured goes in this thread, before the next one runs
            }
        })
    {
    }

    QEventLoop events; // first: it makes the event dispatcher that the mailbox needs
    Mailbox<Task> mailbox;
};

namespace
{
void yieldToOthers()
{
#ifdef Q_OS_LINUX
    constexpr int nicer = 10;
    // Of this thread alone, as Linux has it. To become nicer is refused to nobody.
    [[maybe_unused]] const int done = ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + nicer);
#endif
}
} // namespace

TaskThread::TaskThread(const QString &name, Standing standing)
{
    std::promise<Loop *> made;
    std::future<Loop *> ready = made.get_future();
    m_thread = std::thread([this, standing, name = name.toLatin1().left(15), made = std::move(made)]() mutable {
#ifdef Q_OS_LINUX
        ::pthread_setname_np(::pthread_self(), name.constData());
#endif
        if (standing == Standing::Yielding)
            yieldToOthers();
        Loop loop(m_stopping);
        made.set_value(&loop);
        loop.events.exec();
    });
    m_loop = ready.get();
}

void useLightEventLoops()
{
    constexpr const char *Choice = "QT_NO_THREADED_GLIB";
    if (!qEnvironmentVariableIsSet(Choice))
        qputenv(Choice, "1");
}

void giveLargeMemoryBack()
{
#ifdef __GLIBC__
    constexpr int large = 256 * 1024;
    ::mallopt(M_MMAP_THRESHOLD, large); // which also stops it from growing
#endif
}

void giveFreeMemoryBack()
{
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

TaskThread::~TaskThread()
{
    m_stopping.store(true, std::memory_order_release);
    m_loop->mailbox.post(Task());
    m_thread.join();
}

void TaskThread::post(Task task)
{
    m_loop->mailbox.post(std::move(task));
}

} // namespace restante::base
