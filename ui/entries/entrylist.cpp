// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/entrylist.h"

#include "ui/entries/entrydetails.h"
#include "ui/entries/entrymodel.h"
#include "ui/widgets/actionbutton.h"
#include "ui/widgets/columnwidth.h"
#include "ui/widgets/elidedlabel.h"
#include "ui/widgets/format.h"

#include <QtCore/QSettings>
#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QTreeView>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

namespace restante::ui
{

EntryList::EntryList(EntrySource &source, const QString &accessibleName, QWidget *parent)
    : QWidget(parent)
    , m_model(new EntryModel(source, this))
    , m_title(new ElidedLabel)
    , m_list(new QTreeView)
    , m_details(new EntryDetails(source))
    , m_splitter(new QSplitter(Qt::Horizontal))
    , m_retryAction(new QAction(tr("Deli&ver again"), this))
    , m_retryButton(new ActionButton(m_retryAction, QStringLiteral("retrySelected")))
    , m_exportAction(new QAction(tr("Export se&lected…"), this))
    , m_discardAction(new QAction(tr("D&iscard selected…"), this))
{
    buildList(accessibleName);
    auto *bar = new QHBoxLayout;
    bar->addWidget(m_title, 1);
    bar->addWidget(m_retryButton);
    bar->addWidget(new ActionButton(m_exportAction, QStringLiteral("exportSelected")));
    bar->addWidget(new ActionButton(m_discardAction, QStringLiteral("discardSelected")));
    auto *left = new QWidget;
    auto *leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, 0, 0);
    leftLayout->addLayout(bar);
    leftLayout->addWidget(m_list, 1);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_details);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({600, 400}); // shares, before the real width is known
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);

    connect(m_model, &EntryModel::failed, this, &EntryList::failed);
    connect(m_model, &EntryModel::loaded, this, &EntryList::onLoaded);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &EntryList::onSelectionChanged);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &EntryList::onSelectionChanged);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, &EntryList::onSelectionChanged);
    connect(m_model, &QAbstractItemModel::dataChanged, this, &EntryList::onChanged);
    connect(m_discardAction, &QAction::triggered, this, [this] { Q_EMIT discardWanted(selected()); });
    connect(m_retryAction, &QAction::triggered, this, [this] { Q_EMIT retryWanted(selected()); });
    setDelivering(false);
    onSelectionChanged();
}

void EntryList::buildList(const QString &accessibleName)
{
    m_list->setObjectName(QStringLiteral("entries"));
    m_list->setAccessibleName(accessibleName);
    m_list->setModel(m_model);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAllColumnsShowFocus(true);
    m_list->setAlternatingRowColors(true);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(EntryModel::What, QHeaderView::Stretch);
    setColumnWidth(*m_list, EntryModel::Time, 15);
    setColumnWidth(*m_list, EntryModel::From, 18);
    setColumnWidth(*m_list, EntryModel::Size, 14);
    if (m_model->columnCount() > EntryModel::Relay)
        setColumnWidth(*m_list, EntryModel::Relay, 18);
    if (m_model->columnCount() > EntryModel::Delivery) {
        setColumnWidth(*m_list, EntryModel::Delivery, 28);
        m_list->header()->moveSection(EntryModel::Delivery, EntryModel::What); // in sight in a narrow window, too
    }

    m_discardAction->setShortcut(QKeySequence::Delete);
    m_discardAction->setShortcutContext(Qt::WidgetShortcut);
    m_retryAction->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_T));
    m_retryAction->setShortcutContext(Qt::WidgetShortcut);
    auto *copy = new QAction(tr("&Copy sender"), this);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &EntryList::copySelected);
    connect(m_exportAction, &QAction::triggered, this, [this] { Q_EMIT exportWanted(selected()); });
    m_list->addActions({copy, m_retryAction, m_exportAction, m_discardAction});
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
}

void EntryList::reload()
{
    m_details->clear();
    m_model->reload();
    onSelectionChanged();
}

void EntryList::setTitle(const QString &title)
{
    m_title->setText(title);
}

void EntryList::setPetNames(const PetNames &names)
{
    m_model->setPetNames(names);
    m_details->setPetNames(names);
}

void EntryList::setDelivering(bool delivering)
{
    m_delivering = delivering;
    m_retryAction->setVisible(delivering);
    m_retryButton->setVisible(delivering);
    if (m_model->columnCount() <= EntryModel::Delivery)
        return;
    // There is no room for both; the details name the relay.
    m_list->setColumnHidden(EntryModel::Delivery, !delivering);
    m_list->setColumnHidden(EntryModel::Relay, delivering);
}

void EntryList::onChanged(const QModelIndex &first, const QModelIndex &last)
{
    const int row = m_list->currentIndex().row();
    if (first.row() <= row && row <= last.row())
        onSelectionChanged();
}

QList<qint64> EntryList::selected() const
{
    QList<qint64> ids;
    const auto rows = m_list->selectionModel()->selectedRows();
    for (const auto &index : rows) {
        if (const auto *row = m_model->rowAt(index))
            ids.append(row->id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

bool EntryList::hasFocusInside() const
{
    const auto *focus = QApplication::focusWidget();
    return focus && (focus == this || isAncestorOf(focus));
}

void EntryList::onSelectionChanged()
{
    const auto current = m_list->currentIndex();
    const bool any = m_list->selectionModel()->hasSelection();
    for (auto *action : m_list->actions())
        action->setEnabled(any);
    const auto *row = m_model->rowAt(current);
    if (row && m_list->selectionModel()->isRowSelected(current.row()))
        m_details->show(*row);
    else if (!any)
        m_details->clear();
}

void EntryList::onLoaded()
{
    // The view asks for more only when it is scrolled; if it is at the end already, it has to be asked for here.
    const auto *bar = m_list->verticalScrollBar();
    if (bar->maximum() > 0 && bar->value() == bar->maximum() && m_model->canFetchMore({}))
        m_model->fetchMore({});
}

void EntryList::copySelected()
{
    QStringList origins;
    const auto rows = m_list->selectionModel()->selectedRows();
    for (const auto &index : rows)
        origins.append(index.data(EntryModel::FullNameRole).toString());
    origins.removeDuplicates();
    QGuiApplication::clipboard()->setText(origins.join(u'\n'));
}

void EntryList::saveState(QSettings &state) const
{
    state.setValue(QStringLiteral("entries"), m_list->header()->saveState());
    state.setValue(QStringLiteral("details"), m_splitter->saveState());
}

void EntryList::restoreState(const QSettings &state)
{
    m_list->header()->restoreState(state.value(QStringLiteral("entries")).toByteArray());
    setDelivering(m_delivering);
    m_splitter->restoreState(state.value(QStringLiteral("details")).toByteArray());
}

} // namespace restante::ui
