// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/node/outboxpage.h"

#include "ui/node/outboxmodel.h"
#include "ui/widgets/actionbutton.h"
#include "ui/widgets/columnwidth.h"
#include "ui/widgets/emptypanel.h"
#include "ui/widgets/pagefilter.h"
#include "ui/widgets/pagenotice.h"
#include "ui/widgets/tablecells.h"

#include <QtCore/QSettings>
#include <QtCore/QSortFilterProxyModel>
#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTreeView>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

OutboxPage::OutboxPage(control::Operations &operations, const base::Clock &clock, QWidget *parent)
    : Page(parent)
    , m_operations(operations)
    , m_clock(clock)
    , m_model(new OutboxModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_list(new QTreeView)
    , m_filter(new PageFilter(QStringLiteral("outboxFilter"), tr("Filter the servers"), tr("name or server"), this))
    , m_empty(new EmptyPanel(QStringLiteral("outboxEmpty")))
    , m_stack(new QStackedWidget)
    , m_notice(new PageNotice(QStringLiteral("outboxNotice")))
    , m_tryAction(new QAction(tr("Try directly a&gain"), this))
    , m_copyAction(new QAction(tr("Copy server name"), this))
{
    build();
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &OutboxPage::onSelectionChanged);
    connect(m_filter, &QLineEdit::textChanged, m_sorted, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_tryAction, &QAction::triggered, this, &OutboxPage::tryDirectly);
    connect(m_copyAction, &QAction::triggered, this, &OutboxPage::copyName);
    connect(m_empty, &EmptyPanel::clicked, this, [this] { Q_EMIT remedyWanted(Remedy::NodeSettings); });
    const auto whileWatched = [this] {
        if (m_watching)
            refresh();
    };
    connect(&m_operations, &control::Operations::outboxChanged, this, whileWatched);
    connect(&m_operations, &control::Operations::settingsChanged, this, whileWatched);
    updateEmpty();
    onSelectionChanged();
}

void OutboxPage::build()
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(SortRole);
    m_sorted->setSortCaseSensitivity(Qt::CaseInsensitive);
    m_sorted->setSortLocaleAware(true);
    m_sorted->setFilterRole(FilterRole);
    m_sorted->setFilterKeyColumn(OutboxModel::Destination);
    m_sorted->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_list->setObjectName(QStringLiteral("outbox"));
    m_list->setAccessibleName(tr("Servers and whether they can be reached"));
    m_list->setModel(m_sorted);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAllColumnsShowFocus(true);
    m_list->setAlternatingRowColors(true);
    m_list->setSortingEnabled(true);
    m_list->sortByColumn(OutboxModel::Destination, Qt::AscendingOrder);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(OutboxModel::Destination, QHeaderView::Stretch);
    setColumnWidth(*m_list, OutboxModel::State, 31);
    for (const int column : {OutboxModel::LastSuccess, OutboxModel::LastFailure})
        setColumnWidth(*m_list, column, 12);
    for (const int column : {OutboxModel::Direct, OutboxModel::ByRelay, OutboxModel::Relays})
        setColumnWidth(*m_list, column, 8);
    m_tryAction->setToolTip(tr("Forget that the selected server could not be reached; the next piece of mail goes "
                               "there directly"));
    m_copyAction->setShortcut(QKeySequence::Copy);
    m_copyAction->setShortcutContext(Qt::WidgetShortcut);
    m_list->addActions({m_copyAction, m_tryAction});
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);

    auto *page = new QWidget;
    auto *pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(0, 0, 0, 0);
    pageLayout->addWidget(buildTop());
    pageLayout->addWidget(m_list, 1);
    m_stack->addWidget(page);
    m_stack->addWidget(m_empty);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_notice);
    layout->addWidget(m_stack, 1);
}

QWidget *OutboxPage::buildTop()
{
    auto *top = new QWidget;
    auto *layout = new QHBoxLayout(top);
    layout->setContentsMargins(0, 0, 0, 0);
    m_filter->addTo(*layout);
    layout->addStretch(1);
    layout->addWidget(new QLabel(tr("Where the homeserver sends to")));
    layout->addSpacing(12);
    layout->addWidget(new ActionButton(m_tryAction, QStringLiteral("tryDirectly")));
    return top;
}

void OutboxPage::setWatching(bool watching)
{
    m_watching = watching;
    if (watching)
        refresh();
}

void OutboxPage::tick()
{
    m_model->setNow(m_clock.wallMs());
}

void OutboxPage::refresh()
{
    tick();
    m_names = PetNames(m_operations.settings());
    m_model->setPetNames(m_names);
    updateEmpty();
    if (!m_operations.status().node)
        return;
    m_operations.fetchOutbox(this, [this](const Result<QList<node::DestinationRow>> &rows) {
        if (!rows) {
            m_notice->fail(rows.error());
            return;
        }
        m_model->upsert(*rows);
        updateEmpty();
        onSelectionChanged();
    });
}

void OutboxPage::updateEmpty()
{
    const auto settings = m_operations.settings();
    m_stack->setCurrentIndex(m_operations.status().node && m_model->rowCount() > 0 ? 0 : 1);
    const QString address = m_operations.status().nodeAddress;
    if (!settings.nodeEnabled)
        m_empty->setContents(tr("This page shows whether the servers that a homeserver of yours sends to can be "
                                "reached, or get their mail by relays. Working beside a homeserver is switched off."),
                             tr("S&witch it on…"));
    else if (m_operations.status().nodeFailed)
        m_empty->setContents(tr("Nothing can be sent: the file node.sqlite is damaged."), tr("Node settin&gs…"));
    else if (!m_operations.status().node)
        m_empty->setContents(tr("Nothing has been sent: working beside a homeserver begins at the next start of "
                                "Restante."),
                             tr("Node settin&gs…"));
    else if (address.isEmpty())
        m_empty->setContents(tr("Nothing has been sent, and nothing can be: Restante does not listen for the "
                                "homeserver. Check the address in the settings."),
                             tr("Node settin&gs…"));
    else
        m_empty->setContents(tr("Nothing has been sent yet. Set %1 as the proxy of the homeserver; then "
                                "the servers that it sends to appear here.")
                                 .arg(address));
}

const node::DestinationRow *OutboxPage::selected() const
{
    const auto rows = m_list->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_model->rowAt(m_sorted->mapToSource(rows.first()));
}

void OutboxPage::onSelectionChanged()
{
    const auto *row = selected();
    m_copyAction->setEnabled(row != nullptr);
    m_tryAction->setEnabled(row && row->failures > 0);
}

void OutboxPage::tryDirectly()
{
    const auto *row = selected();
    if (!row)
        return;
    const QString name = m_names.called(row->destination.toString());
    m_operations.forgetFailures(row->destination, this, [this, name](const Result<bool> &done) {
        if (!done) {
            m_notice->fail(done.error());
            return;
        }
        m_notice->report(tr("The next piece of mail for %1 goes there directly.").arg(name));
        refresh();
    });
}

void OutboxPage::copyName()
{
    if (const auto *row = selected())
        QGuiApplication::clipboard()->setText(row->destination.toString());
}

void OutboxPage::saveState(QSettings &state) const
{
    state.setValue(QStringLiteral("header"), m_list->header()->saveState());
}

void OutboxPage::restoreState(const QSettings &state)
{
    m_list->header()->restoreState(state.value(QStringLiteral("header")).toByteArray());
}

} // namespace restante::ui
