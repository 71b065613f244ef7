// SPDX-License-Identifier: GPL-3.0-or-later
#include "settingsvalues.h"
#include "ui/node/outboxmodel.h"
#include "ui/shell/translation.h"
#include "ui/widgets/tablecells.h"
#include "windowtest.h"

#include <QtGui/QClipboard>
#include <QtTest/QAbstractItemModelTester>

using namespace restante;
using namespace restante::test;
using ui::OutboxModel;
using DestinationState = node::DestinationRow::State;

class TestOutboxPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB"))); }
    void init()
    {
        f = std::make_unique<WindowFixture>();
        f->operations.becomeNode();
    }
    void cleanup() { f.reset(); }

    void an_empty_outbox_says_what_it_is_for_data()
    {
        QTest::addColumn<bool>("node");
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("contains");
        QTest::addColumn<bool>("button");
        QTest::newRow("node") << true << QStringLiteral("http://127.0.0.1:8450")
                              << QStringLiteral("Set http://127.0.0.1:8450 as the proxy") << false;
        QTest::newRow("does not listen") << true << QString() << QStringLiteral("does not listen") << true;
        QTest::newRow("from the next start") << true << QStringLiteral("next") << QStringLiteral("next start") << true;
        QTest::newRow("cannot run") << true << QStringLiteral("next") << QStringLiteral("node.sqlite is damaged")
                                    << true;
        QTest::newRow("no node") << false << QString() << QStringLiteral("switched off") << true;
    }

    void an_empty_outbox_says_what_it_is_for()
    {
        QFETCH(bool, node);
        QFETCH(QString, address);
        QFETCH(QString, contains);
        QFETCH(bool, button);
        f->operations.currentSettings.nodeEnabled = node;
        f->operations.currentStatus.node = node && address != QStringLiteral("next");
        f->operations.currentStatus.nodeFailed = contains.contains(u"damaged");
        f->operations.currentStatus.nodeAddress = f->operations.currentStatus.node ? address : QString();
        open();
        QVERIFY(f->find<QWidget>("outboxEmptyText")->isVisible());
        QVERIFY(f->text("outboxEmptyText").contains(contains));
        QCOMPARE(f->find<QWidget>("outboxEmptyButton")->isVisible(), button);
        if (button) {
            f->click("outboxEmptyButton");
            QTRY_VERIFY(f->find<QWidget>("nodeEnabled")->isVisible());
        }
    }

    void destinations_are_listed_with_their_state_in_words_and_shape()
    {
        f->operations.meet("far.example", DestinationState::Failing, 1);
        f->operations.meet("gone.example", DestinationState::Offline, 3);
        f->operations.outbox[1].relays = 2;
        f->operations.outbox[1].sentByRelay = 1500;
        f->operations.meet("here.example");
        f->operations.meet("lost.example", DestinationState::Offline, 9);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 4);
        QCOMPARE(cell(0, OutboxModel::State), QStringLiteral("Failed 1 time"));
        QCOMPARE(cell(1, OutboxModel::State), QStringLiteral("Offline: relays not used since the start"));
        QCOMPARE(cell(1, OutboxModel::ByRelay), QStringLiteral("1,500"));
        QCOMPARE(cell(2, OutboxModel::State), QStringLiteral("Reachable"));
        QCOMPARE(cell(2, OutboxModel::LastFailure), QStringLiteral("never"));
        QCOMPARE(cell(3, OutboxModel::State), QStringLiteral("Offline: no relay known"));
        QList<QImage> shapes;
        for (const int row : {0, 1, 2}) {
            const auto index = list()->model()->index(row, OutboxModel::State);
            const auto shape =
                index.data(Qt::DecorationRole).value<QIcon>().pixmap(QSize(16, 16)).toImage().createAlphaMask();
            QVERIFY(!shapes.contains(shape));
            shapes.append(shape);
            QVERIFY(index.data(Qt::AccessibleTextRole).toString().startsWith(u"State: "));
        }
        QCOMPARE(list()->model()->index(0, OutboxModel::State).data(Qt::ToolTipRole).toString(),
                 cell(0, OutboxModel::State) + QStringLiteral("\nconnection refused"));
        for (int row = 0; row < list()->model()->rowCount(); ++row) { // the column may be too narrow for it
            const auto tip = list()->model()->index(row, OutboxModel::State).data(Qt::ToolTipRole).toString();
            QVERIFY(tip.startsWith(cell(row, OutboxModel::State)));
        }
    }

    void what_the_relays_of_a_destination_answered_is_shown()
    {
        f->operations.meet("gone.example", DestinationState::Offline, 3);
        f->operations.outbox[0].relays = 2;
        f->operations.outbox[0].relaysFailing = 2;
        f->operations.outbox[0].relayError = QStringLiteral("r.example: The relay answered 403 M_FORBIDDEN: No");
        f->operations.outbox[0].relayFailingSinceMs = f->clock.wallMs();
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 1);
        QCOMPARE(cell(0, OutboxModel::State), QStringLiteral("Offline: relays refuse its mail"));
        const auto tip = list()->model()->index(0, OutboxModel::State).data(Qt::ToolTipRole).toString();
        QVERIFY(tip.contains(u"r.example: The relay answered 403 M_FORBIDDEN: No (since "));
        f->operations.outbox[0].relaysFailing = 1;
        f->operations.outbox[0].relaysTaking = 1;
        f->operations.announceOutbox();
        QTRY_COMPARE(cell(0, OutboxModel::State), QStringLiteral("Offline: relays take its mail"));
    }

    void trying_again_forgets_the_failures()
    {
        f->operations.currentSettings.served = {
            servedEntry(QStringLiteral("gone.example"), QStringLiteral("carl"), {})};
        f->operations.meet("gone.example", DestinationState::Offline, 3);
        f->operations.meet("here.example");
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 2);
        QVERIFY(!f->find<QWidget>("tryDirectly")->isEnabled());
        list()->setCurrentIndex(list()->model()->index(1, 0));
        QVERIFY(!f->find<QWidget>("tryDirectly")->isEnabled()); // nothing to forget
        list()->setCurrentIndex(list()->model()->index(0, 0));
        f->click("tryDirectly");
        QCOMPARE(f->operations.forgotten, QList<matrix::ServerName>{serverName("gone.example")});
        QTRY_COMPARE(f->notice("outboxNotice"), QStringLiteral("The next piece of mail for carl goes there directly."));
        QTRY_COMPARE(cell(0, OutboxModel::State), QStringLiteral("Not known: tried directly next"));
        QTRY_VERIFY(!f->find<QWidget>("tryDirectly")->isEnabled());
    }

    void what_could_not_be_done_is_told_data()
    {
        QTest::addColumn<QString>("what");
        QTest::newRow("list") << QStringLiteral("list");
        QTest::newRow("try") << QStringLiteral("try");
    }

    void what_could_not_be_done_is_told()
    {
        QFETCH(QString, what);
        const Error error{Errc::Busy, QStringLiteral("x"), 0};
        f->operations.meet("gone.example", DestinationState::Offline, 3);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 1);
        if (what == u"list") {
            f->operations.outboxFails = error;
            QTest::keyClick(f->window.get(), Qt::Key_F5);
        } else {
            f->operations.forgetFails = error;
            list()->setCurrentIndex(list()->model()->index(0, 0));
            f->click("tryDirectly");
        }
        QTRY_COMPARE(f->notice("outboxNotice"), QStringLiteral("The program is busy. Try again in a moment."));
        QCOMPARE(list()->model()->rowCount(), 1);
    }

    void changes_are_read_only_while_somebody_looks()
    {
        f->operations.meet("a.example");
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 1);
        f->operations.meet("b.example");
        f->operations.announceOutbox();
        QTRY_COMPARE(list()->model()->rowCount(), 2);
        f->goTo(QStringLiteral("Queues"));
        const int asked = f->operations.outboxAsked;
        f->operations.announceOutbox();
        QCOMPARE(f->operations.outboxAsked, asked);
    }

    void columns_sort_by_what_they_mean()
    {
        f->operations.meet("a.example");
        f->operations.outbox[0].sentDirect = 9;
        f->operations.meet("b.example");
        f->operations.outbox[1].sentDirect = 10; // as text, it would come before 9
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 2);
        list()->sortByColumn(OutboxModel::Direct, Qt::AscendingOrder);
        QCOMPARE(cell(0, OutboxModel::Direct), QStringLiteral("9"));
        list()->sortByColumn(OutboxModel::Destination, Qt::DescendingOrder);
        QCOMPARE(cell(0, OutboxModel::Destination), QStringLiteral("b.example"));
    }

    void the_filter_finds_names_and_servers()
    {
        f->operations.currentSettings.served = {
            servedEntry(QStringLiteral("gone.example"), QStringLiteral("carl"), {})};
        f->operations.meet("gone.example", DestinationState::Offline, 3);
        f->operations.meet("here.example");
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 2);
        list()->setCurrentIndex(list()->model()->index(0, 0));
        QTest::keyClick(f->window.get(), Qt::Key_F, Qt::ControlModifier);
        auto *filter = f->find<QLineEdit>("outboxFilter");
        QTRY_COMPARE(QApplication::focusWidget(), filter);
        QTest::keyClicks(filter, QStringLiteral("HERE"));
        QCOMPARE(list()->model()->rowCount(), 1);
        QCOMPARE(cell(0, OutboxModel::Destination), QStringLiteral("here.example"));
        QVERIFY(!f->find<QWidget>("tryDirectly")->isEnabled()); // the selected one is out of sight
        filter->setText(QStringLiteral("carl"));
        QCOMPARE(list()->model()->rowCount(), 1);
        filter->setText(QStringLiteral("gone.ex"));
        QCOMPARE(list()->model()->rowCount(), 1);
        filter->clear();
        QCOMPARE(list()->model()->rowCount(), 2);
    }

    void the_model_keeps_its_promises()
    {
        OutboxModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        for (const char *name : {"a.example", "b.example", "c.example"})
            f->operations.meet(name);
        auto rows = f->operations.outbox;
        model.upsert(rows);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(changes.size(), 0);
        rows[1].failures = 2;
        model.upsert(rows);
        QCOMPARE(changes.size(), 1);
        QCOMPARE(changes[0][0].toModelIndex().row(), 1);
        rows.removeFirst();
        model.upsert(rows);
        QCOMPARE(model.rowCount(), 2);
        rows[1].failures = 7;
        model.upsert(rows);
        QCOMPARE(model.rowAt(model.index(1, 0))->failures, 7);
        QCOMPARE(resets.size(), 0);
    }

    void copying_gives_the_whole_name()
    {
        f->operations.meet("gone.example");
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 1);
        list()->setCurrentIndex(list()->model()->index(0, 0));
        list()->setFocus();
        QTest::keyClick(list(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("gone.example"));
    }

    void everything_can_be_reached_with_the_tab_key()
    {
        f->operations.meet("gone.example", DestinationState::Offline, 3);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 1);
        list()->setCurrentIndex(list()->model()->index(0, 0));
        QVERIFY(tabStops(*f->window).size() >= 4);
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
        f->operations.meet("gone.example", DestinationState::Offline, 3);
        f->operations.currentStatus.failingRelays = 1;
        f->operations.currentStatus.reasons = {{Errc::StorageFailed, {}, 0}, {Errc::RelayingOff, {}, 0}};
        f->open("outbox");
        QTRY_COMPARE(list()->model()->rowCount(), 1);
        QCOMPARE(mnemonics(*f->window).doubled, QString());
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
    }

private:
    void open() { f->open("outbox"); }
    QTreeView *list() const { return f->find<QTreeView>("outbox"); }
    QString cell(int row, int column) const { return list()->model()->index(row, column).data().toString(); }

    std::unique_ptr<WindowFixture> f;
};

QTEST_MAIN(TestOutboxPage)
#include "tst_outboxpage.moc"
