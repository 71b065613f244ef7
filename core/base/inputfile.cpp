// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/inputfile.h"

#include "base/ondisk.h"

#include <QtCore/QFileInfo>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#endif

using namespace Qt::Literals::StringLiterals;

namespace restante::base
{

#ifdef Q_OS_UNIX
namespace
{
/// 0 if there is nothing, or nothing that one may look at.
mode_t modeOf(const QString &path)
{
    struct stat status {
    };
    return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? status.st_mode : 0;
}

QString kindWords(mode_t mode)
{
    if (mode == 0 || S_ISREG(mode))
        return {};
    if (S_ISDIR(mode))
        return u"It is a folder, not a file"_s;
    if (S_ISFIFO(mode))
        return u"It is a pipe, not a file"_s;
    if (S_ISSOCK(mode))
        return u"It is a socket, not a file"_s;
    return u"It is a device, not a file"_s;
}

/// Gives the descriptor to `file`, or closes it.
Result<void> handOver(QFile &file, int descriptor, QIODevice::OpenMode mode)
{
    if (file.open(descriptor, mode | QIODevice::Unbuffered, QFileDevice::AutoCloseHandle))
        return {};
    ::close(descriptor);
    return {Errc::Io, file.errorString()};
}

/// Empty once there is something to be read, or the writer has gone.
QString waitForWriter(int descriptor)
{
    pollfd wanted{descriptor, POLLIN, 0};
    int ready = ::poll(&wanted, 1, PipePatienceMs);
    while (ready < 0 && errno == EINTR)
        ready = ::poll(&wanted, 1, PipePatienceMs);
    if (ready == 0)
        return u"It is a pipe, and nobody writes into it"_s;
    // From here on it may take its time.
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (ready < 0 || flags < 0 || ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) != 0)
        return qt_error_string(errno);
    return {};
}

/// The one case in which opening has to wait, though not for ever.
Result<void> openPipe(QFile &file)
{
    const int descriptor = ::open(QFile::encodeName(file.fileName()).constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return {Errc::Io, qt_error_string(errno)};
    if (const QString problem = waitForWriter(descriptor); !problem.isEmpty()) {
        ::close(descriptor);
        return {Errc::Io, problem};
    }
    return handOver(file, descriptor, QIODevice::ReadOnly);
}
} // namespace

Result<void> openToRead(QFile &file, Pipes pipes)
{
    const mode_t mode = modeOf(file.fileName());
    if (S_ISFIFO(mode) && pipes == Pipes::Read)
        return openPipe(file);
    if (const QString problem = kindWords(mode); !problem.isEmpty())
        return {Errc::Io, problem};
    if (file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return {};
    return {Errc::Io, file.errorString()};
}

Result<void> openToAppend(QFile &file, const QString &path)
{
    const int descriptor = ::open(QFile::encodeName(path).constData(),
                                  O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
    if (descriptor < 0)
        return {Errc::Io, errno == ENXIO ? u"It is a pipe that nobody reads, or a socket"_s : qt_error_string(errno)};
    return handOver(file, descriptor, QIODevice::WriteOnly | QIODevice::Append);
}

QString notAFile(const QString &path)
{
    return kindWords(modeOf(path));
}
#else
Result<void> openToRead(QFile &file, Pipes)
{
    if (file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return {};
    return {Errc::Io, file.errorString()};
}

Result<void> openToAppend(QFile &file, const QString &path)
{
    file.setFileName(path);
    if (file.open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered, OwnerOnly))
        return {};
    return {Errc::Io, file.errorString()};
}

QString notAFile(const QString &path)
{
    const QFileInfo info(path);
    return info.exists() && !info.isFile() ? u"It is not a file"_s : QString();
}
#endif

} // namespace restante::base
