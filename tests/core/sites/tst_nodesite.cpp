// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakecaller.h"
#include "fakeclock.h"
#include "identity/identity.h"
#include "identity/keydocument.h"
#include "node/nodesecret.h"
#include "recorder.h"
#include "sites/nodesite.h"
#include "smalldisk.h"
#include "testserver.h"

#include <QtCore/QDir>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::http;
using namespace restante::sites;
using test::Answer;
using test::FakeCaller;
using test::FakeClock;
using test::Recorder;
using test::Shoulder;
using test::TestServer;

namespace
{
const QByteArray Secret(64, 'a');
const QByteArray SendTarget = "/_matrix/federation/v1/send/t1";
constexpr auto Body = R"({"pdus":[{"type":"m.room.message"}]})";
} // namespace

class TestNodeSite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(sodium_init() >= 0); }
    void init();
    void cleanup() { m_site.reset(); }

    void a_transaction_goes_out_as_the_homeserver_signed_it();
    void a_transaction_that_nobody_takes_is_502();
    void a_transaction_of_another_server_goes_to_no_relay();
    void everything_else_is_handed_on();
    void a_body_goes_through_as_it_comes();
    void a_body_that_breaks_off_is_broken_here_too();
    void who_leaves_gives_up_the_rest();
    void who_leaves_before_the_answer_gives_it_up();
    void a_length_is_told_only_where_it_is_sure();
    void only_listed_fields_come_back();
    void a_server_that_is_not_reached_is_502();
    void a_homeserver_of_another_name_is_told();
    void a_wrong_secret_is_told();
    void it_is_no_open_proxy_data();
    void it_is_no_open_proxy();
    void a_body_that_is_too_large_is_refused();
    void the_couriers_own_name_has_its_keys_here();
    void the_secret_is_made_once_and_kept();
    void a_damaged_secret_is_not_overwritten();
    void an_empty_secret_is_made_anew();
    void a_full_disk_leaves_no_secret_at_all();

private:
    RequestHead head(const QByteArray &method, const QByteArray &target, const QByteArray &body = {}) const
    {
        RequestHead head;
        head.method = method;
        head.target = target;
        head.scheme = "matrix-federation";
        head.headers = {{"Host", "b.example"},
                        {"Proxy-Authorization", "Bearer " + Secret},
                        {"Content-Type", "application/json"},
                        {"Authorization", m_us.authorization(method, target, m_them, body)}};
        head.hasBody = !body.isEmpty();
        head.contentLength = body.isEmpty() ? -1 : body.size();
        return head;
    }
    std::shared_ptr<std::optional<Answer>> call(RequestHead head, const QByteArray &body = {})
    {
        auto answer = std::make_shared<std::optional<Answer>>();
        Reply reply(std::make_unique<Recorder>(answer, m_unwanted));
        Verdict verdict = m_site->gate(head);
        if (verdict.refusal)
            reply.fail(*verdict.refusal);
        else
            m_site->handle({std::move(head), body, std::move(verdict.admitted)}, std::move(reply));
        return answer;
    }

    /// What the connection calls when the homeserver has left.
    std::shared_ptr<std::function<void()>> m_unwanted = std::make_shared<std::function<void()>>();
    TestServer m_us{"us"};
    matrix::ServerName m_them = *matrix::ServerName::parse("b.example");
    FakeClock m_clock;
    FakeCaller m_caller;
    node::AssociationBoard m_board{m_clock};
    telemetry::NodeCounters m_counters;
    std::unique_ptr<node::DestinationBook> m_book;
    std::unique_ptr<node::HomeserverWatch> m_homeserver;
    std::unique_ptr<NodeSite> m_site;
};

void TestNodeSite::init()
{
    m_caller.asked.clear();
    m_caller.cancelled.clear();
    m_board.replace({{*matrix::ServerName::parse("r.example"), std::nullopt, m_them}});
    m_book = std::make_unique<node::DestinationBook>(m_clock, [] {});
    m_book->setFailuresUntilOffline(1);
    m_homeserver = std::make_unique<node::HomeserverWatch>(m_clock, m_us.name(), "ed25519:dendrite-demo-yggdrasil",
                                                           m_us.key(), [] {});
    m_site = std::make_unique<NodeSite>(NodeServices{m_us.name(), Secret, *m_book, m_board, m_counters, *m_homeserver,
                                                     m_clock, [this] { return std::make_unique<Shoulder>(m_caller); },
                                                     1 << 20});
}

