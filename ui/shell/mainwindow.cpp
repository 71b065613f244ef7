// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/mainwindow.h"

#include "telemetry/logging.h"
#include "ui/cards/cardsource.h"
#include "ui/cards/opencarddialog.h"
#include "ui/cards/owncarddialog.h"
#include "ui/node/inboxpage.h"
#include "ui/node/outboxpage.h"
#include "ui/overview/overviewpage.h"
#include "ui/queues/queuespage.h"
#include "ui/queues/serveddialog.h"
#include "ui/relays/relayspage.h"
#include "ui/settings/settingsdialog.h"
#include "ui/shell/sidebar.h"
#include "ui/shell/statefile.h"
#include "ui/shell/statusline.h"
#include "ui/shell/warningarea.h"
#include "ui/widgets/confirmation.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/firstsize.h"
#include "ui/widgets/tones.h"

#include <QtCore/QFileInfo>
#include <QtCore/QMimeData>
#include <QtCore/QResource>
#include <QtCore/QSettings>
#include <QtCore/QTimer>
#include <QtGui/QClipboard>
#include <QtGui/QCloseEvent>
#include <QtGui/QDropEvent>
#include <QtGui/QGuiApplication>
#include <QtGui/QIcon>
#include <QtGui/QShortcut>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>
#include <chrono>

// A static library's resources are linked in only if something names them; the macro must be outside a namespace.
static void initialiseIcons()
{
    Q_INIT_RESOURCE(restante_ui);
}

namespace restante::ui
{

namespace
{
QIcon applicationIcon()
{
    QIcon icon;
    for (const int side : {16, 32, 48, 128, 256})
        icon.addFile(QStringLiteral(":/icons/app-%1.png").arg(side));
    return icon;
}

/// A card that was copied is most likely the one that is to be opened.
FoundCard cardInClipboard()
{
    const QString text = QGuiApplication::clipboard()->text();
    const FoundCard found = cardInText(text);
    return card::looksLikeCard(found.link) ? found : FoundCard();
}
} // namespace

MainWindow::MainWindow(control::Operations &operations, QString uiStateFile, QWidget *parent, const base::Clock *clock)
    : QMainWindow(parent)
    , m_operations(operations)
    , m_stateFile(std::move(uiStateFile))
    , m_ownClock(clock ? nullptr : std::make_unique<base::SystemClock>())
    , m_clock(clock ? *clock : *m_ownClock)
    , m_status(new StatusLine)
    , m_warnings(new WarningArea)
    , m_sidebar(new Sidebar)
    , m_pageList(m_sidebar->pages())
    , m_stack(new QStackedWidget)
    , m_ticker(new QTimer(this))
{
    initialiseIcons();
    setWindowTitle(tr("Restante"));
    setWindowIcon(applicationIcon());
    setAcceptDrops(true);
    build();
    addShortcuts();
    auto *overview = new OverviewPage(m_operations, m_clock);
    m_queues = new QueuesPage(m_operations, m_clock);
    addPage(overview);
    addPage(m_queues);
    addPage(new RelaysPage(m_operations, m_clock));
    addPage(new InboxPage(m_operations, m_clock));
    addPage(new OutboxPage(m_operations, m_clock));
    m_pageList->setCurrentRow(0);

    // One tick in half a minute is as fine as "1 min ago" needs.
    m_ticker->setInterval(std::chrono::seconds(30));
    m_ticker->setTimerType(Qt::VeryCoarseTimer);
    connect(m_ticker, &QTimer::timeout, this, [this] {
        updateStatus();
        currentPage()->tick();
    });
    connect(m_pageList, &QListWidget::currentRowChanged, this, [this](int row) {
        if (m_watching)
            currentPage()->setWatching(false);
        m_stack->setCurrentIndex(row);
        m_status->setVisible(row == 0); // elsewhere its room is the page's, and the overview's name tells the state
        if (m_watching)
            currentPage()->setWatching(true);
    });
    const auto lookedAt = [this] {
        if (m_watching)
            updateStatus();
    };
    connect(&m_operations, &control::Operations::statusChanged, this, lookedAt);
    connect(&m_operations, &control::Operations::failed, this, &MainWindow::sayFailure);
    connect(&m_operations, &control::Operations::settingsChanged, this, lookedAt);
    connect(&m_operations, &control::Operations::totalsChanged, this, lookedAt);
    connect(&m_operations, &control::Operations::relaysChanged, this, lookedAt);
    connect(&m_operations, &control::Operations::inboxChanged, this, lookedAt);
    connect(&m_operations, &control::Operations::outboxChanged, this, lookedAt);
    connect(m_warnings, &WarningArea::remedyWanted, this, &MainWindow::remedy);
    connect(overview, &OverviewPage::queueWanted, this, [this](const QString &server) {
        showPage(m_queues->stateKey());
        if (const auto name = matrix::ServerName::parse(server.toUtf8()))
            m_queues->showOwner(*name);
    });
    connect(m_status, &StatusLine::friendWanted, this, [this] { follow(Remedy::AddFriend); });
    connect(m_status, &StatusLine::pauseToggled, this, [this](bool paused) { m_operations.setPaused(paused); });
    connect(qGuiApp, &QGuiApplication::commitDataRequest, this, &MainWindow::endSession, Qt::DirectConnection);
    updateStatus();
    restoreState();
}

MainWindow::~MainWindow()
{
    if (m_watching)
        m_operations.setWatching(false);
}

void MainWindow::build()
{
    m_stack->setObjectName(QStringLiteral("pageStack"));
    buildCards();
    auto *settings = m_sidebar->addButton(Line::Settings, tr("&Settings…"), QStringLiteral("settings"));
    settings->setToolTip(
        tr("Settings (%1)").arg(QKeySequence(Qt::CTRL | Qt::Key_Comma).toString(QKeySequence::NativeText)));
    connect(settings, &QPushButton::clicked, this, [this] { showSettings(); });

    auto *right = new QVBoxLayout;
    right->setContentsMargins(space::Edge, space::Edge, space::Edge, space::Edge);
    right->setSpacing(space::Apart);
    right->addWidget(m_status);
    right->addWidget(m_warnings);
    right->addWidget(m_stack, 1);
    auto *central = new QWidget;
    auto *layout = new QHBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_sidebar);
    layout->addLayout(right, 1);
    setCentralWidget(central);
    setFirstSize(*this, {1160, 780});
}

