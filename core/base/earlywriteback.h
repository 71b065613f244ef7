// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace restante::base
{

/// While this lives, the system is asked each millisecond to begin to bring to the disk what was written to a file, so
/// that little is left to wait for when it is synced. It promises nothing by itself. For one large write; has a thread
/// of its own and an own mutex. If a system has no such call it does nothing.
class EarlyWriteBack
{
public:
    explicit EarlyWriteBack(const QString &file);
    ~EarlyWriteBack();
    Q_DISABLE_COPY_MOVE(EarlyWriteBack)

private:
    void run(int descriptor);

    std::mutex m_mutex;
    std::condition_variable m_condition;
    bool m_ended = false;
    std::thread m_thread;
};

} // namespace restante::base
