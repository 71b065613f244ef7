// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/heldfolder.h"
#include "control/client.h"
#include "control/commands.h"
#include "control/peeruser.h"
#include "control/protocol.h"
#include "control/server.h"
#include "control/socketpath.h"
#include "scriptedoperations.h"
#include "settings/fieldtable.h"
#include "settingsvalues.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QSet>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QLocalSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

using namespace restante;
using test::parsed;
using test::relayEntry;
using test::servedEntry;
using namespace Qt::Literals::StringLiterals;
using control::Server;

namespace
{
/// A client that says and hears whole lines.
class Caller
{
public:
    explicit Caller(const QString &path)
    {
        socket.connectToServer(path);
        hello = read();
    }
    void write(const QByteArray &bytes) { socket.write(bytes); }
    void ask(const QString &command, const QJsonObject &arguments = {})
    {
        write(control::requestLine(++lastId, command, arguments));
    }
    /// The next line; an empty object where none comes.
    QJsonObject read()
    {
        const auto come = [this] { return socket.canReadLine() || socket.state() == QLocalSocket::UnconnectedState; };
        (void)QTest::qWaitFor(come, 20'000);
        return socket.canReadLine() ? QJsonDocument::fromJson(socket.readLine()).object() : QJsonObject();
    }
    QJsonObject call(const QString &command, const QJsonObject &arguments = {})
    {
        ask(command, arguments);
        return read();
    }
    QString errorCode(const QString &command, const QJsonObject &arguments = {})
    {
        return codeOf(call(command, arguments));
    }
    static QString codeOf(const QJsonObject &answer)
    {
        return answer.value("error"_L1).toObject().value("code"_L1).toString();
    }
    bool isCut() const { return socket.state() == QLocalSocket::UnconnectedState; }

    QLocalSocket socket;
    QJsonObject hello;
    qint64 lastId = 0;
};

QJsonObject object(const char *text)
{
    return QJsonDocument::fromJson(text).object();
}

node::Sweep sweepOf(qint64 collected, bool running)
{
    using State = node::RelayProgress::State;
    node::Sweep sweep;
    sweep.running = running;
    sweep.relays.append({u"r.example"_s, collected, collected, running ? State::Asking : State::Done});
    return sweep;
}
} // namespace

class TestControlServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void the_hello_tells_who_answers_and_in_which_language();
    void a_relays_state_stands_beside_its_own_association();
    void every_command_asks_and_answers_data();
    void every_command_asks_and_answers();
    void every_command_has_a_row();
    void wrong_arguments_are_refused_data();
    void wrong_arguments_are_refused();
    void an_error_of_the_program_comes_as_it_is();
    void a_configuration_that_cannot_be_read_is_not_called_missing();
    void every_error_code_has_a_name_of_its_own();
    void a_hostile_line_costs_an_error_and_nothing_else_data();
    void a_hostile_line_costs_an_error_and_nothing_else();
    void a_line_that_is_too_long_is_skipped_data();
    void a_line_that_is_too_long_is_skipped();
    void the_error_does_not_wait_for_the_end_of_the_line();
    void a_transaction_may_be_long();
    void requests_that_come_together_are_answered_in_their_order();
    void what_is_sent_before_the_answer_is_bounded();
    void a_retrieval_tells_how_far_it_is();
    void leaving_cancels_ones_own_retrieval_only();
    void a_retrieval_of_somebody_else_is_cancelled_when_asked();
    void a_changed_destination_keeps_what_is_not_said();
    void a_changed_relay_keeps_what_is_not_said();
    void a_relay_is_found_by_its_key_in_capitals();
    void a_test_takes_what_is_said_over_what_is_known();
    void two_clients_are_served_at_once();
    void a_time_without_descriptors_ends_no_service();
    void two_changes_at_once_are_both_made();
    void settings_that_need_each_other_are_set_together();
    void the_next_entry_is_told_although_somebody_took_the_first();
    void damaged_entries_are_passed_over_and_named();
    void events_are_told_as_they_were_spelled();
    void a_client_that_asks_nothing_is_cut();
    void a_client_that_reads_nothing_is_cut();
    void more_clients_than_allowed_are_turned_away();
    void the_window_is_wanted_only_where_there_is_one();
    void a_card_is_shown_only_where_there_is_a_window();
    void the_socket_is_its_owners_only();
    void a_socket_that_was_left_behind_is_replaced();
    void a_long_folder_name_has_its_socket_elsewhere();
    void without_a_runtime_folder_the_socket_is_in_a_folder_of_the_users_own();
    void a_client_of_another_session_finds_it_all_the_same();
    void the_socket_of_what_replaced_the_folder_stays_data();
    void the_socket_of_what_replaced_the_folder_stays();
    void who_holds_a_folder_without_an_answer_is_named();
    void a_socket_that_cannot_be_made_is_an_error();

private:
    void serve(control::ServingProgram program = {u"restanted"_s, false}, const control::SessionLimits &limits = {});

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<test::ScriptedOperations> m_operations;
    std::unique_ptr<Server> m_server;
};

