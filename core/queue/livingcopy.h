// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"

namespace restante::queue
{

/// Whether a repair (TableRepair) has put damaged tables aside in this database. Errors as SqlStatement::run.
Result<bool> hasTablesAside(base::Database &database);

/// As SqlDialect::snapshotInto, but without the tables that a repair put aside: those cannot be read. `file` is empty.
/// Others may read and write the database meanwhile. Outside of a transaction. Errors as Database::run; what stands in
/// `file` then is of no use.
Result<void> copyLiving(base::Database &database, const QString &file);

} // namespace restante::queue
