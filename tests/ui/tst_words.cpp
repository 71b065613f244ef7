// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that is turned into text: entries, events, errors, figures, states.
#include "matrix/jsonscan.h"
#include "settingsvalues.h"
#include "ui/entries/entrytext.h"
#include "ui/entries/eventwords.h"
#include "ui/relays/relaywords.h"
#include "ui/shell/translation.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"
#include "ui/widgets/servernames.h"
#include "ui/widgets/warnings.h"

#include <QtCore/QLocale>
#include <QtCore/QSet>
#include <QtTest/QTest>

using namespace restante;
using test::relayEntry;
using test::servedEntry;
using namespace restante::ui;

class TestWords : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { installTranslations(*QCoreApplication::instance(), QLocale(QStringLiteral("en_GB"))); }

    void the_beginning_of_a_json_text_is_json_itself_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("objects") << QByteArray("[{\"a\":[1,2,{\"b\":\"x]}\"}],\"c\":null},{\"d\":-1.50e+3}]");
        QTest::newRow("escapes") << QByteArray(
            "[{\"a\\\"\\\\\":\"\\\\\\\"[{\",\"b\":[\"\\u005d\",\"\"]},[[],{}],\"x\"]");
        QTest::newRow("blanks") << QByteArray("[ { \"a\" : [ 1 , 2 ] } , true ]");
        QTest::newRow("empty") << QByteArray("[]");
    }

    void the_beginning_of_a_json_text_is_json_itself()
    {
        QFETCH(QByteArray, text);
        for (qsizetype limit = 1; limit <= text.size(); ++limit) {
            const QByteArray cut = jsonBeginning(text, limit);
            QVERIFY2(matrix::ScannedObject::scan("{\"r\":" + cut + '}').ok(), cut.constData());
        }
        QCOMPARE(jsonBeginning(text, text.size()), text);
    }

    void an_entry_is_shown_indented_and_spelled_as_it_came()
    {
        queue::HeldEntry entry;
        entry.origin = "matrix.town";
        entry.originServerTs = 1234567890123;
        entry.pdus = "[{\"type\":\"m.room.message\",\"sender\":\"@a:b\",\"room_id\":\"!r:b\",\"content\":{\"x\":1.50,"
                     "\"y\":\"\\u00e9\"}}]";
        entry.edus = "[]";
        const auto text = entryText(entry, 100'000);
        QVERIFY(text.complete);
        QVERIFY(text.json.contains(u"\"origin\": \"matrix.town\""));
        QVERIFY(text.json.contains(u"1234567890123"));
        QVERIFY(text.json.contains(u"1.50"));
        QVERIFY(text.json.contains(u"\\u00e9"));
        QVERIFY(text.json.contains(u'\n'));
        QCOMPARE(text.events.size(), size_t(1));
        QCOMPARE(text.events[0].sender, QStringLiteral("@a:b"));
    }

    void a_huge_entry_is_shown_only_from_its_beginning()
    {
        queue::HeldEntry entry;
        entry.origin = "matrix.town";
        entry.pdus = "[" + QByteArray("{\"type\":\"m.room.message\"},").repeated(400'000) + "{}]";
        entry.edus = "[{\"edu_type\":\"m.typing\",\"content\":{}}]";
        const auto text = entryText(entry, 10'000);
        QVERIFY(!text.complete);
        QVERIFY(text.json.size() < 40'000);
        QVERIFY(text.json.endsWith(u'}'));
    }

    void contents_are_told_in_words_data()
    {
        using matrix::EventSummary;
        QTest::addColumn<QStringList>("types");
        QTest::addColumn<int>("pdus");
        QTest::addColumn<int>("edus");
        QTest::addColumn<QString>("words");
        const QString message = QStringLiteral("m.room.message");
        const QString typing = QStringLiteral("m.typing");
        QTest::newRow("one") << QStringList{message} << 1 << 0 << QStringLiteral("1 message");
        QTest::newRow("two and typing") << QStringList{message, message, typing} << 2 << 1
                                        << QStringLiteral("2 messages, typing");
        QTest::newRow("more than told") << QStringList{message} << 50 << 3 << QStringLiteral("1 message, 52 more");
        QTest::newRow("nothing") << QStringList() << 0 << 0 << QStringLiteral("nothing");
        QTest::newRow("room setting") << QStringList{QStringLiteral("m.room.topic")} << 1 << 0
                                      << QStringLiteral("1 room setting");
        QTest::newRow("unknown") << QStringList{QStringLiteral("org.example.x")} << 1 << 0
                                 << QStringLiteral("1 other event");
    }

    void contents_are_told_in_words()
    {
        QFETCH(QStringList, types);
        QFETCH(int, pdus);
        QFETCH(int, edus);
        QFETCH(QString, words);
        std::vector<matrix::EventSummary> events;
        for (const auto &type : types)
            events.push_back({type == QStringLiteral("m.typing"), type, {}, {}});
        QCOMPARE(contentsInWords(events, pdus, edus), words);
    }

    void an_event_without_words_stands_for_itself()
    {
        QCOMPARE(eventInWords({false, QStringLiteral("org.example.x"), {}, {}}), QStringLiteral("org.example.x"));
        QCOMPARE(eventInWords({false, QStringLiteral("m.room.message"), {}, {}}), QStringLiteral("Message"));
    }

    void every_error_has_a_sentence_of_its_own()
    {
        QSet<QString> sentences;
        for (int code = 0; code < int(Errc::Internal); ++code) {
            const QString text = sentence({Errc(code), QStringLiteral("detail"), 0});
            QVERIFY(text.endsWith(u'.'));
            QVERIFY(text != sentence({Errc::Internal, {}, 0}));
            QVERIFY(!text.contains(u"detail"));
            sentences.insert(text);
        }
        QCOMPARE(sentences.size(), int(Errc::Internal));
    }

    void times_are_relative_data()
    {
        QTest::addColumn<qint64>("ago");
        QTest::addColumn<QString>("words");
        QTest::newRow("now") << qint64(0) << QStringLiteral("just now");
        QTest::newRow("seconds") << qint64(59'000) << QStringLiteral("just now");
        QTest::newRow("a little ahead") << qint64(-30'000) << QStringLiteral("just now");
        QTest::newRow("minute") << qint64(60'000) << QStringLiteral("1 min ago");
        QTest::newRow("hours") << qint64(5 * 3'600'000) << QStringLiteral("5 h ago");
        QTest::newRow("yesterday") << qint64(25 * 3'600'000) << QStringLiteral("yesterday");
        QTest::newRow("days") << qint64(72 * 3'600'000) << QStringLiteral("3 days ago");
    }

    void times_are_relative()
    {
        QFETCH(qint64, ago);
        QFETCH(QString, words);
        // Noon by the local clock, so that no row depends on the time zone.
        const qint64 now = QDateTime(QDate(2026, 9, 21), QTime(12, 0)).toMSecsSinceEpoch();
        QCOMPARE(relativeTime(now - ago, now), words);
    }

    void a_moment_that_lies_ahead_is_told_exactly()
    {
        const qint64 now = QDateTime(QDate(2026, 9, 21), QTime(12, 0)).toMSecsSinceEpoch();
        QVERIFY(relativeTime(now + 86'400'000, now).contains(u"22/09/2026"));
        QCOMPARE(relativeTime(0, now), QStringLiteral("never"));
    }

    void only_self_certifying_names_are_shortened()
    {
        QCOMPARE(shortName(QString(64, u'a')), QStringLiteral("aaaaaa…aaaa"));
        QCOMPARE(shortName(QString(63, u'a')), QString(63, u'a'));
        QCOMPARE(shortName(QString(64, u'g')), QString(64, u'g'));
    }

    void a_sweep_is_told_in_words()
    {
        settings::Settings settings;
        settings.relays = {relayEntry({QStringLiteral("a.example"), {}, {}, {}, QStringLiteral("anna"), false})};
        const PetNames names(settings);
        node::Sweep sweep;
        QCOMPARE(resultText(sweep, names), QString()); // there was none
        sweep.startedMs = 1;
        sweep.running = true;
        for (const char *name : {"a.example", "b.example", "c.example", "d.example", "e.example"})
            sweep.relays.append(node::RelayProgress{QString::fromLatin1(name)});
        QCOMPARE(progressText(sweep, names), QStringLiteral("Retrieving: 0 pieces of mail so far, 0 of 5 relays done, "
                                                            "asking anna, b.example, c.example and 2 more."));
        for (auto &relay : sweep.relays)
            relay.state = node::RelayProgress::State::Done;
        sweep.relays[0].collected = 9;
        QCOMPARE(progressText(sweep, names), QStringLiteral("Retrieving: 9 pieces of mail so far."));
        // What another relay had brought before is collected, but not new.
        sweep.running = false;
        QCOMPARE(resultText(sweep, names), QStringLiteral("Nothing new from 5 relays."));
        sweep.relays[0].fresh = 1;
        sweep.relays[1].state = node::RelayProgress::State::Failed;
        sweep.relays[1].error = Error{Errc::Busy, {}, 0};
        QCOMPARE(
            resultText(sweep, names),
            QStringLiteral("1 new piece of mail from 4 relays. Relays that failed: 1.\nb.example: The relay cannot "
                           "do it just now."));
        sweep.relays[1].error = Error{Errc::Refused, QStringLiteral("The relay answered 403 M_FORBIDDEN: No"), 0};
        QVERIFY(resultText(sweep, names)
                    .endsWith(u"b.example: The relay refused. (The relay answered 403 M_FORBIDDEN: No)"));
    }

    void relays_that_failed_or_were_left_brought_nothing()
    {
        using State = node::RelayProgress::State;
        const PetNames names{settings::Settings()};
        const Error error{Errc::Busy, {}, 0};
        node::Sweep sweep;
        sweep.startedMs = 1;
        sweep.relays = {{QStringLiteral("a.example"), 0, 0, State::Failed, error}};
        QCOMPARE(resultText(sweep, names), QStringLiteral("Nothing was collected. Relays that failed: 1.\n"
                                                          "a.example: The relay cannot do it just now."));
        sweep.relays = {{QStringLiteral("a.example"), 0, 0, State::Done, {}},
                        {QStringLiteral("b.example"), 0, 0, State::Cancelled, {}}};
        sweep.cancelled = true;
        QCOMPARE(resultText(sweep, names), QStringLiteral("Cancelled. Nothing new from 1 relay."));
        sweep.relays[1].collected = sweep.relays[1].fresh = 2; // before it was left
        QCOMPARE(resultText(sweep, names), QStringLiteral("Cancelled. 2 new pieces of mail from 2 relays."));
    }

    void relays_that_fail_are_warned_of_once()
    {
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        status.node = true;
        status.myRelays = 5;
        status.failingRelays = 3;
        const auto warnings = warningsFor(status);
        QCOMPARE(warnings.size(), 1);
        QCOMPARE(warnings[0].text, QStringLiteral("Mail could not be collected from 3 of your relays."));
        QCOMPARE(warnings[0].remedy, Remedy::ShowRelays);
    }

    void a_relay_of_mine_that_refuses_is_told_once()
    {
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        status.node = true;
        status.failingRelays = 1;
        status.warnings = {{control::StatusWarning::Kind::MyRelayRefuses, QStringLiteral("It answered 403")}};
        const auto warnings = warningsFor(status);
        QCOMPARE(warnings.size(), 1);
        QCOMPARE(warnings[0].text, QStringLiteral("One of your relays hands out no mail.\nIt answered 403"));
        QCOMPARE(warnings[0].remedy, Remedy::ShowRelays);
    }

    void relays_of_mine_that_fail_are_listed_in_one_place()
    {
        using Kind = control::StatusWarning::Kind;
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        status.node = true;
        status.failingRelays = 7; // one of them for the first time
        for (int i = 0; i < 5; ++i)
            status.warnings.append(
                {i == 0 ? Kind::MyRelayRefuses : Kind::MyRelayFails, QStringLiteral("relay %1").arg(i)});
        status.warnings.append({Kind::MyRelayPaused, QStringLiteral("The relay p says so")});
        const auto warnings = warningsFor(status);
        QCOMPARE(warnings.size(), 2);
        QCOMPARE(warnings[0].text,
                 QStringLiteral("One of your relays takes in no mail just now.\nThe relay p says so"));
        QCOMPARE(warnings[1].text, QStringLiteral("Mail could not be collected from 7 of your relays.\nrelay 0\n"
                                                  "relay 1\nrelay 2\nAnd 4 more like this."));
        QVERIFY(warnings[1].detail.endsWith(u"relay 4"));
        for (const auto &warning : warnings)
            QCOMPARE(warning.remedy, Remedy::ShowRelays);
        status.failingRelays = 1;
        status.warnings = {{Kind::MyRelayFails, QStringLiteral("It is away")}};
        QCOMPARE(warningsFor(status).size(), 1);
        QCOMPARE(warningsFor(status)[0].text,
                 QStringLiteral("Mail could not be collected from 1 of your relays.\nIt is away"));
    }

    void what_is_left_out_of_warnings_of_one_kind_is_counted_below_their_details()
    {
        using Kind = control::StatusWarning::Kind;
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        status.warnings = {{Kind::MyRelayPaused, QStringLiteral("relay 1")},
                           {Kind::MyRelayPaused, QStringLiteral("relay 2")}};
        QCOMPARE(warningsFor(status).size(), 1);
        QCOMPARE(warningsFor(status)[0].text,
                 QStringLiteral("One of your relays takes in no mail just now.\nrelay 1\nAnd 1 more like this."));
        QCOMPARE(warningsFor(status)[0].detail, QStringLiteral("relay 1\nrelay 2"));
        status.warnings = {{Kind::ClosedLog, {}}, {Kind::ClosedLog, {}}};
        QCOMPARE(warningsFor(status)[0].text, QStringLiteral("The log cannot be written. And 1 more like this."));
    }

    void a_full_inbox_is_told_beside_a_full_mailbox()
    {
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        status.refusals = {{*matrix::ServerName::parse("a.org"), QStringLiteral("Its queue is full."), 5, 1}};
        const QString inbox = QStringLiteral("The inbox does not take what the relay r.org hands out");
        status.reasons = {{Errc::QuotaExceeded, control::refusalText(status.refusals.first()), 0},
                          {Errc::QuotaExceeded, inbox, 0}};
        const auto warnings = warningsFor(status);
        QCOMPARE(warnings.size(), 2);
        QCOMPARE(warnings[0].detail, inbox);
        QCOMPARE(warnings[0].remedy, Remedy::StorageSettings);
    }

    void a_mailbox_that_is_full_is_warned_of_by_name()
    {
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        const QString b = QStringLiteral("b.org");
        status.warnings = {{control::StatusWarning::Kind::MailboxFilling, QStringLiteral("b.org is 85 % full"), b, 85}};
        status.refusals = {{*matrix::ServerName::parse("a.org"), QStringLiteral("Its queue is full."), 5, 1}};
        status.reasons = {{Errc::QuotaExceeded, control::refusalText(status.refusals.first()), 0}};
        const auto warnings = warningsFor(status);
        QCOMPARE(warnings.size(), 2);
        QVERIFY(warnings[0].text.startsWith(QStringLiteral("Mail for a.org has been refused since ")));
        QVERIFY(warnings[0].detail.contains(QStringLiteral("Its queue is full.")));
        QCOMPARE(warnings[0].remedy, Remedy::StorageSettings);
        QVERIFY(warnings[1].text.startsWith(QStringLiteral("The mailbox of b.org is 85 % full.")));
        QCOMPARE(warnings[1].remedy, Remedy::StorageSettings);
        settings::Settings settings;
        settings.served = {servedEntry(QStringLiteral("a.org"), QStringLiteral("anna"), {}),
                           servedEntry(b, QStringLiteral("berta"), {})};
        const auto named = warningsFor(status, PetNames(settings));
        QVERIFY(named[0].text.startsWith(QStringLiteral("Mail for anna has been refused since ")));
        QVERIFY(named[1].text.startsWith(QStringLiteral("The mailbox of berta is 85 % full.")));
        status.refusals.first().onlyUnknown = true;
        QVERIFY(warningsFor(status)[0].text.startsWith(
            QStringLiteral("Mail for a.org from unknown senders has been refused since ")));
    }

    void a_petname_is_found_for_friends_and_for_relays()
    {
        settings::Settings settings;
        settings.relays = {relayEntry({QStringLiteral("a.org"), {}, {}, {}, QStringLiteral("the relay"), false}),
                           relayEntry({QStringLiteral("b.org"), {}, {}, {}, QStringLiteral("berta's relay"), false})};
        settings.served = {servedEntry(QStringLiteral("a.org"), QStringLiteral("anna"), {})};
        const PetNames names(settings);
        QCOMPARE(names.called(QStringLiteral("a.org")), QStringLiteral("anna"));
        QCOMPARE(names.called(QStringLiteral("b.org")), QStringLiteral("berta's relay"));
        QCOMPARE(names.called(QStringLiteral("c.org")), QStringLiteral("c.org"));
    }

    void each_reason_becomes_one_sentence_and_one_button()
    {
        control::ApplianceStatus status;
        status.addresses = {QStringLiteral("http://127.0.0.1:8449")};
        status.reasons = {{Errc::DiskFull, QStringLiteral("disk full"), 0}, {Errc::Corrupt, QStringLiteral("x"), 0}};
        const auto warnings = warningsFor(status);
        QCOMPARE(warnings.size(), 3);
        QCOMPARE(warnings[0].remedy, Remedy::StorageSettings);
        QCOMPARE(warnings[0].detail, QStringLiteral("disk full"));
        QCOMPARE(warnings[1].remedy, Remedy::CopyDetails);
        QCOMPARE(warnings[2].text, QStringLiteral("Only this computer can reach the relay."));
        QCOMPARE(warnings[2].remedy, Remedy::NetworkSettings);
        status.node = true; // who only collects need not be reached
        QCOMPARE(warningsFor(status).size(), 2);
        status.served = 1;
        QCOMPARE(warningsFor(status).size(), 3);
        status.loopbackOnly = false;
        status.reasons.clear();
        QVERIFY(warningsFor(status).isEmpty());
        status.reasons = {{Errc::RelayingOff, QStringLiteral("off"), 0}};
        QCOMPARE(warningsFor(status)[0].remedy, Remedy::RelayingSettings);
    }

    void a_warning_of_the_status_is_shown_whatever_the_state()
    {
        using Kind = control::StatusWarning::Kind;
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        status.state = control::ApplianceStatus::State::Running;
        QStringList texts;
        for (const Kind kind :
             {Kind::OpenFolder, Kind::NewIdentity, Kind::NewDatabase, Kind::NewSecret, Kind::ClosedLog,
              Kind::CertificateEndsSoon, Kind::CertificateNotRenewed, Kind::OtherHomeserver, Kind::WrongSecret,
              Kind::WrongClock, Kind::NoAuthorities, Kind::SenderRefused, Kind::LostTraffic}) {
            status.warnings = {{kind, QStringLiteral("the particulars")}};
            const auto warnings = warningsFor(status);
            QCOMPARE(warnings.size(), 1);
            QCOMPARE(warnings[0].detail, QStringLiteral("the particulars"));
            QVERIFY(!warnings[0].text.isEmpty() && !texts.contains(warnings[0].text));
            texts.append(warnings[0].text);
        }
    }

    void warnings_of_one_kind_take_one_place()
    {
        using Kind = control::StatusWarning::Kind;
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        for (int i = 0; i < 40; ++i)
            status.warnings.append(
                {Kind::MailboxFilling, QStringLiteral("mailbox %1").arg(i), QStringLiteral("m%1.org").arg(i), 80});
        status.warnings.append({Kind::WrongClock, QStringLiteral("the clock")});
        for (int i = 0; i < 3; ++i)
            status.warnings.append({Kind::RelayRefuses, QStringLiteral("relay %1").arg(i)});
        const auto warnings = warningsFor(status);
        QCOMPARE(warnings.size(), 3);
        const auto filling = std::find_if(warnings.begin(), warnings.end(),
                                          [](const auto &warning) { return warning.detail.contains(u"mailbox 39"); });
        QVERIFY(filling != warnings.end());
        QVERIFY2(filling->text.contains(u"39"), qPrintable(filling->text));
        QVERIFY(filling->text.contains(u"m0.org"));
        QVERIFY(!filling->text.contains(u"m1.org"));
    }

    void an_address_that_is_taken_is_named_and_leads_to_its_page()
    {
        control::ApplianceStatus status;
        status.loopbackOnly = false;
        status.reasons = {{Errc::Io, QStringLiteral("127.0.0.1:8449: in use"), 0}};
        QVERIFY(warningsFor(status)[0].text.contains(QStringLiteral("127.0.0.1:8449")));
        QCOMPARE(warningsFor(status)[0].remedy, Remedy::NetworkSettings);
        status.addresses = {QStringLiteral("http://192.0.2.1:8449")};
        status.node = true;
        QCOMPARE(warningsFor(status)[0].remedy, Remedy::NodeSettings);
        status.nodeAddress = QStringLiteral("http://127.0.0.1:8450");
        QCOMPARE(warningsFor(status)[0].remedy, Remedy::NetworkSettings);
    }

    void a_tool_tip_is_never_read_as_html()
    {
        QCOMPARE(plainTip(QStringLiteral("a < b & c\nd")), QStringLiteral("a < b & c\nd"));
        const QString tip = plainTip(QStringLiteral("<img src='file:///dev/zero'>"));
        QVERIFY(!tip.contains(QStringLiteral("<img")));
        QVERIFY(tip.contains(QStringLiteral("&lt;img")));
    }
};

QTEST_GUILESS_MAIN(TestWords)
#include "tst_words.moc"
