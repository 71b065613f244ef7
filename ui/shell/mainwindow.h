// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "card/card.h"
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

class OpenCardDialog;
class Page;
class QueuesPage;
class SettingsDialog;
class Sidebar;
class StatusLine;
struct FoundCard;
class WarningArea;

/// The window of the program: the pages at the side, on top what needs attention, and on the overview the state above
/// it. Lives in the main thread. Promises: never blocks, and refreshes nothing while it is hidden or minimised.
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
    /// Shows in front what the card with this link would add, however the link came here.
    void openCard(const QString &link);
    void showRelayCard() { follow(Remedy::RelayCard); }
    void showSettings() { follow(Remedy::NetworkSettings); }
    /// Keeps geometry and the like, and asks for the end of the program.
    void quit();

Q_SIGNALS:
    /// The operator wants the program to end.
    void quitRequested();
    /// The operator wants the wizard.
    void setupWanted();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void build();
    void buildCards();
    void addShortcuts();
    void addPage(Page *page);
    Page *currentPage() const;
    void updatePageList();
    void updateWatching();
    void updateStatus();
    void remedy(const Warning &warning);
    void follow(Remedy remedy);
    void openSettings(Remedy where);
    void addFriend();
    void openCard(const FoundCard &found);
    void showOwnCard(card::Card::Kind kind, const QString &answersTo = {});
    void showPage(const QString &stateKey);
    void askToQuit();
    void sayFailure(const Error &error);
    void saveState();
    void restoreState();

    control::Operations &m_operations;
    QString m_stateFile;
    std::unique_ptr<base::Clock> m_ownClock;
    const base::Clock &m_clock;
    StatusLine *m_status;
    WarningArea *m_warnings;
    Sidebar *m_sidebar;
    QListWidget *m_pageList; ///< of the sidebar
    QStackedWidget *m_stack;
    QueuesPage *m_queues = nullptr;
    QTimer *m_ticker; ///< keeps relative times true while the window is watched
    QPointer<SettingsDialog> m_settings;
    QPointer<OpenCardDialog> m_card;
    std::function<bool()> m_trayPresent;
    bool m_watching = false;
    bool m_restartNeeded = false;
    bool m_sessionEnds = false;
};

} // namespace restante::ui
