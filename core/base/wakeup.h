// SPDX-License-Identifier: GPL-3.0-or-later
// The payload-free wake-up under a Mailbox: an eventfd on Linux, a queued call elsewhere.
#pragma once

#include <QtCore/QObject>

#include <atomic>
#include <functional>
#include <memory>

class QSocketNotifier;

namespace restante::base
{

/// Wakes the thread that it was made in. Construct and destroy it there; `ring` may be called from any thread as long
/// as the object lives. Several rings before the thread comes round cause one call.
class WakeUp final : public QObject
{
public:
    /// `awake` is called in the constructing thread, from its event loop.
    explicit WakeUp(std::function<void()> awake, QObject *parent = nullptr);
    ~WakeUp() override;
    Q_DISABLE_COPY_MOVE(WakeUp)

    void ring();

private:
    void onRing();

    std::function<void()> m_awake;
    std::atomic<bool> m_rung{false};
    int m_descriptor = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace restante::base
