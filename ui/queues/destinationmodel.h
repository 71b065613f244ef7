// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay/doorboard.h"
#include "ui/queues/destinationrow.h"
#include "ui/widgets/servernames.h"

#include <QtCore/QAbstractItemModel>
#include <QtCore/QCollator>
#include <QtCore/QHash>

#include <memory>
#include <vector>

namespace restante::ui
{

/// The queues as a tree: destinations, and under each its user labels. Sorts and filters by itself, because a proxy
/// between it and the view would announce a filter over 10,000 rows as thousands of single removals. Lives in the main
/// thread. Promises: an update never resets the model; selection and expansion stay with their destination.
class DestinationModel final : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { Owner, Held, Size, Oldest, Newest, LastCollected, Full, Door, ColumnCount };
    enum Role {
        FullNameRole = Qt::UserRole, ///< the whole server name, or the user label
    };

    explicit DestinationModel(QObject *parent = nullptr);
    ~DestinationModel() override;

    /// Takes over a complete list of totals: updates, adds, and removes what is not in it. Those of `served` that have
    /// no totals are listed with nothing held.
    void upsert(const QList<queue::DestinationTotal> &totals, const QList<matrix::ServerName> &served = {});
    void setPetNames(const PetNames &names);
    /// How the front doors stand: of all owners that have one.
    void setDoors(const QList<relay::DoorState> &doors);
    /// Shows only destinations whose petname, server name or a user label contains `text`, in any case.
    void setFilter(const QString &text);
    /// The moment that relative times are counted from, ms since 1970.
    void setNow(qint64 nowMs);

    /// The row of a destination; invalid if it is unknown or filtered out.
    QModelIndex indexOf(const matrix::ServerName &destination) const;
    /// The totals that a row, or the row above a user label, stands for; null for an invalid index. Valid until the
    /// next upsert.
    const queue::DestinationTotal *totalAt(const QModelIndex &index) const;
    /// The figures of a user label's row; null for any other. Valid until the next upsert.
    const queue::UserLabelTotal *labelAt(const QModelIndex &index) const;
    /// All destinations, filtered out or not.
    int count() const { return int(m_slots.size()); }

    QString displayText(const QModelIndex &index) const;
    /// What a column is ordered by: a number, or text for Owner.
    QVariant sortKey(const QModelIndex &index) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    static constexpr int Hidden = -1;

    // Indexes carry the slot of their destination, and whether they are a label. The number is scattered: Qt keeps
    // persistent indexes in a hash whose function is little more than row * 16 + internal id, and 10,000 expanded rows
    // with ids in a row are one cluster there, which takes seconds to move.
    static quintptr idOf(int slot, bool label);
    static int slotOf(const QModelIndex &index);
    static bool isLabel(const QModelIndex &index);
    QModelIndex topLevel(int row, int column) const;

    const DestinationRow *rowAt(const QModelIndex &index) const;
    static qint64 number(const queue::DestinationTotal &total, Column column);
    static qint64 number(const queue::UserLabelTotal &label, Column column);
    static bool isFigure(Column column) { return column == Held || column == Size || column == Full; }
    static QString titleOf(Column column);
    QString toolTip(const QModelIndex &index) const;
    /// Null if it has none.
    const relay::DoorState *doorOf(const matrix::ServerName &destination) const;
    qint64 sortNumber(const DestinationRow &row) const;
    QString accessibleText(const QModelIndex &index) const;

    /// What one batch of totals did to the rows.
    struct Changes {
        std::vector<int> changed;
        bool order = false; ///< rows came, went, or may stand elsewhere
    };
    void take(const queue::DestinationTotal &total, Changes &changes);
    void add(const queue::DestinationTotal &total);
    std::vector<int> dropUnseen();
    void derive(DestinationRow &row) const;
    bool matches(const DestinationRow &row) const;
    bool comesBefore(int slot, int other) const;
    void sortLabels(QList<queue::UserLabelTotal> &labels) const;
    const QList<queue::UserLabelTotal> &labelsOf(int slot) const;
    void updateLabels(int slot, QList<queue::UserLabelTotal> labels);
    void reorderLabels(int slot, const QList<queue::UserLabelTotal> &order);
    std::vector<int> matching() const;
    void rearrange();
    void replaceAll(std::vector<int> order);
    void moveTo(std::vector<int> order, bool labelsToo = false);
    void place(std::vector<int> order);
    void announce(const std::vector<int> &slots);

    std::vector<std::unique_ptr<DestinationRow>> m_rows; ///< by slot; null if free
    std::vector<int> m_free;
    QHash<matrix::ServerName, int> m_slots;
    std::vector<int> m_visible;  ///< slots in the order shown
    std::vector<int> m_position; ///< by slot: row in m_visible, or Hidden
    QHash<matrix::ServerName, relay::DoorState> m_doors;
    PetNames m_names;
    QCollator m_collator;
    QString m_filter; ///< case-folded
    qint64 m_nowMs = 0;
    quint32 m_batch = 0;
    quint32 m_sorting = 1; ///< counts changes of column and order
    Column m_sortColumn = Owner;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace restante::ui
