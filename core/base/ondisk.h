// SPDX-License-Identifier: GPL-3.0-or-later
// What QFile does not offer for files that must be there after a power cut, and belong to the right user.
#pragma once

#include <QtCore/QFileDevice>
#include <QtCore/QString>

namespace restante::base
{

/// Readable and writable to its owner alone.
inline constexpr auto OwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

/// Brings what was written to `file`, which is open, to the disk. Blocks. False where the disk refuses.
bool syncFile(QFileDevice &file);
/// Makes the names in `folder` survive a power cut. Blocks. False where that fails; true where the system has no such
/// thing.
bool syncFolder(const QString &folder);
/// Gives `path`, made by root, to the user that `folder` belongs to: a service could not read it otherwise. Does
/// nothing for other users. False where the system refuses.
bool giveToOwnerOf(const QString &folder, const QString &path);

} // namespace restante::base
