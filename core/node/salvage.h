// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

namespace restante::node
{

/// What could be read of a damaged node.sqlite.
struct Salvaged {
    qint64 entries = 0;            ///< of the inbox, as they were
    qint64 damaged = 0;            ///< of which only number and place are left: listed as damaged
    qint64 lost = 0;               ///< of which nothing is left
    bool handledWhole = true;      ///< what was taken out of the inbox
    bool destinationsWhole = true; ///< how the servers it sends to were doing

    /// For the log: one sentence, without a path.
    QString words() const;
};

/// Writes a damaged node.sqlite anew with all that can be read of it, and keeps the damaged one beside it as
/// node.sqlite.damaged-N: for a page of a table or an index that must be written and cannot be, SQLite has no other
/// way out. Any thread; blocks for as long as it takes to copy the database.
///
/// `write` and then `putInPlace`: in between whoever has the database open closes it. A power cut leaves the old one or
/// the new one.
class Salvage
{
public:
    /// Of the database in `folder`.
    explicit Salvage(const QString &folder);

    /// Whether a power cut left the new one out of its place, so that there is none in it. Looks only. While a program
    /// runs with the folder: for a moment.
    bool isOutOfPlace() const;
    /// Puts an end to what a power cut interrupted: the database is in its place then. The caller holds the folder, and
    /// has not looked for the database yet. Errc::Io.
    Result<void> finishInterrupted() const;

    /// Writes the new one beside the old one, in which nobody may write from then on. `contentKey`: as it was read
    /// before; empty where it was not. `stampMs`: what the time is believed to be. Errc::Corrupt where the key cannot
    /// be read, DiskFull where there is not enough room for a copy, Io, StorageFailed; nothing is left of it then.
    Result<Salvaged> write(const QByteArray &contentKey, qint64 stampMs) const;
    /// The new one takes the place of the old one, which nobody has open. The value is the name that the old one has
    /// now. Errc::Busy where somebody still has it open; Io.
    Result<QString> putInPlace() const;

private:
    Result<Salvaged> copy(const QByteArray &contentKey, qint64 stampMs) const;
    Result<void> checkRoom() const;

    QString m_file; ///< the database
};

} // namespace restante::node
