// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/smalltable.h"

#include "base/databaserewrite.h"

namespace restante::queue
{

namespace
{

QStringList keyOf(const char *text)
{
    return QString::fromLatin1(text).split(QLatin1Char(' '));
}

QVariantList valuesOf(const base::SqlStatement &row, qsizetype columns)
{
    QVariantList values;
    for (int column = 0; column < columns; ++column)
        values << row.value(column);
    return values;
}

Result<bool> readUntilDamage(base::Database &database, const QString &select, const TakeValues &take)
{
    base::SqlStatement statement(database, select);
    auto done = statement.run();
    if (done) {
        const base::SqlRows rows(statement);
        while (statement.next()) {
            if (auto taken = take(statement); !taken)
                return taken.error();
        }
        done = statement.failure();
    }
    if (!done && !base::isUnreadable(database, done.error()))
        return done.error();
    return done.ok();
}

} // namespace

const std::vector<SmallTable> &totalTables()
{
    static const std::vector<SmallTable> tables{
        {QStringLiteral("destinations"), keyOf("id"), true, true},
        {QStringLiteral("origins"), keyOf("id"), true, false},
        {QStringLiteral("pairs"), keyOf("destination origin"), false, true},
        {QStringLiteral("labels"), keyOf("destination label"), false, true},
        {QStringLiteral("addresses"), keyOf("destination address"), false, true}};
    return tables;
}

const std::vector<SmallTable> &keyTables()
{
    static const std::vector<SmallTable> tables{{QStringLiteral("server_keys"), keyOf("server key_id")},
                                                {QStringLiteral("key_documents"), keyOf("id")},
                                                {QStringLiteral("fresh_names"), keyOf("server")},
                                                {QStringLiteral("dispatches"), keyOf("destination id")},
                                                {QStringLiteral("given_up"), keyOf("origin destination")}};
    return tables;
}

Result<bool> readBothWays(base::Database &database, const QString &forwards, const QString &backwards,
                          const TakeValues &take)
{
    auto whole = readUntilDamage(database, forwards, take);
    if (!whole || *whole)
        return whole;
    if (const auto rest = readUntilDamage(database, backwards, take); !rest)
        return rest.error();
    return false;
}

Result<QStringList> columnsOf(base::Database &database, const QString &table)
{
    return base::textsOf(database, QStringLiteral("SELECT name FROM pragma_table_info('%1')").arg(table));
}

Result<SmallRows> readSmall(base::Database &database, const SmallTable &table, const QStringList &columns)
{
    SmallRows read;
    read.columns = columns;
    const QString forwards =
        QStringLiteral("SELECT %1 FROM %2 NOT INDEXED ORDER BY %3")
            .arg(columns.join(QLatin1String(", ")), table.name, table.key.join(QLatin1String(", ")));
    const QString backwards =
        QStringLiteral("SELECT %1 FROM %2 NOT INDEXED ORDER BY %3 DESC")
            .arg(columns.join(QLatin1String(", ")), table.name, table.key.join(QLatin1String(" DESC, ")));
    const auto whole = readBothWays(database, forwards, backwards, [&](const base::SqlStatement &row) -> Result<void> {
        read.rows.push_back(valuesOf(row, columns.size()));
        return {};
    });
    if (!whole)
        return whole.error();
    read.whole = *whole;
    if (read.whole || !table.hasNames)
        return read;
    // The index of the names has all that this asks for.
    const auto names = readBothWays(database, QStringLiteral("SELECT id, name FROM %1 ORDER BY name").arg(table.name),
                                    QStringLiteral("SELECT id, name FROM %1 ORDER BY name DESC").arg(table.name),
                                    [&](const base::SqlStatement &row) -> Result<void> {
                                        read.names.push_back(valuesOf(row, 2));
                                        return {};
                                    });
    if (!names)
        return names.error();
    read.namesWhole = *names;
    return read;
}

Result<void> writeSmall(base::Database &database, const SmallTable &table, const SmallRows &read)
{
    const auto add = [&](const QStringList &columns, const std::vector<QVariantList> &rows) -> Result<void> {
        base::SqlStatement insert(database, QStringLiteral("INSERT OR IGNORE INTO %1 (%2) VALUES (?%3)")
                                                .arg(table.name, columns.join(QLatin1String(", ")),
                                                     QStringLiteral(", ?").repeated(columns.size() - 1)));
        for (const QVariantList &row : rows) {
            if (auto done = insert.runWith(row); !done)
                return done;
        }
        return {};
    };
    if (auto done = add(read.columns, read.rows); !done)
        return done;
    return add({QStringLiteral("id"), QStringLiteral("name")}, read.names);
}

} // namespace restante::queue