namespace // behind the class: moc does not read on after a text of several lines
{
QJsonArray allSettings(const settings::Settings &settings)
{
    QJsonArray list;
    for (const settings::Field &field : settings::fields())
        list.append(QJsonObject{{u"key"_s, QString(field.key)},
                                {u"value"_s, field.toJson(settings)},
                                {u"default"_s, field.toJson({})},
                                {u"restart"_s, field.restart}});
    return list;
}

/// What each command asks of Operations, and what it answers.
struct Row {
    const char *command;
    const char *arguments;
    const char *asked;
    const char *told; ///< members that the answer has to have; empty: it is an error
};
const Row Rows[] = {
    {"status", "{}", "", R"({"state":"degraded","server_name":"me.example","held_bytes":900,"node":true,
        "fill_percent":90,"refusals":[{"destination":"b.example","reason":"It is full.","since_ts":7,"count":3,"only_unknown":false}],
        "reasons":[{"code":"StorageFailed","detail":"The disk is full"}],"listen":["http://127.0.0.1:1"]})"},
    {"traffic", "{}", "fetchTraffic 1",
     R"({"span":"day","today":{"taken_in":1,"handed_over":2,"refused":3,"collected":4,"delivered":5},
        "yesterday":{"taken_in":6,"handed_over":0,"refused":0,"collected":0,"delivered":0},
        "buckets":[{"start_ts":8,"taken_in":7,"handed_over":0,"refused":0,"collected":0,"delivered":0}]})"},
    {"traffic", R"({"span":"month"})", "fetchTraffic 2", R"({"span":"month"})"},
    {"traffic", R"({"span":"year"})", "", ""},
    {"queues", R"({"users":true})", "fetchTotals", R"({"entries":2,"destinations":[{"destination":"b.example",
        "entries":2,"bytes":900,"oldest_ts":5,"newest_ts":6,"last_collected_ts":0,"expired":3,"fill_percent":85,
        "users":[{"user":"bob","entries":2,"bytes":900}]}]})"},
    {"entries", R"({"destination":"b.example","after":1,"limit":1})", "fetchEntries b.example 1 1",
     R"({"more":true,"rows":[{"entry_id":2,"origin":"a.example","transaction_id":"t2","user":"bob","received_ts":7,
        "origin_server_ts":0,"bytes":450,"pdus":1,"edus":0,"quarantined":false,
        "events":[{"edu":false,"type":"m.room.message","sender":"@a:a.example","room_id":""}]}]})"},
    {"entry", R"({"destination":"b.example","entry_id":2})", "fetchEntry b.example 2", R"({"line":
        "{\"destination\":\"b.example\",\"entry_id\":2,\"transaction_id\":\"t\",\"received_ts\":7,\"origin\":\"a.example\",\"origin_server_ts\":6,\"pdus\":[],\"edus\":[]}"})"},
    {"discard", R"({"destination":"b.example","ids":[2,9007199254740991]})", "discard b.example 2,9007199254740991",
     R"({"discarded":2})"},
    {"export", R"({"destination":"b.example","file":"/x/y","ids":[2]})", "exportEntries b.example 1 /x/y",
     R"({"written":1})"},
    {"serve add", R"({"name":"c.example","petname":"C"})", "applySettings", R"({"restart_needed":false})"},
    {"serve edit", R"({"name":"b.example","petname":"B"})", "applySettings", R"({"restart_needed":false})"},
    {"serve remove", R"({"name":"b.example"})", "applySettings", R"({"restart_needed":false})"},
    {"serve list", "{}", "",
     R"({"served":[{"name":"b.example","petname":"Bob","known_origins":["a.example"],"front":"","tls_certificate":"",
        "door":{"passes":true,"upstream":"home.example:8448","since_ts":12}}]})"},
    {"card", "{}", "", R"({"kind":"relay","card":
        "restante:1/relay?server=me.example&address=https://me.example:8449&name=Anna"})"},
    {"card", R"({"friend":true})", "", R"({"kind":"friend","card":"restante:1/friend?server=me.example&name=Anna"})"},
    {"card show", R"({"link":"restante:1/relay?server=r.example&address=https://10.0.0.1&address=https://r.example"})",
     "",
     R"({"kind":"relay","server":"r.example","name":"","addresses":[{"url":"https://10.0.0.1","reach":"local_network"},
        {"url":"https://r.example","reach":"anywhere"}],"pin":"","effect":"moves_relay","address":"https://r.example",
        "known_address":"https://r.example:1","known_pin":"","petname":"","node_off":false,"relay_off":false})"},
    {"card add", R"({"link":"restante:1/friend?server=c.example&name=Carl","petname":"C"})", "applySettings",
     R"({"kind":"friend","server":"c.example","name":"Carl","effect":"adds_friend","restart_needed":false})"},
    {"card open", R"({"link":"restante:1/friend?server=c.example"})", "", ""},
    {"invites", "{}", "", R"({"invites":[{"last_ts":9,"sender":"@a:a.example","invited":"@b:b.example",
        "room":"!r:a.example","times":2}]})"},
    {"relay list", "{}", "", R"({"node":true,"relays":[{"relay":"r.example","destination":"","petname":"",
        "url":"https://r.example:1","pin":"","overlay":false,"state":"failing","last_success_ts":3,"last_try_ts":4,
        "next_try_ts":5,"collected":6,"expired":7,"failing_since_ts":2,"error_since_ts":0,"tested_ts":0,"refusal":"","refused_ts":0,"disputed":0,"error":{"code":"Unreachable","detail":"No answer"}}]})"},
    {"relay add", R"({"relay":"s.example","url":"https://s.example:2","destination":"d.example"})", "applySettings",
     R"({"restart_needed":false})"},
    {"relay edit", R"({"relay":"r.example","petname":"R"})", "applySettings", R"({"restart_needed":false})"},
    {"relay remove", R"({"relay":"r.example"})", "applySettings", R"({"restart_needed":false})"},
    {"relay test", R"({"relay":"r.example"})", "testRelay r.example https://r.example:1",
     R"({"relay":"r.example","outcome":"not_a_relay","works":false,"status":404,"took_ms":12,"detail":"Nothing",
      "answer":"","mine":true,"refusal":"","refused_ts":0})"},
    {"retrieve", R"({"relay":"none.example"})", "retrieve none.example", ""},
    {"sending list", "{}", "", R"({"destinations":[{"destination":"e.example","state":"away","parked":2,"next_ts":9,
        "reason":"Nobody listens there"}]})"},
    {"sending retry", R"({"destination":"e.example"})", "retrySending e.example", R"({"retried":1})"},
    {"outbox", "{}", "fetchOutbox", R"({"destinations":[{"destination":"d.example","state":"offline","failures":2,
        "last_success_ts":1,"last_failure_ts":2,"sent_direct":3,"sent_by_relay":4,"relays":1,"last_error":"Gone",
        "relays_taking":0,"relays_failing":1,"relay_error":"r.example: No","relay_failing_since_ts":5,"relay_error_since_ts":0,
        "given_up":0,"given_up_discarded":0,"given_up_ts":0}]})"},
    {"outbox forget", R"({"destination":"d.example"})", "forgetFailures d.example", R"({"forgotten":true})"},
    {"inbox list", R"({"after":1})", "fetchInbox 1 200", R"({"entries":2,"bytes":30,"more":false,"rows":[{"id":2,
        "origin":"a.example","relay":"r.example","transaction_id":"t2","origin_server_ts":9,"collected_ts":10,
        "bytes":20,"pdus":0,"edus":0,"events":[],"damaged":false,
        "delivery":"off","delivery_reason":"","delivery_next_ts":0}]})"},
    {"inbox list", R"({"only":"set-aside"})", "fetchInbox 0 200", R"({"entries":2,"more":false,"rows":[]})"},
    {"inbox show", R"({"id":2})", "fetchInboxEntry 2", R"({"line":
        "{\"id\":2,\"relay\":\"r.example\",\"origin\":\"a.example\",\"transaction_id\":\"t2\",\"origin_server_ts\":9,\"collected_ts\":10,\"pdus\":[],\"edus\":[]}"})"},
    {"inbox next", "{}", "fetchInbox 0 1,fetchInboxEntry 1", R"({"line":
        "{\"id\":1,\"relay\":\"r.example\",\"origin\":\"a.example\",\"transaction_id\":\"t1\",\"origin_server_ts\":9,\"collected_ts\":10,\"pdus\":[],\"edus\":[]}"})"},
    {"inbox export", R"({"file":"/x/z"})", "exportInbox 0 /x/z", R"({"written":2,"left_out":[]})"},
    {"inbox retry", R"({"ids":[1,2]})", "retryInbox 1,2", R"({"retried":2})"},
    {"inbox discard", R"({"ids":[1,2]})", "discardInbox 1,2", R"({"discarded":2})"},
    {"homeserver find", R"({"file":"/x/homeserver.yaml"})", "findHomeservers /x/homeserver.yaml",
     R"({"homeservers":[{"software":"synapse","file":"/x/homeserver.yaml","server_name":"me.example",
        "signing_key":"/x/k","url":"http://127.0.0.1:8008","url_is_usual":false,"way_out":[]}],
        "unreadable":[{"path":"/y","reason":"Permission denied"}],"places":["/x/homeserver.yaml"]})"},
    {"homeserver test", R"({"url":"http://127.0.0.1:8008"})", "testHomeserver http://127.0.0.1:8008",
     R"({"url":"http://127.0.0.1:8008","outcome":"other_server","works":false,"software":"Synapse 1",
        "server_name":"other.example","key_ids":"ed25519:a","status":200,"detail":"Another","took_ms":3,
        "node_listen":"","homeserver_seen_ts":11,"troubles":[]})"},
    {"homeserver lines", R"({"software":"dendrite"})", "fetchHomeserverAccess",
     R"({"homeservers":[{"software":"dendrite","file":"","server_name":"","signing_key":"","url":"","url_is_usual":false,
        "way_out":[],"lines":[{"kind":"delegate","file":"","file_is_new":false,
        "replaces_line":false,"text":"  well_known_server_name: 'FRONT_DOOR:8449'\n"}]}]})"},
    {"send", R"({"destination":"d.example","body":"{\"pdus\":[]}"})", "sendTransaction d.example",
     R"({"way":"relays","taken":true,"status":0,"relays":["r.example"],"refusals":[],"body":"","detail":""})"},
    {"pause", "{}", "applySettings", R"({"restart_needed":false})"},
    {"resume", "{}", "applySettings", R"({"restart_needed":false})"},
    {"identity show", "{}", "", R"({"server_name":"me.example","key_id":"ed25519:1","public_key":"abc"})"},
    {"key list", R"({"server":"a.example"})", "fetchKeys a.example", R"({"left":2,"keys":[{"server":"a.example",
        "key_id":"ed25519:a","key":"abc","seen_ts":5,"valid_until_ts":6,"pinned":false,"old":true,"usable":false}],
        "refused":[{"server":"a.example","key_id":"ed25519:a","key":"def","refused_ts":7}],
        "failed":[{"server":"e.example","reason":"nobody there","failed_ts":8}]})"},
    {"key pin", R"({"server":"a.example","key_id":"ed25519:a","key":"kfm6u3NrI4guA7mTLrDKz+sf62oe7bHnZDscWcYjYsA"})",
     "pinKey a.example ed25519:a kfm6u3NrI4guA7mTLrDKz+sf62oe7bHnZDscWcYjYsA", R"({"replaced":true})"},
    {"key forget", R"({"server":"a.example","key_id":"ed25519:a"})", "forgetKeys a.example ed25519:a",
     R"({"forgotten":1})"},
    {"settings list", "{}", "", R"({"settings":[]})"},
    {"settings get", R"({"key":"queue.expiry_days"})", "",
     R"({"key":"queue.expiry_days","value":30,"default":30,"restart":false})"},
    {"settings set", R"({"key":"queue.expiry_days","value":"9"})", "applySettings", R"({"restart_needed":false})"},
    {"settings set",
     R"({"changes":[{"key":"queue.expiry_days","value":"9"},{"key":"relay.blocked_origins","value":""}]})",
     "applySettings", R"({"restart_needed":false})"},
    {"raise", "{}", "", ""},
};
} // namespace

