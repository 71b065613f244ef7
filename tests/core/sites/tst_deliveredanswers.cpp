// SPDX-License-Identifier: GPL-3.0-or-later
// What a homeserver is told that asks a server that is away for the events that it lacks (core/README 3.7).
#include "fakecaller.h"
#include "fakeclock.h"
#include "recorder.h"
#include "sites/nodesite.h"
#include "testserver.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QMap>
#include <QtTest/QTest>

#include <sodium.h>

#include <deque>

using namespace restante;
using namespace restante::sites;
using namespace restante::test;

namespace
{
const QByteArray Secret(64, 'a');
const QByteArray Api = "/_matrix/federation/v1/";
const QString Room = QStringLiteral("!r:a.example");

matrix::ServerName named(const char *name)
{
    return *matrix::ServerName::parse(name);
}

/// Events by their ids, which are what the test says.
class Given
{
public:
    void add(const QByteArray &id, qint64 depth, const QByteArrayList &previous, const QString &room = Room,
             const QByteArray &sender = {}, const char *origin = "a.example")
    {
        const QByteArray names = previous.isEmpty() ? QByteArray() : "\"" + previous.join("\",\"") + '"';
        const QByteArray pdu = "{\"depth\":" + QByteArray::number(depth) + ",\"prev_events\":[" + names +
                               "],\"says\":\"" + id + "\"" +
                               (sender.isEmpty() ? QByteArray() : ",\"sender\":\"" + sender + '"') + '}';
        m_events[id].push_back({{id}, named(origin), room, depth, {}, pdu});
    }
    /// `count` in a row, from `$1` on.
    void addChain(int count)
    {
        for (int i = 1; i <= count; ++i)
            add('$' + QByteArray::number(i), i, {'$' + QByteArray::number(i - 1)});
    }
    Result<std::vector<node::DeliveredEvent>> find(const QByteArray &id)
    {
        ++looked;
        if (fails)
            return Error{Errc::StorageFailed, QStringLiteral("no disk"), 0};
        return m_events.value(id);
    }
    QByteArray pdu(const QByteArray &id, qsizetype which = 0) const { return m_events[id][size_t(which)].pdu; }
    QByteArray answer(const GapQuestion &question)
    {
        return answerFromGiven(
                   question, [this](const QByteArray &id) { return find(id); }, named("a.example"), 7)
            .value();
    }

    int looked = 0;
    bool fails = false;

private:
    QMap<QByteArray, std::vector<node::DeliveredEvent>> m_events;
};

/// The courier's part in this.
class GivesEvents final : public node::Deliverer
{
public:
    explicit GivesEvents(Given &given)
        : m_given(given)
    {
    }
    void setHomeserver(const QByteArray &) override {}
    void setUnproven(const QList<node::Unproven> &) override {}
    void noteSwept(bool) override {}
    void lookAgain() override {}
    void wake() override {}
    Result<qint64> retry(const QList<qint64> &) override { return qint64(0); }
    node::Delivery delivery(qint64) const override { return {}; }
    Result<std::vector<node::DeliveredEvent>> given(const QByteArray &id) override { return m_given.find(id); }
    node::DeliveryTotals totals() const override { return {}; }

private:
    Given &m_given;
};

GapQuestion missing(const std::vector<QByteArray> &latest, const QSet<QByteArray> &earliest = {}, qint64 limit = 10)
{
    return {GapQuestion::Kind::MissingEvents, Room, latest, earliest, limit, 0};
}
} // namespace

class TestDeliveredAnswers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init();
    void cleanup() { m_site.reset(); }

    void questions_are_read_as_the_specification_has_them_data();
    void questions_are_read_as_the_specification_has_them();
    void a_huge_question_asks_for_no_more_than_there_may_be();
    void missing_events_come_in_the_bytes_they_were_signed_in_the_oldest_first();
    void the_walk_ends_at_limit_depth_and_what_is_known();
    void events_that_name_each_other_in_a_circle_come_once();
    void a_room_with_many_events_costs_no_more_than_the_answer();
    void many_unknown_predecessors_are_not_all_looked_for();
    void events_of_another_room_are_not_told();
    void of_two_that_claim_an_id_that_of_its_own_server_is_told();
    void one_event_comes_as_a_transaction_of_the_server_that_was_asked();
    void backfill_begins_with_the_event_itself();
    void what_a_rooms_state_was_is_not_made_up();

    void a_server_that_answers_is_not_replaced();
    void a_server_that_is_away_is_answered_for_data();
    void a_server_that_is_away_is_answered_for();
    void a_silent_server_is_not_waited_for_with_each_question();
    void a_server_that_refuses_at_once_is_asked_each_time();
    void what_nobody_knows_is_not_found_and_stops_no_mail();
    void a_disk_that_fails_is_not_found_too();
    void a_listener_that_closes_before_the_answer_comes_does_no_harm();

