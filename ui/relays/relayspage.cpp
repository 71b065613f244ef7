// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/relays/relayspage.h"

#include "ui/relays/relaymodel.h"
#include "ui/relays/sweepbar.h"
#include "ui/widgets/actionbutton.h"
#include "ui/widgets/columnwidth.h"
#include "ui/widgets/emptypanel.h"
#include "ui/widgets/format.h"
#include "ui/widgets/pagenotice.h"

#include <QtCore/QSettings>
#include <QtGui/QAction>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTreeView>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

RelaysPage::RelaysPage(control::Operations &operations, const base::Clock &clock, QWidget *parent)
    : Page(parent)
    , m_operations(operations)
    , m_clock(clock)
    , m_model(new RelayModel(this))
    , m_tree(new QTreeView)
    , m_empty(new EmptyPanel(QStringLiteral("relaysEmpty")))
    , m_stack(new QStackedWidget)
    , m_sweep(new SweepBar)
    , m_notice(new PageNotice(QStringLiteral("relaysNotice")))
    , m_addAction(new QAction(tr("&Add…"), this))
    , m_editAction(new QAction(tr("&Edit…"), this))
    , m_removeAction(new QAction(tr("Re&move…"), this))
    , m_testAction(new QAction(tr("Test &connection"), this))
    , m_retrieveAction(new QAction(tr("Retrie&ve now"), this))
    , m_retrieveOneAction(new QAction(tr("Retrieve &from selected"), this))
    , m_copyAction(new QAction(tr("Copy server name"), this))
{
    build();
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RelaysPage::onSelectionChanged);
    connect(m_addAction, &QAction::triggered, this, &RelaysPage::add);
    connect(m_editAction, &QAction::triggered, this, &RelaysPage::edit);
    connect(m_removeAction, &QAction::triggered, this, &RelaysPage::remove);
    connect(m_testAction, &QAction::triggered, this, &RelaysPage::test);
    connect(m_copyAction, &QAction::triggered, this, &RelaysPage::copyName);
    connect(m_retrieveAction, &QAction::triggered, this, [this] { retrieve({}); });
    connect(m_retrieveOneAction, &QAction::triggered, this, [this] {
        if (const auto *entry = selected())
            retrieve(entry->relay.toString());
    });
    connect(m_tree, &QTreeView::activated, this, &RelaysPage::edit);
    connect(m_sweep, &SweepBar::cancelWanted, this, [this] { m_operations.cancelRetrieve(); });
    connect(m_empty, &EmptyPanel::clicked, this, [this] {
        if (m_operations.settings().nodeEnabled)
            add();
        else
            Q_EMIT remedyWanted(Remedy::NodeSettings);
    });
    const auto whileWatched = [this](auto follow) {
        return [this, follow] {
            if (m_watching)
                (this->*follow)();
        };
    };
    connect(&m_operations, &control::Operations::relaysChanged, this, whileWatched(&RelaysPage::updateRelays));
    connect(&m_operations, &control::Operations::settingsChanged, this, whileWatched(&RelaysPage::refresh));
    connect(&m_operations, &control::Operations::sweepChanged, this, whileWatched(&RelaysPage::updateSweep));
    refresh();
}

void RelaysPage::build()
{
    buildTree();
    auto *list = new QWidget;
    auto *listLayout = new QVBoxLayout(list);
    listLayout->setContentsMargins(0, 0, 0, 0);
    listLayout->addWidget(buildButtons());
    listLayout->addWidget(m_tree, 1);
    listLayout->addWidget(m_sweep);
    m_stack->addWidget(list);
    m_stack->addWidget(m_empty);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_notice);
    layout->addWidget(m_stack, 1);
}

void RelaysPage::buildTree()
{
    m_tree->setObjectName(QStringLiteral("relayTree"));
    m_tree->setAccessibleName(tr("Relays and how they are doing"));
    m_tree->setModel(m_model);
    m_tree->setRootIsDecorated(false);
    m_tree->setItemsExpandable(false);
    m_tree->setUniformRowHeights(true);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(RelayModel::Problem, QHeaderView::Stretch);
    setColumnWidth(*m_tree, RelayModel::Name, 28);
    setColumnWidth(*m_tree, RelayModel::HoldsFor, 20);
    setColumnWidth(*m_tree, RelayModel::State, 19);
    setColumnWidth(*m_tree, RelayModel::LastSuccess, 22);
    setColumnWidth(*m_tree, RelayModel::Taken, 10);

    const auto key = [](QAction *action, const QKeySequence &keys) {
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetShortcut);
    };
    key(m_copyAction, QKeySequence::Copy);
    key(m_removeAction, QKeySequence::Delete);
    key(m_editAction, QKeySequence(Qt::Key_F2));
    m_retrieveAction->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_R));
    addAction(m_retrieveAction);
    m_tree->addActions({m_copyAction, m_editAction, m_testAction, m_retrieveOneAction, m_removeAction});
    m_tree->setContextMenuPolicy(Qt::ActionsContextMenu);
}

