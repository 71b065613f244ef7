// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/lockfile.h"

#include "base/inputfile.h"
#include "base/ondisk.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QFile>
#include <QtCore/QSysInfo>

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
constexpr qint64 MostBytes = 1'024;

/// The whole file, to lock or to ask about. Owned by the open file, not by the process: a second one of the same
/// process is kept out, too, and closing another descriptor of the file does not lose it. Unlike flock(2) it can be
/// asked about without being taken.
struct flock wholeFile()
{
    struct flock request {
    };
    request.l_type = F_WRLCK;
    request.l_whence = SEEK_SET;
    return request;
}
} // namespace

QString LockFile::Holder::text() const
{
    QString words = program.isEmpty() ? u"a program"_s : program;
    if (process > 0)
        words += u", process %1"_s.arg(process);
    if (!host.isEmpty())
        words += u" on %1"_s.arg(host);
    return words;
}

LockFile::LockFile(QString path, int descriptor)
    : m_path(std::move(path))
    , m_descriptor(descriptor)
{
}

Result<std::unique_ptr<LockFile>> LockFile::take(const QString &path)
{
    while (true) {
        const int descriptor =
            ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
        if (descriptor < 0)
            return fileError(path, "opened"_L1, qt_error_string(errno));
        std::unique_ptr<LockFile> file(new LockFile(path, descriptor));
        if (!file->lock()) {
            const int error = errno;
            if (error != EAGAIN && error != EACCES)
                return fileError(path, "locked"_L1, qt_error_string(error));
            const auto who = holder(path);
            return Error{Errc::AlreadyRunning, u"%1 has locked %2"_s.arg(who ? who->text() : Holder().text(), path), 0};
        }
        // The process that had the lock before may have removed the file since it was opened here.
        if (file->isInPlace()) {
            file->sayWho();
            return file;
        }
    }
}

bool LockFile::lock() const
{
    struct flock request = wholeFile();
    // Earlier versions, which may still run or be started, look at the other kind of lock.
    return ::fcntl(m_descriptor, F_OFD_SETLK, &request) == 0 && ::flock(m_descriptor, LOCK_EX | LOCK_NB) == 0;
}

bool LockFile::isInPlace() const
{
    struct stat opened {
    };
    struct stat named {
    };
    return ::fstat(m_descriptor, &opened) == 0 && ::stat(QFile::encodeName(m_path).constData(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/// As QLockFile writes it.
void LockFile::sayWho() const
{
    const QByteArray text = QByteArray::number(qint64(::getpid())) + '\n' +
                            QCoreApplication::applicationName().toUtf8() + '\n' + QSysInfo::machineHostName().toUtf8() +
                            '\n';
    // The lock holds all the same if a full disk takes no words; a part of them would name somebody else.
    if (::ftruncate(m_descriptor, 0) == 0 &&
        ::pwrite(m_descriptor, text.constData(), size_t(text.size()), 0) != ssize_t(text.size()) &&
        ::ftruncate(m_descriptor, 0) != 0)
        return;
}

LockFile::~LockFile()
{
    // Only the holder of the lock may remove the file, and only its own.
    if (lock() && isInPlace())
        ::unlink(QFile::encodeName(m_path).constData());
    ::close(m_descriptor);
}

std::optional<LockFile::Holder> LockFile::holder(const QString &path)
{
    QFile file(path);
    if (!openToRead(file))
        return {};
    struct flock request = wholeFile();
    request.l_type = F_RDLCK; // the file is open for reading only
    if (::fcntl(file.handle(), F_OFD_GETLK, &request) != 0 || request.l_type == F_UNLCK)
        return {};
    const QList<QByteArray> lines = file.read(MostBytes).split('\n');
    constexpr qsizetype named = 3;
    if (lines.size() <= named)
        return Holder();
    return Holder{lines[0].toLongLong(), QString::fromUtf8(lines[1]), QString::fromUtf8(lines[2])};
}

} // namespace restante::base
