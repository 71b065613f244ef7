// SPDX-License-Identifier: GPL-3.0-or-later
// The front door while its owner is away (PROTOCOL 8, 6.4), without a network.
#include "doorfixture.h"
#include "identity/requestsignature.h"
#include "matrix/attestation.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>

using namespace restante;
using namespace restante::test;

namespace
{
QJsonObject captured(const QString &name)
{
    QFile file(QStringLiteral(RESTANTE_TEST_DATA "/captures/") + name);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s is missing", qPrintable(file.fileName()));
    return QJsonDocument::fromJson(file.readAll()).object();
}

http::RequestHead headOf(const QJsonObject &capture)
{
    http::RequestHead head;
    head.method = capture.value(QLatin1String("method")).toString().toLatin1();
    head.target = capture.value(QLatin1String("path")).toString().toLatin1();
    head.peer = QHostAddress(QStringLiteral("203.0.113.9"));
    for (const auto &each : capture.value(QLatin1String("headers")).toArray())
        head.headers.push_back(
            {each.toArray().at(0).toString().toLatin1(), each.toArray().at(1).toString().toLatin1()});
    return head;
}

QByteArray edus(int count, const QByteArray &last = {})
{
    QByteArray text;
    for (int i = 0; i < count; ++i)
        text += (i ? "," : "") + QByteArray(R"({"content":{"n":)") + QByteArray::number(i) + R"(},"edu_type":"m.x"})";
    return R"({"edus":[)" + text + (last.isEmpty() ? "" : "," + last) + "]}";
}

const QByteArray ForeignAttestation =
    R"({"content":{"has":["pdus"],"key":"ed25519:x","members":{},"origin":"evil.example","sig":"AAAA","txn":"9","v":1},)"
    R"("edu_type":"org.restante.attestation"})";
} // namespace

class TestDoorSite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init() { m_door = std::make_unique<DoorFixture>(); }
    void cleanup() { m_door.reset(); }

    void what_a_homeserver_sent_is_held_and_rebuilt_to_the_byte();
    void what_is_built_again_is_what_was_signed_data();
    void what_is_built_again_is_what_was_signed();
    void what_cannot_be_built_again_is_not_taken_data();
    void what_cannot_be_built_again_is_not_taken();
    void other_requests_get_404_while_the_owner_is_away_data();
    void other_requests_get_404_while_the_owner_is_away();
    void host_tells_whose_door_it_is_data();
    void host_tells_whose_door_it_is();
    void the_relays_own_routes_are_its_own_whatever_host_says();
    void a_transaction_for_the_server_behind_another_door_is_misdirected();
    void a_header_may_leave_the_destination_out();
    void a_refusal_comes_in_the_order_of_checks_data();
    void a_refusal_comes_in_the_order_of_checks();
    void a_signature_that_does_not_fit_is_refused_and_nothing_held();
    void the_policy_is_that_of_send_relay();
    void an_address_over_its_budget_waits_at_the_door_too();
    void the_same_content_is_held_once();
    void no_key_document_is_answered_before_one_is_known();
    void a_key_document_is_answered_while_it_is_valid_data();
    void a_key_document_is_answered_while_it_is_valid();
    void a_key_document_is_that_of_the_server_behind_the_door();

private:
    /// The only entry, as its owner sends it on.
    matrix::AttestedRequest rebuilt(const queue::HeldEntry &entry) const
    {
        const auto request = matrix::rebuildRequest(entry.pdus, entry.edus);
        if (!request)
            qFatal("%s", qPrintable(request.error().detail));
        return *request;
    }
    Answer keys(const QByteArray &host = "b.example", const QByteArray &target = "/_matrix/key/v2/server")
    {
        return m_door->call(DoorFixture::head("GET", target, host));
    }

    std::unique_ptr<DoorFixture> m_door;
};

