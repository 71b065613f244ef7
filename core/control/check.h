// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::control
{

/// A database of an installation, and what is wrong with it.
struct CheckedFile {
    QString name;       ///< in the data folder
    QStringList faults; ///< empty: none was found
    QStringList notes;  ///< that are not faults, but should be known
};

/// Reads all of the databases in a data folder, with a program that runs there or without, and changes nothing: what
/// the engine finds, totals and indexes that do not agree with what is held, and entries that are damaged. Blocks for
/// as long as that takes, minutes if gigabytes are held. Errc::NotFound if there is no database; those of
/// base::Database::open that are not damage.
Result<QList<CheckedFile>> checkFolder(const QString &folder);

} // namespace restante::control
