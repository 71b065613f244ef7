// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/livingcopy.h"

#include "base/integrity.h"
#include "base/sqlstatement.h"

namespace restante::queue
{

namespace
{
// The names that TableRepair gives.
const auto TablesAside =
    QStringLiteral("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'damaged_[0-9]*' ORDER BY name");
const auto Living = QStringLiteral("FROM main.sqlite_schema WHERE tbl_name NOT GLOB 'damaged_[0-9]*' AND name NOT GLOB "
                                   "'sqlite_*' AND sql IS NOT NULL");
// SQLite keeps these statements with their first words as they stand here.
const auto MakeTables = QStringLiteral("SELECT 'CREATE TABLE copy.' || substr(sql, 14) %1 AND type = 'table'");
const auto FillTables = QStringLiteral("SELECT 'INSERT INTO copy.\"' || name || '\" SELECT * FROM main.\"' || name || "
                                       "'\"' %1 AND type = 'table'");
const auto MakeIndexes = QStringLiteral("SELECT 'CREATE INDEX copy.' || substr(sql, 14) %1 AND sql LIKE 'CREATE INDEX "
                                        "%' UNION ALL SELECT 'CREATE UNIQUE INDEX copy.' || substr(sql, 21) %1 AND sql "
                                        "LIKE 'CREATE UNIQUE INDEX %'");

/// Runs each statement that one of `selects` gives.
Result<void> runAll(base::Database &database, const QStringList &selects)
{
    for (const QString &select : selects) {
        const auto statements = base::textsOf(database, QString(select).replace(QLatin1String("%1"), Living));
        if (!statements)
            return statements.error();
        for (const QString &statement : *statements) {
            if (auto done = database.run(statement); !done)
                return done;
        }
    }
    return {};
}

/// As it is at one moment, which the transaction's first reading settles; writers go on.
Result<void> copyInside(base::Database &database)
{
    // The size of the pages must be settled before the first table.
    for (const char *each : {"page_size", "auto_vacuum", "user_version"}) {
        const QString name = QString::fromLatin1(each);
        const auto value = base::textsOf(database, QStringLiteral("PRAGMA main.") + name);
        if (!value)
            return value.error();
        if (auto set = database.run(QStringLiteral("PRAGMA copy.%1 = %2").arg(name, value->value(0))); !set)
            return set;
    }
    auto done = database.run(QStringLiteral("BEGIN"));
    if (!done)
        return done;
    done = runAll(database, {MakeTables, FillTables, MakeIndexes});
    if (done)
        return database.run(QStringLiteral("COMMIT"));
    (void)database.run(QStringLiteral("ROLLBACK")); // SQLite may have done so; the copy is thrown away
    return done;
}
} // namespace

Result<bool> hasTablesAside(base::Database &database)
{
    const auto aside = tablesAside(database);
    return aside ? Result<bool>(!aside->isEmpty()) : aside.error();
}

Result<QStringList> tablesAside(base::Database &database)
{
    return base::textsOf(database, TablesAside);
}

Result<QStringList> livingFaults(base::Database &database)
{
    const auto checks = base::textsOf(database, QStringLiteral("SELECT 'PRAGMA integrity_check(''' || name || ''')' ") +
                                                    Living + QStringLiteral(" AND type = 'table'"));
    if (!checks)
        return checks.error();
    QStringList faults;
    for (const QString &check : *checks) {
        const auto found = base::faultsFrom(database, check);
        if (!found)
            return found;
        faults += *found;
    }
    return faults;
}

Result<void> copyLiving(base::Database &database, const QString &file)
{
    const QString quoted = QString(file).replace(QLatin1Char('\''), QLatin1String("''"));
    if (auto attached = database.run(QStringLiteral("ATTACH '%1' AS copy").arg(quoted)); !attached)
        return attached;
    auto done = copyInside(database);
    const auto detached = database.run(QStringLiteral("DETACH copy"));
    return done ? detached : done;
}

} // namespace restante::queue
