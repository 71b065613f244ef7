// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/socketpath.h"

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
} // namespace

QString socketPath(const QString &dataFolder)
{
    // The same for every way to write the folder's name; one that does not exist yet has only its absolute path.
    QString folder = QDir(dataFolder).canonicalPath();
    if (folder.isEmpty())
        folder = QDir::cleanPath(QDir(dataFolder).absolutePath());
    QString inside = QDir(folder).filePath(u"control"_s);
    const QByteArray encoded = QFile::encodeName(inside);
    if (encoded.size() <= LongestPath)
        return inside;
    const QByteArray hash = QCryptographicHash::hash(QFile::encodeName(folder), QCryptographicHash::Sha256).toHex();
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    const QString place = !runtime.isEmpty() && QFileInfo(runtime).isDir() ? runtime : QDir::tempPath();
    return QDir(place).filePath(u"restante-"_s + QString::fromLatin1(hash.first(HashDigits)));
}

} // namespace restante::control
