// SPDX-License-Identifier: GPL-3.0-or-later
// The program restantectl itself, against the control socket of this process and against real programs.
#include "base/heldfolder.h"
#include "control/client.h"
#include "control/commands.h"
#include "control/server.h"
#include "control/socketpath.h"
#include "runningprogram.h"
#include "scriptedoperations.h"
#include "settings/fieldtable.h"
#include "settings/settingsfile.h"
#include "settingsvalues.h"

#include <QtCore/QDir>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QRegularExpression>
#include <QtCore/QScopeGuard>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace restante;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
queue::EntryRow entryRow(qint64 id)
{
    queue::EntryRow row{{id}, 0, u"a.example"_s, u"t"_s, u"bob"_s, 1'789'900'000'000, 0, 1536, 2, 1, {}, false};
    row.events = {
        {false, u"m.room.message"_s, {}, {}}, {false, u"m.room.message"_s, {}, {}}, {true, u"m.typing"_s, {}, {}}};
    return row;
}

node::RelayProgress progressOf(const QString &relay, qint64 collected, const QString &error = {})
{
    using State = node::RelayProgress::State;
    return {relay, collected, collected, error.isEmpty() ? State::Done : State::Failed,
            error.isEmpty() ? std::nullopt : std::optional(Error{Errc::Unreachable, error, 0})};
}
} // namespace

class TestRestantectl : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void answers_are_shown_to_people_data();
    void answers_are_shown_to_people();
    void a_front_door_tells_what_becomes_of_mail_there();
    void where_nothing_listens_no_reach_is_told();
    void answers_are_told_to_machines_data();
    void answers_are_told_to_machines();
    void wrong_usage_ends_with_2_data();
    void wrong_usage_ends_with_2();
    void help_is_no_failure_data();
    void help_is_no_failure();
    void what_did_not_work_ends_with_1_data();
    void what_did_not_work_ends_with_1();
    void what_relays_answered_is_shown();
    void what_no_restart_remembers_is_told_since_the_start();
    void what_a_relay_sends_for_others_is_told();
    void what_the_local_network_is_told_is_told();
    void what_nobody_said_is_no_never();
    void the_inbox_says_how_its_delivery_stands();
    void without_a_program_it_ends_with_3();
    void a_long_list_comes_in_pages_and_is_one();
    void a_file_is_written_where_the_caller_stands();
    void a_transaction_is_read_from_a_file_or_standard_input();
    void a_transaction_may_come_in_pieces_data();
    void a_transaction_may_come_in_pieces();
    void a_transaction_in_a_pipe_that_nobody_fills_is_not_waited_for();
    void what_strangers_wrote_does_nothing_to_the_terminal();
    void a_retrieval_shows_how_far_it_is();
    void ending_it_ends_its_retrieval();
    void any_retrieval_can_be_cancelled();
    void damaged_entries_of_the_inbox_are_named_and_told_by_the_status();
    void many_damaged_entries_of_the_inbox_are_one_line();
    void known_senders_are_given_and_taken_away();
    void a_relay_is_changed_in_its_place();
    void lists_are_set_as_they_are_shown();
    void a_program_that_starts_is_waited_for();
    void a_folder_that_nobody_holds_is_not_waited_for();
    void a_folder_that_is_held_without_an_answer_is_said_to_be();
    void what_is_said_of_a_relay_counts_for_its_test();
    void the_log_is_shown_without_a_program();
    void completion_knows_every_command_and_option();
    void the_manual_knows_every_command_and_option();
    void a_pinned_key_stays_until_it_is_forgotten();
    void it_steers_a_real_program();
    void what_options_set_for_one_run_is_made_permanent_by_name();

private:
    void fill();
    Ended run(QStringList words, const QByteArray &input = {});

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<test::ScriptedOperations> m_operations;
    std::unique_ptr<control::Server> m_server;
};

void TestRestantectl::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    qputenv("XDG_RUNTIME_DIR", m_folder->path().toUtf8()); // Qt complains about a session without one
    m_operations = std::make_unique<test::ScriptedOperations>();
    m_server = std::make_unique<control::Server>(*m_operations, control::ServingProgram{u"restante"_s, true});
    QVERIFY(m_server->listen(m_folder->path()));
}

void TestRestantectl::cleanup()
{
    m_server.reset();
    m_operations.reset();
}

Ended TestRestantectl::run(QStringList words, const QByteArray &input)
{
    words += {u"--data-dir"_s, m_folder->path()};
    return Running(u"restantectl"_s, words, input).end();
}

