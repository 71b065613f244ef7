// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "appliance.h"
#include "base/clock.h"
#include "control/server.h"
#include "localoperations.h"
#include "settings/options.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/tray.h"
#include "ui/shell/trayhost.h"
#include "ui/wizard/installation.h"
#include "ui/wizard/wizard.h"

#include <QtCore/QPointer>

#include <memory>

namespace restante::app
{

/// The installation with its window. In a new data folder the wizard comes first, and there is no identity and no
/// window until that begins. What only a start can change, it changes by beginning anew within the same process. Lives
/// in the main thread.
class WindowProgram final : public QObject, public ui::Installation
{
    Q_OBJECT

public:
    WindowProgram(const settings::Options &options, const base::Clock &clock);
    ~WindowProgram() override;

    /// Nobody has set up the data folder, and the options say nothing of how it is to be either.
    bool isNew() const;
    /// Errors as Appliance::open. A port that is taken is none: the window says so, and it is tried again.
    Result<void> open();
    /// Shows the tray and, unless `hidden`, the window; and the card of the options.
    void show(bool hidden);
    void showWizard();
    /// Ends the event loop.
    void quit();

    control::Operations *operations() override { return m_running ? &m_running->operations : nullptr; }
    Result<void> begin(const Beginning &beginning) override;
    homeserver::Found findHomeservers(const QString &file) override;
    const QString &dataFolder() const override { return m_options.dataFolder; }

private:
    /// In the order in which they need each other.
    struct Running {
        Running(std::unique_ptr<Appliance> opened, ui::TrayHost &host, const base::Clock &clock);

        std::unique_ptr<Appliance> appliance;
        LocalOperations operations;
        ui::MainWindow window;
        control::Server server;
        ui::Tray tray;
    };

    Result<void> open(const settings::Options &options);
    Result<void> reopen(const settings::Options &options);
    void wizardEnded();

    settings::Options m_options;
    const base::Clock &m_clock;
    std::unique_ptr<ui::TrayHost> m_trayHost;
    std::unique_ptr<Running> m_running;
    QPointer<ui::Wizard> m_wizard;
    bool m_shown = false; ///< the tray, at least
};

} // namespace restante::app
