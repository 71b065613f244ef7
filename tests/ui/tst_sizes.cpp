// SPDX-License-Identifier: GPL-3.0-or-later
// Windows on small screens: nothing that is needed may be outside.
#include "ui/cards/opencarddialog.h"
#include "ui/cards/owncarddialog.h"
#include "ui/queues/serveddialog.h"
#include "ui/relays/relaydialog.h"
#include "ui/settings/settingsdialog.h"
#include "ui/shell/translation.h"
#include "ui/widgets/firstsize.h"
#include "ui/widgets/noticebar.h"
#include "windowtest.h"

#include <QtGui/QScreen>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>

using namespace restante;
using namespace restante::test;

namespace
{
/// The smallest screens that count, in the pixels that a program sees, less a panel: 1024 × 600, and 1920 × 1080 at 200
/// %.
const QSize Smallest[] = {{1024, 600 - 32}, {960, 540 - 32}};
} // namespace

class TestSizes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
        m_operations = std::make_unique<FakeOperations>();
        m_operations->becomeNode();
    }
    void cleanup() { ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB"))); }

    void a_window_fits_on_the_smallest_screen_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("language");
        for (const char *language : {"en_GB", "de_DE"}) {
            for (const char *name : {"main", "settings", "friend", "relay", "open card", "own card"})
                QTest::addRow("%s %s", name, language) << QString::fromLatin1(name) << QString::fromLatin1(language);
        }
    }

    void a_window_fits_on_the_smallest_screen()
    {
        QFETCH(QString, name);
        QFETCH(QString, language);
        ui::installTranslations(*qApp, QLocale(language));
        const auto window = make(name);
        window->show();
        // The screen of tests may be smaller than the smallest that counts.
        const QSize screen = window->screen()->availableGeometry().size().expandedTo(window->minimumSizeHint());
        QVERIFY(window->width() <= screen.width() && window->height() <= screen.height());
        for (const QSize &small : Smallest) {
            const QSize room = ui::roomFor(*window, small);
            QVERIFY(room.width() < small.width() + 1 && room.height() < small.height());
            const QSize least = window->minimumSizeHint().expandedTo(window->minimumSize());
            QVERIFY2(least.width() <= room.width() && least.height() <= room.height(),
                     qPrintable(QStringLiteral("%1 x %2").arg(least.width()).arg(least.height())));
            window->resize(room);
            QCoreApplication::processEvents();
            QCOMPARE(window->size(), room);
            checkButtons(*window);
        }
    }

    void what_is_wrong_in_a_dialog_does_not_push_its_buttons_out()
    {
        const auto window = make(QStringLiteral("friend"));
        window->show();
        const QSize room = ui::roomFor(*window, Smallest[1]);
        window->resize(room);
        window->findChild<QPlainTextEdit *>(QStringLiteral("origins"))->setPlainText(QStringLiteral("no name!"));
        QCoreApplication::processEvents();
        QCOMPARE(window->size(), room);
        checkButtons(*window);
    }

    void every_page_of_the_window_fits()
    {
        WindowFixture f;
        f.operations.becomeNode();
        f.open();
        auto *pages = f.find<QListWidget>("pages");
        for (int row = 0; row < pages->count(); ++row) {
            pages->setCurrentRow(row);
            QCoreApplication::processEvents();
            for (const QSize &small : Smallest) {
                const QSize room = ui::roomFor(*f.window, small);
                const QSize least = f.window->minimumSizeHint();
                QVERIFY2(least.width() <= room.width() && least.height() <= room.height(),
                         qPrintable(QStringLiteral("%1: %2 x %3")
                                        .arg(pages->item(row)->text())
                                        .arg(least.width())
                                        .arg(least.height())));
            }
        }
    }

    void many_warnings_cut_no_text_and_leave_the_page_its_room_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("count");
        for (const char *language : {"en_GB", "de_DE"}) {
            for (const int count : {1, 8})
                QTest::addRow("%d %s", count, language) << QString::fromLatin1(language) << count;
        }
    }

    void many_warnings_cut_no_text_and_leave_the_page_its_room()
    {
        QFETCH(const QString, language);
        QFETCH(const int, count);
        ui::installTranslations(*qApp, QLocale(language));
        using Kind = control::StatusWarning::Kind;
        const QString detail =
            QStringLiteral("The relay relay.example.org hands out no mail since 2026-09-21: ") +
            QStringLiteral("The relay answered 403 M_FORBIDDEN: it does not act for you. ").repeated(4);
        QList<Kind> kinds{Kind::WrongClock,     Kind::WrongSecret,   Kind::OtherHomeserver, Kind::NoAuthorities,
                          Kind::MyRelayRefuses, Kind::MyRelayPaused, Kind::RelayRefuses,    Kind::CertificateEndsSoon};
        WindowFixture f;
        f.operations.becomeNode();
        f.operations.currentStatus.loopbackOnly = false;
        for (const Kind kind : kinds.first(count))
            f.operations.currentStatus.warnings.append({kind, detail});
        f.open();
        for (const QSize &small : Smallest) {
            const QSize room = ui::roomFor(*f.window, small);
            QVERIFY(f.window->minimumSizeHint().height() <= room.height());
            f.window->resize(room);
            QCoreApplication::processEvents();
            QCOMPARE(f.window->size(), room);
            auto *area = f.find<QScrollArea>("warnings");
            QVERIFY(area->isVisible());
            QVERIFY(area->height() <= room.height() / 3);
            const auto bars = f.window->findChildren<ui::NoticeBar *>(QStringLiteral("warning"));
            QCOMPARE(bars.size(), count);
            for (const auto *bar : bars) {
                QVERIFY(bar->height() >= bar->heightForWidth(bar->width()));
                QVERIFY(bar->mapTo(area->viewport(), bar->rect().bottomRight()).x() < area->viewport()->width());
            }
            if (count == 1) // no more than it needs
                QVERIFY(area->height() >= bars.first()->height());
            const auto *pages = f.find<QStackedWidget>("pageStack");
            QVERIFY(pages->height() >= pages->minimumSizeHint().height());
        }
    }

    void what_relays_answered_does_not_make_the_relays_page_higher()
    {
        WindowFixture f;
        f.operations.becomeNode();
        for (int relay = 0; relay < 30; ++relay)
            f.operations.addRelay(QStringLiteral("relay%1.example.org").arg(relay));
        f.open();
        f.goTo(QStringLiteral("Relays"));
        f.click("retrieveAll");
        QTRY_VERIFY(f.find<QWidget>("cancelRetrieve")->isVisible());
        const Error error{Errc::Refused, QStringLiteral("The relay answered 403: ") + QString(900, u'x'), 0};
        for (int relay = 0; relay < 30; ++relay)
            f.operations.progress(QStringLiteral("relay%1.example.org").arg(relay), 0, true, error);
        f.operations.endSweep();
        const auto *text = f.find<QLabel>("sweepText");
        QVERIFY2(text->text().contains(u"Relays that failed: 30."), qPrintable(text->text()));
        QCOMPARE(text->text().count(u'\n'), 2);
        QVERIFY(text->text().size() < 500);
        QVERIFY(text->toolTip().contains(u"relay29.example.org"));
        QVERIFY(f.window->minimumSizeHint().height() <= ui::roomFor(*f.window, Smallest[1]).height());
    }

    void a_size_from_a_larger_screen_is_bounded_by_this_one()
    {
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("window.ini"));
        {
            ui::MainWindow window(*m_operations, file);
            window.show();
            window.setGeometry(700, 700, 3'000, 2'000);
            window.close();
        }
        QVERIFY(QFile::exists(file));
        ui::MainWindow window(*m_operations, file);
        window.show();
        const QRect screen = window.screen()->availableGeometry();
        // The screen of tests may be narrower than the window can be.
        QVERIFY(window.width() <= std::max(screen.width(), window.minimumSizeHint().width()));
        QVERIFY(window.height() < screen.height());
        QVERIFY(window.x() >= screen.left() && window.y() >= screen.top());
        QVERIFY(window.geometry().bottom() <= screen.bottom());
    }

    void a_large_wish_is_bounded_by_the_screen()
    {
        QWidget window;
        ui::setFirstSize(window, {100'000, 100'000});
        const QSize screen = window.screen()->availableGeometry().size();
        QVERIFY(window.width() <= screen.width() && window.height() < screen.height());
        ui::setFirstSize(window, {300, 200});
        QCOMPARE(window.size(), QSize(300, 200));
    }

