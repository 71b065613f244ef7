// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/queues/queuespage.h"

#include "ui/entries/entrylist.h"
#include "ui/queues/destinationmodel.h"
#include "ui/widgets/actionbutton.h"
#include "ui/widgets/columnwidth.h"
#include "ui/widgets/emptypanel.h"
#include "ui/widgets/format.h"
#include "ui/widgets/pagefilter.h"
#include "ui/widgets/pagenotice.h"

#include <QtCore/QSettings>
#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QShortcut>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTreeView>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

namespace restante::ui
{

QueuesPage::QueuesPage(control::Operations &operations, const base::Clock &clock, QWidget *parent)
    : Page(parent)
    , m_operations(operations)
    , m_clock(clock)
    , m_model(new DestinationModel(this))
    , m_filter(new PageFilter(QStringLiteral("filter"), tr("Filter the queues"), tr("name, server or user"), this))
    , m_summary(new QLabel)
    , m_tree(new QTreeView)
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyPanel(QStringLiteral("empty")))
    , m_source(operations)
    , m_entries(new EntryList(m_source, tr("Entries of the selected owner")))
    , m_splitter(new QSplitter(Qt::Vertical))
    , m_notice(new PageNotice(QStringLiteral("queuesNotice")))
    , m_exportAction(new QAction(tr("E&xport all…"), this))
    , m_discardAction(new QAction(tr("Disc&ard all…"), this))
    , m_cardAction(new QAction(tr("&My relay card…"), this))
    , m_invitesAction(new QAction(this))
    , m_invitesButton(new ActionButton(m_invitesAction, QStringLiteral("showInvites")))
{
    build();
    connect(&m_operations, &control::Operations::totalsChanged, this, &QueuesPage::takeTotals);
    connect(&m_operations, &control::Operations::settingsChanged, this, &QueuesPage::takeSettings);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_model->setFilter(text);
        updateSummary();
        onSelectionChanged();
    });
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &QueuesPage::onSelectionChanged);
    connect(m_entries, &EntryList::discardWanted, this, &QueuesPage::confirmDiscard);
    connect(m_entries, &EntryList::exportWanted, this,
            [this](const QList<qint64> &ids) { exportEntries(m_selected, ids); });
    connect(m_entries, &EntryList::failed, m_notice, &PageNotice::fail);
    connect(m_exportAction, &QAction::triggered, this, &QueuesPage::exportAll);
    connect(m_discardAction, &QAction::triggered, this, &QueuesPage::confirmDiscardAll);
    connect(m_cardAction, &QAction::triggered, this, [this] { Q_EMIT remedyWanted(Remedy::RelayCard); });
    connect(m_invitesAction, &QAction::triggered, this, &QueuesPage::showInvites);
    connect(m_empty, &EmptyPanel::clicked, this, [this] { Q_EMIT remedyWanted(Remedy::RelayingSettings); });
    takeSettings();
    tick();
    onSelectionChanged();
}

void QueuesPage::build()
{
    buildTree();
    m_stack->addWidget(m_tree);
    m_stack->addWidget(m_empty);
    auto *upper = new QWidget;
    auto *upperLayout = new QVBoxLayout(upper);
    upperLayout->setContentsMargins(0, 0, 0, 0);
    upperLayout->addWidget(buildTop());
    upperLayout->addWidget(m_stack, 1);
    m_splitter->addWidget(upper);
    m_splitter->addWidget(m_entries);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({400, 600}); // shares, before the real height is known
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_notice);
    layout->addWidget(m_splitter, 1);

    auto *exportKey = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_E), this);
    connect(exportKey, &QShortcut::activated, this, &QueuesPage::exportByFocus);
}