void TestDoorSite::what_a_homeserver_sent_is_held_and_rebuilt_to_the_byte()
{
    const auto origin = *matrix::ServerName::parse("localhost:18448");
    const auto owner = *matrix::ServerName::parse("localhost:28448");
    m_door->front({{owner.bytes(), owner}});
    const QDir folder(QStringLiteral(RESTANTE_TEST_DATA "/captures"));
    QFile keys(folder.filePath(QStringLiteral("keys/localhost_18448.json")));
    QVERIFY(keys.open(QIODevice::ReadOnly));
    const QByteArray document = keys.readAll();
    const auto names = folder.entryList({QStringLiteral("txn-*.json")}, QDir::Files);
    QCOMPARE(names.size(), 45);
    for (const QString &name : names) {
        const QJsonObject capture = captured(name);
        const QByteArray body = QByteArray::fromBase64(capture.value(QLatin1String("body_b64")).toString().toLatin1());
        const QJsonObject meta = capture.value(QLatin1String("meta")).toObject();
        m_door->clock.setWall(qint64(meta.value(QLatin1String("received_ms")).toDouble()));
        const auto stored = identity::checkKeyDocument(document, origin, m_door->clock.wallMs());
        QVERIFY(stored.ok());
        m_door->keyRing->remember(*stored);

        const Answer answer = m_door->call(headOf(capture), body);
        QVERIFY2(answer.status == 200, qPrintable(name + QString::fromUtf8(answer.body)));
        QCOMPARE(answer.body, R"({"pdus":{}})");

        const auto held = m_door->held(owner);
        QVERIFY2(held.size() == 1, qPrintable(name));
        QCOMPARE(held[0].origin, origin.bytes());
        const auto request = rebuilt(held[0]);
        QCOMPARE(request.body, body);
        QCOMPARE(request.target(), headOf(capture).target);
        const auto form = identity::formSignedWith(request.claim(owner), stored->front().keyId, stored->front().key,
                                                   "PUT", request.target(), request.body);
        QCOMPARE(form, std::optional(body));
        m_door->collect(owner);
    }
}

void TestDoorSite::what_is_built_again_is_what_was_signed_data()
{
    QTest::addColumn<QByteArray>("txnId");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("empty") << QByteArray("1") << QByteArray("{}");
    QTest::newRow("members that nobody knows") << QByteArray("a.b_c~d-e") << QByteArray(R"({"pdus":[],"x":{"y":[1]}})");
    QTest::newRow("not canonical") << QByteArray("1") << QByteArray(R"( {"pdus" : [ ],"edus":[] })");
    QTest::newRow("floats") << QByteArray("1") << QByteArray(R"({"pdus":[{"depth":1.50}]})");
    QTest::newRow("a hundred EDUs") << QByteArray("1") << edus(100);
    QTest::newRow("an attestation of somebody else inside") << QByteArray("1") << edus(1, ForeignAttestation);
    QTest::newRow("a hundred EDUs and an attestation is one of them")
        << QByteArray("1") << edus(99, ForeignAttestation);
}

void TestDoorSite::what_is_built_again_is_what_was_signed()
{
    QFETCH(QByteArray, txnId);
    QFETCH(QByteArray, body);
    QCOMPARE(m_door->answered(m_door->send(txnId, body)).status, 200);
    const auto held = m_door->held();
    QCOMPARE(held.size(), size_t(1));
    const auto request = rebuilt(held[0]);
    QCOMPARE(request.body, matrix::canonicalJson(body, matrix::NumberRule::Lenient).value());
    QCOMPARE(request.origin, m_door->a.name());
    QCOMPARE(request.target(), DoorFixture::sendTarget(txnId));
    QVERIFY(identity::formSignedWith(request.claim(m_door->b.name()), TestServer::keyId(), m_door->a.key(), "PUT",
                                     request.target(), request.body));
}

