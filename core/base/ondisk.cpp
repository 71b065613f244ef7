// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/ondisk.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#endif

using namespace Qt::Literals::StringLiterals;

namespace restante::base
{

namespace
{
/// The system tells no reason if it takes a part; it takes the rest, or tells it, at the next attempt.
bool flushAll(QFileDevice &file)
{
    return file.flush() || file.flush();
}
} // namespace

Result<void> writeAll(QFileDevice &file, QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const qint64 written = file.write(bytes.data(), bytes.size());
        if (written <= 0) {
            file.flush(); // if what waits in memory went out in part, for the reason
            return {Errc::Io, file.errorString()};
        }
        bytes = bytes.sliced(written);
    }
    return {};
}

Result<void> syncFile(QFileDevice &file)
{
    if (!flushAll(file))
        return {Errc::Io, file.errorString()};
#ifdef Q_OS_UNIX
    if (::fsync(file.handle()) != 0)
        return {Errc::Io, qt_error_string(errno)};
#endif
    return {};
}

Result<void> syncFolder(const QString &folder)
{
#ifdef Q_OS_UNIX
    const int descriptor = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    // Some file systems of other computers know no such thing for a folder.
    if (!done && error != EINVAL && error != ENOTSUP)
        return fileError(folder, "written"_L1, qt_error_string(error));
#else
    Q_UNUSED(folder)
#endif
    return {};
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

namespace
{
std::optional<std::pair<quint64, quint64>> identityOf([[maybe_unused]] const QString &path)
{
#ifdef Q_OS_UNIX
    struct stat status {
    };
    if (::stat(QFile::encodeName(path).constData(), &status) == 0)
        return std::pair(quint64(status.st_dev), quint64(status.st_ino));
#endif
    return {};
}
} // namespace

PlacedFile::PlacedFile(QString path)
    : m_path(std::move(path))
    , m_identity(identityOf(m_path))
{
}

bool PlacedFile::isInPlace()
{
    const auto now = identityOf(m_path);
    if (!m_identity)
        m_identity = now;
    return now == m_identity;
}

Error fileError(const QString &path, QLatin1String done, const QString &reason)
{
    return {Errc::Io, u"%1 cannot be %2: %3"_s.arg(path, done, reason) + ownerHint(path), 0};
}

#ifdef Q_OS_UNIX
namespace
{
QString userName(uid_t user)
{
    constexpr size_t mostBytes = 4'096;
    std::array<char, mostBytes> buffer{};
    passwd entry{};
    passwd *found = nullptr;
    if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found)
        return QString::fromLocal8Bit(found->pw_name);
    return QString::number(user);
}
} // namespace

QString ownerHint(const QString &path)
{
    const QString subject = QFileInfo::exists(path) ? path : QFileInfo(path).absolutePath();
    const QByteArray encoded = QFile::encodeName(subject);
    struct stat status {
    };
    if (::stat(encoded.constData(), &status) != 0 || status.st_uid == ::geteuid() ||
        ::faccessat(AT_FDCWD, encoded.constData(), R_OK | W_OK, AT_EACCESS) == 0)
        return {};
    const QString self = userName(::geteuid());
    return u"; %1 belongs to %2, and this program runs as %3: give it back with \"sudo chown -R %3 '%1'\", or run the "
           "program as %2"_s.arg(subject, userName(status.st_uid), self);
}
#else
QString ownerHint(const QString &)
{
    return {};
}
#endif

} // namespace restante::base
