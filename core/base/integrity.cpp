// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/integrity.h"

#include "base/sqlstatement.h"

namespace restante::base
{

namespace
{
constexpr int MostFaults = 100;
}

Result<QStringList> integrityFaults(Database &database)
{
    return faultsFrom(database, database.dialect().integrity(MostFaults));
}

Result<QStringList> faultsFrom(Database &database, const QString &statement)
{
    QStringList faults;
    SqlStatement check(database, statement);
    auto done = check.run();
    const SqlRows rows(check);
    while (done && check.next()) // a row may have several lines, under a heading
        faults += check.value(0).toString().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    if (done)
        done = check.failure();
    if (!done && done.error().code != Errc::Corrupt) // the check may meet a page that keeps it from going on
        return done.error();
    if (!done)
        faults << done.error().detail;
    faults.removeIf(
        [](const QString &line) { return line == QLatin1String("ok") || line.startsWith(QLatin1String("***")); });
    return faults;
}

} // namespace restante::base
