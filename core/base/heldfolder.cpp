// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/heldfolder.h"

#include "base/ondisk.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

using namespace Qt::Literals::StringLiterals;

namespace restante::base
{

namespace
{
constexpr auto LockName = "lock"_L1;
}

HeldFolder::HeldFolder(const QString &folder)
    : m_path(QDir(folder).absolutePath())
{
}

std::optional<LockFile::Holder> HeldFolder::holder(const QString &folder)
{
    return LockFile::holder(QDir(folder).filePath(LockName));
}

HeldFolder::~HeldFolder()
{
    m_lock.reset();
    if (m_folder >= 0)
        ::close(m_folder);
    removeMade();
}

Result<std::unique_ptr<HeldFolder>> HeldFolder::take(const QString &folder)
{
    std::unique_ptr<HeldFolder> held(new HeldFolder(folder));
    if (const auto made = held->make(); !made)
        return made.error();
    auto lock = LockFile::take(QDir(held->m_path).filePath(LockName));
    if (lock) {
        held->m_lock = *std::move(lock);
        if (held->lockFolder())
            return held;
        return Error{
            Errc::AlreadyRunning,
            u"Restante is already running with the data folder %1, although its lock file was removed. End that "
            "program first, or use another folder (--data-dir)"_s.arg(held->m_path)};
    }
    if (lock.error().code != Errc::AlreadyRunning)
        return Error{Errc::Io, u"The data folder %1 cannot be written to: %2"_s.arg(held->m_path, lock.error().detail)};
    return Error{Errc::AlreadyRunning,
                 u"Restante is already running with the data folder %1: %2. End that program first, or use another "
                 "folder (--data-dir)"_s.arg(held->m_path, lock.error().detail)};
}

/// Locks the folder itself, so that a second program is kept out even if somebody removed the lock's file. If the
/// disk knows no locks of folders, the file alone must do.
bool HeldFolder::lockFolder()
{
    m_folder = ::open(QFile::encodeName(m_path).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return m_folder < 0 || ::flock(m_folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

Result<void> HeldFolder::make()
{
    for (QString missing = m_path; !QFileInfo::exists(missing); missing = QFileInfo(missing).path())
        m_made.append(missing);
    // Everything in it is for one user alone, and so is the way to it.
    for (auto missing = m_made.crbegin(); missing != m_made.crend(); ++missing) {
        if (::mkdir(QFile::encodeName(*missing).constData(), S_IRWXU) != 0 && errno != EEXIST) {
            const QString reason = qt_error_string(errno); // before anything else may set it
            return {Errc::Io, u"The data folder %1 could not be made: %2"_s.arg(m_path, reason) + ownerHint(*missing)};
        }
        // What is kept in it after a power cut hangs on its name.
        if (auto synced = syncFolder(QFileInfo(*missing).path()); !synced)
            return synced;
    }
    if (!QFileInfo(m_path).isDir())
        return {Errc::Io, u"The data folder %1 cannot be used: it is not a folder"_s.arg(m_path)};
    return {};
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
