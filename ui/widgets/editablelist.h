// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

class QPushButton;
class QTreeWidget;

namespace restante::ui
{

/// A table with the buttons Add, Edit and Remove beside it, which also have their keys: Return edits, Delete removes.
/// Its owner has the data, and shows it again after each change.
class EditableList final : public QWidget
{
    Q_OBJECT

public:
    struct Row {
        QStringList cells;
        QString toolTip; ///< of every cell
    };
    /// The mnemonics of the buttons differ from page to page, so their texts come from there.
    struct Buttons {
        QString add;
        QString edit;
        QString remove;
    };

    /// The table is named `name`, the buttons `name`Add, `name`Edit and `name`Remove.
    EditableList(const QString &name, const QStringList &titles, const Buttons &buttons, QWidget *parent = nullptr);

    QTreeWidget &tree() { return *m_tree; }
    /// The selection stays on its row number.
    void setRows(const QList<Row> &rows);

Q_SIGNALS:
    void addWanted();
    void editWanted(int row);
    void removeWanted(int row);

private:
    int selectedRow() const;
    void onSelectionChanged();

    QTreeWidget *m_tree;
    QPushButton *m_add;
    QPushButton *m_edit;
    QPushButton *m_remove;
};

} // namespace restante::ui