void TestDoorSite::what_cannot_be_built_again_is_not_taken_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    const QByteArray send = "/_matrix/federation/v1/send/";
    const QByteArray good = R"({"pdus":[]})";
    QTest::newRow("an encoded id") << send + "%31" << good;
    QTest::newRow("a query") << send + "1?a=b" << good;
    QTest::newRow("a query of nothing") << send + "1?" << good;
    QTest::newRow("an id with a space") << send + "a%20b" << good;
    QTest::newRow("a way up") << send + ".." << good;
    QTest::newRow("a dot") << send + "." << good;
    QTest::newRow("an encoded dot") << send + "%2e" << good;
    QTest::newRow("an encoded way up") << send + "%2e%2e%2fx" << good;
    QTest::newRow("an encoded backslash") << send + "a%5cb" << good;
    QTest::newRow("256 bytes") << send + QByteArray(256, '1') << good;
    QTest::newRow("an encoded word") << QByteArray("/_matrix/federation/v1/%73end/1") << good;
    QTest::newRow("65 members") << send + "1" << [] {
        QByteArray members;
        for (int i = 0; i < 65; ++i)
            members += (i ? "," : "") + QByteArray("\"m") + QByteArray::number(i) + "\":0";
        return "{" + members + "}";
    }();
    QTest::newRow("101 EDUs") << send + "1" << edus(101);
    QTest::newRow("a hundred EDUs and an attestation") << send + "1" << edus(100, ForeignAttestation);
    QTest::newRow("an EDU of no type") << send + "1" << QByteArray(R"({"edus":[{"content":{}}]})");
}

void TestDoorSite::what_cannot_be_built_again_is_not_taken()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    const auto head =
        DoorFixture::head("PUT", target, "b.example", m_door->a.authorization("PUT", target, m_door->b.name(), body));
    QCOMPARE(m_door->call(head, body).status, 400);
    QVERIFY(m_door->held().empty());
}

void TestDoorSite::other_requests_get_404_while_the_owner_is_away_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    for (const auto &[method, path] : std::initializer_list<std::pair<QByteArray, QByteArray>>{
             {"GET", "federation/v1/user/devices/%40bob%3Ab.example"},
             {"POST", "federation/v1/user/keys/query"},
             {"POST", "federation/v1/user/keys/claim"},
             {"GET", "federation/v1/query/profile?user_id=%40bob%3Ab.example"},
             {"GET", "federation/v1/query/directory?room_alias=%23r%3Ab.example"},
             {"PUT", "federation/v1/invite/%21r%3Aa.example/%24e"},
             {"PUT", "federation/v2/invite/%21r%3Aa.example/%24e"},
             {"GET", "federation/v1/make_join/%21r%3Ab.example/%40al%3Aa.example?ver=10"},
             {"PUT", "federation/v2/send_join/%21r%3Ab.example/%24e"},
             {"GET", "federation/v1/backfill/%21r%3Ab.example?v=%24e&limit=10"},
             {"GET", "federation/v1/media/download/abc"},
             {"POST", "federation/v1/get_missing_events/%21r%3Ab.example"},
             {"GET", "federation/v1/state_ids/%21r%3Ab.example?event_id=%24e"},
             {"GET", "federation/v1/event/%24acR1%2FmYU"},
             {"GET", "federation/v1/version"},
             {"POST", "key/v2/query"},
             {"GET", "key/v2/server"},
             {"GET", "key/v2/server/ed25519%3Aa"},
             {"PUT", "federation/v2/send/1"}})
        QTest::newRow((method + ' ' + path).constData()) << method << path;
}

void TestDoorSite::other_requests_get_404_while_the_owner_is_away()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, path);
    const QByteArray target = "/_matrix/" + path;
    const QByteArray body = method == "GET" ? QByteArray() : QByteArray("{}");
    // d.example's keys are known, b.example's are not asked of it: forget them for this.
    QVERIFY(m_door->keyRing->forget(m_door->b.name(), {}).ok());
    QTRY_VERIFY(m_door->cache->document(m_door->b.name()).value().isEmpty());
    for (const QByteArray &authorization :
         {QByteArray(), m_door->a.authorization(method, target, m_door->b.name(), body)}) {
        const Answer answer = m_door->call(DoorFixture::head(method, target, "b.example", authorization), body);
        QCOMPARE(answer.status, 404);
        QCOMPARE(answer.errcode(), "M_NOT_FOUND");
    }
    QVERIFY(m_door->caller.asked.isEmpty());
    QVERIFY(m_door->held().empty());
}

