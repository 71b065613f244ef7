// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entrymodel.h"

#include "ui/eventwords.h"
#include "ui/format.h"

#include <algorithm>

namespace restante::ui
{

using matrix::EntryId;
using queue::EntryRow;

EntryModel::EntryModel(control::Operations &operations, QObject *parent)
    : QAbstractTableModel(parent)
    , m_operations(operations)
{
}

void EntryModel::setDestination(const matrix::ServerName &destination)
{
    if (destination == m_destination)
        return;
    beginResetModel();
    ++m_generation;
    m_destination = destination;
    m_rows.clear();
    m_more = false;
    m_fetching = false;
    m_stale = false;
    endResetModel();
    if (!m_destination.isNull())
        request({});
}

void EntryModel::request(EntryId after)
{
    m_fetching = true;
    m_operations.fetchEntries(m_destination, after, PageSize, this,
                              [this, after, generation = m_generation](Result<queue::EntryPage> page) {
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

void EntryModel::take(EntryId after, const queue::EntryPage &page)
{
    const bool atEnd = m_rows.empty() || !page.more || page.rows.isEmpty() || !(page.rows.back().id < m_rows.back().id);
    upsert(after, page);
    if (atEnd)
        m_more = page.more;
    Q_EMIT loaded();
    if (m_stale) {
        m_stale = false;
        request({});
    }
}

void EntryModel::refresh(qint64 held)
{
    if (m_destination.isNull())
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

void EntryModel::upsert(EntryId after, const queue::EntryPage &page)
{
    const int first = after.isNull() ? 0 : lowerBound({after.value + 1});
    const int last =
        page.more && !page.rows.isEmpty() ? lowerBound({page.rows.back().id.value + 1}) : int(m_rows.size());
    removeMissing(first, last, page.rows);
    insertOrUpdate(page.rows);
}

void EntryModel::removeMissing(int first, int last, const QList<EntryRow> &kept)
{
    const auto isKept = [&](int row) {
        const auto found = std::lower_bound(kept.cbegin(), kept.cend(), m_rows[size_t(row)].id,
                                            [](const EntryRow &a, EntryId id) { return a.id < id; });
        return found != kept.cend() && found->id == m_rows[size_t(row)].id;
    };
    for (int end = last; end > first;) {
        if (isKept(end - 1)) {
            --end;
            continue;
        }
        int begin = end - 1;
        while (begin > first && !isKept(begin - 1))
            --begin;
        beginRemoveRows({}, begin, end - 1);
        m_rows.erase(m_rows.begin() + begin, m_rows.begin() + end);
        endRemoveRows();
        end = begin;
    }
}

void EntryModel::insertOrUpdate(const QList<EntryRow> &rows)
{
    for (qsizetype i = 0; i < rows.size();) {
        const int at = lowerBound(rows[i].id);
        if (at < int(m_rows.size()) && m_rows[size_t(at)].id == rows[i].id) {
            auto &row = m_rows[size_t(at)];
            if (row.quarantined != rows[i].quarantined || row.bytes != rows[i].bytes) {
                row = rows[i];
                Q_EMIT dataChanged(index(at, 0), index(at, ColumnCount - 1));
            }
            ++i;
            continue;
        }
        qsizetype end = i + 1;
        while (end < rows.size() && (at == int(m_rows.size()) || rows[end].id < m_rows[size_t(at)].id))
            ++end;
        beginInsertRows({}, at, at + int(end - i) - 1);
        m_rows.insert(m_rows.begin() + at, rows.cbegin() + i, rows.cbegin() + end);
        endInsertRows();
        i = end;
    }
}

void EntryModel::forget(const QList<EntryId> &ids)
{
    for (const EntryId id : ids) {
        const QModelIndex found = indexOf(id);
        if (!found.isValid())
            continue;
        beginRemoveRows({}, found.row(), found.row());
        m_rows.erase(m_rows.begin() + found.row());
        endRemoveRows();
    }
}

int EntryModel::lowerBound(EntryId id) const
{
    const auto found = std::lower_bound(m_rows.cbegin(), m_rows.cend(), id,
                                        [](const EntryRow &row, EntryId wanted) { return row.id < wanted; });
    return int(found - m_rows.cbegin());
}

QModelIndex EntryModel::indexOf(EntryId id) const
{
    const int row = lowerBound(id);
    return row < int(m_rows.size()) && m_rows[size_t(row)].id == id ? index(row, 0) : QModelIndex();
}

const EntryRow *EntryModel::rowAt(const QModelIndex &index) const
{
    return index.isValid() && index.row() < int(m_rows.size()) ? &m_rows[size_t(index.row())] : nullptr;
}

void EntryModel::setPetNames(const PetNames &names)
{
    m_names = names;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, From), index(int(m_rows.size()) - 1, From));
}

void EntryModel::setNow(qint64 nowMs)
{
    m_nowMs = nowMs;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, Received), index(int(m_rows.size()) - 1, Received));
}

bool EntryModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && m_more && !m_fetching;
}

void EntryModel::fetchMore(const QModelIndex &parent)
{
    if (canFetchMore(parent))
        request(m_rows.empty() ? EntryId{} : m_rows.back().id);
}

int EntryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int EntryModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString EntryModel::displayText(const QModelIndex &index) const
{
    const auto *row = rowAt(index);
    if (!row)
        return {};
    switch (Column(index.column())) {
    case Received:
        return relativeTime(row->receivedMs, m_nowMs);
    case From:
        return m_names.listed(row->origin);
    case What:
        return row->quarantined ? tr("Damaged, cannot be handed out")
                                : contentsInWords(row->events, row->pduCount, row->eduCount);
    case Size:
        return sizeText(row->bytes);
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
    case Received:
        return row->receivedMs;
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
    case Received:
        return exactTime(row.receivedMs);
    case From:
        return row.origin;
    case Size:
        return tr("%Ln byte(s)", nullptr, int(std::min<qint64>(row.bytes, INT_MAX)));
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
    case Qt::AccessibleTextRole:
        //: A table cell for screen readers: column title, then content
        return tr("%1: %2").arg(headerData(index.column(), Qt::Horizontal).toString(), displayText(index));
    case Qt::ToolTipRole:
        return toolTip(index);
    case Qt::TextAlignmentRole:
        if (index.column() == Size)
            return QVariant::fromValue(Qt::Alignment(Qt::AlignTrailing | Qt::AlignVCenter));
        return {};
    case FullNameRole:
        return rowAt(index)->origin;
    default:
        return {};
    }
}

QVariant EntryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section == Size)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignTrailing | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    switch (Column(section)) {
    case Received:
        return tr("Received");
    case From:
        return tr("From");
    case What:
        return tr("What");
    case Size:
        return tr("Size");
    case ColumnCount:
        break;
    }
    return {};
}

} // namespace restante::ui
