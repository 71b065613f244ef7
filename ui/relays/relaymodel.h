// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/types.h"
#include "ui/widgets/servernames.h"

#include <QtCore/QAbstractItemModel>
#include <QtCore/QHash>

#include <vector>

namespace restante::ui
{

/// The associations of the settings with how each is doing, in two groups: my relays, and those of my contacts. A group
/// without rows is not there. Lives in the main thread. Promises: as long as the associations stay the same, an update
/// announces only the rows that differ; only other associations reset the model.
class RelayModel final : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { Name, HoldsFor, State, LastSuccess, Taken, Problem, ColumnCount };
    enum Role {
        FullNameRole = Qt::UserRole, ///< the relay's whole server name
        KeyRole,                     ///< RelayEntry::key(); empty for a group
    };

    explicit RelayModel(QObject *parent = nullptr);

    /// Takes over the associations in the order of the settings; those that hold mail for `ownName` are mine. One
    /// without a status is shown as not asked yet.
    void upsert(const QList<settings::RelayEntry> &entries, const QList<node::RelayStatus> &statuses,
                const QString &ownName);
    void setPetNames(const PetNames &names);
    /// The moment that relative times are counted from, ms since 1970.
    void setNow(qint64 nowMs);

    /// Null for a group. Valid until the next upsert.
    const settings::RelayEntry *entryAt(const QModelIndex &index) const;
    /// Invalid if there is no such association.
    QModelIndex indexOf(const QString &key) const;
    QString displayText(const QModelIndex &index) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        settings::RelayEntry entry;
        node::RelayStatus status;
        bool mine = true;
    };
    struct Group {
        bool mine = true;
        std::vector<Row> rows;
    };

    static std::vector<Group> grouped(const QList<settings::RelayEntry> &entries,
                                      const QList<node::RelayStatus> &statuses, const QString &ownName);
    static bool sameAssociations(const std::vector<Group> &a, const std::vector<Group> &b);
    static QString titleOf(Column column);
    void announce(int firstColumn, int lastColumn);
    const Row *rowAt(const QModelIndex &index) const;
    static QString stateTip(const node::RelayStatus &status);
    QString toolTip(const QModelIndex &index) const;
    QVariant groupData(const Group &group, int column, int role) const;

    std::vector<Group> m_groups;
    PetNames m_names;
    qint64 m_nowMs = 0;
};

} // namespace restante::ui
