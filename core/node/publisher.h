// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>

#include <functional>
#include <utility>

namespace restante::node
{

/// Tells of a change at most once in PauseMs, the first time at once. Lives in the thread that made it.
class Publisher
{
public:
    static constexpr int PauseMs = 250;

    explicit Publisher(std::function<void()> publish)
        : m_publish(std::move(publish))
    {
        m_pause.setSingleShot(true);
        m_pause.setInterval(PauseMs);
        QObject::connect(&m_pause, &QTimer::timeout, &m_pause, [this] {
            if (std::exchange(m_stale, false))
                publishNow();
        });
    }
    Q_DISABLE_COPY_MOVE(Publisher)

    /// Something changed: tells now, or when the pause is over.
    void note()
    {
        if (m_pause.isActive())
            m_stale = true;
        else
            publishNow();
    }
    /// Tells now, whenever it was told last.
    void publishNow()
    {
        m_stale = false;
        m_pause.start();
        m_publish();
    }

private:
    std::function<void()> m_publish;
    QTimer m_pause;
    bool m_stale = false;
};

} // namespace restante::node
