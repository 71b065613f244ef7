// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/editablelist.h"

#include "ui/widgets/plaintip.h"

#include <QtGui/QAction>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTreeWidget>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

EditableList::EditableList(const QString &name, const QStringList &titles, const Buttons &buttons, QWidget *parent)
    : QWidget(parent)
    , m_tree(new QTreeWidget)
    , m_add(new QPushButton(buttons.add))
    , m_edit(new QPushButton(buttons.edit))
    , m_remove(new QPushButton(buttons.remove))
{
    m_tree->setObjectName(name);
    m_tree->setHeaderLabels(titles);
    m_tree->setRootIsDecorated(false);
    m_tree->setUniformRowHeights(true);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setMinimumHeight(fontMetrics().lineSpacing() * 7);
    m_tree->header()->setStretchLastSection(false);
    m_add->setObjectName(name + QStringLiteral("Add"));
    m_edit->setObjectName(name + QStringLiteral("Edit"));
    m_remove->setObjectName(name + QStringLiteral("Remove"));
    auto *column = new QVBoxLayout;
    column->addWidget(m_add);
    column->addWidget(m_edit);
    column->addWidget(m_remove);
    column->addStretch(1);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_tree, 1);
    layout->addLayout(column);

    auto *removeKey = new QAction(this);
    removeKey->setShortcut(QKeySequence::Delete);
    removeKey->setShortcutContext(Qt::WidgetShortcut);
    m_tree->addAction(removeKey);
    const auto edit = [this] {
        if (selectedRow() >= 0)
            Q_EMIT editWanted(selectedRow());
    };
    const auto remove = [this] {
        if (selectedRow() >= 0)
            Q_EMIT removeWanted(selectedRow());
    };
    connect(m_add, &QPushButton::clicked, this, &EditableList::addWanted);
    connect(m_edit, &QPushButton::clicked, this, edit);
    connect(m_tree, &QTreeWidget::itemActivated, this, edit);
    connect(m_remove, &QPushButton::clicked, this, remove);
    connect(removeKey, &QAction::triggered, this, remove);
    connect(m_tree, &QTreeWidget::itemSelectionChanged, this, &EditableList::onSelectionChanged);
    onSelectionChanged();
}

void EditableList::setRows(const QList<Row> &rows)
{
    const int selected = selectedRow();
    m_tree->clear();
    for (const auto &row : rows) {
        auto *item = new QTreeWidgetItem(m_tree, row.cells);
        for (int column = 0; column < row.cells.size(); ++column)
            item->setToolTip(column, plainTip(row.toolTip));
    }
    if (selected >= 0 && selected < rows.size())
        m_tree->setCurrentItem(m_tree->topLevelItem(selected));
    onSelectionChanged();
}

int EditableList::selectedRow() const
{
    const auto items = m_tree->selectedItems();
    return items.isEmpty() ? -1 : m_tree->indexOfTopLevelItem(items.first());
}

void EditableList::onSelectionChanged()
{
    m_edit->setEnabled(selectedRow() >= 0);
    m_remove->setEnabled(selectedRow() >= 0);
}

} // namespace restante::ui
