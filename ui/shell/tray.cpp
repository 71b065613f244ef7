// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/tray.h"

#include "ui/relays/relaywords.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/trayhost.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/plaintext.h"
#include "ui/widgets/stateindicator.h"

#include <QtCore/QEvent>
#include <QtGui/QIcon>
#include <QtWidgets/QSystemTrayIcon>

#include <algorithm>

namespace restante::ui
{

using State = control::ApplianceStatus::State;

namespace
{
constexpr int LookMs = 3000;
constexpr int HiddenLookMs = 5000;

QIcon stateIcon(State state)
{
    QString name;
    switch (state) {
    case State::Running:
        name = QStringLiteral("running");
        break;
    case State::Paused:
        name = QStringLiteral("paused");
        break;
    case State::Degraded:
        name = QStringLiteral("degraded");
        break;
    case State::Stopped:
        name = QStringLiteral("stopped");
        break;
    }
    QIcon icon;
    for (const int side : {22, 64})
        icon.addFile(QStringLiteral(":/icons/%1-%2.png").arg(name).arg(side));
    return icon;
}
} // namespace

Tray::Tray(control::Operations &operations, MainWindow &window, TrayHost &host, const base::Clock &clock,
           QObject *parent)
    : QObject(parent)
    , m_operations(operations)
    , m_window(window)
    , m_host(host)
    , m_clock(clock)
    , m_pause(nullptr)
    , m_retrieve(nullptr)
{
    buildMenu();
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::VeryCoarseTimer);
    connect(&m_timer, &QTimer::timeout, this, &Tray::look);
    connect(&m_host, &TrayHost::changed, this, &Tray::look);
    connect(&m_operations, &control::Operations::statusChanged, this, &Tray::update);
    connect(&m_operations, &control::Operations::settingsChanged, this, &Tray::update);
    m_window.setTrayPresence([this] { return isPresent(); });
    m_window.installEventFilter(this);
    update();
}

Tray::~Tray()
{
    m_window.setTrayPresence({});
}

void Tray::buildMenu()
{
    const auto add = [this](const QString &name, const QString &text, auto slot) {
        auto *action = m_menu.addAction(text);
        action->setObjectName(name);
        connect(action, &QAction::triggered, this, slot);
        return action;
    };
    m_menu.setDefaultAction(add(QStringLiteral("trayOpen"), tr("&Open"), [this] { m_window.showOnTop(); }));
    m_pause =
        add(QStringLiteral("trayPause"), {}, [this] { m_operations.setPaused(!m_operations.settings().relayPaused); });
    m_retrieve = add(QStringLiteral("trayRetrieve"), tr("Retrieve &now"), [this] { retrieve(); });
    add(QStringLiteral("trayCard"), tr("Relay &card…"), [this] {
        m_window.showOnTop();
        m_window.showRelayCard();
    });
    m_menu.addSeparator();
    add(QStringLiteral("traySettings"), tr("&Settings…"), [this] {
        m_window.showOnTop();
        m_window.showSettings();
    });
    m_menu.addSeparator();
    add(QStringLiteral("trayQuit"), tr("&Quit"), [this] { m_window.quit(); });
}

void Tray::retrieve()
{
    m_operations.retrieve({}, this, [this](const Result<node::Sweep> &sweep) {
        const PetNames names(m_operations.settings());
        // The answer to what was asked for here: the window may be hidden.
        if (m_icon)
            m_icon->showMessage(tr("Restante"),
                                withoutMarkup(sweep ? resultText(*sweep, names) : sentence(sweep.error())));
    });
}

void Tray::start(bool hidden)
{
    m_started = true;
    m_startedMs = m_clock.steadyMs();
    if (!hidden)
        m_window.showOnTop();
    look();
}

bool Tray::isPresent() const
{
    return m_icon && m_icon->isVisible() && m_host.isThere();
}

void Tray::look()
{
    const bool there = m_host.isThere();
    if (there && !m_icon)
        showIcon();
    if (there || m_window.isVisible()) {
        m_unseenSinceMs.reset();
    } else if (m_started) {
        m_unseenSinceMs = m_unseenSinceMs.value_or(m_clock.steadyMs());
        if (m_clock.steadyMs() - *m_unseenSinceMs >= GraceMs)
            m_window.showOnTop();
    }
    if (const auto wait = lookAgainMs())
        m_timer.start(*wait);
    else
        m_timer.stop();
}

std::optional<int> Tray::lookAgainMs() const
{
    if (!m_started)
        return std::nullopt;
    if (!m_window.isVisible())
        return HiddenLookMs;
    if (!m_icon && m_clock.steadyMs() - m_startedMs < LookingMs)
        return LookMs;
    return std::nullopt;
}

void Tray::showIcon()
{
    m_icon = std::make_unique<QSystemTrayIcon>();
    m_icon->setContextMenu(&m_menu);
    connect(m_icon.get(), &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger)
            m_window.showOnTop();
    });
    m_shown.reset();
    update();
    m_icon->show();
}

QString Tray::toolTip() const
{
    const auto status = m_operations.status();
    //: The tool tip of the tray icon; %1 is the state
    QString state = tr("Restante: %1").arg(stateText(status.state));
    const bool pausedToo = std::any_of(status.reasons.begin(), status.reasons.end(),
                                       [](const Error &reason) { return reason.code == Errc::Paused; });
    if (pausedToo) // which the state leaves no place for
        state += u'\n' + sentence({Errc::Paused, {}, 0});
    return status.refusals.isEmpty() ? state : state + u'\n' + tr("Mail is refused: there is no room left for it");
}

void Tray::update()
{
    const auto status = m_operations.status();
    m_pause->setText(m_operations.settings().relayPaused ? tr("&Resume") : tr("&Pause"));
    m_pause->setEnabled(canPause(status));
    m_retrieve->setVisible(status.node);
    m_retrieve->setEnabled(status.myRelays > 0);
    if (!m_icon)
        return;
    // Figures change all the time; the icon only with the state.
    if (const QString tip = toolTip(); m_icon->toolTip() != tip)
        m_icon->setToolTip(tip);
    if (m_shown == status.state)
        return;
    m_shown = status.state;
    m_icon->setIcon(stateIcon(status.state));
}

bool Tray::eventFilter(QObject *watched, QEvent *event)
{
    // Later, because a window that is being hidden is still visible.
    if (event->type() == QEvent::Show || event->type() == QEvent::Hide || event->type() == QEvent::WindowActivate)
        QMetaObject::invokeMethod(this, &Tray::look, Qt::QueuedConnection);
    return QObject::eventFilter(watched, event);
}

} // namespace restante::ui
