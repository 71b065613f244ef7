// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/mailbox.h"
#include "base/taskthread.h"

#include <atomic>
#include <memory>
#include <mutex>

namespace restante::federation
{

class Engine;

/// The way into the client's thread, shared by all that use it and safe after the Client is gone. One mutex.
class Doorway
{
public:
    explicit Doorway(std::function<std::unique_ptr<Engine>()> makeEngine);
    ~Doorway();
    Q_DISABLE_COPY_MOVE(Doorway)

    /// Runs `task` in the client's thread, after everything that was posted before. False, and nothing, once closed.
    /// Any thread.
    bool post(std::function<void(Engine &)> task);
    /// The same, and waits until it has run. Not from the client's thread.
    bool perform(const std::function<void(Engine &)> &task);
    /// Ends the engine in its thread, then the thread. The client's owner.
    void close();
    /// An id that nobody had before. Any thread.
    quint64 nextId() { return m_lastId.fetch_add(1, std::memory_order_relaxed) + 1; }

private:
    std::atomic<quint64> m_lastId{0};
    std::mutex m_mutex;
    std::unique_ptr<base::TaskThread> m_thread;      ///< null once closed
    std::shared_ptr<std::unique_ptr<Engine>> m_room; ///< touched in the thread only
};

/// Where answers for another thread are posted, whether or not it still listens. One mutex.
template <typename T>
class ReplyBox
{
public:
    explicit ReplyBox(base::Mailbox<T> *box)
        : m_box(box)
    {
    }
    Q_DISABLE_COPY_MOVE(ReplyBox)

    void post(T letter)
    {
        const std::lock_guard lock(m_mutex);
        if (m_box)
            m_box->post(std::move(letter));
    }
    /// Letters go nowhere from now on. The receiving thread.
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_box = nullptr;
    }

private:
    std::mutex m_mutex;
    base::Mailbox<T> *m_box;
};

} // namespace restante::federation
