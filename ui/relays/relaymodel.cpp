// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/relays/relaymodel.h"

#include "ui/relays/relaywords.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"
#include "ui/widgets/tablecells.h"

#include <QtGui/QFont>

#include <algorithm>

namespace restante::ui
{

namespace
{
// The internal id of an index: 0 for a group, else the number of the group of a row and one.
constexpr quintptr GroupId = 0;

bool sameFigures(const node::RelayStatus &a, const node::RelayStatus &b)
{
    return a.state == b.state && a.lastSuccessMs == b.lastSuccessMs && a.nextTryMs == b.nextTryMs &&
           a.failingSinceMs == b.failingSinceMs && a.errorSinceMs == b.errorSinceMs && a.testedMs == b.testedMs &&
           a.disputed == b.disputed && a.refusal == b.refusal && a.refusedMs == b.refusedMs && a.mine == b.mine &&
           a.collected == b.collected && a.expired == b.expired && a.error.has_value() == b.error.has_value() &&
           (!a.error || (a.error->code == b.error->code && a.error->detail == b.error->detail));
}
} // namespace

/// The state, and what the word for it leaves out.
QString RelayModel::stateTip(const node::RelayStatus &status)
{
    QStringList lines{stateText(status)};
    if (status.state == node::RelayStatus::State::Unknown)
        lines.append(tr("What happened before Restante was started is not remembered."));
    if (status.state == node::RelayStatus::State::CannotSay)
        lines.append(status.mine ? tr("It answers, but does not say whether it takes in mail for this server.")
                     : status.refusal.isEmpty()
                         ? tr("It answers, but does not say whether it takes mail from this server for them.")
                         : problemText(status));
    if (status.disputed > 0)
        lines.append(tr("Mail that it dated differently from another relay: %1").arg(countText(status.disputed)));
    if (status.testedMs != 0)
        lines.append(tr("Tested: %1").arg(exactTime(status.testedMs)));
    if (status.nextTryMs != 0)
        lines.append(tr("Next attempt: %1").arg(exactTime(status.nextTryMs)));
    return lines.join(u'\n');
}

RelayModel::RelayModel(QObject *parent)
    : QAbstractItemModel(parent)
{
}

std::vector<RelayModel::Group> RelayModel::grouped(const QList<settings::RelayEntry> &entries,
                                                   const QList<node::RelayStatus> &statuses, const QString &ownName)
{
    QHash<QString, const node::RelayStatus *> known;
    for (const auto &status : statuses)
        known.insert(status.relay + u' ' + status.destination, &status);
    Group mine;
    Group contacts;
    contacts.mine = false;
    for (const auto &entry : entries) {
        Row row{entry, {}, entry.isMine(ownName)};
        row.status.mine = row.mine;
        if (const auto *status = known.value(entry.key()))
            row.status = *status;
        (row.mine ? mine : contacts).rows.push_back(std::move(row));
    }
    std::vector<Group> groups;
    for (auto *group : {&mine, &contacts}) {
        if (!group->rows.empty())
            groups.push_back(std::move(*group));
    }
    return groups;
}

bool RelayModel::sameAssociations(const std::vector<Group> &a, const std::vector<Group> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Group &x, const Group &y) {
        return x.mine == y.mine &&
               std::equal(x.rows.begin(), x.rows.end(), y.rows.begin(), y.rows.end(),
                          [](const Row &p, const Row &q) { return p.entry.key() == q.entry.key(); });
    });
}

void RelayModel::upsert(const QList<settings::RelayEntry> &entries, const QList<node::RelayStatus> &statuses,
                        const QString &ownName)
{
    auto groups = grouped(entries, statuses, ownName);
    if (!sameAssociations(groups, m_groups)) {
        beginResetModel();
        m_groups = std::move(groups);
        endResetModel();
        return;
    }
    for (int g = 0; g < int(groups.size()); ++g) {
        const QModelIndex above = index(g, 0);
        for (int r = 0; r < int(groups[size_t(g)].rows.size()); ++r) {
            const Row &fresh = groups[size_t(g)].rows[size_t(r)];
            Row &row = m_groups[size_t(g)].rows[size_t(r)];
            const bool same = row.entry == fresh.entry && sameFigures(row.status, fresh.status);
            row = fresh;
            if (!same)
                Q_EMIT dataChanged(index(r, 0, above), index(r, ColumnCount - 1, above));
        }
    }
}

void RelayModel::announce(int firstColumn, int lastColumn)
{
    for (int g = 0; g < int(m_groups.size()); ++g) {
        const QModelIndex above = index(g, 0);
        Q_EMIT dataChanged(index(0, firstColumn, above),
                           index(int(m_groups[size_t(g)].rows.size()) - 1, lastColumn, above));
    }
}

void RelayModel::setPetNames(const PetNames &names)
{
    if (names == m_names)
        return;
    m_names = names;
    announce(Name, HoldsFor);
}

void RelayModel::setNow(qint64 nowMs)
{
    m_nowMs = nowMs;
    announce(LastSuccess, LastSuccess);
}

