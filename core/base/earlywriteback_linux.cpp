// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/earlywriteback.h"

#include <QtCore/QFile>

#include <chrono>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace restante::base
{

EarlyWriteBack::EarlyWriteBack(const QString &file)
{
    const int descriptor = ::open(QFile::encodeName(file).constData(), O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) // else it is synced all the same, in its own time
        m_thread = std::thread([this, descriptor] { run(descriptor); });
}

EarlyWriteBack::~EarlyWriteBack()
{
    if (!m_thread.joinable())
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
    }
    m_condition.notify_one();
    m_thread.join();
}

void EarlyWriteBack::run(int descriptor)
{
    ::pthread_setname_np(::pthread_self(), "write-back");
    std::unique_lock lock(m_mutex);
    while (!m_condition.wait_for(lock, std::chrono::milliseconds(1), [this] { return m_ended; })) {
        lock.unlock();
        const bool isPossible = ::sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) == 0;
        lock.lock();
        if (!isPossible)
            break;
    }
    ::close(descriptor);
}

} // namespace restante::base
