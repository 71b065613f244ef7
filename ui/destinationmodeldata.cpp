// SPDX-License-Identifier: GPL-3.0-or-later
// The reading half of DestinationModel: structure and cells.
#include "ui/destinationmodel.h"
#include "ui/format.h"

namespace restante::ui
{

using queue::DestinationTotal;
using queue::UserLabelTotal;

const DestinationRow *DestinationModel::rowAt(const QModelIndex &index) const
{
    if (!index.isValid())
        return nullptr;
    const int slot = index.internalId() == TopLevel ? m_visible[size_t(index.row())] : int(index.internalId()) - 1;
    return m_rows[size_t(slot)].get();
}

const UserLabelTotal *DestinationModel::labelAt(const QModelIndex &index) const
{
    if (!index.isValid() || index.internalId() == TopLevel)
        return nullptr;
    const auto &labels = labelsOf(int(index.internalId()) - 1);
    return index.row() < labels.size() ? &labels[index.row()] : nullptr;
}

const DestinationTotal *DestinationModel::totalAt(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    return row ? &row->total : nullptr;
}

QModelIndex DestinationModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? quintptr(m_visible[size_t(parent.row())]) + 1 : TopLevel);
}

QModelIndex DestinationModel::parent(const QModelIndex &child) const
{
    if (!child.isValid() || child.internalId() == TopLevel)
        return {};
    const int position = m_position[size_t(child.internalId()) - 1];
    return position == Hidden ? QModelIndex() : createIndex(position, 0, TopLevel);
}

int DestinationModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_visible.size());
    if (parent.internalId() != TopLevel || parent.column() != 0)
        return 0;
    return int(rowAt(parent)->labels.size());
}

int DestinationModel::columnCount(const QModelIndex & /*parent*/) const
{
    return ColumnCount;
}

QString DestinationModel::displayText(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    if (!row)
        return {};
    const auto column = Column(index.column());
    if (const auto *label = labelAt(index)) {
        switch (column) {
        case Owner:
            return label->label.isEmpty() ? tr("others") : u'@' + label->label;
        case Held:
            return countText(label->entries);
        case Size:
            return sizeText(label->bytes);
        default:
            return {};
        }
    }
    switch (column) {
    case Owner:
        return row->shown;
    case Held:
        return countText(row->total.entries);
    case Size:
        return sizeText(row->total.bytes);
    case Oldest:
    case Newest:
        // Where nothing is held there is no oldest: "never" would be wrong.
        return row->total.entries == 0 ? QString() : relativeTime(number(row->total, column), m_nowMs);
    case LastCollected:
        return relativeTime(row->total.lastCollectedMs, m_nowMs);
    case ColumnCount:
        break;
    }
    return {};
}

QVariant DestinationModel::sortKey(const QModelIndex &index) const
{
    const auto column = Column(index.column());
    if (const auto *label = labelAt(index))
        return column == Owner ? QVariant(label->label) : QVariant(number(*label, column));
    const auto *row = rowAt(index);
    if (!row)
        return {};
    return column == Owner ? QVariant(row->shown) : QVariant(number(row->total, column));
}

QString DestinationModel::toolTip(const QModelIndex &index) const
{
    const auto &row = *rowAt(index);
    if (const auto *label = labelAt(index)) {
        if (label->label.isEmpty())
            return tr("Mail for users beyond the first 100 names of this server");
        return tr("Mail addressed to the user @%1:%2").arg(label->label, row.name);
    }
    switch (Column(index.column())) {
    case Owner:
        return row.name;
    case Held:
        return row.total.expired > 0 ? tr("%Ln transaction(s) expired without being collected", nullptr,
                                          int(std::min<qint64>(row.total.expired, INT_MAX)))
                                     : QString();
    case Oldest:
    case Newest:
    case LastCollected:
        return exactTime(number(row.total, Column(index.column())));
    default:
        return {};
    }
}

QString DestinationModel::accessibleText(const QModelIndex &index) const
{
    if (index.column() == Owner)
        return displayText(index);
    const QString text = displayText(index);
    //: A table cell for screen readers: column title, then content
    return text.isEmpty() ? QString()
                          : tr("%1: %2").arg(headerData(index.column(), Qt::Horizontal).toString(), text);
}

QVariant DestinationModel::data(const QModelIndex &index, int role) const
{
    if (!rowAt(index))
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return displayText(index);
    case Qt::AccessibleTextRole:
        return accessibleText(index);
    case Qt::ToolTipRole:
        return toolTip(index);
    case Qt::TextAlignmentRole:
        if (index.column() == Held || index.column() == Size)
            return QVariant::fromValue(Qt::Alignment(Qt::AlignTrailing | Qt::AlignVCenter));
        return {};
    case FullNameRole:
        return labelAt(index) ? labelAt(index)->label : rowAt(index)->name;
    default:
        return {};
    }
}

QVariant DestinationModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && (section == Held || section == Size))
        return QVariant::fromValue(Qt::Alignment(Qt::AlignTrailing | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    switch (Column(section)) {
    case Owner:
        return tr("Owner");
    case Held:
        return tr("Held");
    case Size:
        return tr("Size");
    case Oldest:
        return tr("Oldest");
    case Newest:
        return tr("Newest");
    case LastCollected:
        return tr("Last collected");
    case ColumnCount:
        break;
    }
    return {};
}

} // namespace restante::ui