void TestRestantectl::fill()
{
    auto &operations = *m_operations;
    operations.currentStatus.state = control::ApplianceStatus::State::Running;
    operations.currentStatus.serverName = u"me.example"_s;
    operations.currentStatus.addresses = QStringList{u"http://127.0.0.1:1"_s};
    operations.currentStatus.heldEntries = 2;
    operations.currentStatus.heldBytes = 3072;
    operations.currentStatus.lastContactMs = 1'789'900'000'000;
    operations.currentStatus.lastOutsideMs = 1'789'900'000'000;
    operations.currentSettings.served = {servedEntry(u"b.example"_s, u"Bob"_s, {})};
    operations.currentSettings.relays = {relayEntry({u"r.example"_s, u"https://r.example:1"_s, {}, {}, u"R"_s, false}),
                                         relayEntry({u"s.example"_s, {}, {}, u"c.example"_s, {}, false})};
    operations.currentSettings.nodeEnabled = true;
    operations.currentSettings.cardName = u"Anna"_s;
    operations.currentSettings.cardAddresses = u"https://me.example:8449"_s;
    operations.relayStatuses = {{u"r.example"_s, {}, node::RelayStatus::State::Good, 1'789'900'000'000, 0, 0, 6, 8, {}},
                                {u"s.example"_s, u"c.example"_s, node::RelayStatus::State::Unknown, 0, 0, 0, 0, 0, {}}};
    operations.currentStatus.node = true;
    operations.currentStatus.nodeAddress = u"http://127.0.0.1:2"_s;
    operations.currentStatus.contactRelays = 2;
    queue::DestinationTotal total;
    total.destination = *matrix::ServerName::parse("b.example");
    total.entries = 2;
    total.bytes = 3072;
    total.oldestMs = total.newestMs = 1'789'900'000'000;
    total.fillPercent = 85;
    total.labels = {{u"bob"_s, 2, 3072}};
    operations.totals = {2, 3072, 0, {total}};
    operations.traffic.buckets = {{1'789'896'400'000, {}}, {1'789'900'000'000, {7, 1, 0, 0, 0}}};
    operations.traffic.today = {8, 1, 2, 3, 4};
    operations.entries.rows = {entryRow(1), entryRow(2)};
    operations.held = {{1}, "a.example", "t", 6, 7, R"([{"n":1.50}])", "[]"};
    operations.card = {u"me.example"_s, u"ed25519:1"_s, u"abc"_s};
    operations.keys = {
        {{u"a.example"_s, u"ed25519:a"_s, u"abc"_s, 1'789'900'000'000, 1'790'000'000'000, false, false, true},
         {u"b.example"_s, u"ed25519:b"_s, u"def"_s, 1'789'900'000'000, 0, true, false, true},
         {u"c.example"_s, u"ed25519:c"_s, u"ghi"_s, 1'789'900'000'000, 1'000, false, true, false},
         {u"d.example"_s, u"ed25519:d"_s, u"jkl"_s, 1'789'900'000'000, 1'000, false, false, false}},
        {{u"a.example"_s, u"ed25519:a"_s, u"mno"_s, 1'789'900'000'000}},
        {{u"e.example"_s, u"the keys of e.example could not be fetched: its certificate has expired"_s,
          1'789'900'000'000}},
        5};
    operations.report = {node::RelayReport::Outcome::Works, 200, 12, {}};
    operations.invites = {{1'789'900'000'000, *matrix::ServerName::parse("a.example"),
                           *matrix::ServerName::parse("b.example"), "@a:a.example", "@b:b.example", "!r:a.example", 2}};
    operations.found = {
        {{homeserver::Software::Synapse,
          u"/x/homeserver.yaml"_s,
          {},
          u"me.example"_s,
          u"/x/k"_s,
          u"http://127.0.0.1:8008"_s},
         {homeserver::Software::Dendrite, u"/d/dendrite.yaml"_s, {}, {}, {}, u"http://127.0.0.1:8008"_s, true}},
        {},
        {}};
    operations.trial = {homeserver::TrialReport::Outcome::Works,
                        u"http://127.0.0.1:8008"_s,
                        u"Synapse 1"_s,
                        u"me.example"_s,
                        u"me.example"_s,
                        u"ed25519:a"_s,
                        200,
                        {},
                        3};
    operations.access = {u"127.0.0.1"_s, 8450, u"5ec5e7"_s, u"me.example"_s, u"/f"_s};
    operations.currentStatus.homeserverSeenMs = 1'789'900'000'000;
    operations.waiting = {{*matrix::ServerName::parse("e.example"), queue::Sending::State::Away, 1'789'900'000'000, 2,
                           u"Nobody listens there"_s},
                          {*matrix::ServerName::parse("f.example"), queue::Sending::State::Parked, 0, 1, u"No"_s}};
    operations.outbox = {{*matrix::ServerName::parse("d.example"), node::DestinationRow::State::Offline, 2, 0,
                          1'789'900'000'000, 3, 4, 1, u"No answer"_s}};
    operations.inbox = {
        {1, u"a.example"_s, u"r.example"_s, u"t1"_s, 1'789'900'000'000, 1'789'900'001'000, 20, 0, 0, {}}};
    operations.inboxPdus = R"([{"n":1.50}])";
    operations.sent = {node::SendReport::Way::Relays, 0, {u"r.example"_s, u"s.example"_s}, {}, {}, {}, true};
}

void TestRestantectl::answers_are_shown_to_people_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("shown");
    const auto row = [](const char *words, const char *shown) {
        QTest::newRow(words) << QString::fromUtf8(words).split(u' ') << QString::fromUtf8(shown);
    };
    row("status", "State:        running\n"
                  "Server name:  me.example\n"
                  "Listens on:   http://127.0.0.1:1 (only this computer)\n"
                  "Open relay:   no\n"
                  "Served:       0\n"
                  "Held:         2 entries, 3.0 KiB (0 % full)\n"
                  "Since start:  0 accepted, 0 collected\n"
                  "Last contact: 2026-09-20T10:26:40\n"
                  "From outside: last request 2026-09-20T10:26:40\n"
                  "Node:         http://127.0.0.1:2\n"
                  "Relays:       0 of this node, 0 failing; 2 of contacts\n"
                  "Inbox:        0 entries, 0 B\n"
                  "Offline:      0 destinations\n");
    row("traffic", "FROM                 TAKEN IN  HANDED OVER  REFUSED  COLLECTED  DELIVERED\n"
                   "2026-09-20T10:26:40         7            1        0          0          0\n"
                   "yesterday                   0            0        0          0          0\n"
                   "today                       8            1        2          3          4\n");
    row("queues --users",
        "DESTINATION  ENTRIES     SIZE  FULL  OLDEST               NEWEST               COLLECTED  EXPIRED\n"
        "b.example          2  3.0 KiB  85 %  2026-09-20T10:26:40  2026-09-20T10:26:40  never            0\n"
        "  bob              2  3.0 KiB\n");
    row("entries b.example",
        "ENTRY  RECEIVED                SIZE  PDUS  EDUS  USER  ORIGIN     EVENTS\n"
        "    1  2026-09-20T10:26:40  1.5 KiB     2     1  bob   a.example  2 m.room.message, m.typing\n"
        "    2  2026-09-20T10:26:40  1.5 KiB     2     1  bob   a.example  2 m.room.message, m.typing\n");
    row("entry b.example 1", "{\n  \"destination\": \"b.example\",\n  \"entry_id\": 1,\n  \"transaction_id\": \"t\",\n"
                             "  \"received_ts\": 7,\n  \"origin\": \"a.example\",\n  \"origin_server_ts\": 6,\n"
                             "  \"pdus\": [\n    {\n      \"n\": 1.50\n    }\n  ],\n  \"edus\": []\n}\n");
    row("discard b.example 1 2", "2 discarded\n");
    row("discard b.example --all", "2 discarded\n");
    row("export b.example /x/y 1", "1 written\n");
    row("serve", "NAME       PETNAME  FRONT DOOR  KNOWN SENDERS\nb.example  Bob      -           -\n");
    row("serve list", "NAME       PETNAME  FRONT DOOR  KNOWN SENDERS\nb.example  Bob      -           -\n");
    row("serve add c.example --name C", "");
    row("serve add c.example --known a.example --known=b.example", "");
    row("serve edit b.example --name=", "");
    row("serve edit b.example --front door.example:8449", "");
    row("serve remove b.example", "");
    row("card", "restante:1/relay?server=me.example&address=https://me.example:8449&name=Anna\n");
    row("card --friend", "restante:1/friend?server=me.example&name=Anna\n");
    row("card show "
        "restante:1/relay?server=t.example&address=https://10.0.0.1&address=https://t.example&name=T%20T",
        "Card:         of a relay: it offers to hold mail for this node\n"
        "Server name:  t.example\n"
        "Calls itself: T T\n"
        "Address:      https://10.0.0.1 (private: only from its own network)\n"
        "Address:      https://t.example\n"
        "If added:     this node collects its mail from that relay\n");
    row("card show restante:1/relay?server=r.example&address=https://r.example:2",
        "Card:        of a relay: it offers to hold mail for this node\n"
        "Server name: r.example\n"
        "Address:     https://r.example:2\n"
        "If added:    this node reaches that relay there, no longer at https://r.example:1\n");
    row("card add restante:1/relay?server=t.example&address=https://t.example",
        "Added the relay t.example\nAnswer with your own card: restantectl card --friend\n");
    row("card add restante:1/friend?server=c.example --name C",
        "Mail is held for c.example\nAnswer with your own card: restantectl card\n");
    row("card add restante:1/friend?server=b.example", "This is known already; nothing was changed\n");
    row("card open restante:1/friend?server=c.example", "");
    row("invites", "LAST                 FROM          INVITED       ROOM          TIMES\n"
                   "2026-09-20T10:26:40  @a:a.example  @b:b.example  !r:a.example      2\n");
    row("relay list",
        "RELAY      NAME  FOR        STATE    LAST SUCCESS         ENTRIES  EXPIRED  URL                  ERROR\n"
        "r.example  R     this node  good     2026-09-20T10:26:40        6        8  https://r.example:1  -\n"
        "s.example  -     c.example  unknown  not since the start        0        0  -                    -\n");
    row("relay add t.example --url=https://t.example:1 --overlay", "");
    row("relay edit r.example --url https://r.example:2 --no-overlay", "");
    row("relay remove s.example --for c.example", "");
    row("relay test r.example --for=c.example --url https://r.example:2",
        "Relay:   r.example\nOutcome: works\nStatus:  200\nTook:    12 ms\n");
    row("retrieve --cancel", "No retrieval is under way\n");
    row("relay test r.example", "Relay:   r.example\nOutcome: works\nStatus:  200\nTook:    12 ms\n");
    row("sending list", "DESTINATION  STATE   NEXT TRY             PARKED  REASON\n"
                        "e.example    away    2026-09-20T10:26:40       2  Nobody listens there\n"
                        "f.example    parked  -                         1  No\n");
    row("sending retry", "2 retried\n");
    row("outbox", "DESTINATION  STATE    FAILURES  LAST SUCCESS  LAST FAILURE         DIRECT  BY RELAY  RELAYS  ERROR\n"
                  "d.example    offline         2  never         2026-09-20T10:26:40       3         4       1  No "
                  "answer\n");
    row("outbox forget d.example", "");
    row("inbox", "ENTRY  SENT                 COLLECTED            SIZE  PDUS  EDUS  ORIGIN     RELAY      EVENTS\n"
                 "    1  2026-09-20T10:26:40  2026-09-20T10:26:41  20 B     0     0  a.example  r.example  -\n");
    row("inbox next", R"({"id":1,"relay":"r.example","origin":"a.example","transaction_id":"t1",)"
                      R"("origin_server_ts":1789900000000,"collected_ts":1789900001000,"pdus":[{"n":1.50}],"edus":[]})"
                      "\n");
    row("inbox export /x/y", "1 written\n");
    row("inbox retry 1", "1 retried\n");
    row("inbox discard 1", "1 discarded\n");
    row("homeserver find",
        "SOFTWARE  SERVER NAME  URL                                 SIGNING KEY  FILE\n"
        "Synapse   me.example   http://127.0.0.1:8008               /x/k         /x/homeserver.yaml\n"
        "Dendrite  -            http://127.0.0.1:8008 (by default)  -            /d/dendrite.yaml\n");
    row("homeserver test http://127.0.0.1:8008",
        "Homeserver:  http://127.0.0.1:8008\nOutcome:     works\nSoftware:    Synapse 1\nServer name: me.example\n"
        "Keys:        ed25519:a\nTook:        3 ms\nSends here:  2026-09-20T10:26:40\n");
    row("homeserver lines synapse",
        "# At the end of the homeserver's configuration, so that it sends through Restante:\n"
        "outbound_federation_restricted_to: [restante]\n"
        "instance_map:\n"
        "  main: {host: '127.0.0.1', port: 9093}\n"
        "  restante: {host: '127.0.0.1', port: 8450}\n"
        "worker_replication_secret: '5ec5e7'\n\n");
    row("pause", "");
    row("resume", "");
    row("identity show", "Server name: me.example\nKey id:      ed25519:1\nPublic key:  abc\n");
    const char *const keys =
        "SERVER     KEY ID     KEY  SEEN                 COUNTS UNTIL         STATE\n"
        "a.example  ed25519:a  abc  2026-09-20T10:26:40  2026-09-21T14:13:20  good\n"
        "b.example  ed25519:b  def  2026-09-20T10:26:40  no end               pinned\n"
        "c.example  ed25519:c  ghi  2026-09-20T10:26:40  1970-01-01T00:00:01  old\n"
        "d.example  ed25519:d  jkl  2026-09-20T10:26:40  1970-01-01T00:00:01  expired\n"
        "5 more that were seen earlier; name a server to see its keys\n"
        "\n"
        "These servers now have a different key from the one held, which stays (see \"key pin\"):\n"
        "SERVER     KEY ID     REFUSED KEY  REFUSED\n"
        "a.example  ed25519:a  mno          2026-09-20T10:26:40\n"
        "\n"
        "The keys of these servers could not be fetched the last time they were asked for:\n"
        "SERVER     ASKED                REASON\n"
        "e.example  2026-09-20T10:26:40  the keys of e.example could not be fetched: its "
        "certificate has expired\n";
    row("key list", keys);
    row("key a.example", keys);
    row("key pin a.example ed25519:a kfm6u3NrI4guA7mTLrDKz+sf62oe7bHnZDscWcYjYsA",
        "It takes the place of another key\n");
    row("key forget a.example", "4 forgotten\n");
    row("key forget a.example ed25519:a", "1 forgotten\n");
    row("settings get queue.expiry_days", "30\n");
    row("settings set queue.expiry_days 9", "");
    row("settings set server.tls_certificate /a.pem server.tls_key /b.pem", "");
    row("settings get server.listen", "127.0.0.1:8449\n");
    row("raise", "");
}

void TestRestantectl::answers_are_shown_to_people()
{
    QFETCH(QStringList, words);
    QFETCH(QString, shown);
    fill();
    const Ended ended = run(words);
    QCOMPARE(ended.err, QString());
    QCOMPARE(ended.out, shown);
    QCOMPARE(ended.status, 0);
}

void TestRestantectl::a_front_door_tells_what_becomes_of_mail_there()
{
    fill();
    m_operations->currentSettings.served[0].front = *matrix::ServerName::parse("door.example:8449");
    m_operations->doorStates = {{*matrix::ServerName::parse("b.example"), true,
                                 *matrix::ServerName::parse("home.example:8448"), 1'789'900'000'000}};
    QVERIFY(run({u"serve"_s})
                .out.contains("door.example:8449 (passes on to home.example:8448 since 2026-09-20T10:26:40)"_L1));
    m_operations->doorStates[0].passes = false;
    QVERIFY(run({u"serve"_s}).out.contains("door.example:8449 (holds since 2026-09-20T10:26:40)"_L1));
}

void TestRestantectl::where_nothing_listens_no_reach_is_told()
{
    fill();
    m_operations->currentStatus.addresses.clear();
    const Ended ended = run({u"status"_s});
    QVERIFY(ended.out.contains(QRegularExpression(u"Listens on: +nothing\n"_s)));
    QVERIFY(!ended.out.contains("only this computer"_L1));
}

void TestRestantectl::answers_are_told_to_machines_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("member");
    const auto row = [](const char *words, const QString &member) {
        QTest::newRow(words) << QString::fromUtf8(words).split(u' ') << member;
    };
    row("status", u"state"_s);
    row("traffic --span hour", u"buckets"_s);
    row("queues", u"destinations"_s);
    row("entries b.example", u"rows"_s);
    row("entry b.example 1", u"pdus"_s);
    row("serve list", u"served"_s);
    row("invites", u"invites"_s);
    row("relay list", u"relays"_s);
    row("relay test r.example", u"outcome"_s);
    row("sending list", u"destinations"_s);
    row("outbox", u"destinations"_s);
    row("inbox", u"rows"_s);
    row("homeserver find", u"homeservers"_s);
    row("homeserver test http://127.0.0.1:8008", u"homeserver_seen_ts"_s);
    row("homeserver lines synapse", u"homeservers"_s);
    row("inbox show 1", u"pdus"_s);
    row("inbox next", u"pdus"_s);
    row("inbox discard --all", u"discarded"_s);
    row("key list a.example", u"refused"_s);
    row("key pin a.example ed25519:a kfm6u3NrI4guA7mTLrDKz+sf62oe7bHnZDscWcYjYsA", u"replaced"_s);
    row("key forget a.example", u"forgotten"_s);
    row("pause", u"restart_needed"_s);
    row("settings list", u"settings"_s);
    row("settings get queue.expiry_days", u"value"_s);
    row("identity show", u"key_id"_s);
}

void TestRestantectl::answers_are_told_to_machines()
{
    QFETCH(QStringList, words);
    QFETCH(QString, member);
    fill();
    const Ended ended = run(words + QStringList{u"--json"_s});
    QCOMPARE(ended.status, 0);
    QCOMPARE(ended.out.count(u'\n'), 1);
    QJsonParseError fault;
    const QJsonObject value = QJsonDocument::fromJson(ended.out.toUtf8(), &fault).object();
    QCOMPARE(fault.error, QJsonParseError::NoError);
    QVERIFY2(value.contains(member), qPrintable(ended.out));
    if (member == "pdus"_L1)
        QVERIFY(ended.out.contains(uR"("pdus":[{"n":1.50}])"_s));
}

void TestRestantectl::wrong_usage_ends_with_2_data()
{
    QTest::addColumn<QStringList>("words");
    const auto row = [](const char *words) {
        QTest::newRow(words) << QString::fromUtf8(words).split(u' ', Qt::SkipEmptyParts);
    };
    row("");
    row("frobnicate");
    row("status now");
    row("status --all");
    row("--all status");
    row("entries");
    row("entries b.example c.example");
    row("entries b.example --after x");
    row("entries b.example --after 0");
    row("entries b.example --limit");
    row("entries b.example --limit=");
    row("discard b.example");
    row("discard b.example 1 --all");
    row("discard b.example --all=yes");
    row("discard b.example one");
    row("inbox discard");
    row("inbox export - 5");
    row("inbox 5");
    row("relay add");
    row("relay rename x");
    row("relay edit x --pin");
    row("relay add x --pin=");
    row("serve add x --known=");
    row("serve edit x --known");
    row("retrieve --cancel=yes");
    row("key list a.example b.example");
    row("key pin a.example ed25519:a");
    row("key forget");
    row("settings set queue.expiry_days");
    row("settings set queue.expiry_days 9 relay.open");
    row("settings set");
    row("log -n");
    row("log -n many");
    row("help frobnicate");
    row("--data-dir");
    row("-- --json");
}

void TestRestantectl::wrong_usage_ends_with_2()
{
    QFETCH(QStringList, words);
    const Ended ended = Running(u"restantectl"_s, words).end();
    QCOMPARE(ended.status, 2);
    QCOMPARE(ended.out, QString());
    QCOMPARE(ended.errLines().size(), 1);
    QVERIFY(ended.err.startsWith("restantectl: "_L1));
}

void TestRestantectl::help_is_no_failure_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("shown");
    QTest::newRow("--help") << QStringList{u"--help"_s} << u"discard DEST ENTRY... | --all"_s;
    QTest::newRow("help") << QStringList{u"help"_s} << u"relay add RELAY [--url URL]"_s;
    QTest::newRow("help serve") << QStringList{u"help"_s, u"serve"_s}
                                << u"serve edit NAME [--name PETNAME] [--known SENDER]... [--front HOST:PORT] "
                                   "[--tls-certificate FILE] [--tls-key FILE]\n"_s;
    QTest::newRow("help relay add") << QStringList{u"help"_s, u"relay"_s, u"add"_s} << u"--pin SHA256"_s;
    QTest::newRow("help relay") << QStringList{u"help"_s, u"relay"_s} << u"Usage: restantectl relay remove"_s;
    QTest::newRow("send --help") << QStringList{u"send"_s, u"--help"_s} << u"Usage: restantectl send FILE DEST"_s;
    QTest::newRow("--version") << QStringList{u"--version"_s} << u"restantectl " RESTANTE_VERSION ""_s;
}