void TestControlServer::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_operations = std::make_unique<test::ScriptedOperations>();
    serve();
}

void TestControlServer::cleanup()
{
    m_server.reset();
    m_operations.reset();
}

void TestControlServer::serve(control::ServingProgram program, const control::SessionLimits &limits)
{
    m_server.reset();
    m_server = std::make_unique<Server>(*m_operations, std::move(program), limits);
    QVERIFY(m_server->listen(m_folder->path()));
}

void TestControlServer::the_hello_tells_who_answers_and_in_which_language()
{
    const Caller caller(m_server->path());
    QCOMPARE(caller.hello.value("event"_L1).toString(), u"hello"_s);
    QCOMPARE(caller.hello.value("protocol"_L1).toInteger(), control::ProtocolVersion);
    QCOMPARE(caller.hello.value("program"_L1).toString(), u"restanted"_s);
    QCOMPARE(caller.hello.value("version"_L1).toString(), QStringLiteral(RESTANTE_VERSION));
}

void TestControlServer::a_relays_state_stands_beside_its_own_association()
{
    // While a change of the settings is on its way, the node still tells of the relays from before.
    m_operations->currentSettings.relays = {relayEntry({u"r.example"_s, {}, {}, u"b.example"_s, {}, false}),
                                            relayEntry({u"r.example"_s, {}, {}, u"c.example"_s, {}, false})};
    node::RelayStatus other;
    other.relay = u"r.example"_s;
    other.destination = u"b.example"_s;
    other.state = node::RelayStatus::State::Good;
    other.mine = false;
    m_operations->relayStatuses = {other, other};
    Caller caller(m_server->path());
    const QJsonArray relays = caller.call(u"relay list"_s).value("value"_L1).toObject().value("relays"_L1).toArray();
    QCOMPARE(relays.size(), 2);
    QCOMPARE(relays[0].toObject().value("state"_L1).toString(), u"good"_s);
    QCOMPARE(relays[1].toObject().value("state"_L1).toString(), u"unknown"_s);
    QCOMPARE(relays[1].toObject().value("destination"_L1).toString(), u"c.example"_s);
}

void TestControlServer::every_command_asks_and_answers_data()
{
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QString>("asked");
    QTest::addColumn<QByteArray>("told");
    for (const Row &row : Rows)
        QTest::newRow(row.command) << QByteArray(row.arguments) << QString::fromUtf8(row.asked) << QByteArray(row.told);
}

void TestControlServer::every_command_asks_and_answers()
{
    QFETCH(QByteArray, arguments);
    QFETCH(QString, asked);
    QFETCH(QByteArray, told);
    auto &operations = *m_operations;
    operations.currentStatus.state = control::ApplianceStatus::State::Degraded;
    operations.currentStatus.reasons = {{Errc::StorageFailed, u"The disk is full"_s, 0}};
    operations.currentStatus.serverName = u"me.example"_s;
    operations.currentStatus.addresses = QStringList{u"http://127.0.0.1:1"_s};
    operations.currentStatus.heldBytes = 900;
    operations.currentStatus.fillPercent = 90;
    operations.currentStatus.refusals = {{*matrix::ServerName::parse("b.example"), u"It is full."_s, 7, 3}};
    operations.currentStatus.node = true;
    operations.currentStatus.homeserverSeenMs = 11;
    operations.doorStates = {
        {*matrix::ServerName::parse("b.example"), true, *matrix::ServerName::parse("home.example:8448"), 12}};
    operations.found = {{{homeserver::Software::Synapse,
                          u"/x/homeserver.yaml"_s,
                          {},
                          u"me.example"_s,
                          u"/x/k"_s,
                          u"http://127.0.0.1:8008"_s}},
                        {{u"/y"_s, u"Permission denied"_s}},
                        {u"/x/homeserver.yaml"_s}};
    operations.trial = {homeserver::TrialReport::Outcome::OtherServer,
                        u"http://127.0.0.1:8008"_s,
                        u"Synapse 1"_s,
                        u"other.example"_s,
                        u"me.example"_s,
                        u"ed25519:a"_s,
                        200,
                        u"Another"_s,
                        3};
    operations.access = {u"127.0.0.1"_s, 8450, u"5ec5e7"_s, u"me.example"_s, u"/f"_s};
    operations.currentSettings.served = {servedEntry(u"b.example"_s, u"Bob"_s, {u"a.example"_s})};
    operations.currentSettings.relays = {relayEntry({u"r.example"_s, u"https://r.example:1"_s, {}, {}, {}, false})};
    operations.currentSettings.nodeEnabled = true;
    operations.traffic = {{}, {{8, {7, 0, 0, 0, 0}}}, {1, 2, 3, 4, 5}, {6, 0, 0, 0, 0}};
    operations.currentSettings.cardName = u"Anna"_s;
    operations.currentSettings.cardAddresses = u"https://me.example:8449"_s;
    queue::DestinationTotal total;
    total.destination = *matrix::ServerName::parse("b.example");
    total.entries = 2;
    total.bytes = 900;
    total.oldestMs = 5;
    total.newestMs = 6;
    total.fillPercent = 85;
    total.expired = 3;
    total.labels = {{u"bob"_s, 2, 900}};
    operations.totals = {2, 900, 0, {total}};
    for (const qint64 id : {1, 2, 3}) {
        queue::EntryRow row{{id}, 0, u"a.example"_s, u"t%1"_s.arg(id), u"bob"_s, 5 + id, 0, 450, 1, 0, {}, false};
        row.events = {{false, u"m.room.message"_s, u"@a:a.example"_s, QString()}};
        operations.entries.rows.append(row);
    }
    operations.held = {{2}, "a.example", "t", 6, 7, "[]", "[]"};
    operations.card = {u"me.example"_s, u"ed25519:1"_s, u"abc"_s};
    operations.keys = {{{u"a.example"_s, u"ed25519:a"_s, u"abc"_s, 5, 6, false, true, false}},
                       {{u"a.example"_s, u"ed25519:a"_s, u"def"_s, 7}},
                       {{u"e.example"_s, u"nobody there"_s, 8}},
                       2};
    operations.relayStatuses = {{u"r.example"_s, QString(), node::RelayStatus::State::Failing, 3, 4, 5, 6, 7,
                                 Error{Errc::Unreachable, u"No answer"_s, 0}, true, 2}};
    operations.report = {node::RelayReport::Outcome::NotARelay, 404, 12, u"Nothing"_s};
    operations.invites = {{9, *matrix::ServerName::parse("a.example"), *matrix::ServerName::parse("b.example"),
                           "@a:a.example", "@b:b.example", "!r:a.example", 2}};
    operations.waiting = {
        {*matrix::ServerName::parse("e.example"), queue::Sending::State::Away, 9, 2, u"Nobody listens there"_s}};
    operations.outbox = {{*matrix::ServerName::parse("d.example"), node::DestinationRow::State::Offline, 2, 1, 2, 3, 4,
                          1, u"Gone"_s, 0, 1, u"r.example: No"_s, 5}};
    operations.inbox = {{1, u"a.example"_s, u"r.example"_s, u"t1"_s, 9, 10, 10, 0, 0, {}},
                        {2, u"a.example"_s, u"r.example"_s, u"t2"_s, 9, 10, 20, 0, 0, {}}};
    operations.sent = {node::SendReport::Way::Relays, 0, {u"r.example"_s}, {}, {}, {}, true};

    Caller caller(m_server->path());
    caller.ask(QString::fromLatin1(QTest::currentDataTag()), object(arguments));
    if (QTest::currentDataTag() == QByteArray("retrieve")) {
        QTRY_VERIFY(operations.isRetrieving());
        operations.endRetrieval(sweepOf(3, false));
        told = R"({"running":false,"cancelled":false,"collected":3,"failed":false,
            "relays":[{"relay":"r.example","collected":3,"fresh":3,"state":"done","done":true,"error":null}]})";
    }
    const QJsonObject answer = caller.read();
    QCOMPARE(operations.asked.join(u','), asked);
    QCOMPARE(answer.value("id"_L1).toInteger(), 1);
    QCOMPARE(answer.value("ok"_L1).toBool(), !told.isEmpty());
    const QJsonObject value = answer.value("value"_L1).toObject();
    QJsonObject expected = object(told);
    if (expected.contains("settings"_L1)) // there are too many to write down
        expected.insert(u"settings"_s, allSettings(operations.currentSettings));
    QCOMPARE(expected.isEmpty(), told.isEmpty());
    for (auto member = expected.constBegin(); member != expected.constEnd(); ++member) {
        if (value.value(member.key()) != member.value())
            QFAIL(QJsonDocument(value).toJson().constData());
    }
}

