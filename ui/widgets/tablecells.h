// SPDX-License-Identifier: GPL-3.0-or-later
// What the cells of all tables have in common.
#pragma once

#include <QtCore/QAbstractItemModel>

namespace restante::ui
{

/// The role by which a proxy sorts a table that does not sort by itself.
constexpr int SortRole = Qt::UserRole + 100;
constexpr int FilterRole = Qt::UserRole + 101; ///< what a filter looks through

/// The TextAlignmentRole of a cell: figures stand at the end of their column.
QVariant cellAlignment(bool figure);
/// One header cell; empty for a row header.
QVariant headerCell(const QString &title, bool figure, Qt::Orientation orientation, int role);
/// The AccessibleTextRole of a cell: column title, then content. Empty for an empty cell.
QString spokenCell(const QAbstractItemModel &model, const QModelIndex &index);

} // namespace restante::ui