void TestRestantectl::help_is_no_failure()
{
    QFETCH(QStringList, words);
    QFETCH(QString, shown);
    const Ended ended = Running(u"restantectl"_s, words).end();
    QCOMPARE(ended.status, 0);
    QCOMPARE(ended.err, QString());
    QVERIFY2(ended.out.contains(shown), qPrintable(ended.out));
}

void TestRestantectl::what_did_not_work_ends_with_1_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("why");
    QTest::newRow("a relay that refuses")
        << QStringList{u"relay"_s, u"test"_s, u"r.example"_s} << u"r.example: It says no"_s;
    QTest::newRow("a transaction that goes nowhere")
        << QStringList{u"send"_s, u"-"_s, u"d.example"_s} << u"It could not be sent: No relay took it"_s;
    QTest::newRow("a setting out of range") << QStringList{u"settings"_s, u"set"_s, u"queue.expiry_days"_s, u"0"_s}
                                            << u"queue.expiry_days: 0 is out of range; use 1 to 3650"_s;
    QTest::newRow("a setting below zero") << QStringList{u"settings"_s, u"set"_s, u"queue.expiry_days"_s, u"-1"_s}
                                          << u"queue.expiry_days: -1 is out of range; use 1 to 3650"_s;
    QTest::newRow("a setting given twice")
        << QStringList{u"settings"_s, u"set"_s, u"queue.expiry_days"_s, u"8"_s, u"queue.expiry_days"_s, u"9"_s}
        << u"queue.expiry_days is given twice"_s;
    QTest::newRow("no such file") << QStringList{u"send"_s, u"/none/there"_s, u"d.example"_s}
                                  << u"/none/there cannot be read: No such file or directory"_s;
    QTest::newRow("no server name") << QStringList{u"entries"_s, u"b b"_s}
                                    << u"destination: \"b b\" is not a server name"_s;
    QTest::newRow("half a key") << QStringList{u"key"_s, u"pin"_s, u"b.c"_s, u"ed25519:a"_s, u"kfm6u3Nr"_s}
                                << u"key: \"kfm6u3Nr\" is not an ed25519 key; one is 43 characters of base64"_s;
    QTest::newRow("no key id") << QStringList{u"key"_s, u"forget"_s, u"b.c"_s, u"a_b"_s}
                               << u"key_id: \"a_b\" is not a key id; one is written like ed25519:a_AbCd"_s;
    QTest::newRow("no card") << QStringList{u"card"_s, u"add"_s, u"https://b.c"_s}
                             << u"this is not a card: a card is a link that begins with restante:1/"_s;
    QTest::newRow("a card of a relay at a bad address")
        << QStringList{u"card"_s, u"show"_s, u"restante:1/relay?server=b.c&address=ftp://b.c"_s}
        << u"this card cannot be used: \"ftp://b.c\" is not an address; write https://host:port"_s;
    QTest::newRow("a relay that nobody can reach")
        << QStringList{u"card"_s}
        << u"It is not known where others reach this relay. Say it, for example: restantectl settings set "
           "card.addresses https://relay.example.org:8449"_s;
    QTest::newRow("a friend that collects nothing")
        << QStringList{u"card"_s, u"--friend"_s}
        << u"This program collects no mail, so nobody can hold it for you: node.enabled is off"_s;
    QTest::newRow("an entry that is gone") << QStringList{u"inbox"_s, u"show"_s, u"9"_s} << u"It is gone"_s;
}

