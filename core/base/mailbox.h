// SPDX-License-Identifier: GPL-3.0-or-later
// How the threads of the core hand values to each other: a mutex, a vector, one payload-free wake-up.
#pragma once

#include "base/wakeup.h"

#include <functional>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace restante::base
{

/// Lives in the receiving thread (construct and destroy it there, with an event loop running in between); `post` may be
/// called from any thread while it lives. Letters arrive in the order of posting, all waiting ones in one call.
template <typename T>
class Mailbox
{
public:
    using Receiver = std::function<void(std::vector<T>)>;

    /// `receive` is called in the constructing thread with everything that waits; never with nothing.
    explicit Mailbox(Receiver receive)
        : m_receive(std::move(receive))
        , m_wakeUp([this] { deliver(); })
    {
    }
    Q_DISABLE_COPY_MOVE(Mailbox)

    /// Rings under the lock: the receiver of the letter may destroy the mailbox, and must not find the poster in it.
    void post(T letter)
    {
        const std::lock_guard lock(m_mutex);
        m_letters.push_back(std::move(letter));
        if (m_letters.size() == m_patience) // else somebody has rung, or will
            m_wakeUp.ring();
    }

    /// Posts many letters with one lock and one ring.
    void post(std::vector<T> letters)
    {
        if (letters.empty())
            return;
        const std::lock_guard lock(m_mutex);
        const bool patient = m_letters.size() < m_patience;
        if (m_letters.empty())
            m_letters = std::move(letters);
        else
            m_letters.insert(m_letters.end(), std::make_move_iterator(letters.begin()),
                             std::make_move_iterator(letters.end()));
        if (patient && m_letters.size() >= m_patience)
            m_wakeUp.ring();
    }

    /// How many letters wait before the bell rings; 1 is the ordinary way. A receiver that looks again soon anyway
    /// saves the others the rings, and itself the wake-ups. Receiving thread only.
    void setPatience(size_t letters)
    {
        const std::lock_guard lock(m_mutex);
        m_patience = letters;
        if (m_letters.size() >= m_patience)
            m_wakeUp.ring();
    }

    /// Takes what waits now, without waiting for the wake-up. Receiving thread only.
    std::vector<T> take()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_letters, {});
    }

private:
    void deliver()
    {
        auto letters = take();
        if (!letters.empty())
            m_receive(std::move(letters));
    }

    Receiver m_receive;
    std::mutex m_mutex;
    std::vector<T> m_letters;
    size_t m_patience = 1;
    WakeUp m_wakeUp;
};

} // namespace restante::base