void TestNodeSite::a_transaction_goes_out_as_the_homeserver_signed_it()
{
    const auto answer = call(head("PUT", SendTarget, Body), Body);
    QCOMPARE(m_caller.asked.size(), 1);
    const federation::Request &out = m_caller.last();
    QCOMPARE(out.destination, m_them);
    QCOMPARE(out.target, SendTarget);
    QCOMPARE(out.body, Body);
    QVERIFY(!out.sign);
    QCOMPARE(out.headers.size(), size_t(1));
    QCOMPARE(out.headers[0].second, m_us.authorization("PUT", SendTarget, m_them, Body));
    m_caller.answer(0, 200, R"({"pdus":{"$e":{"error":"no"}}})");
    QCOMPARE((*answer)->status, 200);
    QCOMPARE((*answer)->body, R"({"pdus":{"$e":{"error":"no"}}})");
}

void TestNodeSite::a_transaction_that_nobody_takes_is_502()
{
    const auto answer = call(head("PUT", SendTarget, Body), Body);
    m_caller.fail(0);
    QCOMPARE(m_caller.asked.size(), 2); // offline at the first failure here: its relay
    QCOMPARE(m_caller.last().target, "/_matrix/federation/v1/send_relay/t1/@user:b.example");
    m_caller.fail(1);
    QCOMPARE((*answer)->status, 502);
    QCOMPARE((*answer)->errcode(), "M_UNKNOWN");
    const auto taken = call(head("PUT", SendTarget, Body), Body);
    m_caller.fail(2);
    m_caller.answer(3, 200, "{}");
    QCOMPARE((*taken)->status, 200);
}

void TestNodeSite::a_transaction_of_another_server_goes_to_no_relay()
{
    RequestHead foreign = head("PUT", SendTarget, Body);
    foreign.headers.back().value = TestServer("other").authorization("PUT", SendTarget, m_them, Body);
    const auto answer = call(foreign, Body);
    m_caller.fail(0);
    QCOMPARE(m_caller.asked.size(), 1);
    QCOMPARE((*answer)->status, 502);
}

void TestNodeSite::everything_else_is_handed_on()
{
    const QByteArray target = "/_matrix/federation/v1/query/profile?user_id=%40a%3Ab.example";
    const auto answer = call(head("GET", target));
    const federation::Request &out = m_caller.last();
    QCOMPARE(out.method, "GET");
    QCOMPARE(out.target, target);
    QVERIFY(out.body.isNull());
    QVERIFY(!out.sign);
    m_caller.answer(0, 404, R"({"errcode":"M_NOT_FOUND"})", {{"content-type", "application/json"}});
    QCOMPARE((*answer)->status, 404);
    QCOMPARE((*answer)->type, "application/json");
    QCOMPARE((*answer)->rest->take(), R"({"errcode":"M_NOT_FOUND"})");
    QVERIFY(m_book->rows().isEmpty()); // only transactions tell how a destination is doing
    // Event ids are base64, and a localpart may have a slash.
    for (const QByteArray path : {"event/%24acR1%2FmYU%2f%2Fx", "user/devices/%40a%2Fb%3Ab.example", "event/a.b%2E"}) {
        const auto more = call(head("GET", "/_matrix/federation/v1/" + path));
        QCOMPARE(m_caller.last().target, "/_matrix/federation/v1/" + path);
        m_caller.answerLast(200);
        QCOMPARE((*more)->status, 200);
    }
}