void TestControlServer::every_command_has_a_row()
{
    for (const control::Command &command : control::commands()) {
        if (!command.run) // restantectl does these without the program
            continue;
        QVERIFY2(std::any_of(std::begin(Rows), std::end(Rows),
                             [&command](const Row &row) { return command.words == QLatin1String(row.command); }),
                 command.words.data());
    }
}

void TestControlServer::wrong_arguments_are_refused_data()
{
    QTest::addColumn<QString>("command");
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QString>("code");
    const QString param = u"InvalidParam"_s;
    QTest::newRow("no destination") << u"entries"_s << QByteArray("{}") << param;
    QTest::newRow("no server name") << u"entries"_s << QByteArray(R"({"destination":"b b"})") << param;
    QTest::newRow("a number as name") << u"entries"_s << QByteArray(R"({"destination":5})") << param;
    QTest::newRow("a page of none") << u"entries"_s << QByteArray(R"({"destination":"b.c","limit":0})") << param;
    QTest::newRow("a page of all") << u"entries"_s << QByteArray(R"({"destination":"b.c","limit":1001})") << param;
    QTest::newRow("half a page") << u"entries"_s << QByteArray(R"({"destination":"b.c","limit":1.5})") << param;
    QTest::newRow("an unknown member") << u"entries"_s << QByteArray(R"({"destination":"b.c","x":1})") << param;
    QTest::newRow("anything for nothing") << u"status"_s << QByteArray(R"({"x":1})") << param;
    QTest::newRow("entry 0") << u"entry"_s << QByteArray(R"({"destination":"b.c","entry_id":0})") << param;
    QTest::newRow("entry 2^53") << u"entry"_s << QByteArray(R"({"destination":"b.c","entry_id":9007199254740992})")
                                << param;
    QTest::newRow("a text as id") << u"inbox show"_s << QByteArray(R"({"id":"1"})") << param;
    QTest::newRow("neither some nor all") << u"discard"_s << QByteArray(R"({"destination":"b.c"})") << param;
    QTest::newRow("some and all") << u"discard"_s << QByteArray(R"({"destination":"b.c","ids":[1],"all":true})")
                                  << param;
    QTest::newRow("a wrong id among good ones")
        << u"discard"_s << QByteArray(R"({"destination":"b.c","ids":[1,-1]})") << param;
    QTest::newRow("nothing of the inbox") << u"inbox discard"_s << QByteArray(R"({"ids":[]})") << param;
    QTest::newRow("a relative file") << u"inbox export"_s << QByteArray(R"({"file":"x"})") << param;
    QTest::newRow("a flag as text") << u"queues"_s << QByteArray(R"({"users":"yes"})") << param;
    QTest::newRow("a known sender without a list")
        << u"serve add"_s << QByteArray(R"({"name":"b.c","known_origins":"a.b"})") << param;
    QTest::newRow("a number as known sender")
        << u"serve add"_s << QByteArray(R"({"name":"b.c","known_origins":[1]})") << param;
    QTest::newRow("nothing to change of a destination") << u"serve edit"_s << QByteArray(R"({"name":"b.c"})") << param;
    QTest::newRow("nothing to change of a relay") << u"relay edit"_s << QByteArray(R"({"relay":"b.c"})") << param;
    QTest::newRow("an overlay and none") << u"relay add"_s
                                         << QByteArray(R"({"relay":"b.c","overlay":true,"no_overlay":true})") << param;
    QTest::newRow("a retrieval of one relay cancelled")
        << u"retrieve"_s << QByteArray(R"({"relay":"b.c","cancel":true})") << param;
    QTest::newRow("no relay for that server")
        << u"relay test"_s << QByteArray(R"({"relay":"b.c","destination":"d.e"})") << param;
    QTest::newRow("keys of no server name") << u"key list"_s << QByteArray(R"({"server":""})") << param;
    QTest::newRow("no key") << u"key pin"_s << QByteArray(R"({"server":"b.c","key_id":"ed25519:a"})") << param;
    QTest::newRow("half a key") << u"key pin"_s
                                << QByteArray(R"({"server":"b.c","key_id":"ed25519:a","key":"kfm6u3NrI4guA7mTLrDK"})")
                                << param;
    QTest::newRow("no base64")
        << u"key pin"_s
        << QByteArray(R"({"server":"b.c","key_id":"ed25519:a","key":"kfm6u3NrI4guA7mTLrDKz.sf62oe7bHnZDscWcYjYsA"})")
        << param;
    QTest::newRow("no key id")
        << u"key pin"_s
        << QByteArray(R"({"server":"b.c","key_id":"a","key":"kfm6u3NrI4guA7mTLrDKz+sf62oe7bHnZDscWcYjYsA"})") << param;
    QTest::newRow("an empty key id") << u"key forget"_s << QByteArray(R"({"server":"b.c","key_id":""})") << param;
    QTest::newRow("keys of nobody") << u"key forget"_s << QByteArray("{}") << param;
    QTest::newRow("not served, edited") << u"serve edit"_s << QByteArray(R"({"name":"x.y","petname":"X"})")
                                        << u"NotFound"_s;
    QTest::newRow("no relay, edited") << u"relay edit"_s << QByteArray(R"({"relay":"x.y","petname":"X"})")
                                      << u"NotFound"_s;
    QTest::newRow("not served") << u"serve remove"_s << QByteArray(R"({"name":"x.y"})") << u"NotFound"_s;
    QTest::newRow("no relay") << u"relay remove"_s << QByteArray(R"({"relay":"x.y"})") << u"NotFound"_s;
    QTest::newRow("no such setting") << u"settings get"_s << QByteArray(R"({"key":"x"})") << u"InvalidSetting"_s;
    QTest::newRow("no changes") << u"settings set"_s << QByteArray(R"({"changes":[]})") << param;
    QTest::newRow("a change without a value")
        << u"settings set"_s << QByteArray(R"({"changes":[{"key":"queue.expiry_days"}]})") << param;
    QTest::newRow("one of two out of range")
        << u"settings set"_s
        << QByteArray(R"({"changes":[{"key":"relay.open","value":"on"},{"key":"queue.expiry_days","value":"0"}]})")
        << u"InvalidSetting"_s;
    QTest::newRow("out of range") << u"settings set"_s << QByteArray(R"({"key":"queue.expiry_days","value":"0"})")
                                  << u"InvalidSetting"_s;
}