QWidget *RelaysPage::buildButtons()
{
    m_retrieveAction->setToolTip(tr("Collect what all my relays hold for this server"));
    m_retrieveOneAction->setToolTip(tr("Collect what the selected relay holds for this server"));
    m_testAction->setToolTip(tr("Ask the selected relay whether it works, without collecting anything"));
    auto *buttons = new QWidget;
    auto *layout = new QHBoxLayout(buttons);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(new ActionButton(m_addAction, QStringLiteral("relayAdd")));
    layout->addWidget(new ActionButton(m_editAction, QStringLiteral("relayEdit")));
    layout->addWidget(new ActionButton(m_removeAction, QStringLiteral("relayRemove")));
    layout->addWidget(new ActionButton(m_testAction, QStringLiteral("relayTest")));
    layout->addStretch(1);
    layout->addWidget(new ActionButton(m_retrieveOneAction, QStringLiteral("retrieveOne")));
    layout->addWidget(new ActionButton(m_retrieveAction, QStringLiteral("retrieveAll")));
    return buttons;
}

QString RelaysPage::badge() const
{
    const auto settings = m_operations.settings();
    return settings.nodeEnabled && !settings.relays.isEmpty() ? countText(settings.relays.size()) : QString();
}

void RelaysPage::setWatching(bool watching)
{
    m_watching = watching;
    if (watching)
        refresh();
}

void RelaysPage::refresh()
{
    m_names = PetNames(m_operations.settings());
    m_model->setPetNames(m_names);
    updateEmpty();
    updateRelays();
    updateSweep();
}

void RelaysPage::tick()
{
    m_model->setNow(m_clock.wallMs());
    updateSweep();
}

void RelaysPage::updateRelays()
{
    m_model->setNow(m_clock.wallMs());
    // The selection goes with its association, also if others came or went before it.
    const QString key = m_selectedKey;
    m_model->upsert(m_operations.settings().relays, m_operations.relays(), m_operations.identity().serverName);
    if (!m_tree->isExpanded(m_model->index(0, 0))) { // the model was reset
        m_tree->expandAll();
        for (int group = 0; group < m_model->rowCount(); ++group)
            m_tree->setFirstColumnSpanned(group, {}, true);
        m_tree->setCurrentIndex(m_model->indexOf(key));
    }
    onSelectionChanged();
}

void RelaysPage::updateSweep()
{
    const auto sweep = m_operations.sweep();
    m_sweep->show(sweep, m_names, m_clock.wallMs());
    m_retrieveAction->setEnabled(!sweep.running && m_operations.status().myRelays > 0);
    onSelectionChanged();
}

void RelaysPage::updateEmpty()
{
    const auto settings = m_operations.settings();
    m_stack->setCurrentIndex(settings.nodeEnabled && !settings.relays.isEmpty() ? 0 : 1);
    if (settings.nodeEnabled)
        m_empty->setContents(tr("No relay is known yet. Relays hold mail for this server while it is offline, and for "
                                "its contacts while they are. Add one that a friend runs."),
                             tr("&Add a relay…"));
    else
        m_empty->setContents(tr("Restante can also work beside a homeserver of yours: it collects the mail that relays "
                                "hold for it, and leaves mail with the relays of contacts who are offline. This is "
                                "switched off."),
                             tr("S&witch it on…"));
}

const settings::RelayEntry *RelaysPage::selected() const
{
    const auto rows = m_tree->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_model->entryAt(rows.first());
}

QString RelaysPage::called(const settings::RelayEntry &entry) const
{
    return entry.petname.isEmpty() ? shortName(entry.relay.toString()) : entry.petname;
}

void RelaysPage::onSelectionChanged()
{
    const auto *entry = selected();
    m_selectedKey = entry ? entry->key() : QString();
    for (auto *action : {m_editAction, m_removeAction, m_testAction, m_copyAction})
        action->setEnabled(entry != nullptr);
    m_retrieveOneAction->setEnabled(entry && entry->isMine(m_operations.identity().serverName) &&
                                    !m_operations.sweep().running);
}

void RelaysPage::saveState(QSettings &state) const
{
    state.setValue(QStringLiteral("header"), m_tree->header()->saveState());
}

void RelaysPage::restoreState(const QSettings &state)
{
    m_tree->header()->restoreState(state.value(QStringLiteral("header")).toByteArray());
}

} // namespace restante::ui