private:
    /// The homeserver's request.
    std::shared_ptr<std::optional<Answer>> ask(const QByteArray &method, const QByteArray &target,
                                               const QByteArray &body = {})
    {
        http::RequestHead head;
        head.method = method;
        head.target = target;
        head.scheme = "matrix-federation";
        head.headers = {{"Host", "a.example"},
                        {"Proxy-Authorization", "Bearer " + Secret},
                        {"Content-Type", "application/json"},
                        {"Authorization", m_us.authorization(method, target, named("a.example"), body)}};
        head.hasBody = !body.isEmpty();
        head.contentLength = body.isEmpty() ? -1 : body.size();
        auto answer = std::make_shared<std::optional<Answer>>();
        http::Reply reply(std::make_unique<Recorder>(answer));
        http::Verdict verdict = m_site->gate(head);
        if (verdict.refusal)
            reply.fail(*verdict.refusal);
        else
            m_site->handle({std::move(head), body, std::move(verdict.admitted)}, std::move(reply));
        return answer;
    }
    std::shared_ptr<std::optional<Answer>> askForMissing()
    {
        return ask("POST", Api + "get_missing_events/%21r%3Aa.example",
                   R"({"earliest_events":["$1"],"latest_events":["$4"],"limit":10,"min_depth":1})");
    }
    /// The node's thread has its turn, and then the site's.
    void runTasks()
    {
        GivesEvents deliverer(m_given);
        for (; !m_tasks.empty(); m_tasks.pop_front())
            m_tasks.front()(deliverer);
        QCoreApplication::processEvents();
    }

    TestServer m_us{"us"};
    FakeClock m_clock;
    FakeCaller m_caller;
    node::AssociationBoard m_board{m_clock};
    telemetry::NodeCounters m_counters;
    std::unique_ptr<node::DestinationBook> m_book;
    std::unique_ptr<node::HomeserverWatch> m_homeserver;
    Given m_given;
    std::deque<std::function<void(node::Deliverer &)>> m_tasks;
    std::unique_ptr<NodeSite> m_site;
};

void TestDeliveredAnswers::init()
{
    m_given = {};
    m_tasks.clear();
    m_caller.asked.clear();
    m_caller.cancelled.clear();
    m_book = std::make_unique<node::DestinationBook>(m_clock, [] {});
    m_homeserver = std::make_unique<node::HomeserverWatch>(m_clock, m_us.name(), "ed25519:dendrite-demo-yggdrasil",
                                                           m_us.key(), [] {});
    m_site = std::make_unique<NodeSite>(
        NodeServices{m_us.name(), Secret, *m_book, m_board, m_counters, *m_homeserver, m_clock,
                     [this] { return std::make_unique<Shoulder>(m_caller); }, 1 << 20, std::nullopt,
                     [this](std::function<void(node::Deliverer &)> task) { m_tasks.push_back(std::move(task)); }});
}

