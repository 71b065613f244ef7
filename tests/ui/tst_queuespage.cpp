// SPDX-License-Identifier: GPL-3.0-or-later
#include "settingsvalues.h"
#include "ui/queues/destinationmodel.h"
#include "ui/shell/translation.h"
#include "windowtest.h"

#include <QtCore/QPointer>
#include <QtGui/QClipboard>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTreeWidget>

using namespace restante;
using namespace restante::test;

namespace
{
constexpr auto Hex = "3f2a71c04b9d8e6f5a7c1b2d3e4f60718293a4b5c6d7e8f9001122334455669c";
}

class TestQueuesPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB"))); }
    void init()
    {
        f = std::make_unique<WindowFixture>();
        f->operations.currentSettings.served = {servedEntry(QString::fromLatin1(Hex), QStringLiteral("anna"), {})};
        f->operations.hold(Hex, 97);
        f->operations.hold("home.example.org", 3);
    }
    void cleanup() { f.reset(); }

    void a_served_friend_without_mail_is_in_the_list_too()
    {
        f->operations.currentSettings.served.append(
            servedEntry(QStringLiteral("berta.example"), QStringLiteral("berta"), {}));
        f->open();
        QTRY_COMPARE(f->tree()->model()->rowCount(), 3);
        QCOMPARE(f->tree()->model()->index(1, 0).data().toString(), QStringLiteral("berta (berta.example)"));
        QCOMPARE(f->tree()->model()->index(1, 1).data().toString(), QStringLiteral("0"));
    }

    void a_front_door_says_whether_it_holds_or_passes_on_and_since_when()
    {
        const qint64 sinceMs = f->clock.wallMs() - 60'000;
        f->operations.doorStates = {{serverName(Hex), true, serverName("home.example:8448"), sinceMs}};
        f->open();
        QTRY_COMPARE(f->tree()->model()->rowCount(), 2);
        constexpr int column = ui::DestinationModel::Door;
        QVERIFY(!f->tree()->isColumnHidden(column));
        const auto cell = [this](int row) { return f->tree()->model()->index(row, column); };
        QCOMPARE(cell(0).data().toString(), QStringLiteral("Passes on"));
        QVERIFY(!cell(0).data(Qt::DecorationRole).value<QIcon>().isNull());
        QVERIFY(cell(0).data(Qt::ToolTipRole).toString().contains(u"passes mail on to home.example:8448 at once"));
        QCOMPARE(cell(0).data(Qt::AccessibleTextRole).toString(), QStringLiteral("Front door: Passes on"));
        QCOMPARE(cell(1).data().toString(), QString()); // has none
        f->operations.doorStates[0].passes = false;
        f->operations.announceTotals();
        QTRY_COMPARE(cell(0).data().toString(), QStringLiteral("Holds"));
        f->tree()->sortByColumn(column, Qt::AscendingOrder);
        QCOMPARE(cell(1).data().toString(), QStringLiteral("Holds"));
    }

    void without_a_front_door_nothing_is_said_of_it()
    {
        f->open();
        QTRY_COMPARE(f->tree()->model()->rowCount(), 2);
        QVERIFY(f->tree()->isColumnHidden(ui::DestinationModel::Door));
        QVERIFY(!f->find<QWidget>("showInvites")->isVisible());
    }

    void failed_invites_are_listed_and_copied()
    {
        f->operations.invites = {{f->clock.wallMs() - 180'000, serverName("a.example"), serverName("b.example"),
                                  "@eve\u202e:a.example", "@bob:b.example", "!room:a.example", 2},
                                 {f->clock.wallMs() - 3'600'000, serverName("c.example"), serverName("b.example"),
                                  "@carl:c.example", "@bob:b.example", "!other:c.example", 1}};
        f->open();
        auto *button = f->find<QAbstractButton>("showInvites");
        QTRY_VERIFY(button->isVisible());
        QCOMPARE(button->text(), QStringLiteral("Failed in&vites (2)…"));
        button->click();
        auto *list = f->window->findChild<QTreeWidget *>(QStringLiteral("invites"));
        QVERIFY(list && list->isVisible());
        QCOMPARE(list->topLevelItemCount(), 2);
        QCOMPARE(list->topLevelItem(0)->text(0), QStringLiteral("3 min ago"));
        QVERIFY(!list->topLevelItem(0)->text(1).contains(QChar(0x202e))); // a stranger chose it
        QVERIFY(list->topLevelItem(1)->text(1).contains(u"@carl:c.example"));
        QCOMPARE(list->topLevelItem(0)->text(4), QStringLiteral("2"));
        list->setCurrentItem(list->topLevelItem(1));
        list->actions().constFirst()->trigger(); // as the context menu does
        QCOMPARE(QGuiApplication::clipboard()->text(),
                 QStringLiteral("@carl:c.example\t@bob:b.example\t!other:c.example"));
        QTest::keyClick(list, Qt::Key_Escape);
        QTRY_VERIFY(!f->window->findChild<QTreeWidget *>(QStringLiteral("invites")));
    }

    void choosing_an_owner_lists_its_entries_and_choosing_an_entry_opens_it()
    {
        f->open();
        QVERIFY(f->select(0, 97));
        f->list()->setCurrentIndex(f->list()->model()->index(4, 0));
        auto *json = f->find<QPlainTextEdit>("json");
        QTRY_VERIFY(json->toPlainText().contains(u"The key is under the mat"));
        QVERIFY(json->toPlainText().contains(u"\"origin\": \"matrix.town\""));
        QCOMPARE(json->lineWrapMode(), QPlainTextEdit::NoWrap);
        QVERIFY(json->isReadOnly());
        auto *events = f->find<QTreeWidget>("events");
        QCOMPARE(events->topLevelItemCount(), 3);
        QCOMPARE(events->topLevelItem(0)->text(0), QStringLiteral("Message"));
        QCOMPARE(events->topLevelItem(0)->text(1), QStringLiteral("@anna:matrix.town"));
        QCOMPARE(events->topLevelItem(0)->text(2), QStringLiteral("!garden:matrix.town"));
        QVERIFY(f->text("entryHead").contains(u"matrix.town"));
    }

    void an_entry_that_went_meanwhile_says_so()
    {
        f->open();
        QVERIFY(f->select(0, 97));
        f->operations.entryFails = Error{Errc::NotHeld, QStringLiteral("x"), 0};
        f->list()->setCurrentIndex(f->list()->model()->index(0, 0));
        QTRY_COMPARE(f->text("entryNote"), QStringLiteral("This mail is not held any more."));
    }

    void a_huge_entry_is_cut_and_says_how_to_see_all()
    {
        queue::HeldEntry huge;
        huge.pdus = "[" + QByteArray("{\"type\":\"m.room.message\"},").repeated(200'000) + "{}]";
        huge.edus = "[]";
        f->operations.bodies.insert(1, huge);
        f->open();
        QVERIFY(f->select(0, 97));
        f->list()->setCurrentIndex(f->list()->model()->index(0, 0));
        QTRY_VERIFY(f->text("entryNote").contains(u"Export"));
        QVERIFY(f->find<QPlainTextEdit>("json")->toPlainText().size() < 2'000'000);
    }

    void discarding_all_asks_first_and_says_what_is_lost_to_whom()
    {
        f->open();
        QVERIFY(f->select(0, 97));
        f->click("discardAll");
        QCOMPARE(f->question(),
                 QStringLiteral("Discard 97 pieces of mail held for anna? They cannot be collected any more."));
        QVERIFY(f->answer(false));
        QCOMPARE(f->operations.discardAlls.size(), 0);
        QTRY_VERIFY(f->question().isEmpty());
        f->click("discardAll");
        QVERIFY(f->answer(true));
        QTRY_COMPARE(f->operations.discardAlls.size(), 1);
        QCOMPARE(f->operations.discardAlls[0].destination, serverName(Hex));
        QTRY_COMPARE(f->notice(), QStringLiteral("97 pieces of mail discarded."));
        QTRY_COMPARE(f->list()->model()->rowCount(), 0);
    }

    void selecting_one_user_lists_exports_and_discards_only_that_users_mail()
    {
        f->operations.held.clear();
        f->operations.hold(Hex, 3, QStringLiteral("matrix.town"), QStringLiteral("lena"));
        f->operations.hold(Hex, 2, QStringLiteral("matrix.town"), QStringLiteral("max"));
        f->operations.hold(Hex, 4, QStringLiteral("matrix.town"), QString());
        f->open();
        QVERIFY(f->select(0, 9));
        const auto owner = f->tree()->model()->index(0, 0);
        const auto userRow = [&](const QString &name) {
            for (int row = 0; row < f->tree()->model()->rowCount(owner); ++row) {
                const auto index = f->tree()->model()->index(row, 0, owner);
                if (index.data().toString().contains(name))
                    return index;
            }
            return QModelIndex();
        };
        f->tree()->setCurrentIndex(userRow(QStringLiteral("max")));
        QTRY_COMPARE(f->list()->model()->rowCount(), 2);
        f->click("discardAll");
        QCOMPARE(f->question(),
                 QStringLiteral("Discard 2 pieces of mail held for @max of anna? They cannot be collected any more."));
        QVERIFY(f->answer(true));
        QTRY_COMPARE(f->notice(), QStringLiteral("2 pieces of mail discarded."));
        QCOMPARE(f->operations.discardAlls.constLast().user, QStringLiteral("max"));
        QCOMPARE(f->operations.held[serverName(Hex)].size(), 7);
        f->tree()->setCurrentIndex(userRow(QStringLiteral("others")));
        QTRY_COMPARE(f->list()->model()->rowCount(), 4);
        f->click("discardAll");
        QCOMPARE(f->question(), QStringLiteral("Discard 4 pieces of mail held for other users of anna? They cannot be "
                                               "collected any more."));
        f->operations.hold(Hex, 1, QStringLiteral("matrix.town"), QString()); // while it is asked
        QVERIFY(f->answer(true));
        QTRY_VERIFY(f->question().startsWith(u"Discard 5 pieces of mail held for other users"));
        QVERIFY(f->answer(true));
        QTRY_COMPARE(f->operations.held[serverName(Hex)].size(), 3);
        f->tree()->setCurrentIndex(f->tree()->model()->index(0, 0));
        QTRY_COMPARE(f->list()->model()->rowCount(), 3);
    }

    void what_comes_while_the_question_is_open_is_there_afterwards_data()
    {
        QTest::addColumn<int>("collected"); // by the owner, meanwhile
        QTest::addColumn<int>("come");
        QTest::newRow("more than before") << 0 << 2;
        QTest::newRow("as many as before") << 2 << 2;
        QTest::newRow("fewer than before") << 97 << 2;
    }

    void what_comes_while_the_question_is_open_is_there_afterwards()
    {
        QFETCH(int, collected);
        QFETCH(int, come);
        f->open();
        QVERIFY(f->select(0, 97));
        f->click("discardAll");
        f->operations.collect(Hex, collected);
        f->operations.hold(Hex, come);
        const int left = 97 - collected + come;
        const QPointer<QMessageBox> first = f->window->findChild<QMessageBox *>(QStringLiteral("confirmation"));
        QVERIFY(f->answer(true));
        QTRY_VERIFY(first.isNull());
        QTRY_VERIFY(f->question().startsWith(QStringLiteral("Discard %1 pieces of mail held for anna?").arg(left)));
        QVERIFY(f->operations.discardAlls.isEmpty());
        QVERIFY(f->answer(false));
        QTRY_VERIFY(f->question().isEmpty());
        QVERIFY(f->operations.discardAlls.isEmpty());
        QCOMPARE(f->operations.held[serverName(Hex)].size(), left);
    }

    void what_came_for_an_owner_whose_line_was_gone_is_asked_about()
    {
        f->open();
        QVERIFY(f->select(1, 3));
        f->click("discardAll");
        f->operations.held.remove(serverName("home.example.org"));
        f->operations.announceTotals();
        QTRY_COMPARE(f->tree()->model()->rowCount(), 1);
        f->operations.hold("home.example.org", 1);
        QVERIFY(f->answer(true));
        QTRY_VERIFY(f->question().startsWith(u"Discard 1 piece of mail held for home.example.org?"));
        QVERIFY(f->operations.discardAlls.isEmpty());
    }

    void what_was_collected_meanwhile_needs_no_other_question()
    {
        f->open();
        QVERIFY(f->select(0, 97));
        f->click("discardAll");
        f->operations.collect(Hex, 7);
        QVERIFY(f->answer(true));
        QTRY_COMPARE(f->notice(), QStringLiteral("90 pieces of mail discarded."));
    }

    void discarding_the_selected_entries_takes_exactly_those()
    {
        f->open();
        QVERIFY(f->select(0, 97));
        auto *selection = f->list()->selectionModel();
        for (const int row : {2, 5})
            selection->select(f->list()->model()->index(row, 0),
                              QItemSelectionModel::Select | QItemSelectionModel::Rows);
        f->list()->setFocus();
        QTest::keyClick(f->list(), Qt::Key_Delete);
        QVERIFY(f->question().startsWith(u"Discard 2 selected pieces of mail held for anna?"));
        QVERIFY(f->answer(true));
        QCOMPARE(f->operations.discards.size(), 1);
        QCOMPARE(f->operations.discards[0].ids, (QList<matrix::EntryId>{{3}, {6}}));
        QTRY_COMPARE(f->list()->model()->rowCount(), 95);
    }

    void del_in_the_tree_is_about_all_of_the_owner()
    {
        f->open();
        QVERIFY(f->select(0, 97));
        f->list()->selectAll();
        f->tree()->setFocus();
        QTest::keyClick(f->tree(), Qt::Key_Delete);
        QVERIFY(f->question().startsWith(u"Discard 97 pieces of mail"));
        QVERIFY(f->answer(true));
        QTRY_COMPARE(f->operations.discardAlls.size(), 1);
        QCOMPARE(f->operations.discards.size(), 0);
    }

    void what_could_not_be_done_is_told_data()
    {
        QTest::addColumn<QString>("what");
        QTest::newRow("discard") << QStringLiteral("discard");
        QTest::newRow("totals") << QStringLiteral("totals");
        QTest::newRow("entries") << QStringLiteral("entries");
    }

    void what_could_not_be_done_is_told()
    {
        QFETCH(QString, what);
        const Error error{Errc::Busy, QStringLiteral("locked"), 0};
        f->open();
        QVERIFY(f->select(0, 97));
        if (what == u"discard") {
            f->operations.discardFails = error;
            f->click("discardAll");
            QVERIFY(f->answer(true));
        } else if (what == u"totals") {
            f->operations.totalsFail = error;
            QTest::keyClick(f->window.get(), Qt::Key_F5);
        } else {
            f->operations.entriesFail = error;
            f->tree()->setCurrentIndex(f->tree()->model()->index(1, 0));
        }
        QTRY_COMPARE(f->notice(), QStringLiteral("The program is busy. Try again in a moment."));
        QVERIFY(f->tree()->model()->rowCount() == 2);
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
        f->open();
        QVERIFY(f->select(0, 97));
        if (selected)
            f->list()->setCurrentIndex(f->list()->model()->index(1, 0));
        f->click(selected ? "exportSelected" : "exportAll");
        auto *dialog = f->window->findChild<QFileDialog *>();
        QVERIFY(dialog);
        const QString file = f->folder.filePath(QStringLiteral("out.jsonl"));
        dialog->selectFile(file);
        QMetaObject::invokeMethod(dialog, "accept", Qt::DirectConnection);
        QTRY_COMPARE(f->operations.exports.size(), 1);
        QCOMPARE(f->operations.exports[0].file, file);
        QCOMPARE(f->operations.exports[0].destination, serverName(Hex));
        QCOMPARE(f->operations.exports[0].ids, selected ? QList<matrix::EntryId>{{2}} : QList<matrix::EntryId>());
        QTRY_VERIFY(f->notice().startsWith(selected ? u"1 piece of mail written" : u"97 pieces of mail written"));
    }

    void a_failed_export_is_told()
    {
        f->operations.exportFails = Error{Errc::Io, QStringLiteral("read-only"), 0};
        f->open();
        QVERIFY(f->select(0, 97));
        f->click("exportAll");
        auto *dialog = f->window->findChild<QFileDialog *>();
        dialog->selectFile(f->folder.filePath(QStringLiteral("out.jsonl")));
        QMetaObject::invokeMethod(dialog, "accept", Qt::DirectConnection);
        QTRY_COMPARE(f->notice(), QStringLiteral("A file or a network address could not be opened."));
    }

    void the_filter_narrows_the_tree_and_says_how_much_is_shown()
    {
        f->open();
        QTRY_COMPARE(f->tree()->model()->rowCount(), 2);
        QCOMPARE(f->text("summary"), QStringLiteral("2 owners"));
        QTest::keyClick(f->window.get(), Qt::Key_F, Qt::ControlModifier);
        auto *filter = f->find<QLineEdit>("filter");
        QTRY_VERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("ann"));
        QCOMPARE(f->tree()->model()->rowCount(), 1);
        QCOMPARE(f->text("summary"), QStringLiteral("1 of 2 owners"));
    }

    void live_totals_keep_selection_and_expansion()
    {
        f->open();
        QVERIFY(f->select(1, 3));
        f->tree()->expand(f->tree()->currentIndex());
        f->operations.hold("a.first.example", 4);
        f->operations.collect("home.example.org", 1);
        f->operations.announceTotals();
        QCOMPARE(f->tree()->model()->rowCount(), 3);
        const auto current = f->tree()->currentIndex();
        QCOMPARE(current.data().toString(), QStringLiteral("home.example.org"));
        QVERIFY(f->tree()->isExpanded(current));
        QTRY_COMPARE(f->list()->model()->rowCount(), 2);
    }

    void copying_gives_the_whole_name()
    {
        f->open();
        QVERIFY(f->select(0, 97));
        f->tree()->setFocus();
        QTest::keyClick(f->tree(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QString::fromLatin1(Hex));
    }

    void an_empty_page_offers_the_first_step_data()
    {
        QTest::addColumn<bool>("enabled");
        QTest::addColumn<bool>("open");
        QTest::addColumn<QString>("begins");
        QTest::newRow("nobody served") << true << false << QStringLiteral("Nobody is served yet.");
        QTest::newRow("open relay") << true << true << QStringLiteral("Nothing is held.");
        QTest::newRow("off") << false << false << QStringLiteral("Relaying is switched off");
    }

    void an_empty_page_offers_the_first_step()
    {
        QFETCH(bool, enabled);
        QFETCH(bool, open);
        QFETCH(QString, begins);
        f->operations.held.clear();
        f->operations.currentSettings.served.clear();
        f->operations.currentSettings.relayEnabled = enabled;
        f->operations.currentSettings.relayOpen = open;
        f->open();
        QTRY_VERIFY(f->find<QLabel>("emptyText")->isVisible());
        QVERIFY(f->text("emptyText").startsWith(begins));
        f->click("emptyButton");
        QTRY_VERIFY(f->find<QWidget>("served")->isVisible());
    }

private:
    std::unique_ptr<WindowFixture> f;
};

QTEST_MAIN(TestQueuesPage)
#include "tst_queuespage.moc"
