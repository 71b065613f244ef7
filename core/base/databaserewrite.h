// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"

#include <QtCore/QString>
#include <QtCore/QStringList>

#include <functional>

namespace restante::base
{

/// Whether a database could not be read there, with wrong bytes or not at all, after `error` of `database`.
bool isUnreadable(const Database &database, const Error &error);

/// Replaces a damaged database by one that is written anew with what can be read of it, and keeps the damaged one
/// beside it as NAME.damaged-N: for a page of a table or an index that must be written and cannot be, SQLite has no
/// other way out. Any thread; `write` blocks for as long as it takes to copy the database.
///
/// `write` and then `putInPlace`: the writer has stopped before. Readers may go on reading the old one, and must not
/// open it while the new one takes its place. A power cut leaves the old one or the new one.
class DatabaseRewrite
{
public:
    /// Copies rows into `to`, which is empty and has the newest schema. Its error is that of `write`.
    using Fill = std::function<Result<void>(Database &from, Database &to)>;

    /// `file`: the database.
    explicit DatabaseRewrite(QString file);

    /// Whether a power cut left the new one out of its place, so that there is none in it. Looks only. While a program
    /// runs with the folder: for a moment.
    bool isOutOfPlace() const;
    /// Puts an end to what a power cut interrupted: the database is in its place then. The caller holds the folder, and
    /// has not looked for the database yet. Errc::Io.
    Result<void> finishInterrupted() const;

    /// Writes the new one beside the old one, in which nobody may write from then on. `set`: as Database::migrate.
    /// `tables`: some that each such database has; `freeBytes`: of the disk, below 0 if that is not known.
    /// Errc::Corrupt if nobody can tell what tables there are, DiskFull if there is not enough room for a copy,
    /// Io, StorageFailed, Busy; nothing is left of it then.
    Result<void> write(QLatin1String set, const QStringList &tables, qint64 freeBytes, const Fill &fill) const;
    /// The new one takes the place of the old one. The value is the name that the old one has now. Errc::Busy if
    /// somebody has written to it since; Io.
    Result<QString> putInPlace() const;
    /// How many damaged ones there are beside it.
    int kept() const;

private:
    QString keptName(int number) const;
    Result<void> checkRoom(qint64 freeBytes) const;
    Result<void> copy(QLatin1String set, const QStringList &tables, const Fill &fill) const;
    Result<void> fillPart(Database &from, QLatin1String set, const Fill &fill) const;

    QString m_file;
};

} // namespace restante::base
