// SPDX-License-Identifier: GPL-3.0-or-later
// Requests and answers over loopback, honest and hostile.
#include "clientfixture.h"
#include "identity/authenticator.h"

#include <array>
#include <numeric>

using namespace restante;
using namespace restante::federation;
using namespace restante::test;
using Seen = HostileServer::Seen;

namespace
{
/// Writes the same again and again until the other side has had enough.
void writeForEver(QTcpSocket &socket, const QByteArray &piece)
{
    constexpr qint64 ahead = qint64(64) * 1024;
    const auto more = [&socket, pieces = piece.repeated(1 + ahead / piece.size())] {
        if (socket.state() == QAbstractSocket::ConnectedState && socket.bytesToWrite() < ahead)
            socket.write(pieces);
    };
    QObject::connect(&socket, &QTcpSocket::bytesWritten, &socket, more);
    more();
}
} // namespace

class FederationClientTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_target_arrives_byte_for_byte_data()
    {
        QTest::addColumn<QByteArray>("target");
        for (const char *target :
             {"/", "/a", "/a?", "/a?b=c&&d", "/a/../b/./c", "//a//b/", "/%7E%2f%zz%", "/a?b?c#d",
              "/_matrix/federation/v1/send_relay/1/@user:relay.example", "/[]{}|\\^`\"<>", "/\xc3\xa4"})
            QTest::newRow(target) << QByteArray(target);
        QTest::newRow("long") << '/' + QByteArray(6'000, 'x');
    }
    void a_target_arrives_byte_for_byte()
    {
        QFETCH(const QByteArray, target);
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        QVERIFY(fixture.send(ClientFixture::request(server, "GET", target)).ok());
        QCOMPARE(server.seen.size(), 1);
        QCOMPARE(server.seen[0].target, target);
    }

    void a_request_has_these_fields_and_no_others_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("fields");
        QTest::newRow("GET") << QByteArray("GET") << QByteArray() << QByteArray("host,user-agent,x-more");
        QTest::newRow("GET with a body") << QByteArray("GET") << QByteArray(R"({"entry_id":0})")
                                         << QByteArray("host,user-agent,content-type,x-more,content-length");
        QTest::newRow("PUT") << QByteArray("PUT") << QByteArray(R"({"pdus":[]})")
                             << QByteArray("host,user-agent,content-type,x-more,content-length");
        QTest::newRow("POST without a body")
            << QByteArray("POST") << QByteArray() << QByteArray("host,user-agent,x-more,content-length");
        QTest::newRow("large PUT") << QByteArray("PUT") << QByteArray('[' + QByteArray(3'000'000, ' ') + ']')
                                   << QByteArray("host,user-agent,content-type,x-more,content-length");
    }
    void a_request_has_these_fields_and_no_others()
    {
        QFETCH(const QByteArray, method);
        QFETCH(const QByteArray, body);
        QFETCH(const QByteArray, fields);
        qputenv("http_proxy", "http://127.0.0.1:1");
        qputenv("ALL_PROXY", "http://127.0.0.1:1");
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server, method, "/x", body);
        request.sign = false;
        request.headers = {{"X-More", "a  \"b\""}};
        QVERIFY(fixture.send(request).ok());
        qunsetenv("http_proxy");
        qunsetenv("ALL_PROXY");
        const Seen &seen = server.seen.first();
        QCOMPARE(seen.method, method);
        QCOMPARE(seen.body, body);
        QByteArrayList names;
        for (const auto &field : seen.headers)
            names.append(field.first);
        QCOMPARE(names.join(','), fields);
        QCOMPARE(seen.value("host"), server.place());
        QCOMPARE(seen.value("x-more"), "a  \"b\"");
        QCOMPARE(seen.value("content-type"), body.isEmpty() ? QByteArray() : QByteArray("application/json"));
        QVERIFY(seen.value("user-agent").startsWith("Restante/"));
        QVERIFY(seen.head.contains(" HTTP/1.1\r\n"));
    }

    void a_stream_comes_in_parts()
    {
        ClientFixture fixture;
        fixture.start();
        const QByteArray body(3'000'000, 'b');
        HostileServer server([&body](QTcpSocket &socket, const Seen &) {
            socket.write(httpAnswer(body, "206 Partial Content", "Content-Type: text/plain\r\n"));
        });
        QVERIFY(server.listen());
        const auto flow = fixture.beginStream(ClientFixture::request(server));
        QVERIFY(ClientFixture::wait([&flow] { return flow->ended.has_value(); }));
        QVERIFY(flow->ended->ok());
        QCOMPARE((*flow->head)->status, 206);
        QCOMPARE((*flow->head)->value("content-type"), "text/plain");
        QVERIFY((*flow->head)->body.isEmpty());
        QCOMPARE(flow->body, body);
    }

    void a_stream_without_a_body_has_an_end()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server([](QTcpSocket &socket, const Seen &) { socket.write(httpAnswer("", "404 Not Found")); });
        QVERIFY(server.listen());
        const auto flow = fixture.beginStream(ClientFixture::request(server));
        QVERIFY(ClientFixture::wait([&flow] { return flow->ended.has_value(); }));
        QCOMPARE((*flow->head)->status, 404);
        QVERIFY(flow->ended->ok());
        QVERIFY(flow->body.isEmpty());
    }

    void a_stream_waits_for_who_takes_it()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer endless([](QTcpSocket &socket, const Seen &) {
            socket.write("HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n");
            writeForEver(socket, "x");
        });
        HostileServer honest;
        QVERIFY(endless.listen() && honest.listen());
        auto request = ClientFixture::request(endless);
        request.mostBytes = 500'000'000;
        const auto flow = fixture.beginStream(std::move(request), false);
        QVERIFY(ClientFixture::wait([&flow] { return flow->body.size() >= Caller::WindowBytes; }));
        constexpr qsizetype once = qsizetype(64) * 1024; // what libcurl gives at a time
        for (int i = 0; i < 20; ++i) {
            QVERIFY(fixture.send(ClientFixture::request(honest)).ok());
            QVERIFY(flow->body.size() <= Caller::WindowBytes + once);
        }
        fixture.port->goOn(flow->id, 1'000'000);
        QVERIFY(ClientFixture::wait([&flow] { return flow->body.size() >= Caller::WindowBytes + 1'000'000; }));
        QVERIFY(fixture.send(ClientFixture::request(honest)).ok());
        QVERIFY(flow->body.size() <= Caller::WindowBytes + 1'000'000 + once);
        fixture.port->cancel(flow->id);
        QVERIFY(ClientFixture::wait([&endless] { return endless.gone == 1; }));
        QVERIFY(!flow->ended);
    }

    void streams_delay_no_other_request()
    {
        ClientFixture fixture;
        fixture.options.limits.streams = 2;
        fixture.options.limits.concurrent = 1;
        fixture.options.limits.concurrentPerServer = 2;
        fixture.start();
        HostileServer server([](QTcpSocket &socket, const Seen &seen) {
            socket.write(seen.target == "/slow" ? QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na")
                                                : httpAnswer("{}"));
        });
        QVERIFY(server.listen());
        QList<std::shared_ptr<Flow>> flows;
        for (int i = 0; i < 3; ++i)
            flows.append(fixture.beginStream(ClientFixture::request(server, "GET", "/slow")));
        QVERIFY(ClientFixture::wait([&flows] { return flows[0]->body == "a" && flows[1]->body == "a"; }));
        QVERIFY(fixture.send(ClientFixture::request(server)).ok());
        QVERIFY(!flows[2]->head); // it waits for its turn
        fixture.port->cancel(flows[0]->id);
        QVERIFY(ClientFixture::wait([&flows] { return flows[2]->body == "a"; }));
    }

    void a_stream_that_fails_says_so_once_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("hasHead");
        QTest::addColumn<Errc>("code");
        QTest::newRow("cut in the body") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") << true
                                         << Errc::Unreachable;
        QTest::newRow("a broken chunk") << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc"
                                                      "\r\nno\r\n")
                                        << true << Errc::Unreachable;
        QTest::newRow("too much, and says so")
            << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + QByteArray(99, 'x')) << false
            << Errc::BadAnswer;
        QTest::newRow("too much") << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde"
                                                "\r\n63\r\n" +
                                                QByteArray(99, 'x') + "\r\n0\r\n\r\n")
                                  << true << Errc::BadAnswer;
        QTest::newRow("a redirect") << QByteArray("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 3\r\n\r\nabc")
                                    << false << Errc::BadAnswer;
        QTest::newRow("no HTTP") << QByteArray("220 mail.example ESMTP\r\n\r\n") << false << Errc::BadAnswer;
        QTest::newRow("nothing") << QByteArray() << false << Errc::Unreachable;
    }
    void a_stream_that_fails_says_so_once()
    {
        QFETCH(const QByteArray, answer);
        QFETCH(const bool, hasHead);
        QFETCH(const Errc, code);
        ClientFixture fixture;
        fixture.start();
        HostileServer server([&answer](QTcpSocket &socket, const Seen &) {
            socket.write(answer);
            socket.disconnectFromHost();
        });
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server);
        request.mostBytes = 50;
        const auto flow = fixture.beginStream(std::move(request));
        QVERIFY(ClientFixture::wait([&] { return flow->ended || (flow->head && !*flow->head); }));
        HostileServer honest;
        QVERIFY(honest.listen());
        QVERIFY(fixture.send(ClientFixture::request(honest)).ok()); // whatever else would come has come
        QCOMPARE((*flow->head).ok(), hasHead);
        QCOMPARE(flow->ended.has_value(), hasHead);
        QCOMPARE(hasHead ? flow->ended->error().code : flow->head->error().code, code);
    }

    void a_stream_has_a_deadline_for_its_body()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server([](QTcpSocket &socket, const Seen &seen) {
            if (seen.target == "/begins")
                socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        });
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server, "GET", "/begins");
        request.bodyMs = 50;
        const auto begun = fixture.beginStream(request);
        request.target = "/silent";
        request.deadlineMs = 50;
        request.bodyMs = 600'000;
        const auto silent = fixture.beginStream(request);
        QVERIFY(ClientFixture::wait([&] { return begun->ended && silent->head; }));
        QCOMPARE(begun->ended->error().code, Errc::Unreachable);
        QCOMPARE(silent->head->error().code, Errc::Unreachable);
        QVERIFY(ClientFixture::wait([&server] { return server.gone == 2; }));
    }

    void fields_of_the_caller_replace_ours()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server, "POST", "/", "text");
        request.sign = false;
        request.headers = {
            {"user-agent", "other"}, {"content-type", "text/plain"}, {"X-Empty", ""}, {"Authorization", "X-Matrix a"}};
        QVERIFY(fixture.send(request).ok());
        const Seen &seen = server.seen.first();
        QCOMPARE(seen.value("user-agent"), "other");
        QCOMPARE(seen.value("content-type"), "text/plain");
        QCOMPARE(seen.value("authorization"), "X-Matrix a");
        QVERIFY(seen.head.contains("X-Empty:"));
    }

    void a_signature_is_verified_by_the_other_side_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("GET") << QByteArray("GET") << QByteArray();
        QTest::newRow("GET with a body") << QByteArray("GET") << QByteArray(R"({"entry_id":0})");
        QTest::newRow("not canonical") << QByteArray("PUT") << QByteArray(R"( {"b" : 1.50, "a":"\u0061"} )");
    }
    void a_signature_is_verified_by_the_other_side()
    {
        QFETCH(const QByteArray, method);
        QFETCH(const QByteArray, body);
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        const QByteArray target = "/_matrix/x/%7e?a=b";
        QVERIFY(fixture.send(ClientFixture::request(server, method, target, body)).ok());
        const Seen &seen = server.seen.first();
        QCOMPARE(seen.body, body);

        const auto claim = matrix::XMatrix::parse({seen.value("authorization")});
        QVERIFY(claim.ok());
        QCOMPARE(claim->origin, fixture.identity.name());
        QCOMPARE(claim->destination, nameOf("peer.example"));
        identity::KeyRing ring(fixture.clock, nullptr);
        identity::Authenticator authenticator(ring, nullptr, nameOf("peer.example"));
        std::optional<matrix::ScannedObject> content;
        if (!body.isEmpty())
            content = matrix::ScannedObject::scan(seen.body).value();
        bool verified = false;
        authenticator.verify(*claim, seen.method, seen.target, content ? &*content : nullptr, {},
                             [&verified](const auto &result) { verified = result.ok(); });
        QVERIFY(verified);
    }

    void what_could_be_read_in_two_ways_is_not_sent_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        const auto row = [](const char *tag, const QByteArray &method, const QByteArray &target, const QByteArray &name,
                            const QByteArray &value) { QTest::newRow(tag) << method << target << name << value; };
        row("value with CR LF", "GET", "/", "X", "a\r\nEvil: b");
        row("value with LF", "GET", "/", "X", "a\nb");
        row("value with CR", "GET", "/", "X", "a\rb");
        row("value with NUL", "GET", "/", "X", QByteArray("a\0b", 3));
        row("name with LF", "GET", "/", "X\nY", "a");
        row("name with colon", "GET", "/", "X: b\r\nY", "a");
        row("name with space", "GET", "/", "X ", "a");
        row("no name", "GET", "/", "", "a");
        row("target with space", "GET", "/a b", "X", "a");
        row("target with CR LF", "GET", "/a HTTP/1.1\r\nX: b", "X", "a");
        row("target with LF", "GET", "/a\nb", "X", "a");
        row("target with NUL", "GET", QByteArray("/a\0b", 4), "X", "a");
        row("target with tab", "GET", "/a\tb", "X", "a");
        row("no target", "GET", "", "X", "a");
        row("absolute target", "GET", "http://a.example/", "X", "a");
        row("asterisk", "OPTIONS", "*", "X", "a");
        row("method with space", "GET /", "/", "X", "a");
        row("no method", "", "/", "X", "a");
        row("CONNECT", "CONNECT", "/", "X", "a");
        for (const char *ours : {"Host", "Content-Length", "transfer-encoding", "Connection", "Expect", "TE"})
            row(ours, "GET", "/", ours, "a");
    }
    void what_could_be_read_in_two_ways_is_not_sent()
    {
        QFETCH(const QByteArray, method);
        QFETCH(const QByteArray, target);
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, value);
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server, method, target);
        request.headers = {{name, value}};
        QCOMPARE(fixture.failure(request).code, Errc::InvalidParam);
        QVERIFY(fixture.send(ClientFixture::request(server)).ok());
        QCOMPARE(server.seen.size(), 1);
    }

    void a_body_that_is_no_json_is_not_signed()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        QCOMPARE(fixture.failure(ClientFixture::request(server, "PUT", "/", "{]")).code, Errc::InvalidParam);
        QVERIFY(server.seen.isEmpty());
    }

    void a_fixed_place_is_a_url_of_host_and_port_data()
    {
        QTest::addColumn<QByteArray>("url");
        for (const char *url : {"", "127.0.0.1", "ftp://127.0.0.1", "http://", "http://127.0.0.1/",
                                "http://127.0.0.1/x", "http://a@127.0.0.1", "http://127.0.0.1:99999",
                                "http://127.0.0.1#x", "HTTP://127.0.0.1", "http://127.0.0.1 "})
            QTest::newRow(url) << QByteArray(url);
    }
    void a_fixed_place_is_a_url_of_host_and_port()
    {
        QFETCH(const QByteArray, url);
        ClientFixture fixture;
        fixture.start();
        auto request = ClientFixture::requestTo("peer.example");
        request.peer = FixedPeer{url, {}};
        QCOMPARE(fixture.failure(request).code, Errc::InvalidParam);
    }

    void every_status_is_an_answer_data()
    {
        QTest::addColumn<QByteArray>("status");
        for (const char *status :
             {"200 OK", "204 No Content", "304 Not Modified", "401 No", "404 Not Found", "429 Slow", "500 Oh", "599 ?"})
            QTest::newRow(status) << QByteArray(status);
    }
    void every_status_is_an_answer()
    {
        QFETCH(const QByteArray, status);
        ClientFixture fixture;
        fixture.start();
        HostileServer server([&status](QTcpSocket &socket, const Seen &) {
            socket.write("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n" +
                         httpAnswer({}, status, "X-A: 1\r\nx-a:  2 \r\nSet-Cookie: a=b\r\n"));
        });
        QVERIFY(server.listen());
        const auto answer = fixture.send(ClientFixture::request(server));
        QVERIFY(answer.ok());
        QCOMPARE(answer->status, status.first(3).toInt());
        QCOMPARE(answer->headers.size(), size_t(4));
        QCOMPARE(answer->headers[0], std::pair(QByteArray("x-a"), QByteArray("1")));
        QCOMPARE(answer->headers[1], std::pair(QByteArray("x-a"), QByteArray("2")));
        QVERIFY(fixture.send(ClientFixture::request(server)).ok());
        QVERIFY(server.seen.last().value("cookie").isNull());
    }

    void a_body_comes_as_it_was_sent()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server([](QTcpSocket &socket, const Seen &seen) {
            if (seen.target == "/chunked")
                socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n"
                             "X-Trailer: 1\r\n\r\n");
            else if (seen.target == "/packed")
                socket.write(httpAnswer("\x1f\x8b not gzip", "200 OK", "Content-Encoding: gzip\r\n"));
            else
                socket.write(httpAnswer(QByteArray(200'000, 'z')));
        });
        QVERIFY(server.listen());
        const auto chunked = fixture.send(ClientFixture::request(server, "GET", "/chunked"));
        QCOMPARE(chunked->body, "abcde");
        QVERIFY(chunked->value("x-trailer").isNull());
        QCOMPARE(fixture.send(ClientFixture::request(server, "GET", "/packed"))->body, "\x1f\x8b not gzip");
        QCOMPARE(fixture.send(ClientFixture::request(server))->body, QByteArray(200'000, 'z'));
    }

    void a_bad_answer_is_told_from_none_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QByteArray>("forEver"); // repeated after it; null: the connection is closed
        QTest::addColumn<int>("code");
        const auto row = [](const char *tag, const QByteArray &answer, const QByteArray &forEver, Errc code) {
            QTest::newRow(tag) << answer << forEver << int(code);
        };
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        row("endless head", ok, "X-More: and more\r\n", Errc::BadAnswer);
        row("endless line", ok + "X: ", QByteArray(1000, 'x'), Errc::BadAnswer);
        row("endless early answers", {}, "HTTP/1.1 103 Early\r\nX: y\r\n\r\n", Errc::BadAnswer);
        row("endless body", ok + "\r\n", QByteArray(10'000, 'x'), Errc::BadAnswer);
        row("endless chunks", ok + "Transfer-Encoding: chunked\r\n\r\n", "3e8\r\n" + QByteArray(1000, 'x') + "\r\n",
            Errc::BadAnswer);
        row("huge length", ok + "Content-Length: 99999999999\r\n\r\n", "x", Errc::BadAnswer);
        row("no HTTP", "220 mail.example ESMTP\r\n", {}, Errc::BadAnswer);
        row("HTTP/0.9", "<html>", {}, Errc::BadAnswer);
        row("redirect", ok.chopped(8) + "302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", {},
            Errc::BadAnswer);
        row("cut off in the first line", "HTTP/1.1 200", {}, Errc::Unreachable);
        row("cut off in the head", ok + "X: y", {}, Errc::Unreachable);
        row("cut off in the body", ok + "Content-Length: 10\r\n\r\nabc", {}, Errc::Unreachable);
        row("cut off in a chunk", ok + "Transfer-Encoding: chunked\r\n\r\n10\r\nabc", {}, Errc::Unreachable);
        row("cut off at once", {}, {}, Errc::Unreachable);
    }
    void a_bad_answer_is_told_from_none()
    {
        QFETCH(const QByteArray, answer);
        QFETCH(const QByteArray, forEver);
        QFETCH(const int, code);
        ClientFixture fixture;
        fixture.start();
        HostileServer server([&](QTcpSocket &socket, const Seen &) {
            socket.write(answer);
            if (forEver.isNull())
                socket.disconnectFromHost();
            else
                writeForEver(socket, forEver);
        });
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server, "PUT", "/", "{}");
        request.mostBytes = 100'000;
        const Error error = fixture.failure(request);
        QVERIFY2(int(error.code) == code, qPrintable(error.detail));
        QCOMPARE(server.seen.size(), 1);
    }

    void a_body_of_just_the_limit_is_taken()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server([](QTcpSocket &socket, const Seen &) { socket.write(httpAnswer(QByteArray(1000, 'x'))); });
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server);
        request.mostBytes = 1000;
        QCOMPARE(fixture.send(request)->body.size(), 1000);
        request.mostBytes = 999;
        QCOMPARE(fixture.failure(request).code, Errc::BadAnswer);
    }

    void a_peer_that_trickles_is_cut_off()
    {
        ClientFixture fixture;
        fixture.options.limits.slowSeconds = 1;
        fixture.start();
        QTimer trickle;
        HostileServer server([&trickle](QTcpSocket &socket, const Seen &) {
            socket.write("HTTP/1.1 200 OK\r\n\r\n");
            QObject::connect(&trickle, &QTimer::timeout, &socket, [&socket] { socket.write("x"); });
        });
        QVERIFY(server.listen());
        constexpr int trickleMs = 50;
        trickle.start(trickleMs);
        auto request = ClientFixture::request(server);
        request.deadlineMs = 1'000'000;
        QCOMPARE(fixture.failure(request).code, Errc::Unreachable);
    }

    void a_peer_that_says_nothing_is_left_at_the_deadline()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server([](QTcpSocket &, const Seen &) {});
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server);
        request.deadlineMs = 100;
        QCOMPARE(fixture.failure(request).code, Errc::Unreachable);
        QVERIFY(ClientFixture::wait([&server] { return server.gone == 1; }));
    }

    void nobody_there_is_unreachable()
    {
        ClientFixture fixture;
        fixture.start();
        FixedPeer nowhere;
        {
            HostileServer server;
            QVERIFY(server.listen());
            nowhere = server.peer();
        }
        auto request = ClientFixture::requestTo("peer.example");
        request.peer = nowhere;
        QCOMPARE(fixture.failure(request).code, Errc::Unreachable);
    }

    void a_cancelled_request_is_not_answered_and_its_connection_is_closed()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server([](QTcpSocket &, const Seen &) {});
        QVERIFY(server.listen());
        bool told = false;
        const auto id = fixture.port->send(ClientFixture::request(server), [&told](const auto &) { told = true; });
        QVERIFY(ClientFixture::wait([&server] { return server.seen.size() == 1; }));
        fixture.port->cancel(id);
        fixture.port->cancel(id);
        QVERIFY(ClientFixture::wait([&server] { return server.gone == 1; }));
        QVERIFY(!told);
    }

    void a_request_cancelled_at_once_takes_nobodys_place()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrent = 1;
        fixture.start();
        HostileServer server([](QTcpSocket &socket, const Seen &seen) {
            if (seen.target == "/answer")
                socket.write(httpAnswer("{}"));
        });
        QVERIFY(server.listen());
        const auto id = fixture.port->send(ClientFixture::request(server), [](const auto &) { QFAIL("told"); });
        const auto waiting = fixture.port->send(ClientFixture::request(server), [](const auto &) { QFAIL("told"); });
        fixture.port->cancel(waiting);
        fixture.port->cancel(id);
        QVERIFY(fixture.send(ClientFixture::request(server, "GET", "/answer")).ok());
    }

    void a_peer_that_stalls_delays_nobody_else()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrent = 8;
        fixture.options.limits.concurrentPerServer = 4;
        fixture.start();
        HostileServer stalls([](QTcpSocket &, const Seen &) {});
        HostileServer works;
        QVERIFY(stalls.listen());
        QVERIFY(works.listen());
        constexpr int many = 50;
        std::vector<std::shared_ptr<Outcome>> stalled;
        std::vector<std::shared_ptr<Outcome>> answered;
        stalled.reserve(many);
        answered.reserve(many);
        for (int i = 0; i < many; ++i)
            stalled.push_back(fixture.begin(ClientFixture::request(stalls)));
        for (int i = 0; i < many; ++i)
            answered.push_back(fixture.begin(ClientFixture::request(works)));
        QVERIFY(ClientFixture::wait([&] {
            return std::all_of(answered.begin(), answered.end(),
                               [](const auto &outcome) { return outcome->has_value(); });
        }));
        for (const auto &outcome : answered)
            QVERIFY((*outcome)->ok());
        QCOMPARE(stalls.seen.size(), 4);
        QVERIFY(std::none_of(stalled.begin(), stalled.end(), [](const auto &outcome) { return outcome->has_value(); }));
    }

    void servers_that_were_dead_leave_places_to_the_others()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrent = 4;
        fixture.options.limits.concurrentPerDoubtful = 1;
        fixture.start();
        std::array<HostileServer, 4> dead;
        HostileServer works;
        QVERIFY(works.listen());
        for (HostileServer &server : dead) {
            server.script = [](QTcpSocket &, const Seen &) {};
            QVERIFY(server.listen());
            auto request = ClientFixture::request(server);
            request.deadlineMs = 50;
            QCOMPARE(fixture.failure(request).code, Errc::Unreachable);
        }
        for (int i = 0; i < 2; ++i) {
            for (HostileServer &server : dead)
                fixture.begin(ClientFixture::request(server));
        }
        QVERIFY(fixture.send(ClientFixture::request(works)).ok());
        const auto asked = [&dead] {
            return std::accumulate(dead.begin(), dead.end(), qsizetype(0),
                                   [](qsizetype sum, const HostileServer &server) { return sum + server.seen.size(); });
        };
        QVERIFY(ClientFixture::wait([&asked] { return asked() >= 6; }));
        QVERIFY(fixture.send(ClientFixture::request(works)).ok());
        QCOMPARE(asked(), 6); // half of the places, each of them for another
        QVERIFY(std::all_of(dead.begin(), dead.end(), [](const auto &server) { return server.seen.size() <= 2; }));
    }

    void servers_whose_streams_stall_leave_places_to_the_others()
    {
        ClientFixture fixture;
        fixture.options.limits.streams = 2;
        fixture.start();
        std::array<HostileServer, 2> stalling;
        HostileServer works;
        QVERIFY(works.listen());
        QList<std::shared_ptr<Flow>> stalled;
        for (HostileServer &server : stalling) {
            server.script = [](QTcpSocket &socket, const Seen &) {
                socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
            };
            QVERIFY(server.listen());
            auto request = ClientFixture::request(server);
            request.connectMs = 50;
            stalled.append(fixture.beginStream(request));
        }
        const auto flow = fixture.beginStream(ClientFixture::request(works));
        QVERIFY(ClientFixture::wait([&flow] { return flow->ended.has_value(); }));
        QVERIFY(flow->ended->ok());
        QCOMPARE(
            std::count_if(stalled.begin(), stalled.end(), [](const auto &each) { return each->ended.has_value(); }), 1);
    }

    void a_server_that_began_to_answer_is_not_doubted_data()
    {
        QTest::addColumn<bool>("stream");
        QTest::addColumn<int>("deadlineMs");
        QTest::addColumn<int>("bodyMs");
        QTest::newRow("a body that takes too long") << false << 100 << 1;
        QTest::newRow("a stream that takes too long") << true << 30'000 << 100;
    }
    void a_server_that_began_to_answer_is_not_doubted()
    {
        QFETCH(const bool, stream);
        QFETCH(const int, deadlineMs);
        QFETCH(const int, bodyMs);
        ClientFixture fixture;
        fixture.options.limits.concurrentPerDoubtful = 1;
        fixture.start();
        HostileServer server(
            [](QTcpSocket &socket, const Seen &) { socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"); });
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server);
        request.connectMs = 50; // over before the rest, so that it holds its place for too long
        request.deadlineMs = deadlineMs;
        request.bodyMs = bodyMs;
        if (stream) {
            const auto flow = fixture.beginStream(request);
            QVERIFY(ClientFixture::wait([&flow] { return flow->ended.has_value(); }));
            QVERIFY(!flow->ended->ok());
        } else {
            QCOMPARE(fixture.failure(request).code, Errc::Unreachable);
        }
        for (int i = 0; i < 4; ++i) {
            if (stream)
                fixture.beginStream(ClientFixture::request(server));
            else
                fixture.begin(ClientFixture::request(server));
        }
        QVERIFY(ClientFixture::wait([&server] { return server.seen.size() == 5; }));
    }

    void a_request_that_was_given_up_for_slowness_counts_against_its_server()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrentPerDoubtful = 1;
        fixture.start();
        HostileServer slow([](QTcpSocket &, const Seen &) {});
        HostileServer alsoSlow([](QTcpSocket &, const Seen &) {});
        HostileServer works;
        QVERIFY(slow.listen() && alsoSlow.listen() && works.listen());
        auto request = ClientFixture::request(slow);
        request.connectMs = 50;
        const auto never = [](const auto &) { QFAIL("a cancelled request was answered"); };
        const auto id = fixture.port->send(request, never);
        auto another = ClientFixture::request(alsoSlow);
        another.deadlineMs = 300; // longer than that time
        QCOMPARE(fixture.failure(another).code, Errc::Unreachable);
        QCOMPARE(slow.seen.size(), 1);
        fixture.port->cancel(id);
        for (int i = 0; i < 3; ++i)
            fixture.begin(ClientFixture::request(slow));
        QVERIFY(ClientFixture::wait([&slow] { return slow.seen.size() == 2; }));
        QVERIFY(fixture.send(ClientFixture::request(works)).ok());
        QCOMPARE(slow.seen.size(), 2);
    }

    void who_is_slow_leaves_places_to_one_that_was_dead_while_there_are_some()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrent = 4;
        fixture.start();
        HostileServer slow([](QTcpSocket &, const Seen &) {});
        HostileServer dead([](QTcpSocket &, const Seen &) {});
        HostileServer works;
        QVERIFY(slow.listen() && dead.listen() && works.listen());
        auto request = ClientFixture::request(slow);
        request.connectMs = 50;
        const auto first = fixture.begin(request);
        const auto second = fixture.begin(request);
        request = ClientFixture::request(dead);
        request.deadlineMs = 300; // longer than those have before they count as slow
        QCOMPARE(fixture.failure(request).code, Errc::Unreachable);
        QCOMPARE(fixture.failure(request).code, Errc::Unreachable);
        QCOMPARE(dead.seen.size(), 2);
        QVERIFY(fixture.send(ClientFixture::request(works)).ok());
        QVERIFY(!*first && !*second);
    }

    void who_has_had_his_time_leaves_when_others_wait_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("no head") << QByteArray();
        QTest::newRow("a body that stalls") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    }
    void who_has_had_his_time_leaves_when_others_wait()
    {
        QFETCH(const QByteArray, answer);
        ClientFixture fixture;
        fixture.options.limits.streams = 3;
        fixture.start();
        HostileServer slow([&answer](QTcpSocket &socket, const Seen &) { socket.write(answer); });
        HostileServer works;
        QVERIFY(slow.listen() && works.listen());
        auto request = ClientFixture::request(slow);
        request.connectMs = 50;
        QList<std::shared_ptr<Flow>> flows;
        for (int i = 0; i < 3; ++i)
            flows.append(fixture.beginStream(request));
        const auto over = [](const auto &flow) { return flow->ended || (flow->head && !*flow->head); };
        QVERIFY(ClientFixture::wait([&slow] { return slow.seen.size() == 3; }));
        QVERIFY(fixture.send(ClientFixture::request(works)).ok());
        QVERIFY(std::none_of(flows.begin(), flows.end(), over)); // it needed no place of theirs
        for (int i = 0; i < 3; ++i) {
            const auto flow = fixture.beginStream(ClientFixture::request(works));
            QVERIFY(ClientFixture::wait([&flow] { return flow->ended.has_value(); }));
            QVERIFY(flow->ended->ok());
        }
        QCOMPARE(std::count_if(flows.begin(), flows.end(), over), 1);
    }

    void a_server_that_answers_is_doubted_no_more()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrentPerDoubtful = 1;
        fixture.start();
        HostileServer server([](QTcpSocket &socket, const Seen &seen) {
            if (seen.target == "/answer")
                socket.write(httpAnswer("{}"));
        });
        QVERIFY(server.listen());
        auto request = ClientFixture::request(server);
        request.deadlineMs = 50;
        QCOMPARE(fixture.failure(request).code, Errc::Unreachable);
        QVERIFY(fixture.send(ClientFixture::request(server, "GET", "/answer")).ok());
        for (int i = 0; i < 4; ++i)
            fixture.begin(ClientFixture::request(server));
        QVERIFY(ClientFixture::wait([&server] { return server.seen.size() == 6; }));
    }

    void too_many_waiting_requests_are_busy()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrentPerServer = 1;
        fixture.options.limits.waitingPerServer = 2;
        fixture.options.limits.waiting = 3;
        fixture.start();
        HostileServer stalls([](QTcpSocket &, const Seen &) {});
        HostileServer other([](QTcpSocket &, const Seen &) {});
        QVERIFY(stalls.listen());
        QVERIFY(other.listen());
        std::vector<std::shared_ptr<Outcome>> outcomes;
        outcomes.reserve(7);
        for (int i = 0; i < 4; ++i)
            outcomes.push_back(fixture.begin(ClientFixture::request(stalls)));
        for (int i = 0; i < 3; ++i)
            outcomes.push_back(fixture.begin(ClientFixture::request(other)));
        QVERIFY(ClientFixture::wait([&outcomes] { return outcomes[3]->has_value() && outcomes[6]->has_value(); }));
        QCOMPARE((*outcomes[3])->error().code, Errc::Busy); // of that server
        QCOMPARE((*outcomes[6])->error().code, Errc::Busy); // in all
        for (const size_t i : {0, 1, 2, 4, 5})
            QVERIFY(!*outcomes[i]);
    }

    void a_waiting_request_has_its_deadline_too()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrent = 1;
        fixture.start();
        HostileServer stalls([](QTcpSocket &, const Seen &) {});
        QVERIFY(stalls.listen());
        fixture.begin(ClientFixture::request(stalls));
        auto request = ClientFixture::request(stalls);
        request.deadlineMs = 100;
        QCOMPARE(fixture.failure(request).code, Errc::Busy); // nobody asked that server
        QCOMPARE(stalls.seen.size(), 1);
    }

    void a_connection_is_kept_for_the_next_request()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server;
        QVERIFY(server.listen());
        for (int i = 0; i < 3; ++i)
            QVERIFY(fixture.send(ClientFixture::request(server, "PUT", "/", "{}")).ok());
        QCOMPARE(server.connections, 1);
        QVERIFY(fixture.send(ClientFixture::request(server, "POST", "/", "{}")).ok());
        QCOMPARE(server.connections, 2); // what must not come twice goes over none that may be dead
    }

    void a_kept_connection_that_died_is_replaced()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server([](QTcpSocket &socket, const Seen &) {
            socket.write(httpAnswer("{}"));
            socket.disconnectFromHost();
        });
        QVERIFY(server.listen());
        for (int i = 1; i <= 3; ++i) {
            QVERIFY(fixture.send(ClientFixture::request(server, "PUT", "/", "{}")).ok());
            QCOMPARE(server.seen.size(), i);
        }
    }

    void a_request_that_was_half_answered_is_not_sent_again()
    {
        ClientFixture fixture;
        fixture.start();
        int count = 0;
        HostileServer server([&count](QTcpSocket &socket, const Seen &) {
            if (++count == 1) {
                socket.write(httpAnswer("{}"));
            } else {
                socket.write("HTTP/1.1 200 OK\r\n");
                socket.disconnectFromHost();
            }
        });
        QVERIFY(server.listen());
        QVERIFY(fixture.send(ClientFixture::request(server, "PUT", "/", "{}")).ok());
        QVERIFY(!fixture.send(ClientFixture::request(server, "PUT", "/", "{}")).ok());
        QCOMPARE(server.seen.size(), 2);
        QCOMPARE(server.connections, 1);
    }

    void a_port_that_goes_takes_its_requests_with_it()
    {
        ClientFixture fixture;
        fixture.start();
        HostileServer server([](QTcpSocket &, const Seen &) {});
        QVERIFY(server.listen());
        int told = 0;
        {
            Port other(*fixture.client);
            for (int i = 0; i < 3; ++i)
                other.send(ClientFixture::request(server), [&told](const auto &) { ++told; });
            QVERIFY(ClientFixture::wait([&server] { return server.seen.size() == 3; }));
            other.send(ClientFixture::request(server), [&told](const auto &) { ++told; });
        }
        QVERIFY(ClientFixture::wait([&server] { return server.gone == server.connections; }));
        QCOMPARE(told, 0);
        server.script = [](QTcpSocket &socket, const Seen &) { socket.write(httpAnswer("{}")); };
        QVERIFY(fixture.send(ClientFixture::request(server)).ok());
    }

    void a_client_that_goes_ends_what_is_on_its_way()
    {
        ClientFixture fixture;
        fixture.options.limits.concurrentPerServer = 1;
        fixture.start();
        HostileServer server([](QTcpSocket &, const Seen &) {});
        QVERIFY(server.listen());
        const auto sent = fixture.begin(ClientFixture::request(server));
        const auto waiting = fixture.begin(ClientFixture::request(server));
        QVERIFY(ClientFixture::wait([&server] { return server.seen.size() == 1; }));
        fixture.client.reset();
        const auto late = fixture.begin(ClientFixture::request(server));
        for (const auto &outcome : {sent, waiting, late}) {
            QVERIFY(ClientFixture::wait([&outcome] { return outcome->has_value(); }));
            QCOMPARE((*outcome)->error().code, Errc::Unreachable);
        }
    }
};

QTEST_GUILESS_MAIN(FederationClientTest)
#include "tst_federationclient.moc"
