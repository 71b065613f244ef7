// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/databaserewrite.h"

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

/// Writes a damaged node.sqlite anew with all that can be read of it (base::DatabaseRewrite). Any thread; blocks for as
/// long as it takes to copy the database.
class Salvage
{
public:
    /// Of the database in `folder`.
    explicit Salvage(const QString &folder);

    /// As those of base::DatabaseRewrite.
    Result<void> finishInterrupted() const { return m_rewrite.finishInterrupted(); }
    Result<QString> putInPlace() const { return m_rewrite.putInPlace(); }

    /// Writes the new one beside the old one, in which nobody may write from then on. `contentKey`: as it was read
    /// before; empty if it was not. `stampMs`: what the time is believed to be. Errors as DatabaseRewrite::write,
    /// and Errc::Corrupt if the key cannot be read.
    Result<Salvaged> write(const QByteArray &contentKey, qint64 stampMs) const;

private:
    QString m_folder;
    base::DatabaseRewrite m_rewrite;
};

} // namespace restante::node