void TestControlServer::wrong_arguments_are_refused()
{
    QFETCH(QString, command);
    QFETCH(QByteArray, arguments);
    QFETCH(QString, code);
    Caller caller(m_server->path());
    QCOMPARE(caller.errorCode(command, object(arguments)), code);
    QVERIFY(m_operations->asked.isEmpty());
}

void TestControlServer::an_error_of_the_program_comes_as_it_is()
{
    m_operations->fails = Error{Errc::NotHeld, u"It is gone"_s, 1500};
    Caller caller(m_server->path());
    const QJsonObject answer = caller.call(u"entry"_s, object(R"({"destination":"b.example","entry_id":1})"));
    QCOMPARE(answer.value("ok"_L1), QJsonValue(false));
    QCOMPARE(answer.value("error"_L1).toObject(),
             object(R"({"code":"NotHeld","detail":"It is gone","retry_after_ms":1500})"));
    QCOMPARE(caller.errorCode(u"pause"_s), u"NotHeld"_s);
}

void TestControlServer::a_configuration_that_cannot_be_read_is_not_called_missing()
{
    m_operations->found = {{}, {{u"/x.yaml"_s, u"Permission denied"_s}}, {}};
    Caller caller(m_server->path());
    const QJsonObject answer = caller.call(u"homeserver lines"_s);
    QCOMPARE(answer.value("error"_L1).toObject().value("detail"_L1).toString(),
             u"/x.yaml cannot be read: Permission denied. Say which software it is, synapse or dendrite"_s);
}

void TestControlServer::every_error_code_has_a_name_of_its_own()
{
    QSet<QString> names;
    for (int code = int(Errc::NotFound); code <= int(Errc::Internal); ++code) {
        const Error error{Errc(code), u"x"_s, code * qint64(1000)};
        const Error back = control::errorFromJson(control::errorToJson(error));
        QCOMPARE(int(back.code), code);
        QCOMPARE(back.retryAfterMs, error.retryAfterMs);
        names.insert(control::errcName(Errc(code)));
    }
    QCOMPARE(names.size(), int(Errc::Internal) + 1);
    QCOMPARE(control::errorFromJson(object(R"({"code":"Unheard"})")).code, Errc::Internal);
}