void MainWindow::buildCards()
{
    auto *button = m_sidebar->addButton(Line::Cards, tr("Cards"), QStringLiteral("cards"));
    button->setToolTip(tr("Links and QR codes with which friends add your relay, and you theirs"));
    auto *menu = new QMenu(button);
    const auto add = [this, menu](const QString &name, const QString &text, Remedy where) {
        auto *action = menu->addAction(text);
        action->setObjectName(name);
        connect(action, &QAction::triggered, this, [this, where] { follow(where); });
        return action;
    };
    add(QStringLiteral("showRelayCard"), tr("Show my &relay card…"), Remedy::RelayCard);
    add(QStringLiteral("showFriendCard"), tr("Show my card for a re&lay…"), Remedy::FriendCard);
    menu->addSeparator();
    auto *open = add(QStringLiteral("openCardAction"), tr("&Open a card…"), Remedy::OpenCard);
    open->setShortcut(QKeySequence::Open);
    addAction(open);
    button->setMenu(menu);
}

void MainWindow::addShortcuts()
{
    const auto add = [this](const QKeySequence &keys, auto slot) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, slot);
    };
    add(QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { showSettings(); });
    add(QKeySequence(Qt::Key_F5), [this] {
        updateStatus();
        currentPage()->refresh();
    });
    add(QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { quit(); });
}

void MainWindow::addPage(Page *page)
{
    m_stack->addWidget(page);
    m_sidebar->addPage(page->icon());
    const int row = m_stack->count() - 1;
    const QKeySequence keys(Qt::CTRL | Qt::Key(Qt::Key_1 + row));
    m_pageList->item(row)->setToolTip(keys.toString(QKeySequence::NativeText));
    connect(new QShortcut(keys, this), &QShortcut::activated, this, [this, row] { m_pageList->setCurrentRow(row); });
    updatePageList();
    connect(page, &Page::badgeChanged, this, &MainWindow::updatePageList);
    connect(page, &Page::remedyWanted, this, &MainWindow::follow);
}

