// SPDX-License-Identifier: GPL-3.0-or-later
#include "settingsvalues.h"
#include "ui/relays/relaymodel.h"
#include "ui/relays/relaywords.h"
#include "ui/shell/translation.h"
#include "ui/widgets/noticebar.h"
#include "windowtest.h"

#include <QtGui/QClipboard>
#include <QtTest/QAbstractItemModelTester>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>

using namespace restante;
using namespace restante::test;
using Outcome = node::RelayReport::Outcome;
using RelayState = node::RelayStatus::State;
using ui::RelayModel;

Q_DECLARE_METATYPE(restante::node::RelayReport::Outcome)

namespace
{
constexpr auto Hex = "3f2a71c04b9d8e6f5a7c1b2d3e4f60718293a4b5c6d7e8f9001122334455669c";
}

class TestRelaysPage : public QObject
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

    void without_the_node_role_the_page_says_what_it_is_and_where_to_switch_it_on()
    {
        f->operations.currentSettings.nodeEnabled = false;
        open();
        QVERIFY(f->text("relaysEmptyText").contains(u"beside a homeserver"));
        f->click("relaysEmptyButton");
        QTRY_VERIFY(f->find<QWidget>("nodeEnabled")->isVisible());
    }

    void an_empty_page_offers_to_add_a_relay()
    {
        open();
        QVERIFY(f->text("relaysEmptyText").startsWith(u"No relay is known yet."));
        f->click("relaysEmptyButton");
        QVERIFY(field("relay"));
    }

    void relays_are_listed_mine_first_with_their_state_in_words_and_shape()
    {
        twoRelays();
        node::RelayStatus failing;
        failing.state = RelayState::Failing;
        failing.collected = 1234;
        failing.lastSuccessMs = f->clock.wallMs() - 120'000;
        failing.error = Error{Errc::Unreachable, QStringLiteral("connection refused"), 0};
        f->operations.relayStates.insert(QStringLiteral("relay.example "), failing);
        open();
        const auto *model = tree()->model();
        QCOMPARE(model->rowCount(), 2);
        QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("My relays"));
        QCOMPARE(model->index(1, 0).data().toString(), QStringLiteral("For my contacts"));
        QCOMPARE(cell(0, RelayModel::Name), QStringLiteral("anna (relay.example)"));
        QCOMPARE(cell(0, RelayModel::HoldsFor), QStringLiteral("this server"));
        QCOMPARE(cell(0, RelayModel::State), QStringLiteral("Fails"));
        QCOMPARE(cell(0, RelayModel::LastSuccess), QStringLiteral("2 min ago"));
        QCOMPARE(cell(0, RelayModel::Taken), QStringLiteral("1,234"));
        QCOMPARE(cell(0, RelayModel::Problem),
                 QStringLiteral("The other server could not be reached. (connection refused)"));
        QCOMPARE(cell(1, RelayModel::HoldsFor), QStringLiteral("friend.example"));
        QCOMPARE(cell(1, RelayModel::State), QStringLiteral("Not used"));
        QVERIFY(index(1, RelayModel::State).data(Qt::ToolTipRole).toString().endsWith(u"is not remembered."));
        QCOMPARE(cell(1, RelayModel::LastSuccess), QStringLiteral("not since the start"));
        QVERIFY(index(0, RelayModel::LastSuccess).data(Qt::ToolTipRole).toString().contains(u"2026"));
        QCOMPARE(index(0, RelayModel::State).data(Qt::AccessibleTextRole).toString(), QStringLiteral("State: Fails"));
        QVERIFY(!index(0, RelayModel::State).data(Qt::DecorationRole).value<QIcon>().isNull());
    }

    void what_expired_at_a_relay_that_works_is_told()
    {
        twoRelays();
        node::RelayStatus good;
        good.state = RelayState::Good;
        good.expired = 2'345;
        f->operations.relayStates.insert(QStringLiteral("relay.example "), good);
        open();
        QCOMPARE(cell(0, RelayModel::Problem),
                 QStringLiteral("2,345 pieces of mail expired there before they were collected."));
        QCOMPARE(cell(1, RelayModel::Problem), QString());
        good.expired = 1;
        f->operations.relayStates.insert(QStringLiteral("relay.example "), good);
        f->operations.announceRelays();
        QTRY_COMPARE(cell(0, RelayModel::Problem),
                     QStringLiteral("1 piece of mail expired there before it was collected."));
    }

    void every_state_has_its_word_and_its_shape()
    {
        QSet<QString> words;
        QList<QImage> shapes;
        const QSize size(16, 16);
        for (const auto state : {RelayState::Unknown, RelayState::Asking, RelayState::Good, RelayState::CannotSay,
                                 RelayState::NotHeld, RelayState::Paused, RelayState::Failing}) {
            node::RelayStatus status;
            status.state = state;
            words.insert(ui::stateText(status));
            const auto shape = ui::shapeIcon(ui::stateShape(state)).pixmap(size).toImage().createAlphaMask();
            QVERIFY(!shapes.contains(shape));
            shapes.append(shape);
        }
        QCOMPARE(words.size(), 7);
    }

    void adding_a_relay_saves_it()
    {
        open();
        f->click("relaysEmptyButton");
        QVERIFY(!ok()->isEnabled());
        field("relay")->setText(QString::fromLatin1(Hex));
        QVERIFY(fieldProblem("url").contains(u"is a key, by which no server can be found"));
        field("url")->setText(QStringLiteral(" https://192.0.2.7:8449 "));
        field("relayPetname")->setText(QStringLiteral("anna"));
        QVERIFY(ok()->isEnabled());
        ok()->click();
        QCOMPARE(f->operations.applied.size(), 1);
        settings::RelayEntry expected;
        expected.relay = parsed<matrix::ServerName>(QString::fromLatin1(Hex));
        expected.url = parsed<settings::RelayUrl>(QStringLiteral("https://192.0.2.7:8449"));
        expected.petname = QStringLiteral("anna");
        QCOMPARE(f->operations.applied[0].relays, QList<settings::RelayEntry>{expected});
        QTRY_COMPARE(tree()->model()->rowCount(), 1);
        QCOMPARE(cell(0, RelayModel::Name), QStringLiteral("anna (3f2a71…669c)"));
        QTRY_VERIFY(tree()->isVisible());
    }

    void a_relay_of_a_contact_names_its_owner()
    {
        open();
        f->click("relaysEmptyButton");
        field("relay")->setText(QStringLiteral("relay.example"));
        dialog()->findChild<QAbstractButton *>(QStringLiteral("other"))->click();
        QVERIFY(!ok()->isEnabled());
        QVERIFY(fieldProblem("destination").startsWith(u"Enter the server"));
        field("destination")->setText(QStringLiteral("friend.example"));
        ok()->click();
        QCOMPARE(f->operations.applied.last().relays.first().destination.toString(), QStringLiteral("friend.example"));
    }

    void what_cannot_be_used_is_said_beside_its_field_data()
    {
        QTest::addColumn<QString>("relay");
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("pin");
        QTest::addColumn<QString>("wrong");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char *name, const char *relay, const char *url, const char *pin, const char *wrong,
                            const char *reason) {
            QTest::newRow(name) << QString::fromLatin1(relay) << QString::fromLatin1(url) << QString::fromLatin1(pin)
                                << QString::fromLatin1(wrong) << QString::fromUtf8(reason);
        };
        row("no name", "", "", "", "relay", "Enter a server name");
        row("a bad name", "not a name!", "", "", "relay", "“not a name!” is not a valid server name");
        row("no address", "r.example", "relay.example", "", "url", "“relay.example” is not an address");
        row("with a path", "r.example", "https://a.org/x", "", "url",
            "“https://a.org/x” has more than a host and a port");
        row("not encrypted", "r.example", "http://192.0.2.1:80", "", "url", "“http://192.0.2.1:80” is not encrypted");
        row("short pin", "r.example", "https://192.0.2.1", "abc", "pin", "“abc” is not a pin");
        row("pin without TLS", "r.example", "http://127.0.0.1:1", Hex, "pin", "A pin needs an address");
        row("twice", "relay.example", "", "", "relay", "This relay is in the list already");
    }

    void what_cannot_be_used_is_said_beside_its_field()
    {
        QFETCH(QString, relay);
        QFETCH(QString, url);
        QFETCH(QString, pin);
        QFETCH(QString, wrong);
        QFETCH(QString, reason);
        twoRelays();
        open();
        f->click("relayAdd");
        field("relay")->setText(relay);
        field("url")->setText(url);
        field("pin")->setText(pin);
        QVERIFY(!ok()->isEnabled());
        QVERIFY(!dialog()->findChild<QAbstractButton *>(QStringLiteral("test"))->isEnabled());
        QVERIFY2(fieldProblem(wrong.toLatin1().constData()).startsWith(reason),
                 qPrintable(fieldProblem(wrong.toLatin1().constData())));
    }

    void a_network_that_encrypts_makes_http_do()
    {
        open();
        f->click("relaysEmptyButton");
        field("relay")->setText(QStringLiteral("relay.example"));
        field("url")->setText(QStringLiteral("http://[200::7]:8449"));
        QVERIFY(!ok()->isEnabled());
        dialog()->findChild<QCheckBox *>()->click();
        QVERIFY(ok()->isEnabled());
        ok()->click();
        QVERIFY(f->operations.applied.last().relays.first().overlay);
    }

    void editing_replaces_the_relay_and_keeps_it_selected()
    {
        twoRelays();
        open();
        select(1);
        f->click("relayEdit");
        QCOMPARE(field("destination")->text(), QStringLiteral("friend.example"));
        field("destination")->setText(QStringLiteral("other.example"));
        ok()->click();
        QCOMPARE(f->operations.applied.last().relays.size(), 2);
        QCOMPARE(f->operations.applied.last().relays[1].destination.toString(), QStringLiteral("other.example"));
        QTRY_COMPARE(cell(1, RelayModel::HoldsFor), QStringLiteral("other.example"));
        QCOMPARE(tree()->currentIndex().data(RelayModel::KeyRole).toString(),
                 QStringLiteral("relay.example other.example"));
    }

    void editing_without_a_change_is_not_refused_as_a_double()
    {
        twoRelays();
        open();
        select(0);
        tree()->setFocus();
        QTest::keyClick(tree(), Qt::Key_F2);
        QVERIFY(ok()->isEnabled());
    }

    void removing_asks_and_says_what_is_lost_data()
    {
        QTest::addColumn<int>("group");
        QTest::addColumn<QString>("question");
        QTest::newRow("mine") << 0
                              << QStringLiteral("Remove the relay anna? Mail that it still holds for this server will "
                                                "not be collected any more.");
        QTest::newRow("a contact's") << 1
                                     << QStringLiteral("Remove the relay relay.example of friend.example? Mail for "
                                                       "friend.example will not be left there any more while they "
                                                       "are offline.");
    }

    void removing_asks_and_says_what_is_lost()
    {
        QFETCH(int, group);
        QFETCH(QString, question);
        twoRelays();
        open();
        select(group);
        tree()->setFocus();
        QTest::keyClick(tree(), Qt::Key_Delete);
        QCOMPARE(f->question(), question);
        QVERIFY(f->answer(false));
        QVERIFY(f->operations.applied.isEmpty());
        QTRY_VERIFY(f->question().isEmpty());
        f->click("relayRemove");
        QVERIFY(f->answer(true));
        QCOMPARE(f->operations.applied.last().relays.size(), 1);
        QTRY_COMPARE(tree()->model()->rowCount(), 1);
    }

    void settings_that_are_refused_are_told()
    {
        twoRelays();
        open();
        f->operations.applyFails = Error{Errc::InvalidSetting, QStringLiteral("node.relays"), 0};
        select(0);
        f->click("relayRemove");
        QVERIFY(f->answer(true));
        QTRY_COMPARE(f->notice("relaysNotice"), QStringLiteral("A setting cannot be used."));
        QCOMPARE(tree()->model()->rowCount(), 2);
    }

    void a_contacts_relay_that_refuses_is_shown_with_its_answer()
    {
        twoRelays();
        node::RelayStatus refusing;
        refusing.mine = false;
        refusing.state = RelayState::Failing;
        refusing.failingSinceMs = f->clock.wallMs() - 120'000;
        refusing.error = Error{Errc::Refused, QStringLiteral("The relay answered 403 M_FORBIDDEN: Not served"), 0};
        f->operations.relayStates.insert(QStringLiteral("relay.example friend.example"), refusing);
        open();
        QCOMPARE(cell(1, RelayModel::State), QStringLiteral("Fails"));
        QVERIFY(cell(1, RelayModel::Problem)
                    .startsWith(u"The relay refused. (The relay answered 403 M_FORBIDDEN: Not served) Since "));
        refusing.errorSinceMs = f->clock.wallMs() - 60'000;
        f->operations.relayStates.insert(QStringLiteral("relay.example friend.example"), refusing);
        node::RelayStatus holdsNothing;
        holdsNothing.state = RelayState::NotHeld;
        f->operations.relayStates.insert(QStringLiteral("relay.example "), holdsNothing);
        f->operations.announceRelays();
        QTRY_COMPARE(cell(0, RelayModel::State), QStringLiteral("Takes in no mail"));
        QVERIFY(cell(0, RelayModel::Problem).startsWith(u"It answers, but takes in no mail for this server."));
        QVERIFY(cell(1, RelayModel::Problem).startsWith(u"It has been failing since "));
        holdsNothing.state = RelayState::Paused;
        f->operations.relayStates.insert(QStringLiteral("relay.example "), holdsNothing);
        f->operations.announceRelays();
        QTRY_COMPARE(cell(0, RelayModel::State), QStringLiteral("Paused"));
        QVERIFY(cell(0, RelayModel::Problem).endsWith(u"says that it takes in none just now."));
        QVERIFY(cell(1, RelayModel::Problem).contains(u", last: The relay refused. (The relay answered 403"));
    }

    void a_yes_does_not_hide_that_the_last_mail_was_refused()
    {
        twoRelays();
        node::RelayStatus friendly;
        friendly.state = RelayState::CannotSay;
        friendly.mine = false;
        friendly.refusal = QStringLiteral("The relay answered 429: Full");
        friendly.refusedMs = f->clock.wallMs() - 120'000;
        f->operations.relayStates.insert(QStringLiteral("relay.example friend.example"), friendly);
        open();
        QCOMPARE(cell(1, RelayModel::State), QStringLiteral("Answers"));
        QVERIFY(cell(1, RelayModel::Problem).startsWith(u"It says that it takes mail for them, but it refused"));
        QVERIFY(cell(1, RelayModel::Problem).endsWith(u"(The relay answered 429: Full)."));
        friendly.refusal.clear();
        f->operations.relayStates.insert(QStringLiteral("relay.example friend.example"), friendly);
        f->operations.announceRelays();
        QTRY_COMPARE(cell(1, RelayModel::Problem), QString());
    }

    void a_test_tells_what_the_relay_answered()
    {
        node::RelayReport report;
        report.outcome = Outcome::Refused;
        report.status = 403;
        report.answer = QStringLiteral("403 M_FORBIDDEN: No");
        QVERIFY(ui::outcomeText(report).endsWith(u"It answered: 403 M_FORBIDDEN: No"));
        report.outcome = Outcome::CertificateRefused;
        report.status = 0;
        report.answer.clear();
        report.detail = QStringLiteral("Its certificate has expired");
        QVERIFY(ui::outcomeText(report).endsWith(u"The reason: Its certificate has expired"));
        report.outcome = Outcome::CannotSay;
        QCOMPARE(ui::outcomeText(report),
                 QStringLiteral("It answers, but cannot say whether it holds mail for this server."));
        report.outcome = Outcome::Works;
        QCOMPARE(ui::outcomeText(report),
                 QStringLiteral("The relay works: it answers, and it holds mail for this server."));
        report.answer = QStringLiteral("The part for unknown senders is full.");
        QVERIFY(ui::outcomeText(report).endsWith(u"It answered: The part for unknown senders is full."));
        report.answer.clear();
        report.mine = false;
        QVERIFY(ui::outcomeText(report).contains(u"takes mail from this server"));
        report.refusal = QStringLiteral("The relay answered 429: Full");
        report.refusedMs = f->clock.wallMs();
        QVERIFY(!report.works());
        QVERIFY(!ui::outcomeText(report).contains(u"The relay works"));
        QVERIFY(ui::outcomeText(report).contains(u"but it refused the last mail on "));
        QVERIFY(ui::outcomeText(report).endsWith(u"(The relay answered 429: Full)."));
        report.outcome = Outcome::CannotSay;
        QVERIFY(ui::outcomeText(report).startsWith(u"It answers, but it refused the last mail for them on "));
        report.outcome = Outcome::BadAnswer;
        report.status = 200;
        report.detail = QStringLiteral("The relay's answer has entry_id as -1");
        QVERIFY(ui::outcomeText(report).endsWith(u"The reason: The relay's answer has entry_id as -1"));
    }

    void every_outcome_of_a_test_is_explained()
    {
        QSet<QString> sentences;
        for (int outcome = 0; outcome <= int(Outcome::BadAnswer); ++outcome) {
            node::RelayReport report;
            report.outcome = Outcome(outcome);
            const QString text = ui::outcomeText(report);
            QVERIFY(text.endsWith(u'.'));
            sentences.insert(text);
        }
        QCOMPARE(sentences.size(), int(Outcome::BadAnswer) + 1);
    }

    void testing_on_the_page_reports_in_words_data()
    {
        QTest::addColumn<Outcome>("outcome");
        QTest::addColumn<QString>("words");
        QTest::newRow("works") << Outcome::Works << QStringLiteral("anna: The relay works");
        QTest::newRow("nobody") << Outcome::Unreachable << QStringLiteral("anna: Nobody answers there.");
    }

    void testing_on_the_page_reports_in_words()
    {
        QFETCH(Outcome, outcome);
        QFETCH(QString, words);
        twoRelays();
        f->operations.relayReport.outcome = outcome;
        open();
        select(0);
        f->click("relayTest");
        QCOMPARE(f->notice("relaysNotice"), QStringLiteral("Asking anna…"));
        QTRY_VERIFY(f->notice("relaysNotice").startsWith(words));
        QCOMPARE(f->operations.tested.size(), 1);
    }

    void testing_in_the_dialog_asks_with_what_stands_there()
    {
        twoRelays();
        f->operations.relayReport.outcome = Outcome::CertificateRefused;
        open();
        select(0);
        f->click("relayEdit");
        field("url")->setText(QStringLiteral("https://192.0.2.99:1"));
        auto *test = dialog()->findChild<QAbstractButton *>(QStringLiteral("test"));
        auto *result = dialog()->findChild<QLabel *>(QStringLiteral("testResult"));
        test->click();
        QVERIFY(!test->isEnabled());
        QTRY_VERIFY(result->text().contains(u"certificate"));
        QCOMPARE(f->operations.tested.last().url.toString(), QStringLiteral("https://192.0.2.99:1"));
        QVERIFY(test->isEnabled());
        // What was found out is not true of another address.
        field("url")->setText(QStringLiteral("https://192.0.2.99:2"));
        QCOMPARE(result->text(), QString());
        QVERIFY(f->operations.applied.isEmpty());
    }

    void an_answer_about_other_fields_is_dropped()
    {
        twoRelays();
        open();
        select(0);
        f->click("relayEdit");
        auto *result = dialog()->findChild<QLabel *>(QStringLiteral("testResult"));
        dialog()->findChild<QAbstractButton *>(QStringLiteral("test"))->click();
        field("url")->setText(QStringLiteral("https://192.0.2.99:2"));
        QCoreApplication::processEvents();
        QCOMPARE(f->operations.tested.size(), 1);
        QCOMPARE(result->text(), QString());
    }

    void retrieving_shows_its_progress_and_its_result()
    {
        twoRelays();
        f->operations.addRelay(QStringLiteral("second.example"));
        open();
        QVERIFY(!f->find<QWidget>("sweepText")->isVisible());
        QTest::keyClick(f->window.get(), Qt::Key_R, Qt::ControlModifier);
        QCOMPARE(f->operations.retrieved, QStringList{QString()});
        QTRY_VERIFY(f->find<QWidget>("sweepText")->isVisible());
        QVERIFY(!f->find<QWidget>("retrieveAll")->isEnabled());
        f->operations.progress(QStringLiteral("relay.example"), 12, true);
        QCOMPARE(f->text("sweepText"),
                 QStringLiteral("Retrieving: 12 pieces of mail so far, 1 of 2 relays done, asking second.example."));
        QCOMPARE(f->find<QProgressBar>("sweepBar")->value(), 1);
        QCOMPARE(f->find<QProgressBar>("sweepBar")->maximum(), 2);
        f->operations.progress(QStringLiteral("second.example"), 1, true);
        f->operations.endSweep();
        QVERIFY(f->text("sweepText").endsWith(u"13 new pieces of mail from 2 relays."));
        QVERIFY(!f->find<QWidget>("cancelRetrieve")->isVisible());
        QTRY_VERIFY(f->find<QWidget>("retrieveAll")->isEnabled());
    }

    void a_sweep_that_fails_says_which_relay_and_why()
    {
        twoRelays();
        open();
        f->click("retrieveAll");
        QTRY_VERIFY(f->find<QWidget>("cancelRetrieve")->isVisible());
        f->operations.progress(QStringLiteral("relay.example"), 0, true,
                               Error{Errc::Unreachable, QStringLiteral("timeout"), 0});
        f->operations.endSweep();
        QVERIFY(f->text("sweepText").contains(u"Nothing was collected. Relays that failed: 1."));
        QVERIFY(f->text("sweepText").contains(u"anna: The other server could not be reached."));
    }

    void a_sweep_can_be_cancelled()
    {
        twoRelays();
        open();
        f->click("retrieveAll");
        QTRY_VERIFY(f->find<QWidget>("cancelRetrieve")->isVisible());
        f->operations.progress(QStringLiteral("relay.example"), 3, false);
        f->click("cancelRetrieve");
        QCOMPARE(f->operations.cancels, 1);
        QTRY_VERIFY(f->text("sweepText").contains(u"Cancelled. 3 new pieces of mail from 1 relay."));
    }

    void only_my_own_relays_can_be_asked_alone()
    {
        twoRelays();
        open();
        select(1);
        QVERIFY(!f->find<QWidget>("retrieveOne")->isEnabled());
        select(0);
        f->click("retrieveOne");
        QCOMPARE(f->operations.retrieved, QStringList{QStringLiteral("relay.example")});
    }

    void a_relay_for_this_server_by_its_name_is_one_of_mine()
    {
        twoRelays();
        const QString own = f->operations.identity().serverName;
        f->operations.addRelay(QStringLiteral("other.example"), own);
        open();
        QCOMPARE(tree()->model()->rowCount(tree()->model()->index(0, 0)), 2);
        const QModelIndex other = tree()->model()->index(1, 0, tree()->model()->index(0, 0));
        QCOMPARE(other.siblingAtColumn(1).data().toString(), QStringLiteral("this server"));
        tree()->setCurrentIndex(other);
        f->click("retrieveOne");
        QCOMPARE(f->operations.retrieved, QStringList{QStringLiteral("other.example")});
    }

    void a_retrieval_that_cannot_begin_is_told()
    {
        twoRelays();
        f->operations.retrieveFails = Error{Errc::Busy, QStringLiteral("x"), 0};
        open();
        f->click("retrieveAll");
        QTRY_COMPARE(f->notice("relaysNotice"), QStringLiteral("The program is busy. Try again in a moment."));
    }

    void an_update_keeps_the_selection_and_changes_nothing_while_nobody_looks()
    {
        twoRelays();
        open();
        select(0);
        node::RelayStatus good;
        good.state = RelayState::Good;
        f->operations.relayStates.insert(QStringLiteral("relay.example "), good);
        f->operations.announceRelays();
        QCOMPARE(cell(0, RelayModel::State), QStringLiteral("Works"));
        QCOMPARE(tree()->currentIndex().data(RelayModel::FullNameRole).toString(), QStringLiteral("relay.example"));
        f->goTo(QStringLiteral("Queues"));
        f->operations.relayStates.clear();
        f->operations.announceRelays();
        QCOMPARE(cell(0, RelayModel::State), QStringLiteral("Works"));
        f->goTo(QStringLiteral("Relays"));
        QCOMPARE(cell(0, RelayModel::State), QStringLiteral("Not asked"));
    }

    void failing_relays_are_warned_of_and_the_warning_leads_here()
    {
        twoRelays();
        node::RelayStatus failing;
        failing.state = RelayState::Failing;
        f->operations.relayStates.insert(QStringLiteral("relay.example "), failing);
        f->open();
        auto bars = f->window->findChildren<ui::NoticeBar *>(QStringLiteral("warning"));
        QCOMPARE(bars[0]->text(), QStringLiteral("Mail could not be collected from 1 of your relays."));
        QVERIFY(!tree()->isVisible());
        bars[0]->button()->click();
        QVERIFY(tree()->isVisible());
    }

    void copying_gives_the_whole_name()
    {
        f->operations.addRelay(QString::fromLatin1(Hex));
        open();
        select(0);
        tree()->setFocus();
        QTest::keyClick(tree(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QString::fromLatin1(Hex));
    }

    void the_model_keeps_its_promises()
    {
        RelayModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        twoRelays();
        auto entries = f->operations.currentSettings.relays;
        model.upsert(entries, f->operations.relays(), {});
        QCOMPARE(resets.size(), 1);
        auto statuses = f->operations.relays();
        statuses[1].collected = 5;
        model.upsert(entries, statuses, {});
        QCOMPARE(resets.size(), 1);
        QCOMPARE(changes.size(), 1);
        QCOMPARE(changes[0][0].toModelIndex().parent().row(), 1);
        model.upsert({entries[1]}, {}, {});
        QCOMPARE(model.rowCount(), 1);
        QVERIFY(!model.indexOf(entries[0].key()).isValid());
        model.upsert({}, {}, {});
        QCOMPARE(model.rowCount(), 0);
    }

    void everything_can_be_reached_with_the_tab_key()
    {
        twoRelays();
        open();
        select(0);
        QVERIFY(tabStops(*f->window).size() >= 10);
        QCOMPARE(outOfReach(*f->window), QString());
        f->click("relayEdit");
        dialog()->activateWindow();
        QTRY_COMPARE(QApplication::activeWindow(), dialog());
        QVERIFY(tabStops(*dialog()).size() >= 8);
        QCOMPARE(outOfReach(*dialog()), QString());
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
        twoRelays();
        node::RelayStatus failing;
        failing.state = RelayState::Failing;
        f->operations.relayStates.insert(QStringLiteral("relay.example "), failing);
        f->operations.currentStatus.reasons = {{Errc::StorageFailed, {}, 0}, {Errc::RelayingOff, {}, 0}};
        f->open();
        f->goTo(QStringLiteral("Relays"));
        f->click("retrieveAll");
        QTRY_VERIFY(f->find<QWidget>("cancelRetrieve")->isVisible());
        QCOMPARE(mnemonics(*f->window).doubled, QString());
        select(0);
        f->click("relayEdit");
        QCOMPARE(mnemonics(*dialog()).doubled, QString());
        ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB")));
    }

private:
    void open()
    {
        f->open();
        f->goTo(QStringLiteral("Relays"));
    }
    /// One of mine, called anna, and one that holds mail for friend.example.
    void twoRelays()
    {
        f->operations.addRelay(QStringLiteral("relay.example"), {}, QStringLiteral("anna"));
        f->operations.addRelay(QStringLiteral("relay.example"), QStringLiteral("friend.example"));
    }
    QTreeView *tree() const { return f->find<QTreeView>("relayTree"); }
    QModelIndex index(int group, int column) const
    {
        return tree()->model()->index(0, column, tree()->model()->index(group, 0));
    }
    QString cell(int group, int column) const { return index(group, column).data().toString(); }
    void select(int group) { tree()->setCurrentIndex(index(group, 0)); }
    QDialog *dialog() const
    {
        const auto *field = f->find<QWidget>("relayPetname");
        return field ? qobject_cast<QDialog *>(field->window()) : nullptr;
    }
    QLineEdit *field(const char *name) const
    {
        return dialog() ? dialog()->findChild<QLineEdit *>(QString::fromLatin1(name)) : nullptr;
    }
    QString fieldProblem(const char *name) const { return field(name)->accessibleDescription(); }
    QAbstractButton *ok() const { return dialog()->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok); }

    std::unique_ptr<WindowFixture> f;
};

QTEST_MAIN(TestRelaysPage)
#include "tst_relayspage.moc"