void TestNodeSite::a_body_goes_through_as_it_comes()
{
    const auto answer = call(head("GET", "/_matrix/federation/v1/media/download/x"));
    m_caller.answer(0, 200, QByteArray(), {{"content-length", "9"}});
    const std::shared_ptr<Reply::Body> body = (*answer)->rest;
    QVERIFY(body);
    QCOMPARE((*answer)->length, 9);
    int changes = 0;
    body->start([&changes] { ++changes; });
    QCOMPARE(body->take(), QByteArray());
    m_caller.part(0, QByteArray("one"));
    m_caller.part(0, QByteArray("two"));
    QCOMPARE(changes, 2);
    const auto id = m_caller.asked.at(0).id;
    QVERIFY(!m_caller.granted.contains(id)); // nothing was taken
    QCOMPARE(body->take(), "onetwo");
    QCOMPARE(m_caller.granted[id], 6);
    m_caller.part(0, QByteArray("six"));
    m_caller.part(0, QByteArray());
    QCOMPARE(body->state(), Reply::Body::State::Complete);
    QCOMPARE(body->take(), "six");
    QCOMPARE(changes, 4);
}

void TestNodeSite::a_body_that_breaks_off_is_broken_here_too()
{
    const auto answer = call(head("GET", "/_matrix/federation/v1/state/x"));
    m_caller.answer(0, 200, QByteArray());
    const std::shared_ptr<Reply::Body> body = (*answer)->rest;
    bool told = false;
    body->start([&told] { told = true; });
    m_caller.part(0, Error{Errc::Unreachable, QStringLiteral("cut off"), 0});
    QVERIFY(told);
    QCOMPARE(body->state(), Reply::Body::State::Broken);
}

void TestNodeSite::who_leaves_gives_up_the_rest()
{
    const auto answer = call(head("GET", "/_matrix/federation/v1/state/x"));
    m_caller.answer(0, 200, QByteArray());
    QVERIFY(m_caller.streams(0));
    (*answer)->rest.reset();
    QCOMPARE(m_caller.cancelled, QList{m_caller.asked.at(0).id});
    m_caller.part(0, QByteArray("late"));

    const auto second = call(head("GET", "/_matrix/federation/v1/state/x"));
    m_caller.answer(1, 200, QByteArray());
    m_site.reset(); // the listener goes before the answer does
    m_caller.part(1, QByteArray("late"));
    QCOMPARE((*second)->rest->take(), "late");
}

void TestNodeSite::who_leaves_before_the_answer_gives_it_up()
{
    call(head("GET", "/_matrix/federation/v1/state/x"));
    QVERIFY(m_caller.waits(0));
    (*m_unwanted)();
    QVERIFY(!m_caller.waits(0));
    QCOMPARE(m_caller.cancelled, QList{m_caller.asked.at(0).id});

    call(head("GET", "/_matrix/federation/v1/state/x"));
    m_site.reset(); // the listener goes before the homeserver does
    (*m_unwanted)();
}

void TestNodeSite::a_length_is_told_only_where_it_is_sure()
{
    const auto lengthWith = [this](const federation::Headers &headers) {
        const auto answer = call(head("GET", "/_matrix/key/v2/server"));
        m_caller.answer(m_caller.asked.size() - 1, 200, "{}", headers);
        return (*answer)->length;
    };
    QCOMPARE(lengthWith({{"content-length", "2"}}), 2);
    QCOMPARE(lengthWith({}), std::nullopt);
    QCOMPARE(lengthWith({{"content-length", "-2"}}), std::nullopt);
    QCOMPARE(lengthWith({{"content-length", "2"}, {"transfer-encoding", "chunked"}}), std::nullopt);
}

void TestNodeSite::only_listed_fields_come_back()
{
    const auto answer = call(head("GET", "/_matrix/federation/v1/media/download/x"));
    m_caller.answer(0, 200, "bytes",
                    {{"content-type", "multipart/mixed; boundary=x"},
                     {"content-disposition", "inline"},
                     {"set-cookie", "a=b"},
                     {"connection", "close"},
                     {"transfer-encoding", "chunked"},
                     {"location", "http://127.0.0.1/"}});
    QCOMPARE((*answer)->type, "multipart/mixed; boundary=x");
    QCOMPARE((*answer)->extra.size(), size_t(1));
    QCOMPARE((*answer)->header("content-disposition"), "inline");
}

