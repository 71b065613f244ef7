// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"
#include "base/sqlpieces.h"
#include "base/sqlstatement.h"
#include "node/salvage.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QSet>

#include <functional>
#include <map>

namespace restante::node
{

/// The part of a salvage that reads and writes rows: whatever of one database can be read, into an empty one of the
/// newest schema. Each table is read from both ends, up to the damage; what lies between is looked for by the indexes.
/// Same thread as the databases, which outlive it; once.
class SalvageCopy
{
public:
    /// `stampMs`: what the time is believed to be.
    SalvageCopy(base::Database &from, base::Database &to, qint64 stampMs);

    /// Errc::Corrupt if the content key cannot be read and `contentKey` is empty. Other errors are those of `to`.
    Result<Salvaged> run(const QByteArray &contentKey);

private:
    /// What indexes say of a row of the inbox.
    struct Known {
        QByteArray key;
        qint64 ts = 0;
    };
    struct Totals {
        qint64 entries = 0;
        qint64 bytes = 0;
    };
    using Take = std::function<Result<void>(const base::SqlStatement &row)>;

    Result<bool> read(const QString &select, const Take &take);
    Result<bool> readBothWays(const QString &forwards, const QString &backwards, const Take &take);
    Result<void> copyMeta(QByteArray contentKey);
    Result<void> copyRelays();
    Result<void> copyHandled();
    Result<void> copyDestinations();
    Result<void> copyDeliveries();
    Result<void> findEntries();
    Result<void> copyEntries();
    Result<void> writeTotals();
    Result<void> writeSequence();

    base::Database &m_from;
    base::Database &m_to;
    qint64 m_stampMs; ///< of what is taken out now
    Salvaged m_found;
    std::map<qint64, Known> m_entries; ///< of the inbox, by id
    QHash<qint64, Totals> m_relays;    ///< of those whose names are known; 0 for all others
    qint64 m_counted = 0;              ///< entries by the old totals
    QSet<qint64> m_gone;               ///< taken out, but their rows are still there
    QSet<QByteArray> m_goneKeys;       ///< the same
    qint64 m_goneUnread = 0;           ///< of these, still among the totals
    qint64 m_highest = 0;              ///< id that is known
    base::SqlPieces m_pieces;
};

} // namespace restante::node
