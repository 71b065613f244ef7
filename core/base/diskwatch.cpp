// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/diskwatch.h"

#include "telemetry/logging.h"

#include <QtCore/QFile>
#include <QtCore/QStorageInfo>

namespace restante::base
{

namespace
{
constexpr qint64 LookMs = 1'000;
// What may lie in the log and nowhere else, twice the writer's CheckpointBytes: a full disk must have room for its
// copy, else the log can only grow, and not even an acknowledgement fits.
constexpr qint64 ReserveBytes = qint64(8) << 20;
constexpr qint64 AmpleBytes = ReserveBytes + (qint64(4) << 20);

QString reserveOf(const QString &folder)
{
    return folder + QStringLiteral("/queue.reserve");
}
} // namespace

DiskWatch::DiskWatch(QString folder, const Clock &clock, FreeBytes freeBytes)
    : m_folder(std::move(folder))
    , m_clock(clock)
    , m_freeBytes(freeBytes ? std::move(freeBytes) : FreeBytes(&DiskWatch::freeBytesOf))
{
}

qint64 DiskWatch::freeBytesOf(const QString &folder)
{
    return QStorageInfo(folder).bytesAvailable();
}

void DiskWatch::look()
{
    const qint64 now = m_clock.steadyMs();
    if (m_looked && now < m_nextLook)
        return;
    m_looked = true;
    m_nextLook = now + LookMs;
    m_free = m_freeBytes(m_folder);
}

bool DiskWatch::isAbove(qint64 floorBytes)
{
    if (floorBytes <= 0)
        return true;
    look();
    return m_free < 0 || m_free >= floorBytes;
}

void DiskWatch::keepReserve()
{
    QFile reserve(reserveOf(m_folder));
    if (reserve.size() >= ReserveBytes)
        return;
    if (m_freeBytes(m_folder) < AmpleBytes)
        return;
    // Real bytes, not a hole. Without the reserve everything still works, only not on a full disk.
    if (!reserve.open(QIODevice::WriteOnly | QIODevice::Truncate, QFileDevice::ReadOwner | QFileDevice::WriteOwner))
        return;
    if (reserve.write(QByteArray(ReserveBytes, '\0')) != ReserveBytes || !reserve.flush())
        reserve.remove();
}

bool DiskWatch::giveUpReserve(const QString &folder)
{
    if (!QFile::remove(reserveOf(folder)))
        return false;
    qCWarning(lcQueue, "The disk is full; the reserve file is given up so that mail can still be collected.");
    return true;
}

bool DiskWatch::hasReserve(const QString &folder)
{
    return QFile::exists(reserveOf(folder));
}

} // namespace restante::base
