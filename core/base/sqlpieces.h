// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqltransaction.h"

#include <optional>

namespace restante::base
{

/// Many rows on their way into a database, in transactions of bounded size: the database's log must not become as large
/// as all of them. What is not ended is rolled back. Same thread as the Database, which outlives it.
class SqlPieces
{
public:
    /// Of at most `rows` and about 16 MiB each.
    SqlPieces(Database &to, int rows)
        : m_to(to)
        , m_mostRows(rows)
    {
    }
    Q_DISABLE_COPY_MOVE(SqlPieces)

    /// A row of `bytes` bytes was written; the rows that follow may be of the next piece.
    Result<void> wrote(qint64 bytes);
    /// Commits what is open, if anything is, and copies the log.
    Result<void> end();

private:
    Database &m_to;
    const int m_mostRows;
    std::optional<SqlTransaction> m_open;
    int m_rows = 0;
    qint64 m_bytes = 0;
};

} // namespace restante::base
