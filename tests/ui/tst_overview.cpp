// SPDX-License-Identifier: GPL-3.0-or-later
#include "settingsvalues.h"
#include "ui/cards/qrcode.h"
#include "ui/overview/cardpanel.h"
#include "ui/overview/friendrow.h"
#include "ui/overview/legend.h"
#include "ui/overview/trafficchart.h"
#include "ui/shell/translation.h"
#include "ui/widgets/firstsize.h"
#include "ui/widgets/noticebar.h"
#include "windowtest.h"

#include <QtCore/QDateTime>
#include <QtGui/QClipboard>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QScrollBar>

using namespace restante;
using namespace restante::test;
using telemetry::Traffic;
using telemetry::TrafficBucket;
using telemetry::TrafficReport;
using telemetry::TrafficSpan;
using Kind = ui::TrafficChart::Kind;
using State = control::ApplianceStatus::State;

namespace
{
constexpr qint64 HourMs = 3'600'000;

/// 24 hours, the last of which began at `startMs`; one piece more in each than in the one before.
TrafficReport dayUntil(qint64 startMs)
{
    TrafficReport report;
    for (int hour = 0; hour < 24; ++hour)
        report.buckets.append(TrafficBucket{startMs - (23 - hour) * HourMs, {hour, hour / 2, 0, 3 * hour, hour}});
    report.today = {342, 214, 3, 17, 12};
    report.yesterday = {1'000, 20, 0, 5, 4};
    return report;
}
} // namespace

class TestOverview : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB"))); }
    void init()
    {
        f = std::make_unique<WindowFixture>();
        auto &operations = f->operations;
        operations.currentSettings.served = {servedEntry(QString(64, u'a'), QStringLiteral("anna"), {}),
                                             servedEntry(QStringLiteral("home.example.org"))};
        operations.hold(QByteArray(64, 'a'), 97);
        operations.currentStatus.serverName = QString(64, u'e');
        operations.currentStatus.loopbackOnly = false;
        operations.currentSettings.cardAddresses = QStringLiteral("https://relay.example.org:8449");
        const qint64 now = f->clock.wallMs();
        operations.traffic = {{TrafficSpan::Day, dayUntil(now - now % HourMs)},
                              {TrafficSpan::Hour, {TrafficSpan::Hour, {{now, {}}, {now, {}}}, {}, {}}}};
    }
    void cleanup() { f.reset(); }

    void it_is_the_first_page()
    {
        f->window = std::make_unique<ui::MainWindow>(f->operations, QString(), nullptr, &f->clock);
        f->window->show();
        QVERIFY(f->find<ui::TrafficChart>("chart")->isVisible());
    }

    void tiles_tell_what_is_held_and_what_today_brought()
    {
        f->open("overview");
        QTRY_COMPARE(f->text("tile1Figure"), QStringLiteral("342"));
        QCOMPARE(f->text("tile0Title"), QStringLiteral("Held now"));
        QCOMPARE(f->text("tile0Figure"), QStringLiteral("97"));
        QVERIFY2(f->text("tile0Note").endsWith(u"of 8.0 GiB"), qPrintable(f->text("tile0Note")));
        QCOMPARE(f->text("tile1Title"), QStringLiteral("Taken in today"));
        QCOMPARE(f->text("tile1Note"), QStringLiteral("yesterday 1,000"));
        QCOMPARE(f->text("tile2Title"), QStringLiteral("Handed over today"));
        QCOMPARE(f->text("tile2Figure"), QStringLiteral("214"));
        QCOMPARE(f->text("tile3Title"), QStringLiteral("Refused today"));
        QCOMPARE(f->text("tile3Figure"), QStringLiteral("3"));
        QCOMPARE(f->find<QWidget>("tile1")->accessibleName(), QStringLiteral("Taken in today: 342, yesterday 1,000"));
    }

