// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/node/outboxmodel.h"

#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"
#include "ui/widgets/shapes.h"
#include "ui/widgets/tablecells.h"

#include <QtCore/QSet>

namespace restante::ui
{

using DestinationState = node::DestinationRow::State;

namespace
{
bool same(const node::DestinationRow &a, const node::DestinationRow &b)
{
    return a.state == b.state && a.failures == b.failures && a.lastSuccessMs == b.lastSuccessMs &&
           a.lastFailureMs == b.lastFailureMs && a.sentDirect == b.sentDirect && a.sentByRelay == b.sentByRelay &&
           a.relays == b.relays && a.relaysTaking == b.relaysTaking && a.relaysFailing == b.relaysFailing &&
           a.relayError == b.relayError && a.relayFailingSinceMs == b.relayFailingSinceMs &&
           a.relayErrorSinceMs == b.relayErrorSinceMs && a.lastError == b.lastError;
}

Shape shapeOf(DestinationState state)
{
    switch (state) {
    case DestinationState::Reachable:
        return Shape::Disc;
    case DestinationState::Failing:
        return Shape::Triangle;
    case DestinationState::Offline:
        return Shape::Cross;
    case DestinationState::Unknown:
        break;
    }
    return Shape::Ring;
}
} // namespace

OutboxModel::OutboxModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void OutboxModel::upsert(const QList<node::DestinationRow> &rows)
{
    QSet<matrix::ServerName> named;
    QList<node::DestinationRow> added;
    for (const auto &fresh : rows) {
        named.insert(fresh.destination);
        const auto known = m_places.constFind(fresh.destination);
        if (known == m_places.constEnd()) {
            added.append(fresh);
        } else if (!same(m_rows[*known], fresh)) {
            m_rows[*known] = fresh;
            Q_EMIT dataChanged(index(*known, 0), index(*known, ColumnCount - 1));
        }
    }
    for (int row = int(m_rows.size()) - 1; row >= 0; --row) {
        if (named.contains(m_rows[row].destination))
            continue;
        beginRemoveRows({}, row, row);
        m_rows.removeAt(row);
        endRemoveRows();
    }
    if (!added.isEmpty()) {
        beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + added.size()) - 1);
        m_rows.append(added);
        endInsertRows();
    }
    m_places.clear();
    for (int row = 0; row < m_rows.size(); ++row)
        m_places.insert(m_rows[row].destination, row);
}

void OutboxModel::setPetNames(const PetNames &names)
{
    if (names == m_names)
        return;
    m_names = names;
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0, Destination), index(int(m_rows.size()) - 1, Destination));
}

void OutboxModel::setNow(qint64 nowMs)
{
    m_nowMs = nowMs;
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0, LastSuccess), index(int(m_rows.size()) - 1, LastFailure));
}

const node::DestinationRow *OutboxModel::rowAt(const QModelIndex &index) const
{
    return index.isValid() && index.row() < m_rows.size() ? &m_rows[index.row()] : nullptr;
}

int OutboxModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int OutboxModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString OutboxModel::stateText(const node::DestinationRow &row) const
{
    switch (row.state) {
    case DestinationState::Reachable:
        return tr("Reachable");
    case DestinationState::Failing:
        return tr("Failed %Ln time(s)", nullptr, row.failures);
    case DestinationState::Unknown:
        //: Of a server: there is nothing yet that shows whether it can be reached
        return tr("Not known: tried directly next");
    case DestinationState::Offline:
        break;
    }
    if (row.relays == 0)
        return tr("Offline: no relay known");
    if (row.relaysTaking > 0)
        return tr("Offline: relays take its mail");
    return row.relaysFailing > 0 ? tr("Offline: relays refuse its mail")
                                 : tr("Offline: relays not used since the start");
}

/// The whole text, for which the column may have no room, and the reason.
QString OutboxModel::stateTip(const node::DestinationRow &row) const
{
    QStringList lines{stateText(row)};
    if (!row.lastError.isEmpty())
        lines.append(row.lastError);
    const QString since = exactTime(row.relayFailingSinceMs);
    if (!row.relayError.isEmpty() && row.relayReasonChanged())
        //: A time, and a relay's name and what it answered the last time
        lines.append(tr("Failing since %1, last: %2").arg(since, row.relayError));
    else if (!row.relayError.isEmpty())
        //: A relay's name and what it answered, and a time
        lines.append(tr("%1 (since %2)").arg(row.relayError, since));
    return lines.join(u'\n');
}

QString OutboxModel::displayText(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    if (!row)
        return {};
    switch (Column(index.column())) {
    case Destination:
        return m_names.listed(row->destination.toString());
    case State:
        return stateText(*row);
    case LastSuccess:
        return relativeTime(row->lastSuccessMs, m_nowMs);
    case LastFailure:
        return relativeTime(row->lastFailureMs, m_nowMs);
    case Direct:
        return countText(row->sentDirect);
    case ByRelay:
        return countText(row->sentByRelay);
    case Relays:
        return countText(row->relays);
    case ColumnCount:
        break;
    }
    return {};
}

QVariant OutboxModel::sortKey(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    if (!row)
        return {};
    switch (Column(index.column())) {
    case State:
        return int(row->state);
    case LastSuccess:
        return row->lastSuccessMs;
    case LastFailure:
        return row->lastFailureMs;
    case Direct:
        return row->sentDirect;
    case ByRelay:
        return row->sentByRelay;
    case Relays:
        return row->relays;
    case Destination:
    case ColumnCount:
        break;
    }
    return displayText(index);
}

QString OutboxModel::toolTip(const QModelIndex &index) const
{
    const auto &row = *rowAt(index);
    switch (Column(index.column())) {
    case Destination:
        return row.destination.toString();
    case State:
        return stateTip(row);
    case LastSuccess:
        return exactTime(row.lastSuccessMs);
    case LastFailure:
        return exactTime(row.lastFailureMs);
    case Direct:
        return tr("Mail sent directly");
    case ByRelay:
        return tr("Mail left at relays");
    case Relays:
        return tr("Relays that hold mail for this server");
    case ColumnCount:
        break;
    }
    return {};
}

QVariant OutboxModel::data(const QModelIndex &index, int role) const
{
    const auto *row = rowAt(index);
    if (!row)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return displayText(index);
    case Qt::DecorationRole:
        return index.column() == State ? QVariant(shapeIcon(shapeOf(row->state))) : QVariant();
    case Qt::AccessibleTextRole:
        return spokenCell(*this, index);
    case Qt::ToolTipRole:
        return plainTip(toolTip(index));
    case Qt::TextAlignmentRole:
        return cellAlignment(isFigure(index.column()));
    case FullNameRole:
        return row->destination.toString();
    case SortRole:
        return sortKey(index);
    case FilterRole:
        return QString(displayText(index) + u' ' + row->destination.toString());
    default:
        return {};
    }
}

QVariant OutboxModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerCell(titleOf(Column(section)), isFigure(section), orientation, role);
}

QString OutboxModel::titleOf(Column column)
{
    switch (column) {
    case Destination:
        return tr("Server");
    case State:
        return tr("State");
    case LastSuccess:
        return tr("Last reached");
    case LastFailure:
        return tr("Last failure");
    case Direct:
        return tr("Directly");
    case ByRelay:
        return tr("By relays");
    case Relays:
        return tr("Relays");
    case ColumnCount:
        break;
    }
    return {};
}

} // namespace restante::ui