void TestDoorSite::host_tells_whose_door_it_is_data()
{
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<int>("status");
    QTest::newRow("the door's address") << QByteArray("door.example:8443") << 200;
    QTest::newRow("the server's own name") << QByteArray("b.example") << 200;
    QTest::newRow("in capitals") << QByteArray("DOOR.Example:8443") << 200;
    QTest::newRow("another port") << QByteArray("door.example:8444") << 404;
    QTest::newRow("nobody's") << QByteArray("nobody.example") << 404;
    QTest::newRow("empty") << QByteArray() << 404;
    QTest::newRow("another server's door") << QByteArray("d.example") << 421;
}

void TestDoorSite::host_tells_whose_door_it_is()
{
    QFETCH(QByteArray, host);
    QFETCH(int, status);
    const QByteArray body = DoorFixture::message("hello");
    const Answer answer = m_door->call(m_door->sendHead(m_door->a, "1", body, host), body);
    QCOMPARE(answer.status, status);
    QCOMPARE(m_door->held().size(), size_t(status == 200));
    QVERIFY(m_door->held(m_door->d.name()).empty());
    if (status == 404)
        QCOMPARE(answer.errcode(), "M_UNRECOGNIZED"); // this is a relay, which has no /send
}

void TestDoorSite::the_relays_own_routes_are_its_own_whatever_host_says()
{
    QCOMPARE(m_door->answered(m_door->send("1")).status, 200);
    const QByteArray target = "/_matrix/federation/v1/relay_txn/@user:b.example";
    const QByteArray body = R"({"entry_id":0})";
    for (const QByteArray host : {"b.example", "relay.example"}) {
        const Answer got = m_door->call(
            DoorFixture::head("GET", target, host, m_door->b.authorization("GET", target, m_door->us.name(), body)),
            body);
        QCOMPARE(got.status, 200);
        QVERIFY(got.json().value(QLatin1String("entries_queued")).toBool());
    }
    QCOMPARE(keys("relay.example").json().value(QLatin1String("server_name")).toString(), m_door->us.name().toString());
}

void TestDoorSite::a_transaction_for_the_server_behind_another_door_is_misdirected()
{
    const QByteArray body = DoorFixture::message("hello");
    const QByteArray target = DoorFixture::sendTarget("1");
    const auto to = [&](const TestServer &destination) {
        return m_door->call(DoorFixture::head("PUT", target, "b.example",
                                              m_door->a.authorization("PUT", target, destination.name(), body)),
                            body);
    };
    const Answer misdirected = to(m_door->d);
    QCOMPARE(misdirected.status, 421);
    QCOMPARE(misdirected.errcode(), "M_UNKNOWN");
    const Answer wrong = to(m_door->c);
    QCOMPARE(wrong.status, 401);
    QCOMPARE(wrong.errcode(), "M_UNAUTHORIZED");
    QVERIFY(m_door->held().empty());
}

void TestDoorSite::a_header_may_leave_the_destination_out()
{
    const QByteArray body = DoorFixture::message("hello");
    auto head = m_door->sendHead(m_door->a, "1", body);
    QByteArray &header = head.headers.back().value;
    header.replace(R"(,destination="b.example")", "");
    QVERIFY(!header.contains("destination"));
    QCOMPARE(m_door->call(head, body).status, 200);
    QCOMPARE(m_door->held().size(), size_t(1));
    head.headers.front().value = "d.example"; // signed for b.example
    QCOMPARE(m_door->call(head, body).status, 401);
}