void QueuesPage::buildTree()
{
    m_tree->setObjectName(QStringLiteral("destinations"));
    m_tree->setAccessibleName(tr("Queues by owner"));
    m_tree->setModel(m_model);
    m_tree->setUniformRowHeights(true);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setAlternatingRowColors(true);
    m_tree->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tree->setSortingEnabled(true);
    m_tree->sortByColumn(DestinationModel::Owner, Qt::AscendingOrder);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(DestinationModel::Owner, QHeaderView::Stretch);
    for (const int column : {DestinationModel::Held, DestinationModel::Size})
        setColumnWidth(*m_tree, column, 12);
    for (const int column : {DestinationModel::Oldest, DestinationModel::Newest})
        setColumnWidth(*m_tree, column, 16);
    setColumnWidth(*m_tree, DestinationModel::LastCollected, 18);
    setColumnWidth(*m_tree, DestinationModel::Full, 8);
    setColumnWidth(*m_tree, DestinationModel::Door, 18);

    auto *copy = new QAction(tr("&Copy server name"), this);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &QueuesPage::copyName);
    m_discardAction->setShortcut(QKeySequence::Delete);
    m_discardAction->setShortcutContext(Qt::WidgetShortcut);
    m_exportAction->setToolTip(tr("Export all that is held for the selected owner (%1)")
                                   .arg(QKeySequence(Qt::CTRL | Qt::Key_E).toString(QKeySequence::NativeText)));
    m_tree->addActions({copy, m_exportAction, m_discardAction});
    m_tree->setContextMenuPolicy(Qt::ActionsContextMenu);
}

QWidget *QueuesPage::buildTop()
{
    m_summary->setObjectName(QStringLiteral("summary"));
    auto *top = new QWidget;
    auto *layout = new QHBoxLayout(top);
    layout->setContentsMargins(0, 0, 0, 0);
    m_filter->addTo(*layout);
    layout->addStretch(1);
    layout->addWidget(m_summary);
    layout->addSpacing(12);
    layout->addWidget(m_invitesButton);
    m_cardAction->setToolTip(tr("A link and a QR code with which friends add this relay"));
    layout->addWidget(new ActionButton(m_cardAction, QStringLiteral("myRelayCard")));
    layout->addWidget(new ActionButton(m_exportAction, QStringLiteral("exportAll")));
    layout->addWidget(new ActionButton(m_discardAction, QStringLiteral("discardAll")));
    return top;
}

QString QueuesPage::badge() const
{
    return m_heldEntries > 0 ? countText(m_heldEntries) : QString();
}

void QueuesPage::setWatching(bool watching)
{
    m_watching = watching;
    if (watching)
        refresh();
}

void QueuesPage::refresh()
{
    tick();
    m_operations.fetchTotals(this, [this](Result<queue::Totals> totals) {
        if (totals)
            takeTotals(*totals);
        else
            m_notice->fail(totals.error());
    });
}

void QueuesPage::tick()
{
    m_model->setNow(m_clock.wallMs());
    m_entries->setNow(m_clock.wallMs());
    updateDoors();
}

/// The front doors, and whether invites failed at one.
void QueuesPage::updateDoors()
{
    const auto doors = m_operations.doors();
    m_model->setDoors(doors);
    m_tree->setColumnHidden(DestinationModel::Door, doors.isEmpty());
    const auto failed = m_operations.failedInvites().size();
    m_invitesAction->setText(tr("Failed in&vites (%1)…").arg(countText(failed)));
    m_invitesButton->setVisible(failed > 0);
}

void QueuesPage::takeSettings()
{
    const auto served = m_operations.settings().served;
    m_names = PetNames(m_operations.settings());
    m_served.clear();
    for (const auto &entry : served)
        m_served.append(entry.name);
    m_model->setPetNames(m_names);
    m_entries->setPetNames(m_names);
    if (const auto *total = m_model->totalAt(m_model->indexOf(m_selected.destination)))
        updateTitle(heldOf(total));
    if (m_watching)
        refresh();
    updateEmpty();
}

void QueuesPage::takeTotals(const queue::Totals &totals)
{
    m_known = true;
    m_heldEntries = totals.entries;
    m_model->setNow(m_clock.wallMs());
    m_entries->setNow(m_clock.wallMs());
    const auto *before = m_model->totalAt(m_model->indexOf(m_selected.destination));
    const auto old = before ? std::optional(*before) : std::nullopt;
    m_model->upsert(totals.destinations, m_served);
    updateDoors();
    updateSummary();
    updateEmpty();
    onSelectionChanged();
    if (!m_wanted.isNull()) {
        showOwner(m_wanted);
        m_wanted = {}; // who is not known now may never be
    }
    const auto *now = m_model->totalAt(m_model->indexOf(m_selected.destination));
    const bool same = old && now && old->entries == now->entries && old->newestMs == now->newestMs &&
                      old->oldestMs == now->oldestMs && old->bytes == now->bytes &&
                      old->lastCollectedMs == now->lastCollectedMs;
    if (!m_selected.destination.isNull() && !same) {
        updateTitle(heldOf(now));
        m_entries->refresh(heldOf(now));
    }
    Q_EMIT badgeChanged();
}