void TestDeliveredAnswers::questions_are_read_as_the_specification_has_them_data()
{
    using Kind = GapQuestion::Kind;
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("kind"); // -1: none of these
    QTest::addColumn<QString>("room");
    QTest::addColumn<QByteArrayList>("latest");
    QTest::addColumn<qint64>("limit");
    const auto row = [](const char *name, const QByteArray &method, const QByteArray &rest, const QByteArray &body,
                        int kind, const QString &room = {}, const QByteArrayList &latest = {}, qint64 limit = 0) {
        QTest::newRow(name) << method << Api + rest << body << kind << room << latest << limit;
    };
    const QByteArray body = R"({"earliest_events":["$1"],"latest_events":["$4","$5"],"limit":3,"min_depth":1})";
    row("missing events", "POST", "get_missing_events/!r:a.example", body, int(Kind::MissingEvents), Room, {"$4", "$5"},
        3);
    row("as Synapse encodes it", "POST", "get_missing_events/%21r%3Aa.example", body, int(Kind::MissingEvents), Room,
        {"$4", "$5"}, 3);
    row("without a limit", "POST", "get_missing_events/!r:a.example", R"({"latest_events":["$4",7]})",
        int(Kind::MissingEvents), Room, {"$4"}, 10);
    row("a limit that is none", "POST", "get_missing_events/!r:a.example", R"({"latest_events":[],"limit":-5})",
        int(Kind::MissingEvents), Room, {}, 1);
    row("an event", "GET", "event/%24x%2Fy", {}, int(Kind::Event), {}, {"$x/y"}, 1);
    row("backfill", "GET", "backfill/!r:a.example?v=%24a&v=%24b&limit=100", {}, int(Kind::Backfill), Room, {"$a", "$b"},
        50);
    row("ids of a state", "GET", "state_ids/!r:a.example?event_id=%24a", {}, int(Kind::State), Room, {}, 1);
    row("a state", "GET", "state/!r:a.example?event_id=%24a", {}, int(Kind::State), Room, {}, 1);
    row("not JSON", "POST", "get_missing_events/!r:a.example", "[", -1);
    row("another method", "GET", "get_missing_events/!r:a.example", body, -1);
    row("another version", "POST", "../v2/get_missing_events/!r:a.example", body, -1);
    row("more behind it", "GET", "event/%24x/y", {}, -1);
    row("no event", "GET", "event/", {}, -1);
    row("something else", "GET", "user/devices/%40u%3Aa.example", {}, -1);
}

void TestDeliveredAnswers::questions_are_read_as_the_specification_has_them()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    QFETCH(int, kind);
    QFETCH(QString, room);
    QFETCH(QByteArrayList, latest);
    QFETCH(qint64, limit);
    const auto question = GapQuestion::of(method, target, body);
    QCOMPARE(question.has_value(), kind >= 0);
    if (!question)
        return;
    QCOMPARE(int(question->kind), kind);
    QCOMPARE(question->room, room);
    QCOMPARE(QByteArrayList(question->latest.begin(), question->latest.end()), latest);
    QCOMPARE(question->limit, limit);
}

