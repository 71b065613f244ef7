// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/wakeup.h"

#include <QtCore/QSocketNotifier>

#ifdef Q_OS_LINUX
#include <sys/eventfd.h>
#include <unistd.h>
#endif

namespace restante::base
{

WakeUp::WakeUp(std::function<void()> awake, QObject *parent)
    : QObject(parent)
    , m_awake(std::move(awake))
{
#ifdef Q_OS_LINUX
    m_descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (m_descriptor >= 0) {
        m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
        connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] { onRing(); });
    }
#endif
}

WakeUp::~WakeUp()
{
    m_notifier.reset();
#ifdef Q_OS_LINUX
    if (m_descriptor >= 0)
        ::close(m_descriptor);
#endif
}

void WakeUp::ring()
{
    if (m_rung.exchange(true, std::memory_order_acq_rel))
        return;
#ifdef Q_OS_LINUX
    if (m_descriptor >= 0) {
        const quint64 one = 1;
        // The counter cannot overflow: it is written once between two reads.
        [[maybe_unused]] const auto written = ::write(m_descriptor, &one, sizeof one);
        return;
    }
#endif
    QMetaObject::invokeMethod(
        this, [this] { onRing(); }, Qt::QueuedConnection);
}

void WakeUp::onRing()
{
#ifdef Q_OS_LINUX
    if (m_descriptor >= 0) {
        quint64 count = 0;
        [[maybe_unused]] const auto got = ::read(m_descriptor, &count, sizeof count);
    }
#endif
    m_rung.store(false, std::memory_order_release);
    m_awake();
}

} // namespace restante::base