    void who_only_collects_sees_what_is_collected()
    {
        auto &operations = f->operations;
        operations.currentSettings.served.clear();
        operations.becomeNode();
        operations.addRelay(QStringLiteral("relay.example"));
        operations.currentStatus.failingRelays = 1;
        operations.deliver(5);
        f->open("overview");
        QTRY_COMPARE(f->text("tile1Figure"), QStringLiteral("17"));
        QCOMPARE(f->text("tile0Title"), QStringLiteral("In the inbox"));
        QCOMPARE(f->text("tile0Figure"), QStringLiteral("5"));
        QCOMPARE(f->text("tile2Title"), QStringLiteral("Delivered today"));
        QCOMPARE(f->text("tile2Figure"), QStringLiteral("12"));
        QCOMPARE(f->text("tile3Note"), QStringLiteral("1 could not be asked"));
        QVERIFY(!f->find<QWidget>("friends")->isVisible());
        QCOMPARE(f->text("cardPanelTitle"), QStringLiteral("Your card for relays"));
        QVERIFY(f->find<ui::TrafficChart>("chart")->summary().contains(u"collected"));
        QVERIFY(!f->find<QPushButton>("pause")->isVisible());
    }

    void a_span_is_chosen_shown_and_remembered()
    {
        f->open("overview");
        QTRY_VERIFY(!f->operations.trafficAsked.isEmpty());
        QCOMPARE(f->operations.trafficAsked.last(), TrafficSpan::Day);
        auto *chart = f->find<ui::TrafficChart>("chart");
        QTRY_VERIFY(chart->summary().contains(u"276 taken in, 132 handed over in all"));
        f->click("spanHour");
        QCOMPARE(f->operations.trafficAsked.last(), TrafficSpan::Hour);
        QTRY_COMPARE(chart->summary(), QStringLiteral("No mail came or went in the last hour."));
        QCOMPARE(chart->accessibleDescription(), chart->summary());
        f->click("spanMonth");
        QCOMPARE(f->operations.trafficAsked.last(), TrafficSpan::Month);
        f->window->hide();
        f->open("overview");
        QVERIFY(f->find<QPushButton>("spanMonth")->isChecked());
        QVERIFY(!f->find<QPushButton>("spanDay")->isChecked());
        QCOMPARE(f->operations.trafficAsked.last(), TrafficSpan::Month);
    }

    void the_chart_tells_the_figures_under_the_mouse_and_the_arrow_keys()
    {
        f->open("overview");
        auto *chart = f->find<ui::TrafficChart>("chart");
        QTRY_VERIFY(chart->summary().contains(u"276"));
        QTRY_VERIFY(chart->visibleRegion().boundingRect() == chart->rect());
        QTest::mouseMove(chart, QPoint(chart->width() - 3, chart->height() / 2));
        QTRY_COMPARE(chart->pointedAt(), 23);
        QVERIFY2(chart->figures(23).endsWith(u": 23 taken in, 11 handed over"), qPrintable(chart->figures(23)));
        chart->setFocus();
        QTest::keyClick(chart, Qt::Key_Left);
        QCOMPARE(chart->pointedAt(), 22);
        QCOMPARE(chart->accessibleDescription(), chart->figures(22));
        QTest::keyClick(chart, Qt::Key_Right);
        QTest::keyClick(chart, Qt::Key_Right);
        QCOMPARE(chart->pointedAt(), 23);
    }

