// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/entrymodel.h"
#include "ui/shell/translation.h"
#include "windowtest.h"

#include <QtCore/QPointer>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QTreeWidget>

using namespace restante;
using namespace restante::test;

class TestInboxPage : public QObject
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

    void an_empty_inbox_says_what_it_is_for_data()
    {
        QTest::addColumn<bool>("node");
        QTest::addColumn<QString>("begins");
        QTest::addColumn<QString>("leadsTo");
        QTest::newRow("node") << true << QStringLiteral("Nothing has been collected.")
                              << QStringLiteral("relaysEmptyText");
        QTest::newRow("no node") << false << QStringLiteral("This page lists the mail")
                                 << QStringLiteral("nodeEnabled");
        QTest::newRow("node from the next start")
            << true << QStringLiteral("Nothing has been collected: working") << QStringLiteral("nodeEnabled");
        QTest::newRow("node that cannot run")
            << true << QStringLiteral("Nothing can be collected: the file node.sqlite")
            << QStringLiteral("nodeEnabled");
    }

    void an_empty_inbox_says_what_it_is_for()
    {
        QFETCH(bool, node);
        QFETCH(QString, begins);
        QFETCH(QString, leadsTo);
        f->operations.currentSettings.nodeEnabled = node;
        f->operations.currentStatus.node = node && leadsTo != QStringLiteral("nodeEnabled");
        f->operations.currentStatus.nodeFailed = begins.contains(u"node.sqlite");
        open();
        QVERIFY(f->find<QWidget>("inboxEmptyText")->isVisible());
        QTest::keyClick(f->window.get(), Qt::Key_F5);
        QCoreApplication::processEvents();
        QVERIFY(f->notice("inboxNotice").isEmpty());
        QVERIFY(f->text("inboxEmptyText").startsWith(begins));
        f->click("inboxEmptyButton");
        QTRY_VERIFY(f->find<QWidget>(leadsTo.toLatin1().constData())->isVisible());
    }

    void the_number_stands_in_the_list_of_pages_and_in_the_status_line()
    {
        f->operations.deliver(1234);
        open();
        QCOMPARE(f->pageNames()[3], QStringLiteral("Inbox (1,234)"));
        QVERIFY(f->text("figures").contains(u"1,234 in the inbox"));
    }

    void what_was_collected_is_listed_and_opens()
    {
        f->operations.deliver(3, QStringLiteral("far.example"), QStringLiteral("relay.example"));
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 3);
        QVERIFY(list()->isColumnHidden(ui::EntryModel::Delivery)); // nothing is delivered
        list()->setCurrentIndex(list()->model()->index(1, 0));
        auto *json = f->find<QPlainTextEdit>("json");
        QTRY_VERIFY(json->toPlainText().contains(u"The key is under the mat"));
        QVERIFY(json->toPlainText().contains(u"\"origin\": \"far.example\""));
        QVERIFY(f->text("entryHead").startsWith(u"From far.example, collected "));
        QVERIFY(f->text("entryHead").endsWith(u" from relay.example"));
        QCOMPARE(f->find<QTreeWidget>("events")->topLevelItemCount(), 1);
    }

    void a_relay_goes_by_its_petname()
    {
        f->operations.addRelay(QStringLiteral("relay.example"), {}, QStringLiteral("anna"));
        f->operations.deliver(1);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 1);
        QCOMPARE(list()->model()->index(0, 4).data().toString(), QStringLiteral("anna (relay.example)"));
    }

    void never_all_is_loaded()
    {
        f->operations.deliver(1000);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 200);
        QTest::qWait(0);
        QVERIFY(list()->model()->rowCount() <= 400);
    }

    void new_mail_appears_while_somebody_looks_and_only_then()
    {
        f->operations.deliver(2);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 2);
        f->operations.deliver(1);
        f->operations.announceInbox();
        QTRY_COMPARE(list()->model()->rowCount(), 3);
        f->window->hide();
        const int asked = f->operations.inboxPagesAsked;
        f->operations.deliver(1);
        f->operations.announceInbox();
        QCoreApplication::processEvents();
        QCOMPARE(f->operations.inboxPagesAsked, asked);
        f->window->show();
        QTRY_COMPARE(list()->model()->rowCount(), 4);
    }

    void late_mail_goes_to_its_place_and_every_line_stands_once()
    {
        f->operations.deliver(5);
        f->operations.inbox.last().originServerTs = 1; // the last to come is the oldest by its signed time
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 5);
        list()->setCurrentIndex(list()->model()->index(0, 0));
        const QPersistentModelIndex oldest = list()->model()->index(0, 0);
        for (int i = 0; i < 3; ++i) {
            const int asked = f->operations.inboxPagesAsked;
            f->operations.announceInbox();
            QTRY_COMPARE(f->operations.inboxPagesAsked, asked + 1);
            QCoreApplication::processEvents();
            QCOMPARE(list()->model()->rowCount(), 5);
            QVERIFY(oldest.isValid());
            QCOMPARE(oldest.row(), 0);
        }
        f->operations.deliver(1);
        f->operations.inbox.last().originServerTs = 2;
        f->operations.announceInbox();
        QTRY_COMPARE(list()->model()->rowCount(), 6);
        QCOMPARE(oldest.row(), 0);
        QVERIFY(list()->selectionModel()->isRowSelected(0));
        list()->setFocus();
        QTest::keyClick(list(), Qt::Key_Delete);
        QVERIFY(f->answer(true));
        QCOMPARE(f->operations.inboxDiscards, (QList<QList<qint64>>{{5}}));
        QTRY_COMPARE(list()->model()->rowCount(), 5);
        QVERIFY(!oldest.isValid());
    }

    void all_pages_together_have_every_line_once()
    {
        f->operations.deliver(450);
        for (auto &row : f->operations.inbox)
            row.originServerTs = 1000 + (row.id * 7919) % 450;
        open();
        auto *model = list()->model();
        QTRY_COMPARE(model->rowCount(), 200);
        QTRY_VERIFY((model->fetchMore({}), model->rowCount() == 450));
        f->operations.announceInbox();
        QCoreApplication::processEvents();
        QCOMPARE(model->rowCount(), 450);
    }

    void what_comes_while_the_question_is_open_is_there_afterwards_data()
    {
        QTest::addColumn<int>("gone"); // taken out meanwhile, by somebody else
        QTest::addColumn<int>("come");
        QTest::newRow("more than before") << 0 << 3;
        QTest::newRow("as many as before") << 2 << 2;
        QTest::newRow("fewer than before") << 2 << 1;
    }

    void what_comes_while_the_question_is_open_is_there_afterwards()
    {
        QFETCH(int, gone);
        QFETCH(int, come);
        f->operations.deliver(4);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 4);
        f->click("inboxDiscardAll");
        QVERIFY(f->question().startsWith(u"Discard 4 "));
        const QPointer<QMessageBox> first = f->window->findChild<QMessageBox *>(QStringLiteral("confirmation"));
        f->operations.inbox.remove(0, gone);
        f->operations.deliver(come);
        f->operations.inbox.last().bytes += 1;
        const int left = 4 - gone + come;
        QVERIFY(f->answer(true));
        QTRY_VERIFY(first.isNull());
        QTRY_VERIFY(f->question().startsWith(QStringLiteral("Discard %1 ").arg(left)));
        QVERIFY(f->operations.inboxDiscards.isEmpty());
        QVERIFY(f->answer(false));
        QTRY_VERIFY(f->question().isEmpty());
        QVERIFY(f->operations.inboxDiscards.isEmpty());
        QCOMPARE(f->operations.inbox.size(), left);
    }

    void what_came_is_discarded_once_it_was_asked_about()
    {
        f->operations.deliver(2);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 2);
        f->click("inboxDiscardAll");
        f->operations.deliver(3);
        QVERIFY(f->answer(true));
        QTRY_VERIFY(f->question().startsWith(u"Discard 5 "));
        QVERIFY(f->answer(true));
        QTRY_COMPARE(f->notice("inboxNotice"), QStringLiteral("5 pieces of mail discarded."));
        QCOMPARE(f->operations.inboxDiscards.size(), 1);
    }

    void discarding_asks_and_takes_exactly_the_selected()
    {
        f->operations.deliver(5);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 5);
        for (const int row : {1, 3})
            list()->selectionModel()->select(list()->model()->index(row, 0),
                                             QItemSelectionModel::Select | QItemSelectionModel::Rows);
        list()->setFocus();
        QTest::keyClick(list(), Qt::Key_Delete);
        QCOMPARE(f->question(),
                 QStringLiteral("Discard 2 collected pieces of mail? The relays have forgotten them; they "
                                "cannot be collected again."));
        QVERIFY(f->answer(false));
        QVERIFY(f->operations.inboxDiscards.isEmpty());
        QTRY_VERIFY(f->question().isEmpty());
        f->click("discardSelected");
        QVERIFY(f->answer(true));
        QCOMPARE(f->operations.inboxDiscards, (QList<QList<qint64>>{{2, 4}}));
        QTRY_COMPARE(f->notice("inboxNotice"), QStringLiteral("2 pieces of mail discarded."));
        QTRY_COMPARE(list()->model()->rowCount(), 3);
    }

    void discarding_all_empties_the_page()
    {
        f->operations.deliver(5);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 5);
        f->click("inboxDiscardAll");
        QVERIFY(f->question().startsWith(u"Discard 5 collected pieces of mail?"));
        QVERIFY(f->answer(true));
        QTRY_COMPARE(f->operations.inboxDiscards, QList<QList<qint64>>{QList<qint64>()});
        QTRY_VERIFY(f->find<QWidget>("inboxEmptyText")->isVisible());
        QTRY_COMPARE(f->pageNames()[3], QStringLiteral("Inbox"));
    }

    void export_asks_for_a_file_and_reports_data()
    {
        QTest::addColumn<bool>("selected");
        QTest::newRow("all") << false;
        QTest::newRow("selected") << true;
    }

    void export_asks_for_a_file_and_reports()
    {
        QFETCH(bool, selected);
        f->operations.deliver(4);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 4);
        if (selected) {
            list()->setCurrentIndex(list()->model()->index(1, 0));
            f->find<QAbstractButton>("exportSelected")->click();
        } else {
            f->click("inboxExportAll");
        }
        f->operations.inboxLeftOut = selected ? QList<qint64>() : QList<qint64>{3};
        auto *dialog = f->window->findChild<QFileDialog *>();
        QVERIFY(dialog);
        const QString file = f->folder.filePath(QStringLiteral("out.jsonl"));
        dialog->selectFile(file);
        QMetaObject::invokeMethod(dialog, "accept", Qt::DirectConnection);
        QTRY_COMPARE(f->operations.inboxExports.size(), 1);
        QCOMPARE(f->operations.inboxExports[0], selected ? QList<qint64>{2} : QList<qint64>());
        QCOMPARE(f->operations.exports[0].file, file);
        QTRY_VERIFY(
            f->notice("inboxNotice").startsWith(selected ? u"1 piece of mail written" : u"4 pieces of mail written"));
        QCOMPARE(f->notice("inboxNotice").endsWith(u" Damaged ones that were left out: 1."), !selected);
    }

    void how_it_stands_with_each_delivery_is_listed_and_explained()
    {
        deliverInStates();
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 5);
        QVERIFY(!list()->isColumnHidden(ui::EntryModel::Delivery));
        QStringList shown;
        for (int row = 0; row < 5; ++row)
            shown.append(list()->model()->index(row, ui::EntryModel::Delivery).data().toString());
        QCOMPARE(shown, (QStringList{QStringLiteral("Set aside: refused"), QStringLiteral("Set aside: unsigned"),
                                     QStringLiteral("Waits for a key"), QStringLiteral("Being delivered"),
                                     QStringLiteral("Waits its turn")}));
        list()->setCurrentIndex(list()->model()->index(0, 0));
        QTRY_VERIFY(f->text("entryDelivery").contains(u"The reason: the homeserver answered 403, M_FORBIDDEN."));
        list()->setCurrentIndex(list()->model()->index(2, 0));
        QTRY_VERIFY(f->text("entryDelivery").startsWith(u"It waits for its sender's key"));
        QVERIFY(f->text("entryDelivery").contains(u" Tried again by itself on "));
        QCOMPARE(f->text("inboxDelivery"), QStringLiteral("3 waiting · 2 set aside · 1,234 delivered since the start"));
    }

    void what_changes_is_shown_although_nothing_came_or_went()
    {
        deliverInStates();
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 5);
        list()->setCurrentIndex(list()->model()->index(3, 0));
        QTRY_VERIFY(f->text("entryDelivery").startsWith(u"It is being delivered"));
        f->operations.inbox[3].delivery.state = node::Delivery::State::Busy;
        f->operations.announceInbox();
        QTRY_COMPARE(list()->model()->index(3, ui::EntryModel::Delivery).data().toString(),
                     QStringLiteral("Waits: pause"));
        QVERIFY(f->text("entryDelivery").startsWith(u"The homeserver asked for a pause"));
    }

    void only_what_waits_or_is_set_aside_can_be_listed()
    {
        deliverInStates();
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 5);
        auto *part = f->find<QComboBox>("inboxPart");
        part->setFocus();
        QTest::keyClick(part, Qt::Key_Down);
        QTRY_COMPARE(list()->model()->rowCount(), 3);
        QTest::keyClick(part, Qt::Key_Down);
        QTRY_COMPARE(list()->model()->rowCount(), 2);
        QVERIFY(!f->find<QAbstractButton>("inboxDiscardAll")->isEnabled()); // it would discard more than is listed
        f->operations.inbox.removeFirst();
        f->operations.announceInbox();
        QTRY_COMPARE(list()->model()->rowCount(), 1);
        part->setCurrentIndex(0);
        QTRY_COMPARE(list()->model()->rowCount(), 4);
        QVERIFY(f->find<QAbstractButton>("inboxDiscardAll")->isEnabled());
    }

    void mail_is_tried_again_when_somebody_asks_for_it_data()
    {
        QTest::addColumn<QString>("how");
        QTest::newRow("the selected, by keyboard") << QStringLiteral("keys");
        QTest::newRow("the selected, by the button") << QStringLiteral("button");
        QTest::newRow("all") << QStringLiteral("all");
    }

    void mail_is_tried_again_when_somebody_asks_for_it()
    {
        QFETCH(QString, how);
        deliverInStates();
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 5);
        QVERIFY(!f->find<QAbstractButton>("retrySelected")->isEnabled());
        if (how != u"all") {
            list()->setFocus();
            list()->setCurrentIndex(list()->model()->index(0, 0));
            QTest::keyClick(list(), Qt::Key_Down, Qt::ShiftModifier);
        }
        if (how == u"keys")
            QTest::keyClick(list(), Qt::Key_T, Qt::ControlModifier);
        else
            f->click(how == u"all" ? "inboxRetryAll" : "retrySelected");
        QCOMPARE(f->operations.inboxRetries,
                 QList<QList<qint64>>{how == u"all" ? QList<qint64>() : (QList<qint64>{1, 2})});
        QTRY_COMPARE(f->notice("inboxNotice"), how == u"all" ? QStringLiteral("5 pieces of mail will be tried again.")
                                                             : QStringLiteral("2 pieces of mail will be tried again."));
    }

    void without_a_homeserver_the_page_leads_to_where_it_is_set()
    {
        f->operations.deliver(2);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 2);
        for (const char *name : {"inboxPart", "inboxRetryAll", "retrySelected"})
            QVERIFY2(!f->find<QWidget>(name)->isVisible(), name);
        QVERIFY(f->text("inboxDelivery").startsWith(u"It stays here until it is taken out"));
        f->click("inboxDeliver");
        QTRY_VERIFY(f->find<QWidget>("homeserverChoice")->isVisible());
    }

    void why_nothing_at_all_is_delivered_is_told()
    {
        deliverInStates();
        f->operations.currentStatus.deliveries.trouble = QStringLiteral("connection refused");
        open();
        QVERIFY(f->text("inboxDelivery").endsWith(u"\nNothing can be delivered just now: connection refused"));
    }

    void what_could_not_be_done_is_told_data()
    {
        QTest::addColumn<QString>("what");
        QTest::newRow("list") << QStringLiteral("list");
        QTest::newRow("discard") << QStringLiteral("discard");
        QTest::newRow("retry") << QStringLiteral("retry");
    }

    void what_could_not_be_done_is_told()
    {
        QFETCH(QString, what);
        const Error error{Errc::Busy, QStringLiteral("locked"), 0};
        f->operations.deliver(4);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 4);
        if (what == u"list") {
            f->operations.inboxFails = error;
            QTest::keyClick(f->window.get(), Qt::Key_F5);
        } else if (what == u"retry") {
            f->operations.retryInboxFails = error;
            f->click("inboxRetryAll");
        } else {
            f->operations.discardInboxFails = error;
            f->click("inboxDiscardAll");
            QVERIFY(f->answer(true));
        }
        QTRY_COMPARE(f->notice("inboxNotice"), QStringLiteral("The program is busy. Try again in a moment."));
        QCOMPARE(list()->model()->rowCount(), 4);
    }

    void everything_can_be_reached_with_the_tab_key()
    {
        f->operations.deliver(4);
        open();
        QTRY_COMPARE(list()->model()->rowCount(), 4);
        list()->setCurrentIndex(list()->model()->index(0, 0));
        QTRY_VERIFY(f->find<QWidget>("json")->isVisible());
        QVERIFY(tabStops(*f->window).size() >= 10);
        QCOMPARE(outOfReach(*f->window), QString());
    }

    void mnemonics_are_unique_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("entries");
        for (const char *language : {"en_GB", "de_DE"}) {
            QTest::addRow("%s, empty", language) << QString::fromLatin1(language) << 0;
            QTest::addRow("%s", language) << QString::fromLatin1(language) << 3;
            QTest::addRow("%s, delivering", language) << QString::fromLatin1(language) << 5;
        }
    }

    void mnemonics_are_unique()
    {
        QFETCH(QString, language);
        QFETCH(int, entries);
        ui::installTranslations(*qApp, QLocale(language));
        if (entries == 5)
            deliverInStates();
        else
            f->operations.deliver(entries);
        f->operations.currentStatus.failingRelays = 1;
        f->operations.currentStatus.reasons = {{Errc::StorageFailed, {}, 0}, {Errc::RelayingOff, {}, 0}};
        f->open("inbox");
        QTRY_COMPARE(list()->model()->rowCount(), entries);
        QCOMPARE(mnemonics(*f->window).doubled, QString());
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
    }

private:
    void open() { f->open("inbox"); }
    QTreeView *list() const { return f->find<QTreeView>("entries"); }
    /// Five entries, each in another state of its delivery.
    void deliverInStates()
    {
        using enum node::Delivery::State;
        f->operations.deliver(5);
        f->operations.currentStatus.delivers = true;
        f->operations.currentStatus.deliveries.delivered = 1234;
        f->operations.currentStatus.deliveries.waiting = 3;
        f->operations.currentStatus.deliveries.parked = 1;
        f->operations.currentStatus.deliveries.withoutProof = 1;
        auto &inbox = f->operations.inbox;
        inbox[0].delivery = {Parked, 1'789'900'000'000, 0, QStringLiteral("the homeserver answered 403, M_FORBIDDEN")};
        inbox[1].delivery = {NoProof, 0, 0, {}};
        inbox[2].delivery = {NoKey, 0, 1'789'900'000'000, {}};
        inbox[3].delivery = {Sending, 0, 0, {}};
        inbox[4].delivery = {Waiting, 0, 0, {}};
    }

    std::unique_ptr<WindowFixture> f;
};

QTEST_MAIN(TestInboxPage)
#include "tst_inboxpage.moc"