void QueuesPage::showOwner(const matrix::ServerName &server)
{
    m_filter->clear();
    const auto index = m_model->indexOf(server);
    m_wanted = index.isValid() ? matrix::ServerName() : server;
    if (!index.isValid())
        return;
    m_tree->setCurrentIndex(index);
    m_tree->scrollTo(index);
}

void QueuesPage::updateSummary()
{
    const int shown = m_model->rowCount();
    const int all = m_model->count();
    m_summary->setText(shown == all ? tr("%Ln owner(s)", nullptr, all)
                                    : tr("%1 of %Ln owner(s)", nullptr, all).arg(countText(shown)));
}

void QueuesPage::updateTitle(qint64 held)
{
    m_entries->setTitle(
        m_selected.destination.isNull() ? QString() : tr("Held for %1: %2").arg(called(m_selected), countText(held)));
}

QString QueuesPage::called(const queue::HeldFor &what) const
{
    const QString server = m_names.called(what.destination.toString());
    if (!what.user)
        return server;
    //: Mail for one user (%1) of a friend's server (%2); then for the rest of its users
    return what.user->isEmpty() ? tr("other users of %1").arg(server) : tr("@%1 of %2").arg(*what.user, server);
}

qint64 QueuesPage::heldOf(const queue::DestinationTotal *total) const
{
    if (!total || !m_selected.user)
        return total ? total->entries : 0;
    const auto label = std::find_if(total->labels.cbegin(), total->labels.cend(),
                                    [this](const auto &each) { return each.label == *m_selected.user; });
    return label == total->labels.cend() ? 0 : label->entries;
}

void QueuesPage::updateEmpty()
{
    const auto settings = m_operations.settings();
    const bool empty = m_known && m_model->count() == 0;
    m_stack->setCurrentIndex(empty ? 1 : 0);
    m_entries->setVisible(!empty);
    if (!empty)
        return;
    if (!settings.relayEnabled) {
        m_empty->setContents(tr("Relaying is switched off, so nothing is taken in and nothing is handed out."),
                             tr("S&witch relaying on…"));
    } else if (settings.relayOpen) {
        m_empty->setContents(tr("Nothing is held. Mail that anybody leaves here for a server that is offline appears "
                                "on this page until its owner collects it."),
                             tr("Add a fri&end…"));
    } else {
        m_empty->setContents(tr("Nobody is served yet. Add a friend: while their server is offline, mail for them is "
                                "held here until they collect it."),
                             tr("Add a fri&end…"));
    }
}

void QueuesPage::onSelectionChanged()
{
    const auto rows = m_tree->selectionModel()->selectedRows();
    const auto *total = rows.isEmpty() ? nullptr : m_model->totalAt(rows.first());
    queue::HeldFor selected;
    if (total)
        selected.destination = total->destination;
    const auto *label = rows.isEmpty() ? nullptr : m_model->labelAt(rows.first());
    if (label)
        selected.user = label->label;
    const qint64 held = label ? label->entries : total ? total->entries : 0;
    for (auto *action : m_tree->actions())
        action->setEnabled(total != nullptr);
    m_exportAction->setEnabled(held > 0);
    m_discardAction->setEnabled(held > 0);
    if (selected == m_selected)
        return;
    m_selected = selected;
    m_source.setSource(selected);
    m_entries->reload();
    updateTitle(held);
    if (total)
        m_entries->refresh(held);
}

void QueuesPage::copyName()
{
    const auto rows = m_tree->selectionModel()->selectedRows();
    if (!rows.isEmpty())
        QGuiApplication::clipboard()->setText(rows.first().data(DestinationModel::FullNameRole).toString());
}

void QueuesPage::saveState(QSettings &state) const
{
    state.setValue(QStringLiteral("header"), m_tree->header()->saveState());
    state.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    m_entries->saveState(state);
}

void QueuesPage::restoreState(const QSettings &state)
{
    m_tree->header()->restoreState(state.value(QStringLiteral("header")).toByteArray());
    updateDoors(); // a column may have been hidden then
    m_splitter->restoreState(state.value(QStringLiteral("splitter")).toByteArray());
    m_entries->restoreState(state);
}

} // namespace restante::ui
