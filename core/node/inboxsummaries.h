// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"
#include "matrix/transaction.h"

namespace restante::node
{

/// What lists show of an entry's first events, kept in node.sqlite apart from the body (0002_lists.sql), so that a list
/// reads no body. Lives in the thread of its database, which outlives it; blocks.
class InboxSummaries
{
public:
    static constexpr int MostEvents = 8; ///< of an entry
    static constexpr int MissingAtOnce = 32;
    static constexpr qint64 MissingBytesAtOnce = qint64(1) << 20;

    explicit InboxSummaries(base::Database &database);

    /// For the entry that was inserted last; inside the caller's transaction, like `remove`.
    Result<void> addToLast(const QByteArray &pdus, const QByteArray &edus);
    Result<void> remove(qint64 id);
    /// Gives some of the entries that an older program collected theirs, in one transaction; false if none is left.
    /// Those that cannot be read get none.
    Result<bool> addMissing();
    /// The events of a summary as it is kept.
    static std::vector<matrix::EventSummary> eventsIn(const QString &summary);

private:
    Result<qint64> missingTo();
    Result<qint64> addUpTo(qint64 to);
    Result<void> addRange(qint64 from, qint64 to);
    Result<bool> endAt(qint64 lowest);

    base::Database &m_database;
    base::SqlStatement m_addToLast;
    base::SqlStatement m_add;
    base::SqlStatement m_remove;
    base::SqlStatement m_missingTo;
    base::SqlStatement m_setMissingTo;
    base::SqlStatement m_noneMissing;
    base::SqlStatement m_missing;
    base::SqlStatement m_one;
};

} // namespace restante::node