void TestDoorSite::a_refusal_comes_in_the_order_of_checks_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("authorization");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("errcode");
    const QByteArray send = "/_matrix/federation/v1/send/1";
    const QByteArray elsewhere =
        R"(X-Matrix origin="a.example",destination="z.example",key="ed25519:a",sig=")" + QByteArray(86, 'A') + '"';
    QTest::newRow("media") << QByteArray("GET") << QByteArray("/_matrix/media/v3/download/b.example/x") << QByteArray()
                           << 404 << QByteArray("M_UNRECOGNIZED");
    QTest::newRow("clients") << QByteArray("GET") << QByteArray("/_matrix/client/versions") << QByteArray() << 404
                             << QByteArray("M_UNRECOGNIZED");
    QTest::newRow("well-known") << QByteArray("GET") << QByteArray("/.well-known/matrix/server") << QByteArray() << 404
                                << QByteArray("M_UNRECOGNIZED");
    QTest::newRow("a way up before the method")
        << QByteArray("DELETE") << QByteArray("/_matrix/federation/v1/../../client") << QByteArray() << 400
        << QByteArray("M_INVALID_PARAM");
    QTest::newRow("an encoded slash and a way up")
        << QByteArray("GET") << QByteArray("/_matrix/federation/v1/event/a%2f..%2fb") << QByteArray() << 400
        << QByteArray("M_INVALID_PARAM");
    QTest::newRow("an encoded one among the first four")
        << QByteArray("GET") << QByteArray("/_matrix/federation/v%31/event/x") << QByteArray() << 400
        << QByteArray("M_INVALID_PARAM");
    QTest::newRow("DELETE") << QByteArray("DELETE") << send << QByteArray() << 405 << QByteArray("M_UNRECOGNIZED");
    QTest::newRow("HEAD") << QByteArray("HEAD") << QByteArray("/_matrix/federation/v1/event/x") << QByteArray() << 405
                          << QByteArray("M_UNRECOGNIZED");
    QTest::newRow("no signature") << QByteArray("PUT") << send << QByteArray() << 401 << QByteArray("M_UNAUTHORIZED");
    QTest::newRow("a malformed one") << QByteArray("PUT") << send << QByteArray("X-Matrix origin") << 400
                                     << QByteArray("M_UNAUTHORIZED");
    QTest::newRow("for another server before a bad id")
        << QByteArray("PUT") << send + "%20" << elsewhere << 401 << QByteArray("M_UNAUTHORIZED");
}

void TestDoorSite::a_refusal_comes_in_the_order_of_checks()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, authorization);
    QFETCH(int, status);
    QFETCH(QByteArray, errcode);
    const auto head =
        DoorFixture::head(method, target, "b.example", authorization.isEmpty() ? QByteArray() : authorization);
    QVERIFY2(m_door->site->gate(head).refusal, "refused from the head alone");
    const Answer answer = m_door->call(head);
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.errcode(), errcode);
    QCOMPARE(answer.header("Allow"), status == 405 ? QByteArray("GET, PUT, POST") : QByteArray());
}

void TestDoorSite::a_signature_that_does_not_fit_is_refused_and_nothing_held()
{
    const QByteArray body = DoorFixture::message("hello");
    const auto head = m_door->sendHead(m_door->a, "1", body);
    QCOMPARE(m_door->call(head, DoorFixture::message("hallo")).status, 401);
    auto other = head;
    other.target = DoorFixture::sendTarget("2");
    QCOMPARE(m_door->call(other, body).status, 401);
    const QByteArray unknown = m_door->sendHead(TestServer::named("x.example"), "1", body).headers.back().value;
    QCOMPARE(m_door->call(DoorFixture::head("PUT", head.target, "b.example", unknown), body).status, 401);
    QVERIFY(m_door->held().empty());
}

void TestDoorSite::the_policy_is_that_of_send_relay()
{
    m_door->setPolicy([this](relay::Policy &policy) { policy.blockedOrigins.insert(m_door->a.name()); });
    QCOMPARE(m_door->answered(m_door->send("1")).status, 403);
    m_door->setPolicy([](relay::Policy &policy) {
        policy.blockedOrigins.clear();
        policy.paused = true;
    });
    QCOMPARE(m_door->answered(m_door->send("1")).status, 503);
    m_door->setPolicy([](relay::Policy &policy) { policy.enabled = false; });
    QCOMPARE(m_door->answered(m_door->send("1")).status, 404);
    QCOMPARE(m_door->call(DoorFixture::head("GET", "/_matrix/federation/v1/event/x", "b.example")).status, 404);
    QVERIFY(m_door->held().empty());
}