const RelayModel::Row *RelayModel::rowAt(const QModelIndex &index) const
{
    if (!index.isValid() || index.internalId() == GroupId)
        return nullptr;
    return &m_groups[index.internalId() - 1].rows[size_t(index.row())];
}

const settings::RelayEntry *RelayModel::entryAt(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    return row ? &row->entry : nullptr;
}

QModelIndex RelayModel::indexOf(const QString &key) const
{
    for (int g = 0; g < int(m_groups.size()); ++g) {
        const auto &rows = m_groups[size_t(g)].rows;
        const auto found =
            std::find_if(rows.begin(), rows.end(), [&key](const Row &row) { return row.entry.key() == key; });
        if (found != rows.end())
            return index(int(found - rows.begin()), 0, index(g, 0));
    }
    return {};
}

QModelIndex RelayModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? quintptr(parent.row()) + 1 : GroupId);
}

QModelIndex RelayModel::parent(const QModelIndex &child) const
{
    if (!child.isValid() || child.internalId() == GroupId)
        return {};
    return createIndex(int(child.internalId() - 1), 0, GroupId);
}

int RelayModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_groups.size());
    if (parent.internalId() != GroupId || parent.column() != 0)
        return 0;
    return int(m_groups[size_t(parent.row())].rows.size());
}

int RelayModel::columnCount(const QModelIndex & /*parent*/) const
{
    return ColumnCount;
}

Qt::ItemFlags RelayModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return rowAt(index) ? QAbstractItemModel::flags(index) : Qt::ItemIsEnabled;
}

QString RelayModel::displayText(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    if (!row)
        return {};
    switch (Column(index.column())) {
    case Name:
        // The petname of this very association: another with the same relay may have its own.
        return row->entry.petname.isEmpty()
                   ? shortName(row->entry.relay.toString())
                   //: A relay's petname, then its server name
                   : tr("%1 (%2)").arg(row->entry.petname, shortName(row->entry.relay.toString()));
    case HoldsFor:
        return row->mine ? tr("this server") : m_names.listed(row->entry.destination.toString());
    case State:
        return stateText(row->status);
    case LastSuccess:
        //: Of a relay: it was not reached; what was before the program started is not remembered
        return row->status.lastSuccessMs == 0 ? tr("not since the start")
                                              : relativeTime(row->status.lastSuccessMs, m_nowMs);
    case Taken:
        return countText(row->status.collected);
    case Problem:
        if (const QString problem = problemText(row->status); !problem.isEmpty())
            return problem;
        return row->status.expired == 0 ? QString()
                                        : tr("%Ln piece(s) of mail expired there before they were collected.", nullptr,
                                             pluralOf(row->status.expired));
    case ColumnCount:
        break;
    }
    return {};
}

QString RelayModel::toolTip(const QModelIndex &index) const
{
    const auto &row = *rowAt(index);
    switch (Column(index.column())) {
    case Name:
        return row.entry.url.isNull() ? row.entry.relay.toString()
                                      : row.entry.relay.toString() + u'\n' + row.entry.url.toString();
    case HoldsFor:
        return row.entry.destination.toString();
    case State:
        return stateTip(row.status);
    case LastSuccess:
        return row.status.lastSuccessMs == 0 ? displayText(index) : exactTime(row.status.lastSuccessMs);
    case Taken:
        return row.mine ? tr("Mail collected since the start") : tr("Mail left there since the start");
    case Problem:
        return displayText(index);
    case ColumnCount:
        break;
    }
    return {};
}

QVariant RelayModel::groupData(const Group &group, int column, int role) const
{
    if (column != Name)
        return {};
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
        return group.mine ? tr("My relays") : tr("For my contacts");
    if (role != Qt::FontRole)
        return {};
    QFont bold;
    bold.setBold(true);
    return bold;
}

QVariant RelayModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    if (index.internalId() == GroupId)
        return groupData(m_groups[size_t(index.row())], index.column(), role);
    switch (role) {
    case Qt::DisplayRole:
        return displayText(index);
    case Qt::DecorationRole:
        return index.column() == State ? QVariant(shapeIcon(stateShape(rowAt(index)->status.state))) : QVariant();
    case Qt::AccessibleTextRole:
        return spokenCell(*this, index);
    case Qt::ToolTipRole:
        return plainTip(toolTip(index));
    case Qt::TextAlignmentRole:
        return cellAlignment(index.column() == Taken);
    case FullNameRole:
        return rowAt(index)->entry.relay.toString();
    case KeyRole:
        return rowAt(index)->entry.key();
    default:
        return {};
    }
}

QVariant RelayModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerCell(titleOf(Column(section)), section == Taken, orientation, role);
}

QString RelayModel::titleOf(Column column)
{
    switch (column) {
    case Name:
        return tr("Relay");
    case HoldsFor:
        return tr("Holds mail for");
    case State:
        return tr("State");
    case LastSuccess:
        return tr("Last contact");
    case Taken:
        return tr("Mail");
    case Problem:
        return tr("Problem");
    case ColumnCount:
        break;
    }
    return {};
}

} // namespace restante::ui
