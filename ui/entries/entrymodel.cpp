// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/entrymodel.h"

#include "ui/entries/deliverywords.h"
#include "ui/entries/eventwords.h"
#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"
#include "ui/widgets/tablecells.h"

#include <algorithm>
#include <utility>

namespace restante::ui
{

namespace
{
Shape shapeOf(const EntryLine &line)
{
    return line.damaged ? Shape::Cross : deliveryShape(line.delivery.state);
}
} // namespace

EntryModel::EntryModel(EntrySource &source, QObject *parent)
    : QAbstractTableModel(parent)
    , m_source(source)
    , m_columns(source.namesRelays() ? ColumnCount : Relay)
    , m_timeTitle(source.timeTitle())
{
}

void EntryModel::reload()
{
    beginResetModel();
    ++m_generation;
    m_rows.clear();
    m_orders.clear();
    m_total = EntryLines::NotTold;
    m_totalBytes = EntryLines::NotTold;
    m_more = false;
    m_fetching = false;
    m_stale = false;
    m_walking = false;
    endResetModel();
    if (!m_source.isNull())
        request({});
}

void EntryModel::request(Place after)
{
    m_fetching = true;
    m_source.fetchLines(after.id, PageSize, this, [this, after, generation = m_generation](Result<EntryLines> page) {
        if (generation != m_generation)
            return;
        m_fetching = false;
        if (page)
            take(after, *page);
        else {
            m_more = false;
            m_stale = false;
            Q_EMIT failed(page.error());
        }
    });
}

void EntryModel::take(Place after, const EntryLines &page)
{
    const bool atEnd =
        m_rows.empty() || !page.more || page.rows.isEmpty() || !(placeOf(page.rows.back()) < placeOf(m_rows.back()));
    upsert(after, page);
    const bool sameTotals = page.total == m_total && page.totalBytes == m_totalBytes;
    if (after.id == 0) {
        m_walking = m_walking || !sameTotals || page.moving;
        m_total = page.total;
        m_totalBytes = page.totalBytes;
    } else if (!sameTotals) {
        m_stale = true; // what changed may stand before this page
    }
    if (atEnd) {
        m_more = page.more;
        m_walking = false;
    }
    if (m_walking)
        request(placeOf(page.rows.back()));
    else if (std::exchange(m_stale, false))
        request({});
    Q_EMIT loaded();
}

void EntryModel::refresh(qint64 held)
{
    if (m_source.isNull())
        return;
    if (m_fetching) {
        m_stale = true;
        return;
    }
    // Rows behind the loaded ones are fetched when the view asks; the first page follows the queue's head.
    if (held > qint64(m_rows.size()) && m_rows.size() >= size_t(PageSize))
        m_more = true;
    request({});
}

void EntryModel::upsert(Place after, const EntryLines &page)
{
    const int first = after.id == 0 ? 0 : behind(after);
    const int last = page.more && !page.rows.isEmpty() ? behind(placeOf(page.rows.back())) : int(m_rows.size());
    removeMissing(first, last, page.rows);
    insertOrUpdate(page.rows);
}

void EntryModel::removeMissing(int first, int last, const QList<EntryLine> &kept)
{
    const auto isKept = [&](int row) {
        const Place place = placeOf(m_rows[size_t(row)]);
        const auto found = std::lower_bound(kept.cbegin(), kept.cend(), place,
                                            [](const EntryLine &line, Place wanted) { return placeOf(line) < wanted; });
        return found != kept.cend() && found->id == place.id;
    };
    for (int end = last; end > first;) {
        if (isKept(end - 1)) {
            --end;
            continue;
        }
        int begin = end - 1;
        while (begin > first && !isKept(begin - 1))
            --begin;
        removeLines(begin, end);
        end = begin;
    }
}

void EntryModel::insertOrUpdate(const QList<EntryLine> &rows)
{
    for (qsizetype i = 0; i < rows.size();) {
        const int at = lowerBound(placeOf(rows[i]));
        if (at < int(m_rows.size()) && m_rows[size_t(at)].id == rows[i].id) {
            auto &row = m_rows[size_t(at)];
            if (row.damaged != rows[i].damaged || row.bytes != rows[i].bytes || row.delivery != rows[i].delivery) {
                row = rows[i];
                Q_EMIT dataChanged(index(at, 0), index(at, m_columns - 1));
            }
            ++i;
            continue;
        }
        qsizetype end = i + 1;
        while (end < rows.size() && (at == int(m_rows.size()) || placeOf(rows[end]) < placeOf(m_rows[size_t(at)])))
            ++end;
        beginInsertRows({}, at, at + int(end - i) - 1);
        m_rows.insert(m_rows.begin() + at, rows.cbegin() + i, rows.cbegin() + end);
        for (qsizetype each = i; each < end; ++each) {
            if (rows[each].order != 0)
                m_orders.insert(rows[each].id, rows[each].order);
        }
        endInsertRows();
        i = end;
    }
}

void EntryModel::forget(const QList<qint64> &ids)
{
    for (const qint64 id : ids) {
        const QModelIndex found = indexOf(id);
        if (found.isValid())
            removeLines(found.row(), found.row() + 1);
    }
}

void EntryModel::removeLines(int begin, int end)
{
    beginRemoveRows({}, begin, end - 1);
    for (int row = begin; row < end; ++row)
        m_orders.remove(m_rows[size_t(row)].id);
    m_rows.erase(m_rows.begin() + begin, m_rows.begin() + end);
    endRemoveRows();
}

EntryModel::Place EntryModel::placeOf(const EntryLine &line)
{
    return {line.order, line.id};
}

int EntryModel::lowerBound(Place place) const
{
    const auto found = std::lower_bound(m_rows.cbegin(), m_rows.cend(), place,
                                        [](const EntryLine &line, Place wanted) { return placeOf(line) < wanted; });
    return int(found - m_rows.cbegin());
}

int EntryModel::behind(Place place) const
{
    return lowerBound({place.order, place.id + 1});
}

QModelIndex EntryModel::indexOf(qint64 id) const
{
    const int row = lowerBound({m_orders.value(id, 0), id});
    return row < int(m_rows.size()) && m_rows[size_t(row)].id == id ? index(row, 0) : QModelIndex();
}

const EntryLine *EntryModel::rowAt(const QModelIndex &index) const
{
    return index.isValid() && index.row() < int(m_rows.size()) ? &m_rows[size_t(index.row())] : nullptr;
}

void EntryModel::setPetNames(const PetNames &names)
{
    m_names = names;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, From), index(int(m_rows.size()) - 1, m_columns - 1));
}

