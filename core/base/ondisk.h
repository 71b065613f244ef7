// SPDX-License-Identifier: GPL-3.0-or-later
// What QFile does not offer for files that must be there after a power cut, and belong to the right user.
#pragma once

#include "base/result.h"

#include <QtCore/QByteArrayView>
#include <QtCore/QFileDevice>
#include <QtCore/QString>

#include <optional>
#include <utility>

namespace restante::base
{

/// Readable and writable to its owner alone.
inline constexpr auto OwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

/// Writes all of `bytes` to `file`, which is open. Errc::Io with the reason alone if not all fits.
Result<void> writeAll(QFileDevice &file, QByteArrayView bytes);
/// Brings what was written to `file`, which is open, to the disk. Blocks. Errc::Io with the reason alone if the disk
/// refuses: the file's name may be one for a while.
Result<void> syncFile(QFileDevice &file);
/// Makes the names in `folder` survive a power cut. Blocks. Errc::Io, as fileError, if that fails; nothing if the
/// system or the disk has no such thing.
Result<void> syncFolder(const QString &folder);
/// Gives `path`, made by root, to the user that `folder` belongs to: a service could not read it otherwise. Does
/// nothing for other users. False if the system refuses.
bool giveToOwnerOf(const QString &folder, const QString &path);

/// A file as it was first found under its name. One thread.
class PlacedFile
{
public:
    explicit PlacedFile(QString path);
    const QString &path() const { return m_path; }
    /// Whether the same file stands under that name now. True as long as there was none, or if the system does not
    /// tell.
    bool isInPlace();

private:
    QString m_path;
    std::optional<std::pair<quint64, quint64>> m_identity; ///< device and number
};

/// Errc::Io: "`path` cannot be `done`: `reason`", and what `ownerHint` adds. `done` is "read", "written", "opened" …
Error fileError(const QString &path, QLatin1String done, const QString &reason);
/// If `path`, or the folder of one that does not exist, belongs to another user and cannot be read and written by
/// this one: whose it is and how to get it back, to stand behind a sentence. Empty otherwise.
QString ownerHint(const QString &path);

} // namespace restante::base
