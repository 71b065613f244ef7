// SPDX-License-Identifier: GPL-3.0-or-later
// A whole installation in one sealed file (identity/sealedfile.h), and back. The content is a row of files, each
//
//     1 byte     how long the name is; 0 ends the row
//     the name   one of those that a data folder keeps
//     8 bytes    how long the file is, the most significant byte first
//     the file
#pragma once

#include "base/heldfolder.h"
#include "base/result.h"
#include "identity/sealedfile.h"

#include <QtCore/QString>
#include <QtCore/QStringList>

#include <functional>

namespace restante::backup
{

/// What was written or taken over.
struct BackupReport {
    QString serverName;
    QStringList files; ///< their names in the data folder
    qint64 bytes = 0;  ///< of their contents
};

/// Asked now and then, in the thread that works; true: give up.
using Interrupted = std::function<bool()>;

/// Writes all that `folder` keeps to `file`, which must not exist: identity, settings and a copy of each database as it
/// is at one moment, whether or not a program runs with the folder. Needs room for a copy of the larger database in the
/// folder while it works. Little memory; blocks. Errc::InvalidSetting if there is no identity or only half an
/// installation, or as SealedWriter; DiskFull if the room is missing, StorageFailed or Busy
/// if a database cannot be read or is being written anew (base::DatabaseRewrite), Io, Corrupt. Nothing is left
/// behind then.
Result<BackupReport> writeBackup(const QString &folder, const QString &file, const identity::SecretBytes &passphrase,
                                 const Interrupted &interrupted,
                                 identity::PassphraseCost cost = identity::PassphraseCost::moderate());

/// Removes what a backup that was killed left in `folder`: a copy of a database, as large as that and in the clear.
/// Whether there was something; also false if another backup is being written, or it cannot be removed.
bool removeLeftBackup(const QString &folder);

/// Whether a backup may be restored into `folder`: nothing is in it, but for what an interrupted restoring left.
/// Errc::InvalidSetting.
Result<void> mustBeVacant(const base::HeldFolder &folder);
/// Fills `folder` from `file`. Errors as mustBeVacant and SealedReader, Errc::Io if it cannot be written; the folder is
/// empty again then. The caller keeps the folder.
Result<BackupReport> restoreBackup(const base::HeldFolder &folder, const QString &file,
                                   const identity::SecretBytes &passphrase, const Interrupted &interrupted);
/// Whether restoring was interrupted in a way that left `folder` incomplete: no program should start with it.
bool isHalfRestored(const QString &folder);

} // namespace restante::backup
