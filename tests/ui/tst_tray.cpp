// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/ending.h"
#include "ui/shell/translation.h"
#include "ui/shell/tray.h"
#include "ui/shell/trayhost.h"
#include "windowtest.h"

#include <QtWidgets/QMessageBox>
#include <QtWidgets/QSystemTrayIcon>

using namespace restante;
using namespace restante::test;
using State = control::ApplianceStatus::State;

namespace
{
class FakeTrayHost final : public ui::TrayHost
{
public:
    bool isThere() const override
    {
        ++asked;
        return there;
    }
    /// It comes or goes, and tells.
    void set(bool now)
    {
        there = now;
        Q_EMIT changed();
    }

    bool there = false;
    mutable int asked = 0;
};
} // namespace

class TestTray : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
        QApplication::setQuitOnLastWindowClosed(false); // as the program does
    }
    void init()
    {
        f = std::make_unique<WindowFixture>();
        m_host = std::make_unique<FakeTrayHost>();
    }
    void cleanup()
    {
        m_tray.reset();
        f.reset();
        m_host.reset();
    }

    void a_tray_that_is_there_takes_the_window_when_it_is_closed()
    {
        m_host->there = true;
        start(false);
        QVERIFY(f->window->isVisible());
        QVERIFY(m_tray->isPresent());
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        f->window->close();
        QVERIFY(!f->window->isVisible());
        QCOMPARE(quits.size(), 0);
        action("trayOpen")->trigger();
        QVERIFY(f->window->isVisible());
    }

    void quitting_ends_the_event_loop_whatever_there_is_data()
    {
        QTest::addColumn<bool>("tray");
        QTest::addColumn<bool>("hidden");
        QTest::addColumn<bool>("question");
        QTest::addColumn<QString>("way");
        for (const bool tray : {true, false}) {
            QTest::addRow("Ctrl+Q, tray %d", tray) << tray << false << false << "key";
            for (const bool question : {false, true}) {
                QTest::addRow("signal, tray %d, question %d", tray, question) << tray << false << question << "signal";
                QTest::addRow("menu, tray %d, question %d", tray, question) << tray << false << question << "menu";
            }
        }
        QTest::addRow("menu, hidden") << true << true << false << "menu";
        QTest::addRow("signal, hidden") << true << true << false << "signal";
    }

    void quitting_ends_the_event_loop_whatever_there_is()
    {
        QFETCH(bool, tray);
        QFETCH(bool, hidden);
        QFETCH(bool, question);
        QFETCH(QString, way);
        m_host->there = tray;
        start(hidden);
        ui::endWith(*f->window);
        if (question)
            f->window->showSettings();
        if (way == u"key")
            QVERIFY(QTest::qWaitForWindowActive(f->window.get()));
        QTimer::singleShot(0, f->window.get(), [this, way] {
            if (way == u"key")
                QTest::keyClick(f->window.get(), Qt::Key_Q, Qt::ControlModifier);
            else if (way == u"menu")
                action("trayQuit")->trigger();
            else
                f->window->quit();
        });
        QTimer::singleShot(5'000, f->window.get(), [] { QCoreApplication::exit(1); });
        QCOMPARE(QCoreApplication::exec(), 0);
        QVERIFY(QFile::exists(f->stateFile()));
    }

    void without_a_tray_closing_asks()
    {
        start(false);
        QVERIFY(!m_tray->isPresent());
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        f->window->close();
        QVERIFY(f->window->isVisible());
        QVERIFY(f->find<QMessageBox>("confirmation"));
        QCOMPARE(quits.size(), 0);
    }

    void a_tray_that_comes_late_gets_its_icon_data()
    {
        QTest::addColumn<bool>("tells");
        QTest::newRow("it tells") << true;
        QTest::newRow("it is looked for") << false;
    }

    void a_tray_that_comes_late_gets_its_icon()
    {
        QFETCH(bool, tells);
        start(false);
        f->clock.advance(20'000);
        if (tells) {
            m_host->set(true);
        } else {
            m_host->there = true;
            m_tray->look();
        }
        QVERIFY(m_tray->isPresent());
        f->window->close();
        QVERIFY(!f->window->isVisible());
    }

    void a_tray_that_went_is_not_relied_on()
    {
        m_host->there = true;
        start(false);
        m_host->set(false);
        QVERIFY(!m_tray->isPresent());
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        f->window->close();
        QVERIFY(f->window->isVisible());
        QVERIFY(f->find<QMessageBox>("confirmation"));
        QCOMPARE(quits.size(), 0);
    }

    void hidden_it_stays_in_the_tray()
    {
        m_host->there = true;
        start(true);
        f->clock.advance(100'000);
        m_tray->look();
        QVERIFY(!f->window->isVisible());
        QVERIFY(m_tray->isPresent());
    }

    void hidden_it_waits_for_the_tray_and_then_shows_itself()
    {
        start(true);
        QVERIFY(!f->window->isVisible());
        f->clock.advance(ui::Tray::GraceMs - 1);
        m_tray->look();
        QVERIFY(!f->window->isVisible());
        f->clock.advance(1);
        m_tray->look();
        QVERIFY(f->window->isVisible());
    }

    void hidden_it_stays_hidden_when_the_tray_comes_in_time()
    {
        start(true);
        f->clock.advance(ui::Tray::GraceMs - 1);
        m_host->set(true);
        f->clock.advance(ui::Tray::GraceMs);
        m_tray->look();
        QVERIFY(!f->window->isVisible());
    }

    void a_panel_that_comes_back_soon_shows_nothing_and_one_that_stays_away_brings_the_window_back()
    {
        m_host->there = true;
        start(false);
        f->window->close();
        m_host->set(false);
        f->clock.advance(ui::Tray::GraceMs - 1);
        m_host->set(true);
        QVERIFY(!f->window->isVisible());
        m_host->set(false);
        f->clock.advance(ui::Tray::GraceMs - 1);
        m_tray->look();
        QVERIFY(!f->window->isVisible());
        f->clock.advance(1);
        m_tray->look();
        QVERIFY(f->window->isVisible());
    }

    void nobody_is_woken_up_for_nothing()
    {
        start(false);
        QVERIFY(*m_tray->lookAgainMs() >= 1000); // fewer than one wake-up a second
        f->clock.advance(ui::Tray::LookingMs);
        QVERIFY(!m_tray->lookAgainMs()); // long enough
        m_host->set(true);
        QVERIFY(!m_tray->lookAgainMs());
        f->window->close();
        QVERIFY(*m_tray->lookAgainMs() >= 1000); // it might go, and the window with it
    }

    void the_session_s_end_quits_also_with_a_tray()
    {
        m_host->there = true;
        start(false);
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        f->window->endSession();
        f->window->close();
        QCOMPARE(quits.size(), 1);
    }

    void the_menu_does_what_it_says()
    {
        m_host->there = true;
        start(false);
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        QVERIFY(!action("trayRetrieve")->isVisible()); // no node
        QCOMPARE(action("trayPause")->text(), QStringLiteral("&Pause"));
        action("trayPause")->trigger();
        QCOMPARE(f->operations.pauses, QList<bool>{true});
        QTRY_COMPARE(action("trayPause")->text(), QStringLiteral("&Resume"));
        action("trayPause")->trigger();
        QCOMPARE(f->operations.pauses, (QList<bool>{true, false}));
        f->operations.becomeNode();
        f->operations.addRelay(QStringLiteral("relay.example"));
        f->operations.announceStatus();
        QVERIFY(action("trayRetrieve")->isVisible());
        action("trayRetrieve")->trigger();
        QCOMPARE(f->operations.retrieved, QStringList{QString()});
        f->window->hide();
        action("traySettings")->trigger();
        QVERIFY(f->window->isVisible());
        QTRY_VERIFY(f->find<QWidget>("thisComputer")->isVisible());
        action("trayQuit")->trigger();
        QCOMPARE(quits.size(), 1);
    }

    void tray_and_window_follow_every_change_of_state_with_one_word()
    {
        m_host->there = true;
        start(false);
        QStringList words;
        for (const auto state : {State::Paused, State::Degraded, State::Stopped, State::Running}) {
            f->operations.currentStatus.state = state;
            f->operations.announceStatus();
            const QString word = f->text("state");
            QCOMPARE(m_tray->toolTip(), QStringLiteral("Restante: ") + word);
            QCOMPARE(f->window->findChild<QLabel *>(QStringLiteral("state"))->isVisible(), true);
            QVERIFY(!word.isEmpty() && !words.contains(word));
            words.append(word);
        }
    }

    void the_tool_tip_tells_the_state_and_no_figures()
    {
        m_host->there = true;
        f->operations.hold("a.org", 17);
        start(false);
        QCOMPARE(m_tray->toolTip(), QStringLiteral("Restante: Running"));
        f->operations.currentStatus.state = State::Degraded;
        f->operations.announceStatus();
        QCOMPARE(m_tray->toolTip(), QStringLiteral("Restante: Degraded"));
    }

    void mail_that_is_refused_is_told_by_the_tray()
    {
        m_host->there = true;
        start(false);
        f->operations.currentStatus.state = State::Degraded;
        f->operations.currentStatus.refusals = {{*matrix::ServerName::parse("a.org"), QStringLiteral("full"), 5, 1}};
        f->operations.announceStatus();
        QVERIFY(m_tray->toolTip().contains(QStringLiteral("Mail is refused")));
        QVERIFY(!m_tray->toolTip().contains(QStringLiteral("paused")));
        f->operations.currentStatus.reasons = {{Errc::Paused, QStringLiteral("relay.paused"), 0}};
        f->operations.announceStatus();
        QVERIFY(m_tray->toolTip().contains(QStringLiteral("Taking in mail is paused.")));
    }

    void the_states_differ_in_shape()
    {
        QList<QImage> shapes;
        for (const char *name : {"running", "paused", "degraded", "stopped"}) {
            QImage image(QStringLiteral(":/icons/%1-22.png").arg(QString::fromLatin1(name)));
            QVERIFY(!image.isNull());
            image.convertTo(QImage::Format_Grayscale8);
            QVERIFY(!shapes.contains(image));
            shapes.append(image);
        }
    }

private:
    void start(bool hidden)
    {
        f->window = std::make_unique<ui::MainWindow>(f->operations, f->stateFile(), nullptr, &f->clock);
        m_tray = std::make_unique<ui::Tray>(f->operations, *f->window, *m_host, f->clock);
        m_tray->start(hidden);
    }
    QAction *action(const char *name) const { return m_tray->menu().findChild<QAction *>(QString::fromLatin1(name)); }

    std::unique_ptr<WindowFixture> f;
    std::unique_ptr<FakeTrayHost> m_host;
    std::unique_ptr<ui::Tray> m_tray;
};

QTEST_MAIN(TestTray)
#include "tst_tray.moc"
