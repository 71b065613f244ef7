// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/qglobal.h>

#include <atomic>
#include <functional>
#include <utility>

namespace restante::federation
{

/// Whether the certificate authorities of this computer could be read when a certificate was to be checked the last
/// time. If they could not, that is not a fault of the server that was to be asked. Any thread; takes no lock.
class AuthoritiesNote
{
public:
    /// `changed` is called, in any thread, when `isUnreadable` tells something else. It must only post.
    explicit AuthoritiesNote(std::function<void()> changed)
        : m_changed(std::move(changed))
    {
    }
    Q_DISABLE_COPY_MOVE(AuthoritiesNote)

    /// A certificate was checked, or the authorities for that could not be read.
    void note(bool readable)
    {
        if (m_unreadable.load(std::memory_order_relaxed) != readable)
            return;
        m_unreadable.store(!readable, std::memory_order_relaxed);
        m_changed();
    }
    /// What is wrong was mended; tells nobody.
    void forget() { m_unreadable.store(false, std::memory_order_relaxed); }
    bool isUnreadable() const { return m_unreadable.load(std::memory_order_relaxed); }

private:
    const std::function<void()> m_changed;
    std::atomic<bool> m_unreadable{false};
};

} // namespace restante::federation