void TestControlServer::a_hostile_line_costs_an_error_and_nothing_else_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QString>("code");
    QTest::newRow("empty") << QByteArray() << u"NotJson"_s;
    QTest::newRow("rubbish") << QByteArray("GET / HTTP/1.1\r") << u"NotJson"_s;
    QTest::newRow("NUL") << QByteArray("\0\0\0", 3) << u"NotJson"_s;
    QTest::newRow("broken UTF-8") << QByteArray("{\"command\":\"\xff\xfe\",\"id\":1}") << u"NotJson"_s;
    QTest::newRow("half an object") << QByteArray(R"({"command":"status")") << u"NotJson"_s;
    QTest::newRow("two objects") << QByteArray(R"({"command":"status","id":1}{})") << u"NotJson"_s;
    QTest::newRow("deep") << QByteArray(60'000, '[') << u"NotJson"_s;
    QTest::newRow("an array") << QByteArray("[1]") << u"BadJson"_s;
    QTest::newRow("no id") << QByteArray(R"({"command":"status"})") << u"BadJson"_s;
    QTest::newRow("a text as id") << QByteArray(R"({"command":"status","id":"1"})") << u"BadJson"_s;
    QTest::newRow("a negative id") << QByteArray(R"({"command":"status","id":-1})") << u"BadJson"_s;
    QTest::newRow("no command") << QByteArray(R"({"id":1})") << u"BadJson"_s;
    QTest::newRow("a list as arguments") << QByteArray(R"({"command":"status","id":1,"arguments":[]})") << u"BadJson"_s;
    QTest::newRow("an unknown command") << QByteArray(R"({"command":"rm","id":1})") << u"NotFound"_s;
    QTest::newRow("a command with a NUL") << QByteArray("{\"command\":\"status\\u0000\",\"id\":1}") << u"NotFound"_s;
}

void TestControlServer::a_hostile_line_costs_an_error_and_nothing_else()
{
    QFETCH(QByteArray, line);
    QFETCH(QString, code);
    Caller caller(m_server->path());
    caller.write(line + '\n');
    QCOMPARE(Caller::codeOf(caller.read()), code);
    QVERIFY(m_operations->asked.isEmpty());
    QCOMPARE(caller.call(u"status"_s).value("ok"_L1), QJsonValue(true));
}

void TestControlServer::a_line_that_is_too_long_is_skipped_data()
{
    QTest::addColumn<QByteArray>("line");
    const QByteArray padding(control::LongLine, ' ');
    QTest::newRow("one byte more, ended") << R"({"command":"status","id":1})" + padding.chopped(26) + '\n';
    QTest::newRow("several times too long") << padding + padding + padding + '\n';
    QTest::newRow("a transaction that says so too late") << R"({"id":1,"command":"send",)" + padding + '\n';
    QTest::newRow("too long a transaction")
        << R"({"command":"send","id":1,)" + QByteArray(control::LongestLine, ' ') + '\n';
}

void TestControlServer::a_line_that_is_too_long_is_skipped()
{
    QFETCH(QByteArray, line);
    Caller caller(m_server->path());
    caller.write(line);
    QCOMPARE(Caller::codeOf(caller.read()), u"TooLarge"_s);
    QCOMPARE(caller.call(u"status"_s).value("ok"_L1), QJsonValue(true));
    QVERIFY(m_operations->asked.isEmpty());
}

void TestControlServer::the_error_does_not_wait_for_the_end_of_the_line()
{
    Caller caller(m_server->path());
    caller.write(QByteArray(control::LongLine + 1, ' '));
    QCOMPARE(Caller::codeOf(caller.read()), u"TooLarge"_s);
    caller.write(control::requestLine(1, u"queues"_s, {})); // belongs to that line still
    QCOMPARE(caller.call(u"status"_s).value("id"_L1).toInteger(), 1);
    QVERIFY(m_operations->asked.isEmpty());
}

void TestControlServer::a_transaction_may_be_long()
{
    const QByteArray body = R"({"pdus":[")" + QByteArray(4 << 20, 'x') + R"("]})";
    Caller caller(m_server->path());
    const QJsonObject answer =
        caller.call(u"send"_s, {{u"destination"_s, u"d.example"_s}, {u"body"_s, QString::fromUtf8(body)}});
    QCOMPARE(answer.value("ok"_L1), QJsonValue(true));
    QCOMPARE(m_operations->sentBody, body);
}

void TestControlServer::requests_that_come_together_are_answered_in_their_order()
{
    Caller caller(m_server->path());
    caller.write(control::requestLine(1, u"queues"_s, {}) + control::requestLine(2, u"status"_s, {}) +
                 control::requestLine(3, u"outbox"_s, {}));
    for (const qint64 id : {1, 2, 3})
        QCOMPARE(caller.read().value("id"_L1).toInteger(), id);
}

void TestControlServer::what_is_sent_before_the_answer_is_bounded()
{
    Caller caller(m_server->path());
    caller.ask(u"retrieve"_s);
    QTRY_VERIFY(m_operations->isRetrieving());
    const QByteArray line = control::requestLine(2, u"status"_s, {});
    caller.write(line.repeated(int(control::LongLine / line.size() + 1)));
    QTRY_VERIFY(caller.isCut());
    QVERIFY(m_operations->asked.contains(u"cancelRetrieve"_s));
}

void TestControlServer::a_retrieval_tells_how_far_it_is()
{
    Caller caller(m_server->path());
    caller.ask(u"retrieve"_s);
    QTRY_VERIFY(m_operations->isRetrieving());
    for (const qint64 collected : {1, 2}) {
        m_operations->goOn(sweepOf(collected, true));
        const QJsonObject progress = caller.read();
        QCOMPARE(progress.value("event"_L1).toString(), u"progress"_s);
        QCOMPARE(progress.value("value"_L1).toObject().value("collected"_L1).toInteger(), collected);
    }
    m_operations->endRetrieval(sweepOf(3, false));
    const QJsonObject answer = caller.read();
    QCOMPARE(answer.value("ok"_L1), QJsonValue(true));
    QCOMPARE(answer.value("value"_L1).toObject().value("collected"_L1).toInteger(), 3);
    m_operations->goOn(sweepOf(4, true)); // the next sweep is nothing of this request
    QCOMPARE(caller.call(u"status"_s).value("id"_L1).toInteger(), 2);
}

void TestControlServer::leaving_cancels_ones_own_retrieval_only()
{
    Caller caller(m_server->path());
    caller.ask(u"retrieve"_s);
    QTRY_VERIFY(m_operations->isRetrieving());
    {
        Caller joining(m_server->path());
        joining.ask(u"retrieve"_s);
        QTRY_COMPARE(m_operations->asked.size(), 2);
    }
    QTRY_COMPARE(m_server->connections(), 1);
    QVERIFY(!m_operations->asked.contains(u"cancelRetrieve"_s));
    caller.socket.abort();
    QTRY_COMPARE(m_server->connections(), 0);
    QCOMPARE(m_operations->asked.count(u"cancelRetrieve"_s), 1);
}

void TestControlServer::two_clients_are_served_at_once()
{
    Caller waiting(m_server->path());
    Caller other(m_server->path());
    waiting.ask(u"retrieve"_s);
    QTRY_VERIFY(m_operations->isRetrieving());
    QCOMPARE(other.call(u"status"_s).value("ok"_L1), QJsonValue(true));
    m_operations->endRetrieval(sweepOf(0, false));
    QCOMPARE(waiting.read().value("ok"_L1), QJsonValue(true));
}

/// While this process may open nothing more, a client whose socket is there already comes.
void TestControlServer::a_time_without_descriptors_ends_no_service()
{
    const QByteArray path = QFile::encodeName(m_server->path());
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    QVERIFY(client >= 0);
    sockaddr_un there{};
    there.sun_family = AF_UNIX;
    QVERIFY(size_t(path.size()) < sizeof there.sun_path);
    std::copy(path.cbegin(), path.cend(), there.sun_path);
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{rlim_t(client) + 1, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const bool connected = ::connect(client, reinterpret_cast<const sockaddr *>(&there), sizeof there) == 0;
    const bool lost = QTest::qWaitFor([this] { return m_server->path().isEmpty(); });
    ::setrlimit(RLIMIT_NOFILE, &before);
    ::close(client);
    QVERIFY(connected && lost);
    QTRY_VERIFY(!m_server->path().isEmpty());
    Caller caller(m_server->path());
    QVERIFY(caller.call(u"status"_s).value("ok"_L1).toBool());
}

void TestControlServer::two_changes_at_once_are_both_made()
{
    Caller one(m_server->path());
    Caller two(m_server->path());
    one.ask(u"serve add"_s, {{u"name"_s, u"one.example"_s}});
    two.ask(u"serve add"_s, {{u"name"_s, u"two.example"_s}});
    QCOMPARE(one.read().value("ok"_L1), QJsonValue(true));
    QCOMPARE(two.read().value("ok"_L1), QJsonValue(true));
    QCOMPARE(m_operations->currentSettings.served.size(), 2);
}

void TestControlServer::a_retrieval_of_somebody_else_is_cancelled_when_asked()
{
    const QJsonObject cancel{{u"cancel"_s, true}};
    Caller caller(m_server->path());
    QCOMPARE(caller.call(u"retrieve"_s, cancel).value("value"_L1).toObject(), object(R"({"was_running":false})"));
    QVERIFY(m_operations->asked.isEmpty());
    m_operations->currentSweep.running = true; // the window began it
    QCOMPARE(caller.call(u"retrieve"_s, cancel).value("value"_L1).toObject(), object(R"({"was_running":true})"));
    QCOMPARE(m_operations->asked, QStringList{u"cancelRetrieve"_s});
}

void TestControlServer::a_changed_destination_keeps_what_is_not_said()
{
    const settings::ServedEntry other = servedEntry(u"c.example"_s, u"Carol"_s, {u"x.example"_s});
    auto &served = m_operations->currentSettings.served;
    served = {other, servedEntry(u"b.example"_s, u"Bob"_s, {u"a.example"_s})};
    Caller caller(m_server->path());
    caller.call(u"serve edit"_s, object(R"({"name":"b.example","petname":"Robert"})"));
    QCOMPARE(served.at(1), (servedEntry(u"b.example"_s, u"Robert"_s, {u"a.example"_s})));
    caller.call(u"serve edit"_s, object(R"({"name":"b.example","known_origins":["d.example","e.example"]})"));
    QCOMPARE(served.at(1), (servedEntry(u"b.example"_s, u"Robert"_s, {u"d.example"_s, u"e.example"_s})));
    caller.call(u"serve edit"_s, object(R"({"name":"b.example","petname":"","known_origins":[]})"));
    QCOMPARE(served, (QList<settings::ServedEntry>{other, servedEntry(u"b.example"_s, {}, {})}));
    caller.call(u"serve add"_s, object(R"({"name":"f.example","known_origins":["a.example"]})"));
    QCOMPARE(served.last(), (servedEntry(u"f.example"_s, {}, {u"a.example"_s})));
}

void TestControlServer::a_changed_relay_keeps_what_is_not_said()
{
    const QString pin(64, u'a');
    const settings::RelayEntry mine = relayEntry({u"r.example"_s, u"https://r.example:1"_s, pin, {}, u"R"_s, true});
    const settings::RelayEntry theirs =
        relayEntry({u"r.example"_s, u"https://r.example:2"_s, {}, u"d.example"_s, {}, false});
    auto &relays = m_operations->currentSettings.relays;
    relays = {theirs, mine};
    Caller caller(m_server->path());
    settings::RelayEntry changed = mine;
    changed.url = parsed<settings::RelayUrl>(u"https://r.example:3"_s);
    caller.call(u"relay edit"_s, object(R"({"relay":"r.example","url":"https://r.example:3"})"));
    QCOMPARE(relays, (QList<settings::RelayEntry>{theirs, changed}));
    caller.call(u"relay edit"_s, object(R"({"relay":"r.example","pin":"","petname":"","no_overlay":true})"));
    changed.pin.clear();
    changed.petname.clear();
    changed.overlay = false;
    QCOMPARE(relays, (QList<settings::RelayEntry>{theirs, changed}));
    caller.call(u"relay edit"_s, object(R"({"relay":"r.example","destination":"d.example","petname":"Dora's"})"));
    QCOMPARE(relays.first().petname, u"Dora's"_s);
    QCOMPARE(relays.last(), changed);
}

void TestControlServer::a_relay_is_found_by_its_key_in_capitals()
{
    const QString key(64, u'a');
    const QString written(64, u'A');
    auto &relays = m_operations->currentSettings.relays;
    relays = {relayEntry({key, u"https://r.example:1"_s, {}, key, {}, false})};
    Caller caller(m_server->path());
    const QJsonObject named{{u"relay"_s, written}, {u"destination"_s, written}};
    caller.call(u"relay test"_s, named);
    QCOMPARE(m_operations->asked.takeFirst(), u"testRelay %1 https://r.example:1"_s.arg(key));
    QJsonObject changed = named;
    changed.insert(u"petname"_s, u"R"_s);
    caller.call(u"relay edit"_s, changed);
    QCOMPARE(relays.first().petname, u"R"_s);
    caller.call(u"relay remove"_s, named);
    QVERIFY(relays.isEmpty());
    m_operations->asked.clear();
    caller.ask(u"retrieve"_s, {{u"relay"_s, written}});
    QTRY_COMPARE(m_operations->asked, QStringList{u"retrieve %1"_s.arg(key)});
}

void TestControlServer::a_test_takes_what_is_said_over_what_is_known()
{
    m_operations->currentSettings.relays = {
        relayEntry({u"r.example"_s, u"https://r.example:2"_s, {}, u"d.example"_s, {}, false}),
        relayEntry({u"r.example"_s, u"https://r.example:1"_s, QString(64, u'a'), {}, {}, false}),
        relayEntry({u"s.example"_s, u"https://s.example:3"_s, {}, u"d.example"_s, {}, false})};
    Caller caller(m_server->path());
    caller.call(u"relay test"_s, object(R"({"relay":"r.example"})"));
    caller.call(u"relay test"_s, object(R"({"relay":"r.example","destination":"d.example"})"));
    caller.call(u"relay test"_s, object(R"({"relay":"s.example"})"));
    caller.call(u"relay test"_s, object(R"({"relay":"r.example","url":"https://r.example:4","pin":""})"));
    caller.call(u"relay test"_s,
                object(R"({"relay":"t.example","url":"https://t.example","destination":"d.example"})"));
    QCOMPARE(m_operations->asked,
             (QStringList{u"testRelay r.example https://r.example:1"_s, u"testRelay r.example https://r.example:2"_s,
                          u"testRelay s.example https://s.example:3"_s, u"testRelay r.example https://r.example:4"_s,
                          u"testRelay t.example https://t.example"_s}));
}

void TestControlServer::settings_that_need_each_other_are_set_together()
{
    Caller caller(m_server->path());
    const QJsonObject answer = caller.call(
        u"settings set"_s,
        object(
            R"({"changes":[{"key":"server.tls_certificate","value":"/a.pem"},{"key":"server.tls_key","value":"/b.pem"},
                  {"key":"queue.expiry_days","value":"9"}]})"));
    QCOMPARE(answer.value("ok"_L1), QJsonValue(true));
    QCOMPARE(m_operations->asked.count(u"applySettings"_s), 1);
    QCOMPARE(m_operations->currentSettings.tlsCertificate, u"/a.pem"_s);
    QCOMPARE(m_operations->currentSettings.tlsKey, u"/b.pem"_s);
    QCOMPARE(m_operations->currentSettings.expiryDays, 9);
    QVERIFY(settings::validate(m_operations->currentSettings).ok());
}

void TestControlServer::the_next_entry_is_told_although_somebody_took_the_first()
{
    Caller caller(m_server->path());
    QCOMPARE(caller.call(u"inbox next"_s).value("value"_L1).toObject().value("line"_L1), QJsonValue());
    m_operations->inbox = {{1, u"a.example"_s, {}, {}, 0, 0, 0, 0, 0, {}},
                           {2, u"a.example"_s, {}, {}, 0, 0, 0, 0, 0, {}}};
    m_operations->inboxGone = {1};
    const QString line = caller.call(u"inbox next"_s).value("value"_L1).toObject().value("line"_L1).toString();
    QVERIFY(line.startsWith(R"({"id":2,)"_L1));
}

void TestControlServer::damaged_entries_are_passed_over_and_named()
{
    Caller caller(m_server->path());
    m_operations->inbox = {{1, u"a.example"_s, {}, {}, 0, 0, 0, 0, 0, {}},
                           {2, u"a.example"_s, {}, {}, 0, 0, 0, 0, 0, {}},
                           {3, u"a.example"_s, {}, {}, 0, 0, 0, 0, 0, {}, true}};
    m_operations->damaged = {1, 3};
    const auto next = [&caller] { return caller.call(u"inbox next"_s).value("value"_L1).toObject(); };
    QVERIFY(next().value("line"_L1).toString().startsWith(R"({"id":2,)"_L1));
    QCOMPARE(next().value("skipped"_L1).toArray(), QJsonArray{1});
    m_operations->damaged = {1, 2, 3};
    QCOMPARE(next().value("line"_L1), QJsonValue());
    QCOMPARE(next().value("skipped"_L1).toArray(), (QJsonArray{1, 2, 3}));
    const QJsonObject exported =
        caller.call(u"inbox export"_s, object(R"({"file":"/x/z"})")).value("value"_L1).toObject();
    QCOMPARE(exported.value("left_out"_L1).toArray(), (QJsonArray{1, 2, 3}));
    const QJsonArray rows = caller.call(u"inbox list"_s).value("value"_L1).toObject().value("rows"_L1).toArray();
    QVERIFY(!rows.at(0).toObject().value("damaged"_L1).toBool());
    QVERIFY(rows.at(2).toObject().value("damaged"_L1).toBool());
}

void TestControlServer::events_are_told_as_they_were_spelled()
{
    m_operations->held = {{1}, "a.example", "t", 0, 0, "[{\"x\":1.50,\r\n\"y\":1e400,\"z\":\"\\ud800\"}]", "[]"};
    Caller caller(m_server->path());
    const QJsonObject answer = caller.call(u"entry"_s, object(R"({"destination":"b.example","entry_id":1})"));
    const QString line = answer.value("value"_L1).toObject().value("line"_L1).toString();
    QVERIFY(line.contains(uR"("pdus":[{"x":1.50,  "y":1e400,"z":"\ud800"}])"_s));
}

void TestControlServer::a_client_that_asks_nothing_is_cut()
{
    serve({u"restanted"_s, false}, {1'000, 30'000, 16});
    Caller busy(m_server->path());
    busy.ask(u"retrieve"_s);
    QTRY_VERIFY(m_operations->isRetrieving());
    Caller idle(m_server->path());
    idle.write("{\"command\":");
    QTRY_VERIFY(idle.isCut());
    QVERIFY(!busy.isCut()); // who waits for an answer is not idle
    QCOMPARE(m_server->connections(), 1);
}

void TestControlServer::a_client_that_reads_nothing_is_cut()
{
    serve({u"restanted"_s, false}, {30'000, 100, 16});
    m_operations->held = {{1}, "a.example", "t", 0, 0, "[\"" + QByteArray(4 << 20, 'x') + "\"]", "[]"};
    Caller caller(m_server->path());
    caller.socket.setReadBufferSize(1);
    caller.ask(u"entry"_s, object(R"({"destination":"b.example","entry_id":1})"));
    QTRY_COMPARE(m_operations->asked.size(), 1);
    QTRY_COMPARE(m_server->connections(), 0);
}

void TestControlServer::more_clients_than_allowed_are_turned_away()
{
    serve({u"restanted"_s, false}, {30'000, 30'000, 1});
    auto first = std::make_unique<Caller>(m_server->path());
    Caller second(m_server->path());
    QCOMPARE(second.hello.value("event"_L1).toString(), u"refused"_s);
    QCOMPARE(Caller::codeOf(second.hello), u"Busy"_s);
    QTRY_VERIFY(second.isCut());
    first.reset();
    QTRY_COMPARE(m_server->connections(), 0);
    QCOMPARE(Caller(m_server->path()).hello.value("event"_L1).toString(), u"hello"_s);
}

void TestControlServer::the_window_is_wanted_only_where_there_is_one()
{
    QSignalSpy without(m_server.get(), &Server::windowWanted);
    QCOMPARE(Caller(m_server->path()).errorCode(u"raise"_s), u"NotFound"_s);
    QCOMPARE(without.size(), 0);
    serve({u"restante"_s, true});
    QSignalSpy with(m_server.get(), &Server::windowWanted);
    QCOMPARE(Caller(m_server->path()).call(u"raise"_s).value("ok"_L1), QJsonValue(true));
    QCOMPARE(with.size(), 1);
}

void TestControlServer::a_card_is_shown_only_where_there_is_a_window()
{
    const QString link = u"restante:1/friend?server=c.example"_s;
    QSignalSpy without(m_server.get(), &Server::cardWanted);
    QCOMPARE(Caller(m_server->path()).errorCode(u"card open"_s, {{u"link"_s, link}}), u"NotFound"_s);
    QCOMPARE(without.size(), 0);
    serve({u"restante"_s, true});
    QSignalSpy with(m_server.get(), &Server::cardWanted);
    QCOMPARE(Caller(m_server->path()).call(u"card open"_s, {{u"link"_s, link}}).value("ok"_L1), QJsonValue(true));
    QCOMPARE(with.size(), 1);
    QCOMPARE(with.first().first().toString(), link);
    QVERIFY(m_operations->asked.isEmpty()); // nothing is added unasked
}

void TestControlServer::the_socket_is_its_owners_only()
{
    QCOMPARE(m_server->path(), m_folder->filePath(u"control"_s));
    const auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther |
                        QFileDevice::WriteOther | QFileDevice::ExeOwner;
    QCOMPARE(QFile::permissions(m_server->path()) & others, QFileDevice::Permissions());
    const Caller caller(m_server->path());
    if (control::tellsPeerUser())
        QCOMPARE(control::peerUser(caller.socket.socketDescriptor()), std::optional(control::ownUser()));
    const QString path = m_server->path();
    m_server.reset();
    QVERIFY(!QFile::exists(path));
}

void TestControlServer::a_socket_that_was_left_behind_is_replaced()
{
    const QByteArray path = QFile::encodeName(m_server->path());
    m_server.reset();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    QCOMPARE(::bind(left, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    ::close(left);
    QVERIFY(QFile::exists(QFile::decodeName(path)));
    serve();
    QCOMPARE(Caller(m_server->path()).hello.value("event"_L1).toString(), u"hello"_s);
}

void TestControlServer::a_long_folder_name_has_its_socket_elsewhere()
{
    const QTemporaryDir runtime;
    qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
    const QString deep = m_folder->filePath(QString(60, u'd') + u'/' + QString(60, u'e'));
    QVERIFY(QDir().mkpath(deep));
    Server server(*m_operations, {u"restanted"_s, false});
    QVERIFY(server.listen(deep));
    QVERIFY(server.path().startsWith(runtime.path()));
    QVERIFY(server.path().size() < 108);
    QCOMPARE(server.path(), control::socketPath(deep + u"/../"_s + QString(60, u'e') + u'/'));
    QVERIFY(server.path() != control::socketPath(deep + u'f'));
    QCOMPARE(Caller(server.path()).hello.value("event"_L1).toString(), u"hello"_s);
}

/// All users share the folder for temporary files.
void TestControlServer::without_a_runtime_folder_the_socket_is_in_a_folder_of_the_users_own()
{
    const QTemporaryDir shared;
    qputenv("TMPDIR", shared.path().toUtf8());
    const QTemporaryDir runtime;
    QVERIFY(QFile::setPermissions(runtime.path(), QFileDevice::Permissions(0x7777))); // anybody's
    qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
    const QString deep = m_folder->filePath(QString(60, u'd') + u'/' + QString(60, u'e'));
    QVERIFY(QDir().mkpath(deep));
    {
        Server server(*m_operations, {u"restanted"_s, false});
        QVERIFY(server.listen(deep));
        const QFileInfo folder(QFileInfo(server.path()).path());
        QCOMPARE(folder.path(), shared.path());
        QCOMPARE(folder.permissions() & QFileDevice::Permissions(0x0077), QFileDevice::Permissions());
        QCOMPARE(Caller(server.path()).hello.value("event"_L1).toString(), u"hello"_s);
    }
    // What somebody else may write into is not used.
    const QString folder = QFileInfo(control::socketPath(deep)).path();
    QVERIFY(QFile::setPermissions(folder, QFileDevice::Permissions(0x7777)));
    Server server(*m_operations, {u"restanted"_s, false});
    const auto listening = server.listen(deep);
    qunsetenv("TMPDIR");
    QVERIFY(!listening);
    QCOMPARE(listening.error().code, Errc::Refused);
    QVERIFY(listening.error().detail.contains(folder));
}

void TestControlServer::a_client_of_another_session_finds_it_all_the_same()
{
    const QTemporaryDir runtime;
    qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
    const QString deep = m_folder->filePath(QString(60, u'd') + u'/' + QString(60, u'e'));
    QVERIFY(QDir().mkpath(deep));
    {
        Server server(*m_operations, {u"restanted"_s, false});
        QVERIFY(server.listen(deep));
        const QTemporaryDir other;
        qputenv("XDG_RUNTIME_DIR", other.path().toUtf8());
        QVERIFY(control::socketPath(deep) != server.path());
        QCOMPARE(control::findSocket(deep), server.path());
    }
    QVERIFY(QDir(deep).isEmpty());
    QCOMPARE(control::findSocket(deep), control::socketPath(deep));
}

void TestControlServer::the_socket_of_what_replaced_the_folder_stays_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("in the folder") << u"data"_s;
    QTest::newRow("elsewhere") << QString(60, u'd') + u'/' + QString(60, u'e');
}

void TestControlServer::the_socket_of_what_replaced_the_folder_stays()
{
    QFETCH(const QString, name);
    const QTemporaryDir runtime;
    qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
    const QString folder = m_folder->filePath(name);
    QVERIFY(QDir().mkpath(folder));
    auto first = std::make_unique<Server>(*m_operations, control::ServingProgram{u"restanted"_s, false});
    QVERIFY(first->listen(folder));
    QVERIFY(QDir().rename(folder, m_folder->filePath(u"moved"_s)));
    QVERIFY(QDir().mkpath(folder));
    Server second(*m_operations, {u"restante"_s, false});
    QVERIFY(second.listen(folder));
    first.reset();
    QVERIFY(QFileInfo::exists(QDir(folder).filePath(u"control"_s)));
    QCOMPARE(control::findSocket(folder), second.path());
    QCOMPARE(Caller(second.path()).hello.value("program"_L1).toString(), u"restante"_s);
}

void TestControlServer::who_holds_a_folder_without_an_answer_is_named()
{
    const auto held = base::HeldFolder::take(m_folder->filePath(u"mute"_s));
    QVERIFY(held);
    const auto client = control::Client::open((*held)->path(), 0);
    QVERIFY(!client);
    QCOMPARE(client.error().code, Errc::Unreachable);
    QVERIFY2(client.error().detail.contains(QString::number(QCoreApplication::applicationPid())) &&
                 client.error().detail.contains((*held)->path()),
             qPrintable(client.error().detail));
    QVERIFY(!client.error().detail.contains(u"No program"));
}

void TestControlServer::a_socket_that_cannot_be_made_is_an_error()
{
    Server server(*m_operations, {u"restanted"_s, false});
    const auto listening = server.listen(m_folder->filePath(u"missing"_s));
    QVERIFY(!listening);
    QCOMPARE(listening.error().code, Errc::Io);
    QVERIFY(server.path().isEmpty());
}

QTEST_GUILESS_MAIN(TestControlServer)
#include "tst_controlserver.moc"
