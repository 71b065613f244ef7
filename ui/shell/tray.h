// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "control/operations.h"

#include <QtCore/QTimer>
#include <QtWidgets/QMenu>

#include <optional>

class QSystemTrayIcon;

namespace restante::ui
{

class MainWindow;
class TrayHost;

/// The icon in the tray: the state by its shape, and a menu with what is wanted most. Nothing depends on it: it is made
/// when a tray appears, however late, and when the tray is away for long while the window is hidden, the window shows
/// itself. Lives in the main thread. Promises: while there is a tray and the window is shown, no wake-ups; else one in
/// some seconds.
class Tray final : public QObject
{
    Q_OBJECT

public:
    /// A hidden window without a tray shows itself after this long: at login the tray comes later than the program, and
    /// a panel that crashed is soon back.
    static constexpr qint64 GraceMs = 30'000;
    /// For this long after the start a timer looks for a tray that does not announce itself.
    static constexpr qint64 LookingMs = 120'000;

    /// All of them outlive the tray. Tells the window when closing may hide it.
    Tray(control::Operations &operations, MainWindow &window, TrayHost &host, const base::Clock &clock,
         QObject *parent = nullptr);
    ~Tray() override;

    /// Shows the window; if `hidden` is wanted, only once it is clear that no tray comes.
    void start(bool hidden);
    /// Whether the icon can be seen right now.
    bool isPresent() const;
    /// Looks whether the tray came or went. Called by the timer, and when the window was shown, hidden or activated.
    void look();
    /// Until `look` is called the next time; nothing if nothing waits for it.
    std::optional<int> lookAgainMs() const;

    QMenu &menu() { return m_menu; }
    QString toolTip() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildMenu();
    void showIcon();
    void update();
    void retrieve();

    control::Operations &m_operations;
    MainWindow &m_window;
    TrayHost &m_host;
    const base::Clock &m_clock;
    QMenu m_menu;
    QAction *m_pause;
    QAction *m_retrieve;
    std::unique_ptr<QSystemTrayIcon> m_icon; ///< null until there was a tray
    std::optional<control::ApplianceStatus::State> m_shown;
    QTimer m_timer;
    qint64 m_startedMs = 0;                ///< steady clock
    std::optional<qint64> m_unseenSinceMs; ///< since when neither window nor icon can be seen; steady clock
    bool m_started = false;
};

} // namespace restante::ui
