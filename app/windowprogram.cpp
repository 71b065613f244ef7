// SPDX-License-Identifier: GPL-3.0-or-later
#include "windowprogram.h"

#include "controlsocket.h"
#include "homeserver/finder.h"
#include "identity/identityfile.h"
#include "settings/settingsfile.h"
#include "startup.h"
#include "ui/shell/ending.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>

#include <utility>

namespace restante::app
{

WindowProgram::Running::Running(std::unique_ptr<Appliance> opened, ui::TrayHost &host, const base::Clock &clock)
    : appliance(std::move(opened))
    , operations(*appliance)
    , window(operations, QDir(appliance->dataFolder()).filePath(QStringLiteral("window.ini")))
    , server(operations, {QCoreApplication::applicationName(), true})
    , tray(operations, window, host, clock)
{
}

WindowProgram::WindowProgram(const settings::Options &options, const base::Clock &clock)
    : m_options(options)
    , m_clock(clock)
    , m_trayHost(ui::sessionTrayHost())
{
}

WindowProgram::~WindowProgram()
{
    delete m_wizard;
}

bool WindowProgram::isNew() const
{
    settings::Options plain;
    plain.dataFolder = m_options.dataFolder;
    plain.card = m_options.card;
    return m_options == plain && !identity::IdentityFile(m_options.dataFolder).exists() &&
           !QFileInfo::exists(settings::SettingsFile(m_options.dataFolder).path());
}

Result<void> WindowProgram::open()
{
    return open(m_options);
}

Result<void> WindowProgram::open(const settings::Options &options)
{
    auto appliance = Appliance::open(options, m_clock);
    if (!appliance)
        return appliance.error();
    if (const auto listening = (*appliance)->listen(true); !listening)
        complain(listening.error().detail);
    m_running = std::make_unique<Running>(*std::move(appliance), *m_trayHost, m_clock);
    ui::MainWindow &window = m_running->window;
    ui::endWith(window);
    // Later: what the wizard begins may take the window away.
    connect(&window, &ui::MainWindow::setupWanted, this, &WindowProgram::showWizard, Qt::QueuedConnection);
    control::Server &server = m_running->server;
    connect(&server, &control::Server::windowWanted, &window, &ui::MainWindow::showOnTop);
    connect(&server, &control::Server::cardWanted, &window, qOverload<const QString &>(&ui::MainWindow::openCard));
    openControl(server, m_running->appliance->dataFolder());
    return {};
}

void WindowProgram::show(bool hidden)
{
    m_shown = true;
    m_running->tray.start(hidden);
    if (const QString card = std::exchange(m_options.card, {}); !card.isEmpty())
        m_running->window.openCard(card);
}

void WindowProgram::showWizard()
{
    if (!m_wizard) {
        const QString card = m_running ? QString() : std::exchange(m_options.card, {});
        m_wizard = new ui::Wizard(*this, ui::sessionAutostart(m_options.dataFolder), card);
        m_wizard->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_wizard, &QDialog::finished, this, &WindowProgram::wizardEnded);
        m_wizard->open();
    }
    m_wizard->raise();
    m_wizard->activateWindow();
}

/// Left before there was an identity, it leaves nothing behind, and the next start asks again.
void WindowProgram::wizardEnded()
{
    if (!m_running)
        quit();
    else if (!m_shown)
        show(false);
}

void WindowProgram::quit()
{
    if (m_running)
        m_running->window.quit();
    else
        QCoreApplication::exit(Ended);
}

Result<void> WindowProgram::begin(const Beginning &beginning)
{
    if (!m_running || !beginning.keyFile.isEmpty()) {
        settings::Options options = m_options;
        options.importKey = beginning.keyFile;
        options.serverName = beginning.serverName;
        if (auto begun = reopen(options); !begun)
            return begun;
    }
    settings::Settings edited = m_running->appliance->settings();
    if (!beginning.collects || edited.nodeEnabled)
        return {};
    edited.nodeEnabled = true;
    if (const auto applied = m_running->appliance->applySettings(edited); !applied)
        return applied.error();
    return reopen(m_options); // the node role begins with a start
}

/// If that does not work, what ran before runs again.
Result<void> WindowProgram::reopen(const settings::Options &options)
{
    const bool ran = m_running != nullptr;
    const bool wasHidden = ran && !m_running->window.isVisible();
    m_running.reset();
    auto opened = open(options);
    if (!opened && ran) {
        if (const auto again = open(m_options); !again) {
            complain(again.error().detail);
            m_shown = false;
            return again;
        }
    }
    if (ran && m_shown)
        show(wasHidden);
    return opened;
}

homeserver::Found WindowProgram::findHomeservers(const QString &file)
{
    return homeserver::findHomeservers(QString(), QDir::homePath(), file);
}

} // namespace restante::app
