// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/ondisk.h"

#include <QtCore/QFile>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace restante::base
{

bool syncFile(QFileDevice &file)
{
    if (!file.flush())
        return false;
#ifdef Q_OS_UNIX
    return ::fsync(file.handle()) == 0;
#else
    return true;
#endif
}

bool syncFolder(const QString &folder)
{
#ifdef Q_OS_UNIX
    const int descriptor = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    const bool done = ::fsync(descriptor) == 0;
    ::close(descriptor);
    return done;
#else
    Q_UNUSED(folder)
    return true;
#endif
}

bool giveToOwnerOf(const QString &folder, const QString &path)
{
#ifdef Q_OS_UNIX
    if (::geteuid() != 0)
        return true;
    struct stat owner {
    };
    return ::stat(QFile::encodeName(folder).constData(), &owner) == 0 &&
           ::lchown(QFile::encodeName(path).constData(), owner.st_uid, owner.st_gid) == 0;
#else
    Q_UNUSED(folder)
    Q_UNUSED(path)
    return true;
#endif
}

} // namespace restante::base
