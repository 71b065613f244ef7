// SPDX-License-Identifier: GPL-3.0-or-later
#include "settingsvalues.h"
#include "ui/queues/serveddialog.h"
#include "ui/shell/statusline.h"
#include "ui/shell/translation.h"
#include "ui/widgets/lineicon.h"
#include "ui/widgets/noticebar.h"
#include "ui/widgets/stateindicator.h"
#include "windowtest.h"

#include <QtCore/QSet>
#include <QtGui/QClipboard>
#include <QtGui/QWindow>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>

using namespace restante;
using namespace restante::test;
using State = control::ApplianceStatus::State;

class TestMainWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB"))); }
    void init() { f = std::make_unique<WindowFixture>(); }
    void cleanup() { f.reset(); }

    void the_status_line_tells_state_figures_identity_and_address()
    {
        f->operations.currentSettings.served = {servedEntry(QStringLiteral("a.org"), {}, {})};
        f->operations.hold("a.org", 1234);
        f->operations.currentStatus.serverName = QString(64, u'e');
        f->operations.currentStatus.lastContactMs = f->clock.wallMs() - 120'000;
        f->open("overview");
        QCOMPARE(f->text("sentence"), QStringLiteral("Holding mail for 1 friend"));
        QCOMPARE(f->text("state"), QStringLiteral("Running"));
        QCOMPARE(f->text("figures"), QStringLiteral("1,234 held (1.1 MiB) · last contact 2 min ago"));
        QVERIFY(f->text("identity").contains(u"eeeeee…eeee"));
        QVERIFY(f->text("addresses").contains(u"http://127.0.0.1:8449"));
        f->click("copyIdentity");
        QCOMPARE(QGuiApplication::clipboard()->text(), QString(64, u'e'));
        f->click("copyAddress");
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("http://127.0.0.1:8449"));
    }

    void every_state_has_its_word_and_its_shape()
    {
        f->open("overview");
        auto *indicator = f->window->findChild<ui::StateIndicator *>();
        QSet<QString> words;
        QList<QImage> shapes;
        for (const auto state : {State::Running, State::Paused, State::Degraded, State::Stopped}) {
            f->operations.currentStatus.state = state;
            f->operations.announceStatus();
            words.insert(f->text("state"));
            QCOMPARE(indicator->accessibleName(), f->text("state"));
            // In black and white the states must still differ.
            const auto shape = indicator->grab().toImage().convertToFormat(QImage::Format_Mono);
            QVERIFY(!shapes.contains(shape));
            shapes.append(shape);
        }
        QCOMPARE(words.size(), 4);
        QVERIFY(!f->find<QPushButton>("pause")->isEnabled()); // nothing to pause while stopped
    }

    void pause_and_resume_are_one_button()
    {
        f->open("overview");
        f->click("pause");
        QCOMPARE(f->operations.pauses, QList<bool>{true});
        QTRY_COMPARE(f->text("state"), QStringLiteral("Paused"));
        QCOMPARE(f->find<QPushButton>("pause")->text(), QStringLiteral("&Resume"));
        f->click("pause");
        QCOMPARE(f->operations.pauses, (QList<bool>{true, false}));
        QTRY_COMPARE(f->text("state"), QStringLiteral("Running"));
    }

    void warnings_lead_to_their_remedy()
    {
        f->operations.currentStatus.state = State::Degraded;
        f->operations.currentStatus.reasons = {{Errc::DiskFull, QStringLiteral("disk full"), 0}};
        f->open();
        const auto bars = f->window->findChildren<ui::NoticeBar *>(QStringLiteral("warning"));
        QCOMPARE(bars.size(), 2);
        QVERIFY(bars[0]->text().startsWith(u"The disk is full"));
        QCOMPARE(bars[1]->text(), QStringLiteral("Only this computer can reach the relay."));
        bars[0]->button()->click();
        QTRY_VERIFY(f->find<QWidget>("diskFloor")->isVisible());
        bars[1]->button()->click();
        QTRY_VERIFY(f->find<QWidget>("thisComputer")->isVisible());
    }

    void nothing_is_watched_while_nobody_can_look()
    {
        f->open();
        QCOMPARE(f->operations.watching, QList<bool>{true});
        f->window->hide();
        QCOMPARE(f->operations.watching, (QList<bool>{true, false}));
        QTRY_VERIFY(f->operations.totalsAsked >= 1);
        const int asked = f->operations.totalsAsked;
        f->operations.currentStatus.state = State::Paused;
        f->operations.announceStatus();
        QCOMPARE(f->text("state"), QStringLiteral("Running"));
        QCOMPARE(f->operations.totalsAsked, asked);
        f->window->show();
        QCOMPARE(f->operations.watching, (QList<bool>{true, false, true}));
        QCOMPARE(f->text("state"), QStringLiteral("Paused"));
        QCOMPARE(f->operations.totalsAsked, asked + 1);
        f->window->setWindowState(Qt::WindowMinimized);
        QTRY_COMPARE(f->operations.watching, (QList<bool>{true, false, true, false}));
        f->window->showOnTop();
        QTRY_COMPARE(f->operations.watching, (QList<bool>{true, false, true, false, true}));
        f->window.reset();
        QVERIFY(!f->operations.watching.last());
    }

    void closing_asks_where_no_tray_is()
    {
        f->open();
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        f->window->close();
        f->window->close(); // which asks no second time
        QCOMPARE(f->window->findChildren<QMessageBox *>(QStringLiteral("confirmation")).size(), 1);
        QTest::keyClick(f->find<QMessageBox>("confirmation"), Qt::Key_Escape);
        QTRY_VERIFY(!f->find<QMessageBox>("confirmation"));
        QVERIFY(f->window->isVisible());
        QCOMPARE(quits.size(), 0);
        f->window->close();
        QVERIFY(f->answer(true));
        QCOMPARE(quits.size(), 1);
    }

    void at_the_end_of_a_session_nothing_is_asked()
    {
        f->open();
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        f->window->endSession();
        f->window->close();
        QVERIFY(!f->find<QMessageBox>("confirmation"));
        QCOMPARE(quits.size(), 1);
    }

    void closing_hides_only_while_a_tray_is_there()
    {
        f->open();
        bool tray = true;
        f->window->setTrayPresence([&tray] { return tray; });
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        f->window->close();
        QVERIFY(!f->window->isVisible());
        QCOMPARE(quits.size(), 0);
        f->window->showOnTop();
        QVERIFY(f->window->isVisible());
        tray = false;
        f->window->close();
        QVERIFY(f->window->isVisible());
        QVERIFY(f->answer(true));
        QCOMPARE(quits.size(), 1);
    }

    void ctrl_q_quits()
    {
        f->open();
        QSignalSpy quits(f->window.get(), &ui::MainWindow::quitRequested);
        QTest::keyClick(f->window.get(), Qt::Key_Q, Qt::ControlModifier);
        QCOMPARE(quits.size(), 1);
    }

    void size_and_maximised_state_come_back()
    {
        f->open();
        f->window->resize(777, 555);
        f->window->hide();
        f->open();
        QCOMPARE(f->window->size(), QSize(777, 555));
        f->window->showMaximized();
        f->window->close();
        f->window = std::make_unique<ui::MainWindow>(f->operations, f->stateFile(), nullptr, &f->clock);
        QVERIFY(f->window->windowState() & Qt::WindowMaximized);
    }

    void settings_open_with_their_shortcut_and_once()
    {
        f->open();
        QTest::keyClick(f->window.get(), Qt::Key_Comma, Qt::ControlModifier);
        QTRY_VERIFY(f->find<QWidget>("thisComputer"));
        f->click("settings");
        QCOMPARE(f->window->findChildren<QWidget *>(QStringLiteral("thisComputer")).size(), 1);
    }

    void everything_can_be_reached_with_the_tab_key()
    {
        f->operations.hold("a.org", 3);
        f->open();
        QVERIFY(f->select(0, 3));
        f->list()->setCurrentIndex(f->list()->model()->index(0, 0));
        QTRY_VERIFY(f->find<QWidget>("json")->isVisible());
        f->window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(f->window.get()));
        QVERIFY(tabStops(*f->window).size() >= 10);
        QCOMPARE(outOfReach(*f->window), QString());
    }

    void mnemonics_are_unique_data()
    {
        QTest::addColumn<QString>("language");
        QTest::newRow("English") << QStringLiteral("en_GB");
        QTest::newRow("German") << QStringLiteral("de_DE");
    }

    void mnemonics_are_unique()
    {
        QFETCH(QString, language);
        ui::installTranslations(*qApp, QLocale(language));
        f->operations.hold("a.org", 3);
        f->operations.currentStatus.state = State::Degraded;
        f->operations.currentStatus.reasons = {{Errc::StorageFailed, {}, 0}, {Errc::RelayingOff, {}, 0}};
        f->open();
        QVERIFY(f->select(0, 3));
        const auto found = mnemonics(*f->window);
        QCOMPARE(found.doubled, QString());
        QVERIFY(found.letters.size() >= 8);
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
    }

    void from_right_to_left_everything_is_mirrored_but_json()
    {
        QApplication::setLayoutDirection(Qt::RightToLeft);
        f->operations.hold("a.org", 3);
        f->open();
        QVERIFY(f->select(0, 3));
        f->list()->setCurrentIndex(f->list()->model()->index(0, 0));
        QTRY_VERIFY(f->find<QWidget>("json")->isVisible());
        const auto x = [&](const char *name) {
            auto *widget = f->find<QWidget>(name);
            return widget->mapTo(f->window.get(), widget->rect().center()).x();
        };
        QVERIFY(x("pages") > x("destinations"));
        QVERIFY(x("entries") > x("json"));
        QCOMPARE(f->find<QWidget>("json")->layoutDirection(), Qt::LeftToRight);
        // Without the isolate, "@user" would be drawn as "user@".
        const auto owner = f->tree()->model()->index(0, 0);
        QCOMPARE(f->tree()->model()->index(0, 0, owner).data().toString(), QStringLiteral("\u2066@user\u2069"));
        f->goTo(QStringLiteral("Overview"));
        QTRY_VERIFY(x("pause") < x("sentence"));
        QVERIFY(x("cardPanel") < x("chart"));
        QApplication::setLayoutDirection(Qt::LeftToRight);
    }

    void the_sentence_says_what_is_so_data()
    {
        QTest::addColumn<control::ApplianceStatus>("status");
        QTest::addColumn<bool>("paused");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char *name, auto change, const QString &sentence, bool paused = false) {
            control::ApplianceStatus status;
            status.state = State::Running;
            change(status);
            QTest::newRow(name) << status << paused << sentence;
        };
        using Status = control::ApplianceStatus;
        row(
            "friends", [](Status &s) { s.served = 2; }, QStringLiteral("Holding mail for 2 friends"));
        row(
            "nobody", [](Status &) {}, QStringLiteral("Ready to hold mail for your friends"));
        row(
            "everyone", [](Status &s) { s.openRelay = true; }, QStringLiteral("Holding mail for everyone"));
        row(
            "both", [](Status &s) { s.node = true, s.served = 1; }, QStringLiteral("Holding mail for 1 friend"));
        row(
            "collects", [](Status &s) { s.node = true, s.myRelays = 2; },
            QStringLiteral("Collecting mail from 2 relays"));
        row(
            "would collect", [](Status &s) { s.node = true; },
            QStringLiteral("Ready to collect mail from your relays"));
        row(
            "paused", [](Status &s) { s.served = 2, s.state = State::Paused; },
            QStringLiteral("Paused: no more mail is taken in"), true);
        row(
            "off",
            [](Status &s) {
                s.reasons = {{Errc::RelayingOff, {}, 0}};
            },
            QStringLiteral("Holding mail for others is switched off"));
        row(
            "troubled",
            [](Status &s) {
                s.served = 2, s.state = State::Degraded, s.reasons = {{Errc::DiskFull, {}, 0}};
            },
            QStringLiteral("Something needs your attention"));
        row(
            "stopped", [](Status &s) { s.served = 2, s.state = State::Stopped; },
            QStringLiteral("Nobody can leave or collect mail here"));
    }
    void the_sentence_says_what_is_so()
    {
        QFETCH(const control::ApplianceStatus, status);
        QFETCH(const bool, paused);
        QFETCH(const QString, sentence);
        ui::StatusLine line;
        line.setStatus(status, paused, f->clock.wallMs());
        QCOMPARE(line.findChild<QLabel *>(QStringLiteral("sentence"))->text(), sentence);
    }

    void the_last_page_comes_back()
    {
        f->open("relays");
        f->window->hide();
        f->window = std::make_unique<ui::MainWindow>(f->operations, f->stateFile(), nullptr, &f->clock);
        const auto *pages = f->find<QListWidget>("pages");
        QCOMPARE(pages->currentItem()->text(), QStringLiteral("Relays"));
        QVERIFY(!f->find<QPushButton>("pause")->isVisibleTo(f->window.get()));
    }

    void the_pages_are_a_list_with_figures_that_are_read_aloud()
    {
        f->operations.hold("a.org", 1234);
        f->open("overview");
        f->operations.announceTotals();
        QCOMPARE(f->pageNames(),
                 (QStringList{QStringLiteral("Overview"), QStringLiteral("Queues (1,234)"), QStringLiteral("Relays"),
                              QStringLiteral("Inbox"), QStringLiteral("Outbox")}));
        f->operations.currentStatus.state = State::Paused;
        f->operations.announceStatus();
        QCOMPARE(f->pageNames().first(), QStringLiteral("Overview (Paused)"));
        auto *pages = f->find<QListWidget>("pages");
        pages->setFocus();
        QTest::keyClick(pages, Qt::Key_Down);
        QVERIFY(f->tree()->isVisible());
        QTest::keyClick(pages, Qt::Key_Up);
        QVERIFY(!f->tree()->isVisible());
        QVERIFY(f->find<QPushButton>("pause")->isVisible());
        QTest::keyClick(f->window.get(), Qt::Key_2, Qt::ControlModifier);
        QVERIFY(f->tree()->isVisible());
    }

    void a_friend_is_added_from_the_overview_and_gets_the_card()
    {
        f->operations.currentSettings.cardAddresses = QStringLiteral("https://relay.example.org:8449");
        f->operations.currentStatus.serverName = QString(64, u'e');
        f->open("overview");
        f->click("addFriend");
        auto *dialog = f->window->findChild<ui::ServedDialog *>();
        QVERIFY(dialog);
        dialog->findChild<QLineEdit *>(QStringLiteral("name"))->setText(QStringLiteral("new.example"));
        dialog->accept();
        QTRY_VERIFY(f->find<QDialog>("ownCard"));
        QCOMPARE(f->operations.currentSettings.served.size(), 1);
        QCOMPARE(f->operations.currentSettings.served[0].name, serverName("new.example"));
        QVERIFY(f->text("cardIntro").contains(u"new.example"));
    }

    void every_icon_can_be_drawn()
    {
        f->open();
        for (int line = 0; line < ui::LineCount; ++line) {
            const QPainterPath &path = ui::linePath(ui::Line(line));
            QVERIFY2(!path.isEmpty(), qPrintable(QString::number(line)));
            QVERIFY(QRectF(0, 0, 24, 24).contains(path.boundingRect()));
        }
        // In the palette's colour, whatever that becomes.
        const auto color = [] {
            const QImage image = ui::lineIcon(ui::Line::Plus).pixmap(48, 48).toImage();
            return image.pixelColor(image.width() / 2, image.height() / 2);
        };
        const QPalette before = QApplication::palette();
        for (const QColor wanted : {QColor(Qt::red), QColor(Qt::white)}) {
            QPalette palette = before;
            palette.setColor(QPalette::ButtonText, wanted);
            QApplication::setPalette(palette);
            QCOMPARE(color(), wanted);
        }
        QApplication::setPalette(before);
    }

    void the_window_fits_a_small_screen()
    {
        f->operations.hold("a.org", 3);
        f->operations.currentStatus.serverName = QString(64, u'e');
        f->open();
        QVERIFY(f->select(0, 3));
        QVERIFY(f->window->minimumSizeHint().width() <= 1024);
        QVERIFY(f->window->minimumSizeHint().height() <= 560);
    }

private:
    std::unique_ptr<WindowFixture> f;
};

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
