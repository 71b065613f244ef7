// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/servernames.h"

#include <QtCore/QAbstractTableModel>

#include <vector>

namespace restante::ui
{

/// The entries of one destination, oldest first: the order in which they will be handed out. Reads them a page at a
/// time as the view asks for more, never all. Lives in the main thread. Promises: an update changes only the rows that
/// differ, so selection and scrolling stay; only another destination resets the model.
class EntryModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Received, From, What, Size, ColumnCount };
    enum Role {
        FullNameRole = Qt::UserRole, ///< the origin's whole name
    };
    static constexpr int PageSize = 200;

    EntryModel(control::Operations &operations, QObject *parent = nullptr);

    /// Switches to another destination and reads its first page. A null name empties the model.
    void setDestination(const matrix::ServerName &destination);
    const matrix::ServerName &destination() const { return m_destination; }
    /// Brings the beginning up to date, and says how many entries there are now; called after totals changed.
    void refresh(qint64 held);
    /// Takes rows out at once, for entries that were discarded.
    void forget(const QList<matrix::EntryId> &ids);
    void setPetNames(const PetNames &names);
    /// The moment that relative times are counted from, ms since 1970.
    void setNow(qint64 nowMs);

    const queue::EntryRow *rowAt(const QModelIndex &index) const;
    QModelIndex indexOf(matrix::EntryId id) const;

    QString displayText(const QModelIndex &index) const;
    QVariant sortKey(const QModelIndex &index) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

Q_SIGNALS:
    /// A page could not be read. Nothing is asked again by itself; `refresh` tries anew.
    void failed(restante::Error error);
    /// A page has been taken over.
    void loaded();

private:
    void request(matrix::EntryId after);
    void take(matrix::EntryId after, const queue::EntryPage &page);
    void upsert(matrix::EntryId after, const queue::EntryPage &page);
    void removeMissing(int first, int last, const QList<queue::EntryRow> &kept);
    void insertOrUpdate(const QList<queue::EntryRow> &rows);
    int lowerBound(matrix::EntryId id) const;
    QString toolTip(const QModelIndex &index) const;

    control::Operations &m_operations;
    matrix::ServerName m_destination;
    std::vector<queue::EntryRow> m_rows; ///< ascending ids, so that the id finds the row by bisection
    PetNames m_names;
    qint64 m_nowMs = 0;
    quint32 m_generation = 0; ///< counts destinations shown; an answer for an earlier one is dropped
    bool m_more = false;
    bool m_fetching = false;
    bool m_stale = false; ///< something changed while a page was on its way
};

} // namespace restante::ui
