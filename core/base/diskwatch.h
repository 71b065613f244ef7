// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

#include <QtCore/QString>

#include <functional>

namespace restante::base
{

/// The free space of the disk that holds the queue, and a small file that keeps some of it back: on a full disk it is
/// given up, so that acknowledgements and expiry can still be written. Lives in the writer's thread.
class DiskWatch
{
public:
    using FreeBytes = std::function<qint64(const QString &)>; ///< folder to bytes; below 0 = not known

    DiskWatch(QString folder, const Clock &clock, FreeBytes freeBytes);
    Q_DISABLE_COPY_MOVE(DiskWatch)

    /// Whether at least `floorBytes` are free. Looks at the disk at most once a second.
    bool isAbove(qint64 floorBytes);
    qint64 freeBytes() const { return m_free; }

    /// Makes the reserve if it is missing and there is ample room.
    void keepReserve();
    /// For a full disk, and for no other fault. Whether there was one in `folder`; logs it. Any thread.
    static bool giveUpReserve(const QString &folder);
    static bool hasReserve(const QString &folder);

    static qint64 freeBytesOf(const QString &folder);

private:
    void look();

    QString m_folder;
    const Clock &m_clock;
    FreeBytes m_freeBytes;
    qint64 m_free = -1;
    qint64 m_nextLook = 0;
    bool m_looked = false;
};

} // namespace restante::base