void TestNodeSite::a_server_that_is_not_reached_is_502()
{
    for (const Errc code : {Errc::Unreachable, Errc::AddressRefused, Errc::CertificateRefused, Errc::BadAnswer}) {
        const auto answer = call(head("GET", "/_matrix/key/v2/server"));
        m_caller.fail(m_caller.asked.size() - 1, code);
        QCOMPARE((*answer)->status, 502);
    }
}

void TestNodeSite::a_homeserver_of_another_name_is_told()
{
    call(head("GET", "/_matrix/federation/v1/state/x"));
    QCOMPARE(m_homeserver->trouble().identity, QString());
    RequestHead foreign = head("PUT", SendTarget, Body);
    foreign.headers.back().value = TestServer("other").authorization("PUT", SendTarget, m_them, Body);
    call(foreign, Body);
    QVERIFY(m_homeserver->trouble().identity.contains(TestServer("other").name().toString()));
    call(head("PUT", SendTarget, Body), Body);
    QCOMPARE(m_homeserver->trouble().identity, QString());
}

void TestNodeSite::a_wrong_secret_is_told()
{
    RequestHead wrong = head("PUT", SendTarget, Body);
    wrong.headers[1].value = "Bearer wrong";
    QCOMPARE((*call(wrong, Body))->status, 401);
    QVERIFY(!m_homeserver->trouble().secret.isEmpty());
    call(head("PUT", SendTarget, Body), Body);
    QCOMPARE(m_homeserver->trouble().secret, QString());
}

void TestNodeSite::it_is_no_open_proxy_data()
{
    QTest::addColumn<RequestHead>("head");
    QTest::addColumn<int>("status");
    const auto row = [this](const char *name, int status, const std::function<void(RequestHead &)> &change,
                            const QByteArray &target = SendTarget) {
        RequestHead changed = head("PUT", target, Body);
        change(changed);
        QTest::newRow(name) << changed << status;
    };
    const auto set = [](const QByteArray &field, const QByteArray &value) {
        return [field, value](RequestHead &head) {
            std::erase_if(head.headers, [&](const Header &header) { return header.name == field; });
            if (!value.isNull())
                head.headers.push_back({field, value});
        };
    };
    const auto nothing = [](RequestHead &) {};
    row("no secret", 401, set("Proxy-Authorization", {}));
    row("another secret", 401, set("Proxy-Authorization", "Bearer " + QByteArray(64, 'b')));
    row("a shorter secret", 401, set("Proxy-Authorization", "Bearer a"));
    row("the secret as basic", 401, set("Proxy-Authorization", "Basic " + Secret));
    row("the secret as ordinary authorization", 401, [&](RequestHead &head) {
        set("Proxy-Authorization", {})(head);
        set("Authorization", "Bearer " + Secret)(head);
    });
    row("two secrets", 401, [](RequestHead &head) { head.headers.push_back({"Proxy-Authorization", "Bearer x"}); });
    row("origin-form", 400, [](RequestHead &head) { head.scheme = {}; });
    row("plain http", 400, [](RequestHead &head) { head.scheme = "http"; });
    row("no server name", 400, set("Host", "b_example"));
    row("our own server", 400, [this](RequestHead &head) {
        std::erase_if(head.headers, [](const Header &header) { return header.name == "Host"; });
        head.headers.push_back({"Host", m_us.name().bytes()});
    });
    row("signed for another", 401,
        set("Authorization",
            m_us.authorization("PUT", SendTarget, *matrix::ServerName::parse("c.example"), QByteArray(Body))));
    row("a transaction without signature", 401, set("Authorization", {}));
    row("a broken signature header", 400, set("Authorization", "X-Matrix origin"));
    row("client API", 404, nothing, "/_matrix/client/v3/sync");
    row("admin API", 404, nothing, "/_synapse/admin/v1/users");
    row("root", 404, nothing, "/");
    row("only the prefix", 404, nothing, "/_matrix/federation");
    row("dot segment", 400, nothing, "/_matrix/federation/../client/v3/sync");
    row("encoded dot segment", 400, nothing, "/_matrix/federation/%2E%2e/client/v3/sync");
    row("encoded slash", 400, nothing, "/_matrix/federation/v1%2f../x");
    row("encoded slash in the name of the request", 400, nothing, "/_matrix/federation/v1/send%2Ft1");
    row("encoded way up", 400, nothing, "/_matrix/federation/v1/event/a%2f%2e%2E%2Fb");
    row("encoded backslash", 400, nothing, "/_matrix/federation/v1%5C../x");
    row("DELETE", 405, [](RequestHead &head) { head.method = "DELETE"; });
    row("OPTIONS", 405, [](RequestHead &head) { head.method = "OPTIONS"; });
}

