// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"
#include "matrix/servername.h"

#include <QtCore/QString>

#include <vector>

namespace restante::node
{

/// The outbox's memory of one destination, as it is kept.
struct DestinationMemory {
    matrix::ServerName destination;
    int failures = 0;
    qint64 lastSuccessMs = 0;
    qint64 lastFailureMs = 0;
    QString lastError;
    qint64 sentDirect = 0; ///< transactions that it took, ever
    qint64 sentByRelay = 0;
};

/// The outbox's memory in node.sqlite. Lives in the thread of its database, which outlives it; blocks.
class DestinationRecords
{
public:
    explicit DestinationRecords(base::Database &database);

    /// Damaged rows are left out, and what stands behind a damaged page.
    Result<std::vector<DestinationMemory>> all();
    /// Writes these, in one transaction; if something is damaged, those that can be written, and Errc::Corrupt.
    Result<void> set(const std::vector<DestinationMemory> &memories);

private:
    Result<void> write(const std::vector<DestinationMemory> &memories, size_t from, size_t to);

    base::Database &m_database;
    base::SqlStatement m_all;
    base::SqlStatement m_set;
};

} // namespace restante::node