Page *MainWindow::currentPage() const
{
    return static_cast<Page *>(m_stack->currentWidget());
}

void MainWindow::updatePageList()
{
    for (int row = 0; row < m_stack->count(); ++row) {
        const auto *page = static_cast<Page *>(m_stack->widget(row));
        m_sidebar->setPage(row, page->title(), page->badge());
    }
}

void MainWindow::showOnTop()
{
    setWindowState(windowState() & ~Qt::WindowMinimized);
    show();
    raise();
    activateWindow();
}

void MainWindow::setTrayPresence(std::function<bool()> present)
{
    m_trayPresent = std::move(present);
}

void MainWindow::updateWatching()
{
    const bool watching = isVisible() && !isMinimized();
    if (watching == m_watching)
        return;
    m_watching = watching;
    m_operations.setWatching(watching);
    if (watching) {
        m_ticker->start();
        updateStatus();
    } else {
        m_ticker->stop();
    }
    currentPage()->setWatching(watching);
}

void MainWindow::updateStatus()
{
    const auto status = m_operations.status();
    const auto settings = m_operations.settings();
    m_status->setStatus(status, settings.relayPaused, m_clock.wallMs());
    updatePageList();
    auto warnings = warningsFor(status, PetNames(settings));
    if (m_restartNeeded)
        warnings.append({tr("Some of the new settings take effect when Restante is started the next time."),
                         tr("&Understood"),
                         {},
                         Remedy::Dismiss});
    m_warnings->setWarnings(warnings);
}

void MainWindow::remedy(const Warning &warning)
{
    if (warning.remedy == Remedy::CopyDetails)
        QGuiApplication::clipboard()->setText(warning.text + u'\n' + warning.detail);
    else
        follow(warning.remedy);
}

void MainWindow::follow(Remedy remedy)
{
    switch (remedy) {
    case Remedy::CopyDetails:
        return;
    case Remedy::Dismiss:
        m_restartNeeded = false;
        updateStatus();
        return;
    case Remedy::ShowRelays:
        showPage(QStringLiteral("relays"));
        return;
    case Remedy::RelayCard:
        showOwnCard(card::Card::Kind::Relay);
        return;
    case Remedy::FriendCard:
        showOwnCard(card::Card::Kind::Friend);
        return;
    case Remedy::OpenCard:
        openCard(cardInClipboard());
        return;
    case Remedy::AddFriend:
        addFriend();
        return;
    case Remedy::NetworkSettings:
    case Remedy::RelayingSettings:
    case Remedy::NodeSettings:
    case Remedy::HomeserverSettings:
    case Remedy::FederationSettings:
    case Remedy::StorageSettings:
        openSettings(remedy);
        return;
    }
}

void MainWindow::showPage(const QString &stateKey)
{
    for (int row = 0; row < m_stack->count(); ++row) {
        if (static_cast<Page *>(m_stack->widget(row))->stateKey() == stateKey)
            m_pageList->setCurrentRow(row);
    }
}

void MainWindow::endSession()
{
    m_sessionEnds = true;
    saveState();
}

void MainWindow::quit()
{
    saveState();
    Q_EMIT quitRequested();
}

void MainWindow::openSettings(Remedy where)
{
    if (!m_settings) {
        m_settings = new SettingsDialog(m_operations, QFileInfo(m_stateFile).absolutePath(), this);
        m_settings->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_settings, &SettingsDialog::restartNeeded, this, [this] {
            m_restartNeeded = true;
            updateStatus();
        });
        connect(m_settings, &SettingsDialog::setupWanted, this, &MainWindow::setupWanted);
        m_settings->open();
    }
    m_settings->showPage(where);
    m_settings->raise();
    m_settings->activateWindow();
}

/// Whose card then goes to them, so that they can add this relay.
void MainWindow::addFriend()
{
    QStringList taken;
    for (const auto &served : m_operations.settings().served)
        taken.append(served.name.toString());
    auto *dialog = new ServedDialog(settings::ServedEntry(), std::move(taken), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        const settings::ServedEntry added = dialog->entry();
        auto changed = m_operations.settings();
        changed.served.append(added);
        m_operations.applySettings(changed, this, [this, added](const Result<bool> &applied) {
            if (!applied)
                return sayFailure(applied.error());
            showOwnCard(card::Card::Kind::Relay, PetNames(m_operations.settings()).called(added.name.toString()));
        });
    });
    dialog->open();
}

