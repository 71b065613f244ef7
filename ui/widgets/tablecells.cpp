// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tablecells.h"

#include <QtCore/QCoreApplication>

namespace restante::ui
{

namespace
{
struct TableCells {
    Q_DECLARE_TR_FUNCTIONS(TableCells)
};
} // namespace

QVariant cellAlignment(bool figure)
{
    return figure ? QVariant::fromValue(Qt::Alignment(Qt::AlignTrailing | Qt::AlignVCenter)) : QVariant();
}

QVariant headerCell(const QString &title, bool figure, Qt::Orientation orientation, int role)
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return cellAlignment(figure);
    return role == Qt::DisplayRole ? QVariant(title) : QVariant();
}

QString spokenCell(const QAbstractItemModel &model, const QModelIndex &index)
{
    const QString text = index.data().toString();
    const QString title = model.headerData(index.column(), Qt::Horizontal).toString();
    //: A table cell for screen readers: column title, then content
    return text.isEmpty() ? QString() : TableCells::tr("%1: %2").arg(title, text);
}

} // namespace restante::ui
