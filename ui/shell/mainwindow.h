// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "control/operations.h"
#include "ui/widgets/warnings.h"

#include <QtCore/QPointer>
#include <QtWidgets/QMainWindow>

#include <functional>
#include <memory>

class QListWidget;
class QStackedWidget;
class QTimer;

namespace restante::ui
{

class Page;
class SettingsDialog;
class StatusLine;
class WarningArea;

/// The window of the program: state on top, what needs attention under it, the pages below. Lives in the main thread.
/// Promises: never blocks, and refreshes nothing while it is hidden or minimised.
class MainWindow final : public QMainWindow
{
    Q_OBJECT

public:
    /// `uiStateFile` is where geometry and the like are kept; the folder that it is in is shown as the data folder.
    /// `clock` outlives the window; null means the machine's own.
    MainWindow(control::Operations &operations, QString uiStateFile, QWidget *parent = nullptr,
               const base::Clock *clock = nullptr);
    ~MainWindow() override;

    /// Shows the window in front of others, whatever state it was in: for a second start and for the tray.
    void showOnTop();
    /// Tells how to find out whether a tray icon is there right now. Closing hides the window only while it is;
    /// without it, closing quits.
    void setTrayPresence(std::function<bool()> present);

    /// The session ends: closing now means quitting, unless the end of the session is stopped.
    void endSession();
    void showSettings() { follow(Remedy::NetworkSettings); }
    /// Keeps geometry and the like, and asks for the end of the program.
    void quit();

Q_SIGNALS:
    /// The operator wants the program to end.
    void quitRequested();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    void build();
    void addShortcuts();
    void addPage(Page *page);
    Page *currentPage() const;
    void updatePageList();
    void updateWatching();
    void updateStatus();
    void remedy(const Warning &warning);
    void follow(Remedy remedy);
    void openSettings(Remedy where);
    void showPage(const QString &stateKey);
    void sayFailure(const Error &error);
    void saveState();
    void restoreState();

    control::Operations &m_operations;
    QString m_stateFile;
    std::unique_ptr<base::Clock> m_ownClock;
    const base::Clock &m_clock;
    StatusLine *m_status;
    WarningArea *m_warnings;
    QListWidget *m_pageList;
    QStackedWidget *m_stack;
    QTimer *m_ticker; ///< keeps relative times true while the window is watched
    QPointer<SettingsDialog> m_settings;
    std::function<bool()> m_trayPresent;
    bool m_watching = false;
    bool m_restartNeeded = false;
    bool m_sessionEnds = false;
};

} // namespace restante::ui
