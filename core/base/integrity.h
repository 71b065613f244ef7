// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"

#include <QtCore/QStringList>

namespace restante::base
{

/// What the engine itself finds wrong with the file of a database, at most 100 faults, each with its words; empty: it
/// can be read as a whole. Reads all of it. Others may use it meanwhile. Errors that are not damage.
Result<QStringList> integrityFaults(Database &database);
/// What a statement like that of SqlDialect::integrity finds wrong. Errors that are not damage.
Result<QStringList> faultsFrom(Database &database, const QString &statement);

} // namespace restante::base