void TestDeliveredAnswers::a_huge_question_asks_for_no_more_than_there_may_be()
{
    const auto body = [](int ids) {
        QByteArray text = R"({"limit":1000000000000,"latest_events":[)";
        for (int i = 0; i < ids; ++i)
            text += (i > 0 ? ",\"$" : "\"$") + QByteArray::number(i) + '"';
        return text + "]}";
    };
    const auto question = GapQuestion::of("POST", Api + "get_missing_events/!r:a.example", body(1'000));
    QCOMPARE(question->limit, GapQuestion::MostEvents);
    QCOMPARE(qsizetype(question->latest.size()), GapQuestion::MostLatest);
    QVERIFY(!GapQuestion::of("POST", Api + "get_missing_events/!r:a.example", body(20'000)));
}

void TestDeliveredAnswers::missing_events_come_in_the_bytes_they_were_signed_in_the_oldest_first()
{
    m_given.addChain(4);
    QCOMPARE(m_given.answer(missing({"$4"}, {"$1"})),
             "{\"events\":[" + m_given.pdu("$2") + ',' + m_given.pdu("$3") + "]}");
    QCOMPARE(m_given.answer(missing({"$9"})), QByteArray());
    QCOMPARE(m_given.answer(missing({})), QByteArray());
}

void TestDeliveredAnswers::the_walk_ends_at_limit_depth_and_what_is_known()
{
    m_given.addChain(9);
    QCOMPARE(m_given.answer(missing({"$9"}, {}, 2)),
             "{\"events\":[" + m_given.pdu("$7") + ',' + m_given.pdu("$8") + "]}"); // those nearest to it
    GapQuestion question = missing({"$9"});
    question.leastDepth = 8;
    QCOMPARE(m_given.answer(question), "{\"events\":[" + m_given.pdu("$8") + "]}");
    QCOMPARE(m_given.answer(missing({"$9"}, {"$8"})), QByteArray());
}

void TestDeliveredAnswers::events_that_name_each_other_in_a_circle_come_once()
{
    m_given.add("$1", 1, {"$3", "$1"});
    m_given.add("$2", 2, {"$1", "$2"});
    m_given.add("$3", 3, {"$2"});
    QCOMPARE(m_given.answer(missing({"$3"})), "{\"events\":[" + m_given.pdu("$1") + ',' + m_given.pdu("$2") + "]}");
}

void TestDeliveredAnswers::a_room_with_many_events_costs_no_more_than_the_answer()
{
    m_given.addChain(10'000);
    QVERIFY(m_given.answer(missing({"$10000"}, {}, 10)).contains(m_given.pdu("$9990")));
    QCOMPARE(m_given.looked, 11);
}

void TestDeliveredAnswers::many_unknown_predecessors_are_not_all_looked_for()
{
    for (int i = 0; i < 1'000; ++i) {
        QByteArrayList previous;
        for (int k = 1; k <= 19; ++k)
            previous.append("$unknown" + QByteArray::number(20 * i + k));
        m_given.add('$' + QByteArray::number(i), i, previous << '$' + QByteArray::number(i + 1));
    }
    QVERIFY(!m_given.answer(missing({"$0"}, {}, 50)).isEmpty());
    QVERIFY(m_given.looked <= MostLookUps);
}

void TestDeliveredAnswers::events_of_another_room_are_not_told()
{
    m_given.add("$1", 1, {}, QStringLiteral("!other:a.example"));
    m_given.add("$2", 2, {"$1"});
    QCOMPARE(m_given.answer(missing({"$2"})), QByteArray());
    GapQuestion question = missing({"$2"});
    question.room = QStringLiteral("!other:a.example");
    QCOMPARE(m_given.answer(question), QByteArray());
}

void TestDeliveredAnswers::of_two_that_claim_an_id_that_of_its_own_server_is_told()
{
    m_given.add("$1:a.example", 7, {}, Room, "@u:a.example", "evil.example"); // the newest comes first
    m_given.add("$1:a.example", 1, {}, Room, "@u:a.example");
    m_given.add("$2", 2, {"$1:a.example"});
    QCOMPARE(m_given.answer(missing({"$2"})), "{\"events\":[" + m_given.pdu("$1:a.example", 1) + "]}");
    m_given.add("$3", 3, {}, Room, "@u:b.example", "c.example");
    m_given.add("$3", 4, {}, Room, "@u:b.example", "d.example");
    m_given.add("$4", 5, {"$3"});
    QCOMPARE(m_given.answer(missing({"$4"})), "{\"events\":[" + m_given.pdu("$3") + "]}"); // none is of its own server
}

void TestDeliveredAnswers::one_event_comes_as_a_transaction_of_the_server_that_was_asked()
{
    m_given.addChain(2);
    QCOMPARE(m_given.answer({GapQuestion::Kind::Event, {}, {"$2"}, {}, 1, 0}),
             "{\"origin\":\"a.example\",\"origin_server_ts\":7,\"pdus\":[" + m_given.pdu("$2") + "]}");
    QCOMPARE(m_given.looked, 1);
    QCOMPARE(m_given.answer({GapQuestion::Kind::Event, {}, {"$3"}, {}, 1, 0}), QByteArray());
}

void TestDeliveredAnswers::backfill_begins_with_the_event_itself()
{
    m_given.addChain(5);
    QCOMPARE(m_given.answer({GapQuestion::Kind::Backfill, Room, {"$5"}, {}, 2, 0}),
             "{\"origin\":\"a.example\",\"origin_server_ts\":7,\"pdus\":[" + m_given.pdu("$5") + ',' +
                 m_given.pdu("$4") + "]}");
}

void TestDeliveredAnswers::what_a_rooms_state_was_is_not_made_up()
{
    m_given.addChain(5);
    QCOMPARE(m_given.answer({GapQuestion::Kind::State, Room, {"$5"}, {}, 10, 0}), QByteArray());
    QCOMPARE(m_given.looked, 0);
}

void TestDeliveredAnswers::a_server_that_answers_is_not_replaced()
{
    m_given.addChain(4);
    const auto whole = askForMissing();
    QCOMPARE(m_caller.last().destination, named("a.example"));
    m_caller.answerLast(200, R"({"events":[]})");
    QCOMPARE((*whole)->rest->take(), QByteArray(R"({"events":[]})"));
    const auto forbidden = askForMissing();
    m_caller.answerLast(403, R"({"errcode":"M_FORBIDDEN"})");
    QCOMPARE((*forbidden)->status, 403);
    QVERIFY(m_tasks.empty());
}

void TestDeliveredAnswers::a_server_that_is_away_is_answered_for_data()
{
    QTest::addColumn<int>("status"); // 0: none came
    QTest::newRow("no connection") << 0;
    QTest::newRow("its front door says so") << 404;
    QTest::newRow("its proxy says so") << 502;
    QTest::newRow("another proxy") << 503;
    QTest::newRow("a proxy that waited") << 504;
}

void TestDeliveredAnswers::a_server_that_is_away_is_answered_for()
{
    QFETCH(int, status);
    m_given.addChain(4);
    const auto answer = askForMissing();
    if (status > 0)
        m_caller.answerLast(status, R"({"errcode":"M_NOT_FOUND"})");
    else
        m_caller.fail(0);
    QVERIFY(!*answer);
    runTasks();
    QCOMPARE((*answer)->status, 200);
    QCOMPARE((*answer)->body, "{\"events\":[" + m_given.pdu("$2") + ',' + m_given.pdu("$3") + "]}");
    const auto event = ask("GET", Api + "event/%242");
    m_caller.fail(1);
    runTasks();
    QVERIFY((*event)->body.contains("\"origin\":\"a.example\"") && (*event)->body.contains(m_given.pdu("$2")));
}

void TestDeliveredAnswers::a_silent_server_is_not_waited_for_with_each_question()
{
    m_given.addChain(4);
    const auto first = askForMissing();
    m_clock.advance(10'000);
    m_caller.fail(0);
    runTasks();
    QCOMPARE((*first)->status, 200);
    const auto second = askForMissing();
    runTasks();
    QCOMPARE(m_caller.asked.size(), 1);
    QCOMPARE((*second)->status, 200);
    const auto state = ask("GET", Api + "state_ids/!r:a.example?event_id=%241");
    runTasks();
    QCOMPARE((*state)->status, 404);
    QVERIFY((*state)->body.contains("It does not answer"));
    const auto other = ask("GET", Api + "user/devices/%40u%3Aa.example"); // holds nobody up
    QCOMPARE(m_caller.asked.size(), 2);
    m_clock.advance(SilentServers::PauseMs);
    const auto later = askForMissing();
    QCOMPARE(m_caller.asked.size(), 3);
    m_caller.answer(2, 200, R"({"events":[]})");
    QVERIFY(*later);
}

void TestDeliveredAnswers::a_server_that_refuses_at_once_is_asked_each_time()
{
    const auto first = askForMissing();
    m_caller.fail(0);
    const auto second = askForMissing();
    QCOMPARE(m_caller.asked.size(), 2);
    runTasks();
}

void TestDeliveredAnswers::what_nobody_knows_is_not_found_and_stops_no_mail()
{
    const auto missing = askForMissing();
    m_caller.fail(0);
    runTasks();
    QCOMPARE((*missing)->status, 404);
    QCOMPARE((*missing)->errcode(), QByteArray("M_NOT_FOUND"));
    const auto state = ask("GET", Api + "state_ids/!r:a.example?event_id=%241");
    m_caller.answer(1, 502);
    runTasks();
    QCOMPARE((*state)->status, 404);
    QVERIFY((*state)->body.contains("The server answered with status 502")); // not that it is away
    const auto other = ask("GET", Api + "user/devices/%40u%3Aa.example");    // not of this kind
    m_caller.fail(2);
    QCOMPARE((*other)->status, 502);
}

void TestDeliveredAnswers::a_disk_that_fails_is_not_found_too()
{
    m_given.fails = true;
    const auto answer = askForMissing();
    m_caller.fail(0);
    QTest::ignoreMessage(QtWarningMsg, "What was delivered cannot be read: no disk");
    runTasks();
    QCOMPARE((*answer)->status, 404);
}

void TestDeliveredAnswers::a_listener_that_closes_before_the_answer_comes_does_no_harm()
{
    m_given.addChain(4);
    const auto answer = askForMissing();
    m_caller.fail(0);
    m_site.reset();
    runTasks();
    QVERIFY(*answer);
    QCOMPARE((*answer)->status, 500);
}

QTEST_GUILESS_MAIN(TestDeliveredAnswers)
#include "tst_deliveredanswers.moc"