void TestDoorSite::an_address_over_its_budget_waits_at_the_door_too()
{
    m_door->addressBudget.configure(0.001, 1);
    QCOMPARE(m_door->answered(m_door->send("1")).status, 200);
    QCOMPARE(m_door->answered(m_door->send("2")).status, 429);
    QCOMPARE(m_door->call(DoorFixture::head("GET", "/_matrix/federation/v1/event/x", "b.example")).status, 429);
}

void TestDoorSite::the_same_content_is_held_once()
{
    const QByteArray body = DoorFixture::message("hello");
    QCOMPARE(m_door->answered(m_door->send("1", body)).status, 200);
    QCOMPARE(m_door->answered(m_door->send("2", body)).status, 200);
    QCOMPARE(m_door->held().size(), size_t(1));
}

void TestDoorSite::no_key_document_is_answered_before_one_is_known()
{
    QVERIFY(m_door->keyRing->forget(m_door->b.name(), {}).ok());
    QTRY_VERIFY(m_door->cache->document(m_door->b.name()).value().isEmpty());
    QCOMPARE(keys().status, 404);
    QCOMPARE(keys().errcode(), "M_NOT_FOUND");
}

void TestDoorSite::a_key_document_is_answered_while_it_is_valid_data()
{
    QTest::addColumn<bool>("isPinned");
    QTest::newRow("its key was fetched") << false;
    QTest::newRow("its key is pinned, since its name leads to the relay") << true;
}

void TestDoorSite::a_key_document_is_answered_while_it_is_valid()
{
    QFETCH(bool, isPinned);
    m_door->clock.advance(1);
    const QByteArray document = m_door->b.document(m_door->clock.wallMs() + 7'200'000);
    if (isPinned) {
        QVERIFY(m_door->keyRing->forget(m_door->b.name(), {}).ok());
        QVERIFY(m_door->keyRing->pin(m_door->b.name(), TestServer::keyId(), m_door->b.key()).ok());
        QTRY_VERIFY(m_door->cache->document(m_door->b.name()).value().isEmpty());
        QCOMPARE(keys().status, 404);
    }
    QCOMPARE(m_door->door(m_door->b, m_door->doorBody(R"("document":)" + document)).status, 200);
    QCOMPARE(keys().status, 200);
    QCOMPARE(keys().body, document); // at once, also if there was another one or none
    QCOMPARE(keys("door.example:8443").body, document);
    QCOMPARE(keys("b.example", "/_matrix/key/v2/server/ed25519%3Aa").body, document);
    QTRY_COMPARE(m_door->cache->document(m_door->b.name()).value(), document);
    m_door->open(); // also after a restart
    QCOMPARE(keys().body, document);
    m_door->clock.advance(7'200'000 - 1);
    QCOMPARE(keys().status, 200);
    m_door->clock.advance(1);
    QCOMPARE(keys().status, 404);
}

void TestDoorSite::a_key_document_is_that_of_the_server_behind_the_door()
{
    const QByteArray own = m_door->b.document(m_door->clock.wallMs() + 7'200'000);
    QByteArray spoiled = own;
    spoiled.replace("old_verify_keys", "old_verify_keyz");
    for (const QByteArray &document :
         {m_door->d.document(m_door->clock.wallMs() + 7'200'000), m_door->b.document(m_door->clock.wallMs() - 1),
          spoiled, QByteArray("{}"), QByteArray("null"), QByteArray("\"\"")}) {
        const Answer refused = m_door->door(m_door->b, m_door->doorBody(R"("document":)" + document));
        QCOMPARE(refused.status, 400);
        QCOMPARE(refused.errcode(), "M_BAD_JSON");
    }
    QCOMPARE(m_door->door(m_door->b, m_door->doorBody(R"("document":)" + own)).status, 200);
    QCOMPARE(keys().body, own);
    QVERIFY(keys("d.example").body != own);
}

QTEST_GUILESS_MAIN(TestDoorSite)
#include "tst_doorsite.moc"