void MainWindow::openCard(const QString &link)
{
    showOnTop();
    openCard(cardInText(link));
}

void MainWindow::openCard(const FoundCard &found)
{
    if (!m_card) {
        m_card = new OpenCardDialog(m_operations, this);
        m_card->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_card, &OpenCardDialog::added, this, [this](card::Card::Kind kind, const QString &called) {
            showPage(kind == card::Card::Kind::Relay ? QStringLiteral("relays") : QStringLiteral("queues"));
            showOwnCard(kind == card::Card::Kind::Relay ? card::Card::Kind::Friend : card::Card::Kind::Relay, called);
        });
        m_card->QDialog::open();
    }
    m_card->open(found);
    m_card->raise();
    m_card->activateWindow();
}

void MainWindow::showOwnCard(card::Card::Kind kind, const QString &answersTo)
{
    auto *dialog = new OwnCardDialog(m_operations, kind, answersTo, this);
    dialog->setObjectName(QStringLiteral("ownCard"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (mayHoldCard(*event->mimeData()))
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    openCard(cardIn(*event->mimeData()));
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    updateWatching();
}

void MainWindow::hideEvent(QHideEvent *event)
{
    saveState();
    QMainWindow::hideEvent(event);
    updateWatching();
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange)
        updateWatching();
    // The end of the session was stopped: from now on closing means closing again.
    if (event->type() == QEvent::ActivationChange && isActiveWindow())
        m_sessionEnds = false;
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    m_warnings->setMostHeight(height() / 3); // the page below is what people work with
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    saveState();
    if (!m_sessionEnds && m_trayPresent && m_trayPresent()) {
        event->ignore();
        hide();
        return;
    }
    if (m_sessionEnds) {
        event->accept();
        Q_EMIT quitRequested();
        return;
    }
    event->ignore();
    askToQuit();
}

/// Without a tray nothing would be left of the program, and whoever closes a window may not expect that.
void MainWindow::askToQuit()
{
    if (findChild<QMessageBox *>(QStringLiteral("confirmation")))
        return; // it is being asked already
    confirm(this,
            {tr("Quit"),
             tr("There is no tray that Restante could go on in. If it ends, this computer holds and collects no "
                "mail until it is started again."),
             tr("&Quit")},
            [this] { quit(); });
}

void MainWindow::sayFailure(const Error &error)
{
    auto *box = new QMessageBox(QMessageBox::Warning, QCoreApplication::applicationName(), sentence(error),
                                QMessageBox::Ok, this);
    if (!error.detail.isEmpty())
        box->setDetailedText(error.detail); // English, on demand
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open(); // never blocks
}

void MainWindow::saveState()
{
    if (m_stateFile.isEmpty())
        return;
    StateFile file(m_stateFile);
    QSettings &state = file.draft();
    state.setValue(QStringLiteral("geometry"), saveGeometry());
    state.setValue(QStringLiteral("page"), currentPage()->stateKey());
    for (int row = 0; row < m_stack->count(); ++row) {
        const auto *page = static_cast<Page *>(m_stack->widget(row));
        state.beginGroup(page->stateKey());
        page->saveState(state);
        state.endGroup();
    }
    if (const auto written = file.commit(); !written)
        qCWarning(lcUi).noquote() << written.error().detail;
}

void MainWindow::restoreState()
{
    if (m_stateFile.isEmpty() || !QFileInfo::exists(m_stateFile))
        return;
    QSettings state(m_stateFile, QSettings::IniFormat);
    restoreGeometry(state.value(QStringLiteral("geometry")).toByteArray());
    keepOnScreen(*this);
    for (int row = 0; row < m_stack->count(); ++row) {
        auto *page = static_cast<Page *>(m_stack->widget(row));
        state.beginGroup(page->stateKey());
        page->restoreState(state);
        state.endGroup();
    }
    showPage(state.value(QStringLiteral("page")).toString());
}

} // namespace restante::ui