private:
    std::unique_ptr<QWidget> make(const QString &name)
    {
        if (name == u"main")
            return std::make_unique<ui::MainWindow>(*m_operations, QString());
        if (name == u"settings")
            return std::make_unique<ui::SettingsDialog>(*m_operations, QStringLiteral("/data"));
        if (name == u"friend")
            return std::make_unique<ui::ServedDialog>(settings::ServedEntry(), QStringList());
        if (name == u"open card") {
            auto dialog = std::make_unique<ui::OpenCardDialog>(*m_operations);
            dialog->open(ui::cardInText(QStringLiteral("restante:1/relay?server=%1&address=https://10.0.0.1:8449&"
                                                       "address=https://relay.example&pin=%1&name=Anna")
                                            .arg(QString(64, u'a'))));
            return dialog;
        }
        if (name == u"own card") {
            m_operations->currentStatus.serverName = QString(64, u'a');
            m_operations->currentSettings.cardAddresses = QStringLiteral("https://relay.example:8449");
            return std::make_unique<ui::OwnCardDialog>(*m_operations, card::Card::Kind::Relay, QStringLiteral("Anna"));
        }
        return std::make_unique<ui::RelayDialog>(*m_operations, settings::RelayEntry(), QStringList());
    }

    /// Those of a dialog are whole within it.
    static void checkButtons(const QWidget &window)
    {
        const auto *box = window.findChild<QDialogButtonBox *>();
        if (!box)
            return;
        for (const auto *button : box->buttons()) {
            const QRect place(button->mapTo(&window, QPoint(0, 0)), button->size());
            QVERIFY(window.rect().contains(place));
            QVERIFY(button->isVisible());
        }
    }

    std::unique_ptr<FakeOperations> m_operations;
};

QTEST_MAIN(TestSizes)
#include "tst_sizes.moc"
