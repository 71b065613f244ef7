// SPDX-License-Identifier: GPL-3.0-or-later
// The reading half of DestinationModel: structure and cells.
#include "ui/queues/destinationmodel.h"
#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"
#include "ui/widgets/servernames.h"
#include "ui/widgets/shapes.h"
#include "ui/widgets/tablecells.h"

namespace restante::ui
{

using queue::DestinationTotal;
using queue::UserLabelTotal;

namespace
{
// Multiplying by an odd number is reversible in 32 bits, and spreads numbers in a row over all low bits.
constexpr quint32 Scatter = 0x9E3779B1u;
constexpr quint32 Gather = 0x0E8B2F51u;
static_assert(Scatter * Gather == 1u);
} // namespace

quintptr DestinationModel::idOf(int slot, bool label)
{
    const quint32 id = (quint32(slot) * 2 + (label ? 1 : 0)) * Scatter;
    return id;
}

int DestinationModel::slotOf(const QModelIndex &index)
{
    return int((quint32(index.internalId()) * Gather) >> 1);
}

bool DestinationModel::isLabel(const QModelIndex &index)
{
    return ((quint32(index.internalId()) * Gather) & 1) != 0;
}

QModelIndex DestinationModel::topLevel(int row, int column) const
{
    return createIndex(row, column, idOf(m_visible[size_t(row)], false));
}

const DestinationRow *DestinationModel::rowAt(const QModelIndex &index) const
{
    if (!index.isValid())
        return nullptr;
    return m_rows[size_t(slotOf(index))].get();
}

const UserLabelTotal *DestinationModel::labelAt(const QModelIndex &index) const
{
    if (!index.isValid() || !isLabel(index))
        return nullptr;
    const auto &labels = labelsOf(slotOf(index));
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
    return parent.isValid() ? createIndex(row, column, idOf(slotOf(parent), true)) : topLevel(row, column);
}

QModelIndex DestinationModel::parent(const QModelIndex &child) const
{
    if (!child.isValid() || !isLabel(child))
        return {};
    const int position = m_position[size_t(slotOf(child))];
    return position == Hidden ? QModelIndex() : topLevel(position, 0);
}

int DestinationModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_visible.size());
    if (isLabel(parent) || parent.column() != 0)
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
            return label->label.isEmpty() ? tr("others") : leftToRight(u'@' + label->label);
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
    case Full:
        return percentText(row->total.fillPercent);
    case Oldest:
    case Newest:
        // If nothing is held there is no oldest: "never" would be wrong.
        return row->total.entries == 0 ? QString() : relativeTime(number(row->total, column), m_nowMs);
    case LastCollected:
        return relativeTime(row->total.lastCollectedMs, m_nowMs);
    case Door:
        if (const auto *door = doorOf(row->total.destination))
            return door->passes ? tr("Passes on") : tr("Holds");
        return {};
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
    if (column == Door)
        return displayText(index);
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
        return row.total.expired > 0
                   ? tr("%Ln piece(s) of mail expired without being collected", nullptr, pluralOf(row.total.expired))
                   : QString();
    case Oldest:
    case Newest:
    case LastCollected:
        return exactTime(number(row.total, Column(index.column())));
    case Door:
        if (const auto *door = doorOf(row.total.destination))
            //: Of the first text: an address, and a date and time
            return door->passes ? tr("This relay is its front door, and passes mail on to %1 at once, since %2.")
                                      .arg(door->upstream.toString(), exactTime(door->sinceMs))
                                : tr("This relay is its front door, and holds mail until it is collected, since %1.")
                                      .arg(exactTime(door->sinceMs));
        return {};
    default:
        return {};
    }
}

QString DestinationModel::accessibleText(const QModelIndex &index) const
{
    return index.column() == Owner ? displayText(index) : spokenCell(*this, index);
}

QVariant DestinationModel::data(const QModelIndex &index, int role) const
{
    if (!rowAt(index))
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return displayText(index);
    case Qt::DecorationRole:
        if (const auto *door = doorOf(rowAt(index)->total.destination);
            door && index.column() == Door && !labelAt(index))
            return shapeIcon(door->passes ? Shape::Arrows : Shape::Bars);
        return {};
    case Qt::AccessibleTextRole:
        return accessibleText(index);
    case Qt::ToolTipRole:
        return plainTip(toolTip(index));
    case Qt::TextAlignmentRole:
        return cellAlignment(isFigure(Column(index.column())));
    case FullNameRole:
        return labelAt(index) ? labelAt(index)->label : rowAt(index)->name;
    default:
        return {};
    }
}

QVariant DestinationModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerCell(titleOf(Column(section)), isFigure(Column(section)), orientation, role);
}

QString DestinationModel::titleOf(Column column)
{
    switch (column) {
    case Owner:
        return tr("Owner");
    case Held:
        return tr("Held");
    case Size:
        return tr("Size");
    case Full:
        //: A column: how much of a mailbox is used, in percent
        return tr("Full");
    case Oldest:
        return tr("Oldest");
    case Newest:
        return tr("Newest");
    case LastCollected:
        return tr("Last collected");
    case Door:
        return tr("Front door");
    case ColumnCount:
        break;
    }
    return {};
}

} // namespace restante::ui
