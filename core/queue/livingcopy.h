// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"

#include <QtCore/QStringList>

namespace restante::queue
{

/// Whether a repair (TableRepair) has put damaged tables aside in this database. Errors as SqlStatement::run.
Result<bool> hasTablesAside(base::Database &database);

/// Their names, in order. Errors as SqlStatement::run.
Result<QStringList> tablesAside(base::Database &database);
/// As base::integrityFaults, of all other tables.
Result<QStringList> livingFaults(base::Database &database);

/// As SqlDialect::snapshotInto, but without the tables that a repair put aside: those cannot be read. `file` is empty.
/// Others may read and write the database meanwhile. Outside of a transaction. Errors as Database::run; what stands in
/// `file` then is of no use.
Result<void> copyLiving(base::Database &database, const QString &file);

} // namespace restante::queue
