// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/taskthread.h"

#include <QtCore/QSemaphore>

#include <atomic>

namespace restante::base
{

class TaskThread::Loop final : public QThread
{
public:
    void run() override
    {
        Mailbox<Task> mailbox([this](std::vector<Task> tasks) {
            for (Task &task : tasks) {
                if (m_stopping.load(std::memory_order_acquire))
                    return;
                task();
                task = nullptr; // what it captured goes in this thread, before the next one runs
            }
        });
        m_mailbox = &mailbox;
        m_ready.release();
        exec();
    }

    Mailbox<Task> *m_mailbox = nullptr; ///< lives on the thread's stack from before m_ready until the thread has ended
    QSemaphore m_ready;
    std::atomic<bool> m_stopping{false};
};

TaskThread::TaskThread(const QString &name)
    : m_loop(std::make_unique<Loop>())
{
    m_loop->setObjectName(name);
    m_loop->start();
    m_loop->m_ready.acquire();
}

TaskThread::~TaskThread()
{
    m_loop->m_stopping.store(true, std::memory_order_release);
    m_loop->quit();
    m_loop->wait();
}

void TaskThread::post(Task task)
{
    m_loop->m_mailbox->post(std::move(task));
}

} // namespace restante::base
