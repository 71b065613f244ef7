// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/heldfolder.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

#include <sys/types.h>

#include <cerrno>
#include <csignal>

using namespace Qt::Literals::StringLiterals;

namespace restante::base
{

namespace
{
constexpr auto LockName = "lock"_L1;
}

HeldFolder::HeldFolder(const QString &folder)
    : m_path(QDir(folder).absolutePath())
    , m_lock(QDir(m_path).filePath(LockName))
{
    m_lock.setStaleLockTime(0); // only a process that is gone loses its lock, however long the machine slept
}

bool HeldFolder::isHeld(const QString &folder)
{
    const QLockFile lock(QDir(folder).filePath(LockName));
    qint64 holder = 0;
    QString host;
    QString program;
    return lock.getLockInfo(&holder, &host, &program) && holder > 0 &&
           (::kill(pid_t(holder), 0) == 0 || errno == EPERM);
}

HeldFolder::~HeldFolder()
{
    m_lock.unlock();
    removeMade();
}

Result<std::unique_ptr<HeldFolder>> HeldFolder::take(const QString &folder)
{
    std::unique_ptr<HeldFolder> held(new HeldFolder(folder));
    if (!held->make())
        return Error{Errc::Io, u"The data folder %1 could not be made"_s.arg(held->m_path), 0};
    if (held->m_lock.tryLock())
        return held;
    if (held->m_lock.error() == QLockFile::LockFailedError)
        return Error{Errc::AlreadyRunning, u"Restante is already running with the data folder %1"_s.arg(held->m_path),
                     0};
    return Error{Errc::Io, u"The data folder %1 cannot be written to"_s.arg(held->m_path), 0};
}

bool HeldFolder::make()
{
    for (QString missing = m_path; !QFileInfo::exists(missing); missing = QFileInfo(missing).path())
        m_made.append(missing);
    return QDir().mkpath(m_path);
}

void HeldFolder::removeMade() const
{
    for (const QString &folder : m_made)
        QDir().rmdir(folder);
}

QStringList HeldFolder::entries() const
{
    QStringList names =
        QDir(m_path).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot, QDir::Name);
    names.removeAll(LockName);
    return names;
}

} // namespace restante::base