    void an_axis_counts_as_people_do()
    {
        for (const auto &[most, top, steps] : {std::tuple(0, 1, 1),
                                               {1, 1, 1},
                                               {3, 3, 3},
                                               {4, 4, 4},
                                               {5, 6, 3},
                                               {9, 10, 2},
                                               {48, 60, 3},
                                               {100, 100, 2},
                                               {101, 150, 3},
                                               {999'999, 1'000'000, 2}}) {
            const auto axis = ui::TrafficChart::axisFor(most);
            QVERIFY2(axis.top == top && axis.steps == steps,
                     qPrintable(QStringLiteral("%1: %2 in %3").arg(most).arg(axis.top).arg(axis.steps)));
        }
    }

    void bars_are_drawn_where_they_belong()
    {
        ui::TrafficChart chart;
        chart.resize(600, 200);
        TrafficReport report;
        for (int hour = 0; hour < 24; ++hour)
            report.buckets.append(TrafficBucket{hour * HourMs, {hour == 23 ? 5 : 0, 0, 0, 0, 0}});
        chart.setReport(report, Kind::Holding);
        const auto inked = [&chart](int from, int to) {
            const QImage image = chart.grab().toImage();
            const QColor bar = chart.palette().color(QPalette::Highlight);
            int found = 0;
            for (int x = from; x < to; ++x)
                found += image.pixelColor(x, 120) == bar ? 1 : 0;
            return found;
        };
        QVERIFY(inked(500, 600) > 0);
        QCOMPARE(inked(0, 500), 0);
        chart.setLayoutDirection(Qt::RightToLeft);
        QVERIFY(inked(0, 100) > 0);
        QCOMPARE(inked(100, 600), 0);
        report.buckets[23].traffic = {};
        chart.setReport(report, Kind::Holding);
        QCOMPARE(inked(0, 600), 0);
    }

    void friends_tell_what_is_held_and_lead_to_their_queue()
    {
        f->open("overview");
        f->operations.announceTotals();
        QTRY_COMPARE(rows().size(), 2);
        const auto *anna = rows()[0];
        QTRY_VERIFY(anna->contents().held.startsWith(u"97 held · "));
        QCOMPARE(anna->contents().petname, QStringLiteral("anna"));
        QCOMPARE(anna->contents().collected, QStringLiteral("never collected yet"));
        QVERIFY(anna->accessibleName().startsWith(u"anna: 97 held"));
        QCOMPARE(rows()[1]->contents().held, QStringLiteral("nothing held"));
        rows()[0]->setFocus();
        QTest::keyClick(rows()[0], Qt::Key_Return);
        QVERIFY(f->tree()->isVisible());
        QTRY_COMPARE(f->tree()->currentIndex().data().toString().left(4), QStringLiteral("anna"));
    }

    void a_friend_who_is_clicked_before_the_queues_are_known_is_selected_when_they_come()
    {
        f->open("overview");
        QTRY_COMPARE(rows().size(), 2);
        QTest::mouseClick(rows()[1], Qt::LeftButton);
        QTRY_VERIFY(f->tree()->currentIndex().data().toString().startsWith(u"home.example.org"));
    }

    void of_many_friends_the_fullest_are_shown()
    {
        for (int i = 0; i < 30; ++i)
            f->operations.currentSettings.served.append(servedEntry(QStringLiteral("s%1.example").arg(i)));
        f->operations.hold("s17.example", 500);
        f->open("overview");
        QTRY_COMPARE(rows().size(), 8);
        QTRY_COMPARE(rows()[0]->contents().server, QStringLiteral("s17.example"));
        QVERIFY(f->find<QPushButton>("allFriends")->isVisible());
        f->click("allFriends");
        QVERIFY(f->tree()->isVisible());
    }

    void nobody_is_told_in_words()
    {
        f->operations.currentSettings.served.clear();
        f->operations.held.clear();
        f->operations.traffic.clear();
        f->open("overview");
        QTRY_VERIFY(f->find<QLabel>("noFriends")->isVisible());
        QVERIFY(f->text("noFriends").contains(u"No friend has been added yet"));
        QCOMPARE(rows().size(), 0);
    }

    void the_card_is_shown_and_its_link_copied()
    {
        f->open("overview");
        QVERIFY(f->find<QWidget>("cardPanelCopy")->isVisible());
        f->click("cardPanelCopy");
        const QString link = QGuiApplication::clipboard()->text();
        QVERIFY2(link.startsWith(u"restante:1/relay?server=eeee"), qPrintable(link));
        QCOMPARE(f->find<QPushButton>("cardPanelCopy")->text(), QStringLiteral("Link &copied"));
        QGuiApplication::clipboard()->setText(QStringLiteral("something else"));
        QCOMPARE(f->find<QPushButton>("cardPanelCopy")->text(), QStringLiteral("&Copy link"));
        auto *picture = f->find<QWidget>("cardPanel")->findChild<QWidget *>(QStringLiteral("qr"));
        QVERIFY(QTest::qWaitForWindowExposed(f->window.get()));
        QTRY_VERIFY(picture->height() >= picture->minimumSizeHint().height());
        QCOMPARE(ui::textsInPicture(picture->grab().toImage()), QList<QByteArray>{link.toLatin1()});
        f->click("cardPanelMore");
        QVERIFY(f->find<QWidget>("ownCard")->isVisible());
    }

    void without_an_address_it_says_so()
    {
        f->operations.currentSettings.cardAddresses.clear();
        f->open("overview");
        QVERIFY(!f->find<QWidget>("cardPanelCopy")->isVisible());
        QVERIFY2(f->text("cardPanelTold").contains(u"does not know at which address"),
                 qPrintable(f->text("cardPanelTold")));
        f->click("cardPanelMore");
        QVERIFY(f->find<QWidget>("cardAddresses")->isVisible());
    }

    void a_warning_stands_there_once_and_leads_to_its_cause()
    {
        f->operations.currentStatus.warnings = {
            {control::StatusWarning::Kind::MailboxFilling, QStringLiteral("x"), QString(64, u'a'), 85}};
        f->open("overview");
        const auto bars = f->window->findChildren<ui::NoticeBar *>(QStringLiteral("warning"));
        QCOMPARE(bars.size(), 1);
        QVERIFY(bars[0]->isVisible() && bars[0]->text().contains(u"anna"));
        bars[0]->button()->click();
        QTRY_VERIFY(f->find<QWidget>("diskFloor"));
    }

    void nothing_is_asked_while_it_is_not_looked_at()
    {
        f->open("overview");
        QTRY_VERIFY(f->operations.trafficAsked.size() >= 1);
        f->goTo(QStringLiteral("Relays"));
        const auto asked = f->operations.trafficAsked.size();
        f->operations.announceTotals();
        f->operations.announceStatus();
        f->operations.announceInbox();
        QCOMPARE(f->operations.trafficAsked.size(), asked);
        f->goTo(QStringLiteral("Overview"));
        QCOMPARE(f->operations.trafficAsked.size(), asked + 1);
        f->window->hide();
        f->operations.announceTotals();
        QCOMPARE(f->operations.trafficAsked.size(), asked + 1);
    }

    void everything_can_be_reached_with_the_tab_key()
    {
        f->open("overview");
        QTRY_COMPARE(rows().size(), 2);
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
        QFETCH(const QString, language);
        ui::installTranslations(*qApp, QLocale(language));
        f->operations.currentStatus.loopbackOnly = true;
        f->operations.currentStatus.reasons = {{Errc::StorageFailed, {}, 0}, {Errc::DiskFull, {}, 0}};
        for (int i = 0; i < 9; ++i)
            f->operations.currentSettings.served.append(servedEntry(QStringLiteral("s%1.example").arg(i)));
        f->open("overview");
        QTRY_VERIFY(f->find<QWidget>("allFriends")->isVisible());
        const auto found = mnemonics(*f->window);
        QCOMPARE(found.doubled, QString());
        QVERIFY(found.letters.size() >= 10);
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
    }

    void a_small_screen_scrolls_and_cuts_nothing_data() { mnemonics_are_unique_data(); }
    void a_small_screen_scrolls_and_cuts_nothing()
    {
        QFETCH(const QString, language);
        ui::installTranslations(*qApp, QLocale(language));
        f->open("overview");
        QTRY_COMPARE(rows().size(), 2);
        for (const QSize &small : {QSize(1024, 568), QSize(960, 508)}) {
            const QSize room = ui::roomFor(*f->window, small);
            f->window->resize(room);
            QCoreApplication::processEvents();
            QCOMPARE(f->window->size(), room);
            const auto *area = f->find<QScrollArea>("overviewArea");
            QVERIFY(area->verticalScrollBar()->maximum() > 0);
            QVERIFY(area->viewport()->height() > 200);
            QVERIFY2(
                area->widget()->width() <= area->viewport()->width(),
                qPrintable(QStringLiteral("%1 in %2").arg(area->widget()->width()).arg(area->viewport()->width())));
            const auto labels = area->findChildren<QLabel *>();
            for (const auto *label : labels) {
                if (label->isVisible() && !label->wordWrap())
                    QVERIFY2(label->width() >= label->sizeHint().width(), qPrintable(label->text()));
            }
            const auto buttons = area->findChildren<QPushButton *>();
            for (const auto *button : buttons) {
                if (button->isVisible())
                    QVERIFY2(button->width() >= button->minimumSizeHint().width(), qPrintable(button->text()));
            }
        }
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
    }

private:
    QList<ui::FriendRow *> rows() const { return f->window->findChildren<ui::FriendRow *>(QStringLiteral("friend")); }

    std::unique_ptr<WindowFixture> f;
};

QTEST_MAIN(TestOverview)
#include "tst_overview.moc"
