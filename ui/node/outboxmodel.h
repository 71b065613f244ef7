// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/types.h"
#include "ui/widgets/servernames.h"

#include <QtCore/QAbstractTableModel>
#include <QtCore/QHash>

namespace restante::ui
{

/// The destinations that the outbox has met. Lives in the main thread. Promises: an update never resets the model, and
/// announces only the rows that differ. To be sorted by a proxy, by SortRole.
class OutboxModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Destination, State, LastSuccess, LastFailure, Direct, ByRelay, Relays, ColumnCount };
    enum Role {
        FullNameRole = Qt::UserRole, ///< the whole server name
    };

    explicit OutboxModel(QObject *parent = nullptr);

    /// Takes over the complete list: updates, adds, and removes what is not in it.
    void upsert(const QList<node::DestinationRow> &rows);
    void setPetNames(const PetNames &names);
    /// The moment that relative times are counted from, ms since 1970.
    void setNow(qint64 nowMs);

    /// Null for an invalid index. Valid until the next upsert.
    const node::DestinationRow *rowAt(const QModelIndex &index) const;
    QString displayText(const QModelIndex &index) const;
    QVariant sortKey(const QModelIndex &index) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    static QString titleOf(Column column);
    static bool isFigure(int column) { return column == Direct || column == ByRelay || column == Relays; }
    QString stateTip(const node::DestinationRow &row) const;
    QString stateText(const node::DestinationRow &row) const;
    QString toolTip(const QModelIndex &index) const;

    QList<node::DestinationRow> m_rows; ///< in the order in which they were met
    QHash<matrix::ServerName, int> m_places;
    PetNames m_names;
    qint64 m_nowMs = 0;
};

} // namespace restante::ui
