// SPDX-License-Identifier: GPL-3.0-or-later
// The statements of the QueueCopy.
#pragma once

#include "base/sqlstatement.h"

#include <QtCore/QString>
#include <QtCore/QVariant>

namespace restante::queue
{

inline const QString IndexedArrival = QStringLiteral("indexed_arrival");

/// Adds a row of these columns if it is not there.
inline QString insertInto(const QString &table, const QString &columns)
{
    return QStringLiteral("INSERT OR IGNORE INTO %1 (%2) VALUES (?%3)")
        .arg(table, columns, QStringLiteral(", ?").repeated(columns.count(QLatin1Char(','))));
}

/// As walkReadable asks for.
inline QString selectFrom(const QString &table, const QString &key, const QString &columns)
{
    return QStringLiteral("SELECT %1 FROM %2 NOT INDEXED WHERE %3 >= ? ORDER BY %3").arg(columns, table, key);
}

/// The columns from `first` to `last`.
inline QVariantList valuesFrom(const base::SqlStatement &row, int first, int last)
{
    QVariantList values;
    for (int column = first; column <= last; ++column)
        values << row.value(column);
    return values;
}

} // namespace restante::queue