void EntryModel::setNow(qint64 nowMs)
{
    m_nowMs = nowMs;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, Time), index(int(m_rows.size()) - 1, Time));
}

bool EntryModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && m_more && !m_fetching;
}

void EntryModel::fetchMore(const QModelIndex &parent)
{
    if (canFetchMore(parent))
        request(m_rows.empty() ? Place() : placeOf(m_rows.back()));
}

int EntryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int EntryModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_columns;
}

QString EntryModel::displayText(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    if (!row)
        return {};
    switch (Column(index.column())) {
    case Time:
        return relativeTime(row->takenInMs, m_nowMs);
    case From:
        return m_names.listed(row->origin);
    case What:
        return row->damaged ? tr("Damaged, cannot be handed out")
                            : contentsInWords(row->events, row->pduCount, row->eduCount);
    case Size:
        return sizeText(row->bytes);
    case Relay:
        return m_names.listed(row->relay);
    case Delivery:
        return row->damaged ? tr("Set aside: damaged") : deliveryText(row->delivery);
    case ColumnCount:
        break;
    }
    return {};
}

QVariant EntryModel::sortKey(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    if (!row)
        return {};
    switch (Column(index.column())) {
    case Time:
        return row->takenInMs;
    case Size:
        return row->bytes;
    default:
        return displayText(index);
    }
}

QString EntryModel::toolTip(const QModelIndex &index) const
{
    const auto &row = *rowAt(index);
    switch (Column(index.column())) {
    case Time:
        return exactTime(row.takenInMs);
    case From:
        return row.origin;
    case Size:
        return tr("%Ln byte(s)", nullptr, pluralOf(row.bytes));
    case Relay:
        return row.relay;
    case Delivery:
        return deliverySentence(row.delivery);
    default:
        return displayText(index);
    }
}

QVariant EntryModel::data(const QModelIndex &index, int role) const
{
    if (!rowAt(index))
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return displayText(index);
    case Qt::DecorationRole:
        return index.column() == Delivery ? QVariant(shapeIcon(shapeOf(*rowAt(index)))) : QVariant();
    case Qt::AccessibleTextRole:
        return spokenCell(*this, index);
    case Qt::ToolTipRole:
        return plainTip(toolTip(index));
    case Qt::TextAlignmentRole:
        return cellAlignment(index.column() == Size);
    case FullNameRole:
        return rowAt(index)->origin;
    default:
        return {};
    }
}

QVariant EntryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerCell(titleOf(Column(section)), section == Size, orientation, role);
}

QString EntryModel::titleOf(Column column) const
{
    switch (column) {
    case Time:
        return m_timeTitle;
    case From:
        return tr("From");
    case What:
        return tr("What");
    case Size:
        return tr("Size");
    case Relay:
        return tr("Brought by");
    case Delivery:
        return tr("Delivery");
    case ColumnCount:
        break;
    }
    return {};
}

} // namespace restante::ui
