// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/socketpath.h"

#include "base/ondisk.h"
#include "control/peeruser.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
/// macOS has the shortest names, 104 bytes; QLocalServer binds a name that is a few bytes longer before it renames it.
constexpr qsizetype LongestPath = 94;
constexpr qsizetype HashDigits = 24;

/// The same for every way to write the folder's name; one that does not exist yet has only its absolute path.
QString realFolder(const QString &dataFolder)
{
    const QString folder = QDir(dataFolder).canonicalPath();
    return folder.isEmpty() ? QDir::cleanPath(QDir(dataFolder).absolutePath()) : folder;
}

QString insideFolder(const QString &dataFolder)
{
    return QDir(realFolder(dataFolder)).filePath(u"control"_s);
}
/// Whether nobody else can put anything into this folder, or another one in its place.
bool isOursAlone(const QString &folder)
{
    constexpr auto others = QFileDevice::WriteGroup | QFileDevice::WriteOther;
    const QFileInfo info(folder);
    return info.isDir() && !info.isSymLink() && info.ownerId() == ownUser() && !(info.permissions() & others);
}

/// In the one for temporary files, which all users share.
QString ownTemporaryFolder()
{
    return QDir::temp().filePath(u"restante-%1"_s.arg(ownUser()));
}
} // namespace

Result<void> prepareSocketFolder(const QString &socket)
{
    const QString folder = QFileInfo(socket).path();
    if (folder != ownTemporaryFolder())
        return {};
    constexpr auto ownerOnly = base::OwnerOnly | QFileDevice::ExeOwner;
    if (QDir().mkdir(folder, ownerOnly) || isOursAlone(folder))
        return {};
    return {Errc::Refused, u"The folder %1, where the control socket would be, belongs to another user or is open to "
                           u"others; remove it, or set XDG_RUNTIME_DIR"_s.arg(folder)};
}

QString socketPath(const QString &dataFolder)
{
    const QString folder = realFolder(dataFolder);
    QString inside = insideFolder(dataFolder);
    const QByteArray encoded = QFile::encodeName(inside);
    if (encoded.size() <= LongestPath)
        return inside;
    const QByteArray hash = QCryptographicHash::hash(QFile::encodeName(folder), QCryptographicHash::Sha256).toHex();
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    const QString place = !runtime.isEmpty() && isOursAlone(runtime) ? runtime : ownTemporaryFolder();
    return QDir(place).filePath(u"restante-"_s + QString::fromLatin1(hash.first(HashDigits)));
}

QString findSocket(const QString &dataFolder)
{
    const QString target = QFileInfo(insideFolder(dataFolder)).symLinkTarget();
    return target.isEmpty() ? socketPath(dataFolder) : target;
}

SocketLink::SocketLink(QString path)
    : m_path(std::move(path))
    , m_target(m_path)
{
}

Result<std::unique_ptr<SocketLink>> SocketLink::make(const QString &dataFolder, const QString &socket)
{
    const QString inside = insideFolder(dataFolder);
    if (inside == socket)
        return std::unique_ptr<SocketLink>(new SocketLink(QString()));
    QFile::remove(inside); // what an earlier program left
    QFile file(socket);
    if (!file.link(inside))
        return base::fileError(inside, "made"_L1, file.errorString());
    return std::unique_ptr<SocketLink>(new SocketLink(inside));
}

SocketLink::~SocketLink()
{
    // If it leads elsewhere, it is one of another program.
    if (!m_path.isEmpty() && m_target.isInPlace())
        QFile::remove(m_path);
}

} // namespace restante::control
