// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/socketpath.h"

#include "base/ondisk.h"

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
} // namespace

QString socketPath(const QString &dataFolder)
{
    const QString folder = realFolder(dataFolder);
    QString inside = insideFolder(dataFolder);
    const QByteArray encoded = QFile::encodeName(inside);
    if (encoded.size() <= LongestPath)
        return inside;
    const QByteArray hash = QCryptographicHash::hash(QFile::encodeName(folder), QCryptographicHash::Sha256).toHex();
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    const QString place = !runtime.isEmpty() && QFileInfo(runtime).isDir() ? runtime : QDir::tempPath();
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
    // Where it leads elsewhere, it is one of another program.
    if (!m_path.isEmpty() && m_target.isInPlace())
        QFile::remove(m_path);
}

} // namespace restante::control
