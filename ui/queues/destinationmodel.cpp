// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/queues/destinationmodel.h"

#include "ui/widgets/format.h"

#include <algorithm>

namespace restante::ui
{

using queue::DestinationTotal;
using queue::UserLabelTotal;

namespace
{
bool sameLabels(const QList<UserLabelTotal> &a, const QList<UserLabelTotal> &b)
{
    return std::equal(a.cbegin(), a.cend(), b.cbegin(), b.cend(), [](const auto &x, const auto &y) {
        return x.label == y.label && x.entries == y.entries && x.bytes == y.bytes;
    });
}

int rowOf(const QString &label, const QList<UserLabelTotal> &labels)
{
    const auto found =
        std::find_if(labels.cbegin(), labels.cend(), [&](const auto &candidate) { return candidate.label == label; });
    return int(found - labels.cbegin());
}

bool sameFigures(const DestinationTotal &a, const DestinationTotal &b)
{
    return a.entries == b.entries && a.bytes == b.bytes && a.oldestMs == b.oldestMs && a.newestMs == b.newestMs &&
           a.lastCollectedMs == b.lastCollectedMs && a.expired == b.expired && a.fillPercent == b.fillPercent;
}
} // namespace

DestinationModel::DestinationModel(QObject *parent)
    : QAbstractItemModel(parent)
{
    m_collator.setCaseSensitivity(Qt::CaseInsensitive);
    m_collator.setNumericMode(true);
}

DestinationModel::~DestinationModel() = default;

void DestinationModel::upsert(const QList<DestinationTotal> &totals, const QList<matrix::ServerName> &served)
{
    ++m_batch;
    Changes changes;
    for (const auto &total : totals)
        take(total, changes);
    for (const auto &name : served) {
        const auto known = m_slots.constFind(name);
        if (known != m_slots.constEnd() && m_rows[size_t(*known)]->seen == m_batch)
            continue;
        DestinationTotal nothing;
        nothing.destination = name;
        take(nothing, changes);
    }
    const auto gone = dropUnseen();
    if (changes.order || !gone.empty())
        rearrange();
    for (const int slot : gone) {
        m_rows[size_t(slot)].reset();
        m_free.push_back(slot);
    }
    announce(changes.changed);
}

void DestinationModel::take(const DestinationTotal &total, Changes &changes)
{
    const auto known = m_slots.constFind(total.destination);
    if (known == m_slots.constEnd()) {
        add(total);
        changes.order = true;
        return;
    }
    auto &row = *m_rows[size_t(*known)];
    row.seen = m_batch;
    if (!sameLabels(row.total.labels, total.labels)) {
        updateLabels(*known, total.labels);
        row.total.labels = total.labels;
        derive(row);
        changes.order = changes.order || !m_filter.isEmpty();
    }
    if (sameFigures(row.total, total))
        return;
    changes.order = changes.order || number(row.total, m_sortColumn) != number(total, m_sortColumn);
    row.total = total;
    changes.changed.push_back(*known);
}

std::vector<int> DestinationModel::dropUnseen()
{
    std::vector<int> gone;
    for (auto it = m_slots.begin(); it != m_slots.end();) {
        if (m_rows[size_t(*it)]->seen == m_batch) {
            ++it;
            continue;
        }
        gone.push_back(*it);
        it = m_slots.erase(it);
    }
    return gone;
}

void DestinationModel::add(const DestinationTotal &total)
{
    int slot = int(m_rows.size());
    if (m_free.empty()) {
        m_rows.emplace_back();
        m_position.push_back(Hidden);
    } else {
        slot = m_free.back();
        m_free.pop_back();
    }
    auto row = std::make_unique<DestinationRow>();
    row->total = total;
    row->labels = total.labels;
    row->name = total.destination.toString();
    row->seen = m_batch;
    derive(*row);
    m_rows[size_t(slot)] = std::move(row);
    m_slots.insert(total.destination, slot);
}

void DestinationModel::derive(DestinationRow &row) const
{
    row.shown = m_names.listed(row.name);
    row.nameKey = m_collator.sortKey(row.shown);
    row.searchText = row.shown + u'\n' + row.name;
    for (const auto &label : row.total.labels)
        row.searchText += QStringLiteral("\n@") + label.label;
    row.searchText = row.searchText.toCaseFolded();
}

void DestinationModel::setPetNames(const PetNames &names)
{
    if (names == m_names)
        return;
    m_names = names;
    for (const int slot : std::as_const(m_slots))
        derive(*m_rows[size_t(slot)]);
    rearrange();
    announce(m_visible);
}

void DestinationModel::setFilter(const QString &text)
{
    const QString folded = text.trimmed().toCaseFolded();
    if (folded == m_filter)
        return;
    m_filter = folded;
    rearrange();
}

void DestinationModel::setNow(qint64 nowMs)
{
    m_nowMs = nowMs;
    if (!m_visible.empty())
        Q_EMIT dataChanged(index(0, Oldest), index(int(m_visible.size()) - 1, LastCollected));
}

bool DestinationModel::matches(const DestinationRow &row) const
{
    return m_filter.isEmpty() || row.searchText.contains(m_filter);
}

qint64 DestinationModel::number(const DestinationTotal &total, Column column)
{
    switch (column) {
    case Held:
        return total.entries;
    case Size:
        return total.bytes;
    case Oldest:
        return total.oldestMs;
    case Newest:
        return total.newestMs;
    case LastCollected:
        return total.lastCollectedMs;
    case Full:
        return total.fillPercent;
    case Owner:
    case Door:
    case ColumnCount:
        break;
    }
    return 0;
}

/// What the chosen column is ordered by, if it is a number.
qint64 DestinationModel::sortNumber(const DestinationRow &row) const
{
    if (m_sortColumn != Door)
        return number(row.total, m_sortColumn);
    const auto *door = doorOf(row.total.destination);
    return door ? (door->passes ? 2 : 1) : 0;
}

const relay::DoorState *DestinationModel::doorOf(const matrix::ServerName &destination) const
{
    const auto found = m_doors.constFind(destination);
    return found == m_doors.cend() ? nullptr : &*found;
}

void DestinationModel::setDoors(const QList<relay::DoorState> &doors)
{
    QHash<matrix::ServerName, relay::DoorState> fresh;
    for (const relay::DoorState &door : doors)
        fresh.insert(door.server, door);
    if (fresh == m_doors)
        return;
    const auto before = std::exchange(m_doors, fresh);
    std::vector<int> changed;
    for (auto slot = m_slots.cbegin(); slot != m_slots.cend(); ++slot) {
        if (before.value(slot.key()) != m_doors.value(slot.key()))
            changed.push_back(slot.value());
    }
    announce(changed);
    if (m_sortColumn == Door)
        moveTo(matching());
}

qint64 DestinationModel::number(const UserLabelTotal &label, Column column)
{
    if (column == Held)
        return label.entries;
    return column == Size ? label.bytes : 0;
}

bool DestinationModel::comesBefore(int slot, int other) const
{
    const auto &a = *m_rows[size_t(slot)];
    const auto &b = *m_rows[size_t(other)];
    const bool ascending = m_sortOrder == Qt::AscendingOrder;
    if (m_sortColumn == Owner) {
        if (const int compared = a.nameKey->compare(*b.nameKey); compared != 0)
            return ascending ? compared < 0 : compared > 0;
    } else {
        const qint64 x = sortNumber(a);
        const qint64 y = sortNumber(b);
        if (x != y)
            return ascending ? x < y : x > y;
    }
    return a.total.destination < b.total.destination; // so that equal rows never change places
}

std::vector<int> DestinationModel::matching() const
{
    std::vector<int> order;
    order.reserve(size_t(m_slots.size()));
    for (const int slot : std::as_const(m_slots)) {
        if (matches(*m_rows[size_t(slot)]))
            order.push_back(slot);
    }
    std::sort(order.begin(), order.end(), [this](int a, int b) { return comesBefore(a, b); });
    return order;
}

void DestinationModel::rearrange()
{
    auto order = matching();
    if (order == m_visible)
        return;
    const bool common =
        std::any_of(order.cbegin(), order.cend(), [this](int slot) { return m_position[size_t(slot)] != Hidden; });
    // If no row survives it must not look like a move: a selection would pass to whatever came in its place.
    if (common)
        moveTo(std::move(order));
    else
        replaceAll(std::move(order));
}

void DestinationModel::replaceAll(std::vector<int> order)
{
    if (!m_visible.empty()) {
        beginRemoveRows({}, 0, int(m_visible.size()) - 1);
        place({});
        endRemoveRows();
    }
    if (!order.empty()) {
        beginInsertRows({}, 0, int(order.size()) - 1);
        place(std::move(order));
        endInsertRows();
    }
}

void DestinationModel::moveTo(std::vector<int> order, bool labelsToo)
{
    struct Identity {
        int slot;
        QString label;
    };
    Q_EMIT layoutAboutToBeChanged();
    const auto before = persistentIndexList();
    std::vector<Identity> identities;
    identities.reserve(size_t(before.size()));
    for (const auto &old : before) {
        const auto *label = labelAt(old);
        identities.push_back({slotOf(old), label && labelsToo ? label->label : QString()});
    }
    if (labelsToo)
        ++m_sorting;
    place(std::move(order));
    QModelIndexList after;
    after.reserve(before.size());
    for (qsizetype i = 0; i < before.size(); ++i) {
        const auto &[slot, label] = identities[size_t(i)];
        const int position = m_position[size_t(slot)];
        if (position == Hidden)
            after.append(QModelIndex());
        else if (!isLabel(before[i]))
            after.append(topLevel(position, before[i].column()));
        else if (labelsToo)
            after.append(createIndex(rowOf(label, labelsOf(slot)), before[i].column(), before[i].internalId()));
        else
            after.append(before[i]);
    }
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
}

void DestinationModel::place(std::vector<int> order)
{
    for (const int slot : m_visible)
        m_position[size_t(slot)] = Hidden;
    m_visible = std::move(order);
    for (size_t row = 0; row < m_visible.size(); ++row)
        m_position[size_t(m_visible[row])] = int(row);
}

void DestinationModel::announce(const std::vector<int> &slots)
{
    std::vector<int> rows;
    for (const int slot : slots) {
        if (m_position[size_t(slot)] != Hidden)
            rows.push_back(m_position[size_t(slot)]);
    }
    if (rows.empty())
        return;
    std::sort(rows.begin(), rows.end());
    // One signal for each run of neighbours; one for all if there are many runs, since the view repaints once anyway.
    constexpr size_t ManyRows = 64;
    if (rows.size() > ManyRows) {
        Q_EMIT dataChanged(index(rows.front(), 0), index(rows.back(), ColumnCount - 1));
        return;
    }
    for (size_t first = 0; first < rows.size();) {
        size_t last = first;
        while (last + 1 < rows.size() && rows[last + 1] == rows[last] + 1)
            ++last;
        Q_EMIT dataChanged(index(rows[first], 0), index(rows[last], ColumnCount - 1));
        first = last + 1;
    }
}

void DestinationModel::sortLabels(QList<UserLabelTotal> &labels) const
{
    const bool ascending = m_sortOrder == Qt::AscendingOrder;
    std::sort(labels.begin(), labels.end(), [&](const UserLabelTotal &a, const UserLabelTotal &b) {
        if (a.label.isEmpty() != b.label.isEmpty())
            return b.label.isEmpty(); // "others" stand last, whatever the order
        const qint64 x = number(a, m_sortColumn);
        const qint64 y = number(b, m_sortColumn);
        if (x != y)
            return ascending ? x < y : x > y;
        if (m_sortColumn == Owner && !ascending)
            return b.label < a.label;
        return a.label < b.label;
    });
}

const QList<UserLabelTotal> &DestinationModel::labelsOf(int slot) const
{
    auto &row = *m_rows[size_t(slot)];
    if (row.labelsSorted != m_sorting) {
        row.labelsSorted = m_sorting;
        sortLabels(row.labels);
    }
    return row.labels;
}

void DestinationModel::updateLabels(int slot, QList<UserLabelTotal> labels)
{
    auto &row = *m_rows[size_t(slot)];
    sortLabels(labels);
    if (m_position[size_t(slot)] == Hidden) {
        row.labels = labels;
        row.labelsSorted = m_sorting;
        return;
    }
    const QModelIndex above = topLevel(m_position[size_t(slot)], 0);
    QHash<QString, UserLabelTotal> fresh;
    for (const auto &label : std::as_const(labels))
        fresh.insert(label.label, label);
    for (auto i = labelsOf(slot).size() - 1; i >= 0; --i) {
        const auto found = fresh.constFind(row.labels[i].label);
        if (found != fresh.constEnd()) {
            row.labels[i] = *found;
            fresh.erase(found);
            continue;
        }
        beginRemoveRows(above, int(i), int(i));
        row.labels.removeAt(i);
        endRemoveRows();
    }
    if (!row.labels.isEmpty())
        Q_EMIT dataChanged(index(0, 0, above), index(int(row.labels.size()) - 1, ColumnCount - 1, above));
    if (!fresh.isEmpty()) {
        beginInsertRows(above, int(row.labels.size()), int(row.labels.size() + fresh.size()) - 1);
        row.labels.append(fresh.values());
        endInsertRows();
    }
    reorderLabels(slot, labels);
}

void DestinationModel::reorderLabels(int slot, const QList<UserLabelTotal> &order)
{
    auto &row = *m_rows[size_t(slot)];
    if (sameLabels(row.labels, order))
        return;
    const QPersistentModelIndex above(topLevel(m_position[size_t(slot)], 0));
    Q_EMIT layoutAboutToBeChanged({above}, VerticalSortHint);
    const auto before = persistentIndexList();
    for (const auto &old : before) {
        if (isLabel(old) && slotOf(old) == slot)
            changePersistentIndex(
                old, createIndex(rowOf(row.labels[old.row()].label, order), old.column(), old.internalId()));
    }
    row.labels = order;
    Q_EMIT layoutChanged({above}, VerticalSortHint);
}

void DestinationModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount || (column == m_sortColumn && order == m_sortOrder))
        return;
    m_sortColumn = Column(column);
    m_sortOrder = order;
    moveTo(matching(), true);
}

QModelIndex DestinationModel::indexOf(const matrix::ServerName &destination) const
{
    const int position = m_slots.contains(destination) ? m_position[size_t(m_slots[destination])] : Hidden;
    return position == Hidden ? QModelIndex() : topLevel(position, 0);
}

} // namespace restante::ui