void TestNodeSite::it_is_no_open_proxy()
{
    QFETCH(const RequestHead, head);
    QFETCH(const int, status);
    const auto answer = call(head, Body);
    QVERIFY(answer->has_value());
    QCOMPARE((*answer)->status, status);
    QVERIFY(m_caller.asked.isEmpty());
}

void TestNodeSite::a_body_that_is_too_large_is_refused()
{
    RequestHead large = head("PUT", SendTarget, Body);
    large.contentLength = (1 << 20) + 1;
    QCOMPARE((*call(large))->status, 413);
    QCOMPARE(m_site->gate(head("PUT", SendTarget, Body)).maxBody, 1 << 20);
}

void TestNodeSite::the_couriers_own_name_has_its_keys_here()
{
    const auto courier = identity::Identity::generate();
    m_site = std::make_unique<NodeSite>(NodeServices{m_us.name(),
                                                     Secret,
                                                     *m_book,
                                                     m_board,
                                                     m_counters,
                                                     *m_homeserver,
                                                     m_clock,
                                                     [this] { return std::make_unique<Shoulder>(m_caller); },
                                                     1 << 20,
                                                     std::nullopt,
                                                     {},
                                                     &courier});
    RequestHead question = head("GET", "/_matrix/key/v2/server");
    question.headers = {{"Host", courier.name().bytes()}, {"Proxy-Authorization", "Bearer " + Secret}};
    const auto answer = call(question);
    QCOMPARE((*answer)->status, 200);
    QVERIFY(identity::checkKeyDocument((*answer)->body, courier.name(), m_clock.wallMs()).ok());
    QVERIFY(m_caller.asked.isEmpty());
    question.headers.front().value = "c.example";
    call(question);
    QCOMPARE(m_caller.asked.size(), 1); // others are asked themselves
}

void TestNodeSite::the_secret_is_made_once_and_kept()
{
    const QTemporaryDir folder;
    const auto made = node::loadOrCreateSecret(folder.path());
    QVERIFY(made.ok());
    QCOMPARE(made->size(), 64);
    QCOMPARE(*node::loadOrCreateSecret(folder.path()), *made);
    const QFile file(folder.filePath(QStringLiteral("node.secret")));
    QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther),
             QFile::Permissions());
    QVERIFY(node::isSecret(*made, *made));
    QVERIFY(!node::isSecret(QByteArray(64, '0'), *made));
}

void TestNodeSite::a_damaged_secret_is_not_overwritten()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("node.secret")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("hunter2\n");
    file.close();
    QCOMPARE(node::loadOrCreateSecret(folder.path()).error().code, Errc::Corrupt);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), "hunter2\n");
}

void TestNodeSite::an_empty_secret_is_made_anew()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("node.secret")));
    QVERIFY(file.open(QIODevice::WriteOnly)); // as after a power cut
    file.close();
    const auto made = node::loadOrCreateSecret(folder.path());
    QVERIFY(made.ok());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), *made + '\n');
}

void TestNodeSite::a_full_disk_leaves_no_secret_at_all()
{
    const QTemporaryDir folder;
    {
        const test::SmallDisk disk(0);
        const auto made = node::loadOrCreateSecret(folder.path());
        QVERIFY(!made.ok());
        QCOMPARE(made.error().code, Errc::Io);
        QVERIFY(made.error().detail.contains(QStringLiteral("node.secret")));
    }
    QVERIFY(QDir(folder.path()).isEmpty());
}

QTEST_GUILESS_MAIN(TestNodeSite)
#include "tst_nodesite.moc"
