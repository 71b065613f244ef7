// SPDX-License-Identifier: GPL-3.0-or-later
// The small tables of the queue's database: all that can be read of one fits into memory. Any thread; each function
// takes its database's.
#pragma once

#include "base/sqlstatement.h"

#include <QtCore/QStringList>

#include <functional>
#include <vector>

namespace restante::queue
{

struct SmallTable {
    QString name;
    QStringList key;        ///< columns
    bool hasNames = false;  ///< `id` and `name`, and an index of the names that knows both
    bool hasTotals = false; ///< that are counted anew if some of it is lost
};

/// Those that every store reads or writes.
const std::vector<SmallTable> &totalTables();
/// What is known of other servers' keys, and of the servers that ask with a time and a nonce.
const std::vector<SmallTable> &keyTables();

/// What can be read of one.
struct SmallRows {
    QStringList columns;
    std::vector<QVariantList> rows;
    std::vector<QVariantList> names; ///< id and name, if not all rows could be read
    bool whole = true;               ///< all rows were read
    bool namesWhole = true;          ///< all names were read
};

/// `take` is called with each row.
using TakeValues = std::function<Result<void>(const base::SqlStatement &row)>;

/// All rows that `forwards` gives until damage is met, and then, if it is, those of `backwards`. The value is whether
/// there was none. Errors other than damage, and those of `take`.
Result<bool> readBothWays(base::Database &database, const QString &forwards, const QString &backwards,
                          const TakeValues &take);

/// The names of a table's columns; none if there is no such table. Errors as SqlStatement::run.
Result<QStringList> columnsOf(base::Database &database, const QString &table);

/// `columns`: those that are wanted. Outside of transactions that write. Errors other than damage.
Result<SmallRows> readSmall(base::Database &database, const SmallTable &table, const QStringList &columns);
/// Adds what is not there yet. Inside a transaction of the caller's. Errors as SqlStatement::run.
Result<void> writeSmall(base::Database &database, const SmallTable &table, const SmallRows &read);

} // namespace restante::queue