void TestRestantectl::what_did_not_work_ends_with_1()
{
    QFETCH(QStringList, words);
    QFETCH(QString, why);
    m_operations->currentSettings.relays = {relayEntry({u"r.example"_s, u"https://r.example:1"_s, {}, {}, {}, false})};
    m_operations->currentStatus.serverName = u"me.example"_s;
    m_operations->report = {node::RelayReport::Outcome::Refused, 403, 1, u"It says no"_s};
    m_operations->sent.detail = u"No relay took it"_s;
    const Ended ended = run(words, "{}");
    QCOMPARE(ended.errLines(), QStringList{u"restantectl: "_s + why});
    QCOMPARE(ended.status, 1);
}

void TestRestantectl::what_relays_answered_is_shown()
{
    m_operations->currentSettings.relays = {
        relayEntry({u"r.example"_s, u"https://r.example:1"_s, {}, {}, {}, false}),
        relayEntry({u"s.example"_s, u"https://s.example:1"_s, {}, u"c.example"_s, {}, false})};
    const Error refused{Errc::Refused, u"The relay answered 403 M_FORBIDDEN: Not served"_s, 0};
    m_operations->relayStatuses = {
        {u"r.example"_s, {}, node::RelayStatus::State::NotHeld, 1, 1, 0, 0, 0, {}},
        {u"s.example"_s, u"c.example"_s, node::RelayStatus::State::Failing, 0, 1, 0, 0, 0, refused, false, 1'000}};
    m_operations->outbox = {{*matrix::ServerName::parse("d.example"), node::DestinationRow::State::Offline, 2, 0, 1, 3,
                             4, 1, u"No answer"_s}};
    m_operations->outbox.first().relayError = u"s.example: The relay answered 429"_s;
    m_operations->outbox.first().relayFailingSinceMs = m_operations->outbox.first().relayErrorSinceMs = 1'000;
    m_operations->report = {node::RelayReport::Outcome::CannotSay, 200, 1, u"It does not know"_s, u"404"_s, true};
    const QString list = run({u"relay"_s, u"list"_s}).out;
    QVERIFY(list.contains(u"not held"));
    QVERIFY(list.contains(u"It answers, but takes in no mail for this server"));
    QVERIFY(list.contains(u"The relay answered 403 M_FORBIDDEN: Not served (since 1970-01-01T"));
    QVERIFY(run({u"outbox"_s}).out.contains(u"No answer; s.example: The relay answered 429 (since 1970-01-01T"));
    m_operations->relayStatuses[1].errorSinceMs = m_operations->outbox.first().relayErrorSinceMs = 61'000;
    m_operations->relayStatuses[0].testedMs = 2'000;
    QVERIFY(QRegularExpression(u"failing since 1970-01-01T..:00:01, last: The relay answered 403 M_FORBIDDEN"_s)
                .match(run({u"relay"_s, u"list"_s}).out)
                .hasMatch());
    QVERIFY(run({u"outbox"_s}).out.contains(u", last: s.example: The relay answered 429"));
    m_operations->outbox.first().givenUp = {2, 61'000};
    QVERIFY(run({u"outbox"_s}).out.contains(u"; own relays gave up 2 transactions, the last one 1970-01-01T"));
    m_operations->outbox.first().givenUp.discarded = 1;
    QVERIFY(
        run({u"outbox"_s}).out.contains(u" gave up 2 transactions (1 discarded by their operators), the last one 1"));
    QVERIFY(run({u"relay"_s, u"list"_s}).out.contains(u"not held (tested 1970-01-01T"));
    m_operations->relayStatuses[0].state = node::RelayStatus::State::Paused;
    QVERIFY(run({u"relay"_s, u"list"_s}).out.contains(u"It says that it takes in no mail for this server just now"));
    const Ended tested = run({u"relay"_s, u"test"_s, u"r.example"_s});
    QCOMPARE(tested.status, 0); // no failure of a relay of another make
    QVERIFY(tested.out.contains(u"it answers, but cannot say whether it holds mail for this server"));
    for (const auto outcome : {node::RelayReport::Outcome::CannotSay, node::RelayReport::Outcome::Works}) {
        m_operations->report = {outcome, 200, 1, u"Asked"_s, {}, false, u"The relay answered 429: Full"_s, 1'000};
        const Ended refusing = run({u"relay"_s, u"test"_s, u"s.example"_s});
        QCOMPARE(refusing.status, 1);
        QVERIFY(refusing.out.contains(u"it answers, but refused the last mail (1970-01-01T"));
        QVERIFY(refusing.out.contains(u"): The relay answered 429: Full\n"));
        QVERIFY(refusing.err.contains(u"s.example: it answers, but refused the last mail"));
    }
    m_operations->relayStatuses[1].error.reset();
    m_operations->relayStatuses[1].refusal = u"The relay answered 429: Full"_s;
    m_operations->relayStatuses[1].refusedMs = 1'000;
    QVERIFY(run({u"relay"_s, u"list"_s}).out.contains(u"It refused the last mail (1970-01-01T"));
    m_operations->report = {node::RelayReport::Outcome::NotHeld, 200, 1, {}, {}, true};
    QCOMPARE(run({u"relay"_s, u"test"_s, u"r.example"_s}).status, 1);
}

void TestRestantectl::what_no_restart_remembers_is_told_since_the_start()
{
    m_operations->currentStatus.lastContactMs = 0;
    m_operations->currentStatus.lastOutsideMs = 0;
    QVERIFY(run({u"status"_s})
                .out.contains(u"\nLast contact: none since the start\n"
                              "From outside: no request of another computer since the start\n"));
    m_operations->relayStatuses = {};
    m_operations->currentSettings.relays = {relayEntry({u"s.example"_s, {}, {}, u"c.example"_s, {}, false})};
    const QString relays = run({u"relay"_s, u"list"_s}).out;
    QVERIFY(relays.contains(u"not since the start") && !relays.contains(u"never"));
    node::DestinationRow remembered;
    remembered.destination = *matrix::ServerName::parse("d.example");
    m_operations->outbox = {remembered};
    QVERIFY(run({u"outbox"_s}).out.contains(u"never"));
}

void TestRestantectl::what_a_relay_sends_for_others_is_told()
{
    QVERIFY(!run({u"status"_s}).out.contains(u"Sends:"));
    m_operations->currentStatus.sendsFor = 1;
    m_operations->currentStatus.dispatched = 5;
    m_operations->currentStatus.dispatchDestinations = 2;
    static const QRegularExpression line(u"Sends: +for 1 servers: 5 sent, mail for 2 servers is held\\n"_s);
    QVERIFY(line.match(run({u"status"_s}).out).hasMatch());
    m_operations->currentStatus.dispatchParked = 3;
    QVERIFY(run({u"status"_s}).out.contains(u"mail for 2 servers is held, 3 parked\n"));
}

void TestRestantectl::what_the_local_network_is_told_is_told()
{
    QVERIFY(!run({u"status"_s}).out.contains(u"Local network:"));
    m_operations->currentStatus.announces = true;
    m_operations->currentStatus.watchesNearby = true;
    static const QRegularExpression both(u"Local network: +this server is announced; others are listened for\n"_s);
    QVERIFY(both.match(run({u"status"_s}).out).hasMatch());
    m_operations->currentStatus.announces = m_operations->currentStatus.watchesNearby = false;
    m_operations->currentStatus.nearbyTrouble = u"avahi-daemon is not running"_s;
    static const QRegularExpression trouble(u"Local network: +avahi-daemon is not running\n"_s);
    QVERIFY(trouble.match(run({u"status"_s}).out).hasMatch());
}

void TestRestantectl::what_nobody_said_is_no_never()
{
    queue::DestinationTotal empty;
    empty.destination = *matrix::ServerName::parse("b.example");
    m_operations->totals = {};
    m_operations->totals.destinations = {empty};
    static const QRegularExpression emptyQueue(u"b\\.example +0 +0 B +0 % +- +- +never"_s);
    QVERIFY(emptyQueue.match(run({u"queues"_s}).out).hasMatch());
    m_operations->inbox = {{1, u"a.example"_s, u"r.example"_s, {}, 0, 1'789'900'001'000, 20, 0, 0, {}}};
    QVERIFY(!run({u"inbox"_s}).out.contains(u"never")); // a Dendrite relay does not say when it was sent
}

void TestRestantectl::the_inbox_says_how_its_delivery_stands()
{
    m_operations->inbox = {{1, u"a.example"_s, u"r.example"_s, {}, 0, 1'789'900'001'000, 20, 0, 0, {}},
                           {2, u"c.example"_s, u"r.example"_s, {}, 0, 1'789'900'001'000, 20, 0, 0, {}}};
    QVERIFY(!run({u"inbox"_s}).out.contains(u"DELIVERY")); // no homeserver is set
    m_operations->inbox[0].delivery = {node::Delivery::State::Parked, 5, 0, u"the homeserver answered 403"_s};
    m_operations->inbox[1].delivery = {node::Delivery::State::NoKey, 0, 1'789'900'000'000, u"no key"_s};
    const QString out = run({u"inbox"_s}).out;
    QVERIFY2(out.contains(u"parked: the homeserver answered 403\n"), qPrintable(out));
    QVERIFY2(out.contains(u"no-key: no key (again at 2026-09-20T10:26:40)\n"), qPrintable(out));
}

void TestRestantectl::without_a_program_it_ends_with_3()
{
    m_server.reset();
    const Ended ended = run({u"status"_s});
    QCOMPARE(ended.status, 3);
    QCOMPARE(ended.errLines().size(), 1);
    QVERIFY(ended.err.contains(m_folder->path()));
}

void TestRestantectl::a_long_list_comes_in_pages_and_is_one()
{
    for (qint64 id = 1; id <= 1'201; ++id)
        m_operations->entries.rows.append(entryRow(id));
    const QStringList words{u"entries"_s, u"b.example"_s, u"--json"_s};
    QJsonArray rows = QJsonDocument::fromJson(run(words).out.toUtf8()).object().value("rows"_L1).toArray();
    QCOMPARE(rows.size(), 1'201);
    QCOMPARE(rows.last().toObject().value("entry_id"_L1).toInteger(), 1'201);
    QCOMPARE(m_operations->asked.size(), 3);

    const QStringList some = words + QStringList{u"--after"_s, u"10"_s, u"--limit"_s, u"600"_s};
    rows = QJsonDocument::fromJson(run(some).out.toUtf8()).object().value("rows"_L1).toArray();
    QCOMPARE(rows.size(), 600);
    QCOMPARE(rows.first().toObject().value("entry_id"_L1).toInteger(), 11);
}

void TestRestantectl::a_file_is_written_where_the_caller_stands()
{
    QCOMPARE(run({u"export"_s, u"b.example"_s, u"x.json"_s}).status, 0);
    QCOMPARE(m_operations->asked, QStringList{u"exportEntries b.example 0 "_s + QDir().absoluteFilePath(u"x.json"_s)});
}

void TestRestantectl::a_transaction_is_read_from_a_file_or_standard_input()
{
    m_operations->sent = {node::SendReport::Way::Direct, 200, {}, R"({"pdus":{}})", {}, {}, true};
    const QByteArray body = "{\"pdus\":[{\"n\":1.50,\"t\":\"\xc3\xa9\\ud800\"}]}\n";
    const Ended piped = run({u"send"_s, u"-"_s, u"d.example"_s}, body);
    QCOMPARE(piped.out, u"Sent directly, answered with status 200\n"_s);
    QCOMPARE(m_operations->sentBody, body);

    QFile file(m_folder->filePath(u"transaction"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(body + body) > 0);
    file.close();
    QCOMPARE(run({u"send"_s, file.fileName(), u"d.example"_s}).status, 0);
    QCOMPARE(m_operations->sentBody, body + body);

    m_operations->sent = {node::SendReport::Way::Direct, 403, {}, "<html>", {}}; // answered, and not taken
    const Ended refused = run({u"send"_s, u"-"_s, u"d.example"_s}, body);
    QCOMPARE(refused.status, 1);
    QVERIFY(refused.out.isEmpty());
    QVERIFY(refused.err.contains(u"The destination refused it with status 403: <html>"));

    const Ended broken = run({u"send"_s, u"-"_s, u"d.example"_s}, "\xff");
    QCOMPARE(broken.status, 1);
    QVERIFY(broken.err.endsWith("is not UTF-8\n"_L1));
}

void TestRestantectl::a_transaction_may_come_in_pieces_data()
{
    QTest::addColumn<bool>("named");
    QTest::newRow("on standard input") << false;
    QTest::newRow("through a pipe with a name") << true;
}

void TestRestantectl::a_transaction_may_come_in_pieces()
{
    QFETCH(bool, named);
    const QString pipe = m_folder->filePath(u"pipe"_s);
    QCOMPARE(::mkfifo(QFile::encodeName(pipe).constData(), 0600), 0);
    const int writer = ::open(QFile::encodeName(pipe).constData(), O_RDWR | O_CLOEXEC);
    QVERIFY(writer >= 0);
    auto closed = qScopeGuard([writer] { ::close(writer); });
    const QByteArray body = R"({"pdus":[")" + QByteArray(30'000, 'x') + R"("]})";

    QProcess process;
    if (!named)
        process.setStandardInputFile(pipe);
    process.start(program(u"restantectl"_s),
                  {u"send"_s, named ? pipe : u"-"_s, u"d.example"_s, u"--data-dir"_s, m_folder->path()});
    const QByteArray first = body.first(20'000);
    QCOMPARE(::write(writer, first.constData(), size_t(first.size())), ssize_t(first.size()));
    const auto taken = [writer] {
        int waiting = -1;
        return ::ioctl(writer, FIONREAD, &waiting) == 0 && waiting == 0;
    };
    QTRY_VERIFY_WITH_TIMEOUT(taken(), PatienceMs); // it has the first piece, and there is no second yet
    const QByteArray second = body.sliced(first.size());
    QCOMPARE(::write(writer, second.constData(), size_t(second.size())), ssize_t(second.size()));
    closed.dismiss();
    ::close(writer);
    QTRY_COMPARE_WITH_TIMEOUT(process.state(), QProcess::NotRunning, PatienceMs);
    QCOMPARE(m_operations->sentBody, body);
}

void TestRestantectl::a_transaction_in_a_pipe_that_nobody_fills_is_not_waited_for()
{
    const QString pipe = m_folder->filePath(u"pipe"_s);
    QCOMPARE(::mkfifo(QFile::encodeName(pipe).constData(), 0600), 0);
    const Ended ended = run({u"send"_s, pipe, u"d.example"_s});
    QCOMPARE(ended.status, 1);
    QVERIFY2(ended.err.contains(u"It is a pipe, and nobody writes into it"_s), qPrintable(ended.err));
    QCOMPARE(m_operations->sentBody, QByteArray());
}

void TestRestantectl::what_strangers_wrote_does_nothing_to_the_terminal()
{
    queue::EntryRow row = entryRow(1);
    row.events = {{false, u"\u001b[2J\u009bx\u202e\n"_s, {}, {}}};
    m_operations->entries.rows = {row};
    const Ended ended = run({u"entries"_s, u"b.example"_s});
    QCOMPARE(ended.out.count(u'\n'), 2);
    QVERIFY(ended.out.contains(u"\ufffd[2J\ufffdx\ufffd\ufffd"_s));
    m_operations->fails = Error{Errc::Io, u"a\nb\u001bc"_s, 0};
    QCOMPARE(run({u"queues"_s}).err, u"restantectl: a\ufffdb\ufffdc\n"_s);
}

void TestRestantectl::a_retrieval_shows_how_far_it_is()
{
    Running retrieval(u"restantectl"_s, {u"--data-dir"_s, m_folder->path(), u"retrieve"_s});
    QTRY_VERIFY(m_operations->isRetrieving());
    node::Sweep sweep;
    sweep.running = true;
    sweep.relays = {progressOf(u"r.example"_s, 3), progressOf(u"s.example"_s, 0, u"No answer"_s)};
    sweep.relays.append({u"t.example"_s, 0, 0, node::RelayProgress::State::Cancelled});
    m_operations->goOn(sweep);
    m_operations->goOn(sweep);
    m_operations->endRetrieval(sweep);
    const Ended ended = retrieval.end();
    QCOMPARE(ended.out, u"r.example: 3 collected\n"
                        "RELAY      COLLECTED  NEW  RESULT\n"
                        "r.example          3    3  done\n"
                        "s.example          0    0  failed\n"
                        "t.example          0    0  cancelled\n"_s);
    QCOMPARE(ended.err, u"restantectl: s.example: No answer\n"_s);
    QCOMPARE(ended.status, 1);
}

void TestRestantectl::ending_it_ends_its_retrieval()
{
    Running retrieval(u"restantectl"_s, {u"--data-dir"_s, m_folder->path(), u"retrieve"_s, u"r.example"_s});
    QTRY_VERIFY(m_operations->isRetrieving());
    retrieval.process.terminate();
    QTRY_COMPARE(m_operations->asked, (QStringList{u"retrieve r.example"_s, u"cancelRetrieve"_s}));
}

void TestRestantectl::damaged_entries_of_the_inbox_are_named_and_told_by_the_status()
{
    fill();
    m_operations->damaged = {1};
    const Ended exported = run({u"inbox"_s, u"export"_s, u"/x/y"_s});
    QCOMPARE(exported.out, u"1 written\n"_s);
    QCOMPARE(exported.err, u"restantectl: Entry 1 is damaged and was left out\n"_s);
    QCOMPARE(exported.status, 1);
    const Ended next = run({u"inbox"_s, u"next"_s}); // nothing else is there
    QCOMPARE(next.out, QString());
    QCOMPARE(next.err, u"restantectl: Entry 1 is damaged and was skipped\n"_s);
    QCOMPARE(next.status, 1);
    m_operations->inbox.append(m_operations->inbox.first());
    m_operations->inbox.last().id = 2;
    QCOMPARE(run({u"inbox"_s, u"next"_s}).status, 0);
}

void TestRestantectl::many_damaged_entries_of_the_inbox_are_one_line()
{
    fill();
    const node::InboxRow row = m_operations->inbox.first();
    m_operations->inbox.clear();
    m_operations->damaged.clear();
    const auto add = [&](qint64 id) {
        m_operations->inbox.append(row);
        m_operations->inbox.last().id = id;
        m_operations->damaged.append(id);
    };
    for (qint64 id = 1; id <= 30; ++id)
        add(id);
    add(32);
    QCOMPARE(run({u"inbox"_s, u"next"_s}).err,
             u"restantectl: 31 entries are damaged and were skipped: 1-30, 32; see \"inbox list\"\n"_s);
    QCOMPARE(run({u"inbox"_s, u"export"_s, u"/x/y"_s}).err,
             u"restantectl: 31 entries are damaged and were left out: 1-30, 32; see \"inbox list\"\n"_s);
    for (qint64 id = 100; id < 400; id += 2)
        add(id);
    const QString err = run({u"inbox"_s, u"next"_s}).err;
    QVERIFY2(err.contains(u"181 entries are damaged and were skipped: 1-30, 32, 100"), qPrintable(err));
    QVERIFY2(err.size() < 200, qPrintable(err));
}

void TestRestantectl::any_retrieval_can_be_cancelled()
{
    m_operations->currentSweep.running = true; // the window or the clock began it
    const Ended ended = run({u"retrieve"_s, u"--cancel"_s});
    QCOMPARE(ended.out, u"The retrieval is cancelled\n"_s);
    QCOMPARE(ended.err, QString());
    QCOMPARE(ended.status, 0);
    QCOMPARE(m_operations->asked, QStringList{u"cancelRetrieve"_s});
    QCOMPARE(run({u"retrieve"_s, u"--cancel"_s, u"--json"_s}).out, u"{\"was_running\":false}\n"_s);
}

void TestRestantectl::known_senders_are_given_and_taken_away()
{
    const auto &served = m_operations->currentSettings.served;
    const QStringList added{u"serve"_s, u"add"_s,     u"b.example"_s, u"--name"_s,
                            u"Bob"_s,   u"--known"_s, u"a.example"_s, u"--known=c.example"_s};
    QCOMPARE(run(added).status, 0);
    QCOMPARE(served,
             (QList<settings::ServedEntry>{servedEntry(u"b.example"_s, u"Bob"_s, {u"a.example"_s, u"c.example"_s})}));
    QCOMPARE(run({u"serve"_s, u"edit"_s, u"b.example"_s, u"--name"_s, QString()}).status, 0);
    QCOMPARE(served, (QList<settings::ServedEntry>{servedEntry(u"b.example"_s, {}, {u"a.example"_s, u"c.example"_s})}));
    QCOMPARE(run({u"serve"_s, u"edit"_s, u"b.example"_s, u"--known=d.example"_s}).status, 0);
    QCOMPARE(served, (QList<settings::ServedEntry>{servedEntry(u"b.example"_s, {}, {u"d.example"_s})}));
    QCOMPARE(run({u"serve"_s, u"edit"_s, u"b.example"_s, u"--known="_s}).status, 0);
    QCOMPARE(served, (QList<settings::ServedEntry>{servedEntry(u"b.example"_s, {}, {})}));
    QCOMPARE(run({u"serve"_s, u"edit"_s, u"b.example"_s}).status, 1);
}

void TestRestantectl::a_relay_is_changed_in_its_place()
{
    auto &relays = m_operations->currentSettings.relays;
    relays = {relayEntry({u"r.example"_s, u"https://r.example:1"_s, QString(64, u'a'), {}, u"R"_s, false}),
              relayEntry({u"s.example"_s, {}, {}, {}, {}, false})};
    const QStringList edit{u"relay"_s, u"edit"_s, u"r.example"_s};
    QCOMPARE(run(edit + QStringList{u"--pin"_s, QString(), u"--url=http://10.0.0.1:2"_s, u"--overlay"_s}).status, 0);
    QCOMPARE(relays.first(), (relayEntry({u"r.example"_s, u"http://10.0.0.1:2"_s, {}, {}, u"R"_s, true})));
    QCOMPARE(run(edit + QStringList{u"--for"_s, u"c.example"_s, u"--name"_s, u"C"_s}).status, 1);
    QCOMPARE(relays.size(), 2);
}

void TestRestantectl::lists_are_set_as_they_are_shown()
{
    const QList<settings::ServedEntry> served{servedEntry(u"b.example"_s, u"Bob, \"B\""_s, {u"a.example"_s})};
    m_operations->currentSettings.served = served;
    const QString shown = run({u"settings"_s, u"get"_s, u"relay.served"_s}).out.trimmed();
    m_operations->currentSettings.served.clear();
    QCOMPARE(run({u"settings"_s, u"set"_s, u"relay.served"_s, shown}).status, 0);
    QCOMPARE(m_operations->currentSettings.served, served);
}

void TestRestantectl::a_program_that_starts_is_waited_for()
{
    m_server.reset();
    auto held = base::HeldFolder::take(m_folder->path());
    QVERIFY(held);
    Running status(u"restantectl"_s, {u"--data-dir"_s, m_folder->path(), u"status"_s});
    // It is there and has been turned away, or has not come so far: either way it must get its answer.
    QVERIFY(!status.process.waitForFinished(500));
    m_server = std::make_unique<control::Server>(*m_operations, control::ServingProgram{u"restante"_s, true});
    QVERIFY(m_server->listen(m_folder->path()));
    QCOMPARE(status.end().status, 0);
}

void TestRestantectl::a_folder_that_nobody_holds_is_not_waited_for()
{
    m_server.reset();
    // The machine may be slow; one that waits is so each time.
    const auto isQuick = [this] {
        QElapsedTimer timer;
        for (int i = 0; i < 3; ++i) {
            timer.start();
            const Ended ended = run({u"status"_s});
            if (ended.status == 3 && timer.elapsed() < 3'000)
                return true;
        }
        return false;
    };
    QVERIFY(isQuick());
    // What a killed program left behind: no process has so high a number.
    QFile lock(m_folder->filePath(u"lock"_s));
    QVERIFY(lock.open(QIODevice::WriteOnly));
    lock.write("2147483647\nrestanted\n" + QSysInfo::machineHostName().toUtf8() + "\n");
    lock.close();
    QVERIFY(isQuick());
}

void TestRestantectl::a_folder_that_is_held_without_an_answer_is_said_to_be()
{
    m_server.reset();
    const auto held = base::HeldFolder::take(m_folder->path());
    QVERIFY(held);
    const Ended ended = run({u"status"_s});
    QCOMPARE(ended.status, 1);
    QVERIFY2(ended.err.contains(u"process %1"_s.arg(QCoreApplication::applicationPid())), qPrintable(ended.err));
    QVERIFY(!ended.err.contains("No program runs"_L1));
}

void TestRestantectl::what_is_said_of_a_relay_counts_for_its_test()
{
    m_server.reset();
    Running service(u"restanted"_s,
                    {u"--data-dir"_s, m_folder->path(), u"--listen"_s, u"127.0.0.1:0"_s, u"--set"_s,
                     u"queue.disk_floor_bytes=0"_s, u"--set"_s, u"node.enabled=true"_s, u"--set"_s,
                     u"node.listen=127.0.0.1:0"_s, u"--set"_s, u"node.relays=r.example https://127.0.0.1:1"_s});
    QTRY_VERIFY_WITH_TIMEOUT(service.process.canReadLine(), PatienceMs);
    const QStringList test{u"relay"_s, u"test"_s, u"r.example"_s};
    const Ended pinned = run(test + QStringList{u"--pin"_s, u"x"_s});
    QCOMPARE(pinned.status, 1);
    QVERIFY2(pinned.err.contains("is not a pin, which is the 64 hexadecimal digits"_L1), qPrintable(pinned.err));
    const Ended plain = run(test + QStringList{u"--url=http://192.0.2.1:1"_s});
    QVERIFY2(plain.err.contains("is not encrypted: http:// is allowed only"_L1), qPrintable(plain.err));
    const Ended nobody = run(test + QStringList{u"--for=d.example"_s});
    QCOMPARE(nobody.err, u"restantectl: r.example is not a relay for d.example\n"_s);
}

void TestRestantectl::the_log_is_shown_without_a_program()
{
    m_server.reset();
    const Ended nothing = run({u"log"_s});
    QCOMPARE(nothing.status, 1);
    QCOMPARE(nothing.err,
             u"restantectl: There is no log file %1: nothing has been logged yet, or it cannot be written, "
             "which \"restantectl status\" tells\n"_s.arg(m_folder->filePath(u"restante.log"_s)));
    for (const auto &[name, text] :
         {std::pair(u"restante.log"_s, "c\nd\n"), std::pair(u"restante.log.1"_s, "a\nb\n")}) {
        QFile file(m_folder->filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) > 0);
    }
    QCOMPARE(run({u"log"_s}).out, u"a\nb\nc\nd\n"_s);
    QCOMPARE(run({u"log"_s, u"-n"_s, u"1"_s}).out, u"d\n"_s);
    QCOMPARE(run({u"log"_s, u"-n"_s, u"3"_s}).out, u"b\nc\nd\n"_s);
    QCOMPARE(run({u"log"_s, u"-n"_s, u"2"_s, u"--json"_s}).out, u"{\"lines\":[\"c\",\"d\"]}\n"_s);
}

/// What bash offers for the last of `words`.
static QStringList completed(const QStringList &words)
{
    const QString script = u". %1; COMP_WORDS=(\"$PROGRAM\" \"$@\"); COMP_CWORD=$#; _restantectl; "
                           "printf '%s\\n' \"${COMPREPLY[@]}\""_s.arg(
                               QStringLiteral(RESTANTE_SOURCE_DIR "/packaging/completion/restantectl.bash"));
    QProcess bash;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"PROGRAM"_s, program(u"restantectl"_s));
    bash.setProcessEnvironment(environment);
    bash.start(u"bash"_s, QStringList{u"--norc"_s, u"-c"_s, script, u"bash"_s} + words);
    bash.waitForFinished(PatienceMs);
    return QString::fromUtf8(bash.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
}

void TestRestantectl::completion_knows_every_command_and_option()
{
    QStringList firsts;
    QMap<QString, QStringList> seconds;
    for (const control::Command &command : control::commands()) {
        const QStringList words = QString(command.words).split(u' ');
        if (!firsts.contains(words.first()))
            firsts.append(words.first());
        if (words.size() > 1)
            seconds[words.first()].append(words.at(1));

        QStringList options{u"--data-dir"_s, u"--json"_s, u"--help"_s};
        for (const control::Parameter &parameter : command.parameters) {
            if (parameter.isOption())
                options.append(parameter.name);
        }
        QStringList offered = completed(words + QStringList{u"-"_s});
        options.sort();
        offered.sort();
        QCOMPARE(offered, options);
    }
    QStringList offered = completed({QString()});
    offered.sort();
    firsts.sort();
    QCOMPARE(offered, firsts);
    for (auto first = seconds.begin(); first != seconds.end(); ++first) {
        offered = completed({first.key(), QString()});
        offered.sort();
        first->sort();
        QCOMPARE(offered, *first);
    }
    QCOMPARE(completed({u"--data-dir"_s, u"/x"_s, u"relay"_s, u"a"_s}), QStringList{u"add"_s});
    QCOMPARE(completed({u"settings"_s, u"get"_s, u"relay.pa"_s}), QStringList{u"relay.paused"_s});
    QCOMPARE(completed({u"settings"_s, u"set"_s, u"relay.paused"_s, u"true"_s, u"relay.op"_s}),
             QStringList{u"relay.open"_s});
    QCOMPARE(completed({u"relay"_s, u"add"_s, u"--url"_s, u"a"_s}), QStringList());
    QDir::setCurrent(m_folder->path());
    QCOMPARE(completed({u"--data-dir"_s, u"lo"_s}), QStringList());
    QVERIFY(QDir().mkdir(u"located"_s));
    QCOMPARE(completed({u"--data-dir"_s, u"lo"_s}), QStringList{u"located"_s});
    QCOMPARE(completed({u"inbox"_s, u"export"_s, u"lo"_s}), QStringList{u"located"_s});
    QCOMPARE(completed({u"export"_s, u"b.example"_s, u"lo"_s}), QStringList{u"located"_s});
}

void TestRestantectl::the_manual_knows_every_command_and_option()
{
    QFile file(QStringLiteral(RESTANTE_SOURCE_DIR "/packaging/man/restantectl.1"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString manual = QString::fromUtf8(file.readAll()).remove(u'\\');
    for (const control::Command &command : control::commands()) {
        const QRegularExpression entry(u"^\\.[BRI]+ \"?%1( |$)"_s.arg(command.words),
                                       QRegularExpression::MultilineOption);
        QVERIFY2(entry.match(manual).hasMatch(), command.words.data());
        for (const control::Parameter &parameter : command.parameters)
            QVERIFY2(manual.contains(parameter.name), parameter.name.data());
    }
}

void TestRestantectl::a_pinned_key_stays_until_it_is_forgotten()
{
    m_server.reset();
    const QStringList options{u"--data-dir"_s,  m_folder->path(), u"--listen"_s,
                              u"127.0.0.1:0"_s, u"--set"_s,       u"queue.disk_floor_bytes=0"_s};
    const QString key = u"kfm6u3NrI4guA7mTLrDKz+sf62oe7bHnZDscWcYjYsA"_s;
    {
        Running service(u"restanted"_s, options);
        QTRY_VERIFY_WITH_TIMEOUT(service.process.canReadLine(), PatienceMs);
        QCOMPARE(run({u"key"_s}).out, u"No key is held\n"_s);
        const Ended pinned = run({u"key"_s, u"pin"_s, u"a.example"_s, u"ed25519:a"_s, key});
        QCOMPARE(pinned.err, QString());
        QCOMPARE(pinned.status, 0);
        const QJsonObject card =
            QJsonDocument::fromJson(run({u"identity"_s, u"show"_s, u"--json"_s}).out.toUtf8()).object();
        const QString self = card.value("server_name"_L1).toString();
        for (const QStringList &words :
             {QStringList{u"pin"_s, self, u"ed25519:a"_s, key}, QStringList{u"forget"_s, self}}) {
            const Ended refused = run(QStringList{u"key"_s} + words);
            QCOMPARE(refused.err, u"restantectl: The name %1 is itself the key of this server, which can be neither "
                                  "pinned nor forgotten\n"_s.arg(self));
            QCOMPARE(refused.status, 1);
        }
        service.process.kill();
        service.end();
    }
    Running service(u"restanted"_s, options);
    QTRY_VERIFY_WITH_TIMEOUT(service.process.canReadLine(), PatienceMs);
    const auto keys = [this] {
        return QJsonDocument::fromJson(run({u"key"_s, u"list"_s, u"a.example"_s, u"--json"_s}).out.toUtf8())
            .object()
            .value("keys"_L1)
            .toArray();
    };
    QCOMPARE(keys().size(), 1);
    const QJsonObject held = keys().first().toObject();
    QCOMPARE(held.value("key"_L1).toString(), key);
    QCOMPARE(held.value("valid_until_ts"_L1).toInteger(-1), 0);
    QVERIFY(held.value("pinned"_L1).toBool() && held.value("usable"_L1).toBool());
    QCOMPARE(run({u"key"_s, u"forget"_s, u"a.example"_s}).out, u"1 forgotten\n"_s);
    QVERIFY(keys().isEmpty());
}

void TestRestantectl::it_steers_a_real_program()
{
    m_server.reset();
    const QStringList options{u"--data-dir"_s,  m_folder->path(), u"--listen"_s,
                              u"127.0.0.1:0"_s, u"--set"_s,       u"queue.disk_floor_bytes=0"_s};
    Running service(u"restanted"_s, options);
    QTRY_VERIFY_WITH_TIMEOUT(service.process.canReadLine(), PatienceMs);
    const QJsonObject ready = QJsonDocument::fromJson(service.process.readLine()).object();

    const Ended status = run({u"status"_s, u"--json"_s});
    QCOMPARE(status.status, 0);
    QCOMPARE(QJsonDocument::fromJson(status.out.toUtf8()).object().value("server_name"_L1),
             ready.value("server_name"_L1));
    QCOMPARE(run({u"queues"_s}).out, u"Nothing is held\n"_s);
    QCOMPARE(run({u"serve"_s, u"add"_s, u"b.example"_s}).status, 0);
    QCOMPARE(run({u"serve"_s, u"add"_s, u"b.example"_s}).status, 1);
    QVERIFY(run({u"serve"_s}).out.contains("b.example"_L1));
    QCOMPARE(run({u"pause"_s}).status, 0);
    QVERIFY(run({u"status"_s}).out.startsWith("State:        paused\n"_L1));
    QCOMPARE(run({u"raise"_s}).status, 1);
    QFile settings(m_folder->filePath(u"settings.json"_s));
    QVERIFY(settings.open(QIODevice::ReadOnly));
    QVERIFY(settings.readAll().contains("b.example"));

    const Ended second = Running(u"restanted"_s, options).end();
    QCOMPARE(second.status, 1);
    QCOMPARE(second.errLines().size(), 1);
    QCOMPARE(run({u"status"_s}).status, 0); // the second start took nothing away

    service.process.terminate();
    QCOMPARE(service.end().status, 0);
    QVERIFY(!QFile::exists(control::socketPath(m_folder->path())));
    QCOMPARE(run({u"status"_s}).status, 3);
}

void TestRestantectl::what_options_set_for_one_run_is_made_permanent_by_name()
{
    m_server.reset();
    Running service(u"restanted"_s,
                    {u"--data-dir"_s, m_folder->path(), u"--listen"_s, u"127.0.0.1:0"_s, u"--open-relay"_s,
                     u"--serve"_s, u"cmd.org"_s, u"--serve"_s, u"other.org"_s, u"--set"_s, u"queue.expiry_days=7"_s,
                     u"--set"_s, u"queue.disk_floor_bytes=0"_s, u"--set"_s, u"relay.paused=true"_s});
    QTRY_VERIFY_WITH_TIMEOUT(service.process.canReadLine(), PatienceMs);

    QCOMPARE(run({u"settings"_s, u"set"_s, u"relay.open"_s, u"true"_s}).status, 0);
    QCOMPARE(run({u"settings"_s, u"set"_s, u"queue.expiry_days"_s, u"7"_s}).status, 0);
    QCOMPARE(run({u"pause"_s}).status, 0);
    QCOMPARE(run({u"serve"_s, u"add"_s, u"cmd.org"_s}).errLines(), QStringList());
    const Ended again = run({u"serve"_s, u"add"_s, u"cmd.org"_s});
    QCOMPARE(again.status, 1);
    QVERIFY(again.err.contains("listed twice"_L1));

    const auto saved = settings::SettingsFile(m_folder->path()).load();
    QVERIFY(saved.ok());
    settings::Settings expected;
    expected.relayOpen = true;
    expected.expiryDays = 7;
    expected.relayPaused = true;
    expected.served = {servedEntry(u"cmd.org"_s, {}, {})};
    QCOMPARE(settings::changed(expected, *saved), QStringList()); // what nobody named is not there
    QCOMPARE(run({u"settings"_s, u"get"_s, u"relay.served"_s}).out.count("cmd.org"_L1), 1);
    QVERIFY(run({u"serve"_s}).out.contains("other.org"_L1));

    service.process.terminate();
    QCOMPARE(service.end().status, 0);
}

QTEST_GUILESS_MAIN(TestRestantectl)
#include "tst_restantectl.moc"
