// SPDX-License-Identifier: GPL-3.0-or-later
// A relay that is the front door of b.example and d.example, driven from the test's thread without a network.
#pragma once

#include "fakecaller.h"
#include "fakeclock.h"
#include "http/addressbudget.h"
#include "http/tokenbuckets.h"
#include "identity/identity.h"
#include "identity/keydocument.h"
#include "identity/keyring.h"
#include "queue/freshnames.h"
#include "queue/keycache.h"
#include "queue/reader.h"
#include "recorder.h"
#include "sites/entrance.h"
#include "telemetry/counters.h"
#include "testserver.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

namespace restante::test
{

class DoorFixture
{
public:
    using Pending = std::shared_ptr<std::optional<Answer>>;

    explicit DoorFixture(qint64 wallMs = 1'790'000'000'000)
        : clock(wallMs)
    {
        queue::Policy queuePolicy;
        queuePolicy.quotas.diskFloorBytes = 0;
        auto opened = queue::Writer::open({folder.path()}, queuePolicy, clock, {});
        if (!opened)
            qFatal("%s", qPrintable(opened.error().detail));
        writer = std::move(*opened);
        cache = std::make_unique<queue::KeyCache>(*writer);
        keyRing = std::make_unique<identity::KeyRing>(clock, cache.get());
        for (const TestServer *server : {&a, &b, &c, &d})
            learn(*server);
        // The queue's thread writes them down, in this order: what a test forgets is not written after that.
        if (!QTest::qWaitFor([this] { return !cache->document(d.name()).value().isEmpty(); }, 10'000))
            qFatal("the keys were not written down");
        front({{"door.example:8443", b.name()}, {"b.example", b.name()}, {"d.example", d.name()}});
    }

    /// From now on these hosts are the doors of these servers; the board is a new one, as after a restart.
    void front(const QHash<QByteArray, matrix::ServerName> &fronted)
    {
        relay::Policy next;
        next.fronted = fronted;
        next.served = {fronted.cbegin(), fronted.cend()};
        policy.replace(next);
        open();
    }
    void setPolicy(const std::function<void(relay::Policy &)> &change)
    {
        relay::Policy changed = *policy.current();
        change(changed);
        policy.replace(changed);
    }
    void open()
    {
        site.reset();
        doors = std::make_unique<relay::DoorBoard>(clock);
        const auto now = policy.current();
        doors->setServers({now->fronted.cbegin(), now->fronted.cend()});
        freshness = std::make_unique<relay::FreshnessBook>(clock);
        const auto names = queue::FreshNames(*writer).load();
        if (!names)
            qFatal("%s", qPrintable(names.error().detail));
        freshness->load(*names);
        sites::RelayServices services{clock, us, *keyRing, policy, *writer, addressBudget, originBudget, counters};
        services.freshness = freshness.get();
        services.failedWork = &failedWork;
        services.doors = doors.get();
        services.invites = &invites;
        services.makeCaller = [this] { return std::make_unique<Shoulder>(caller); };
        services.keyDocument = [this](const matrix::ServerName &server) { return cache->document(server); };
        site = std::make_unique<sites::Entrance>(services);
    }
    /// Its keys are known, as if they had been fetched.
    void learn(const TestServer &server)
    {
        const QByteArray document = server.document(clock.wallMs() + DayMs);
        keyRing->remember(identity::checkKeyDocument(document, server.name(), clock.wallMs()).value());
    }

    static http::RequestHead head(const QByteArray &method, const QByteArray &target, const QByteArray &host,
                                  const QByteArray &authorization = {})
    {
        http::RequestHead head;
        head.method = method;
        head.target = target;
        head.peer = QHostAddress(QStringLiteral("203.0.113.9"));
        head.headers.push_back({"Host", host});
        if (!authorization.isNull())
            head.headers.push_back({"Authorization", authorization});
        return head;
    }
    /// The answer comes when what it waits for has come.
    Pending ask(http::RequestHead head, const QByteArray &body = {})
    {
        head.hasBody = !body.isEmpty();
        const auto answer = std::make_shared<std::optional<Answer>>();
        unwanted = std::make_shared<std::function<void()>>();
        http::Reply reply(std::make_unique<Recorder>(answer, unwanted));
        http::Verdict verdict = site->gate(head);
        if (verdict.refusal) {
            reply.fail(*verdict.refusal, verdict.allow.isEmpty() ? http::Reply::ExtraHeaders()
                                                                 : http::Reply::ExtraHeaders{{"Allow", verdict.allow}});
        } else {
            site->handle({std::move(head), body, std::move(verdict.admitted)}, std::move(reply));
        }
        return answer;
    }
    /// Waits for it.
    static Answer answered(const Pending &pending)
    {
        return QTest::qWaitFor([&] { return pending->has_value(); }, 10'000) ? **pending : Answer{};
    }
    Answer call(const http::RequestHead &head, const QByteArray &body = {}) { return answered(ask(head, body)); }

    static QByteArray sendTarget(const QByteArray &txnId) { return "/_matrix/federation/v1/send/" + txnId; }
    static QByteArray message(const QByteArray &text)
    {
        return R"({"pdus":[{"content":{"body":")" + text + R"("},"type":"m.room.message"}]})";
    }
    http::RequestHead sendHead(const TestServer &from, const QByteArray &txnId, const QByteArray &body,
                               const QByteArray &host = "b.example") const
    {
        return head("PUT", sendTarget(txnId), host, from.authorization("PUT", sendTarget(txnId), b.name(), body));
    }
    /// A transaction of a.example for b.example.
    Pending send(const QByteArray &txnId, const QByteArray &body) { return ask(sendHead(a, txnId, body), body); }
    Pending send(const QByteArray &txnId) { return send(txnId, message(txnId)); }

    QByteArray doorBody(const QByteArray &members)
    {
        return "{" + members + (members.isEmpty() ? "" : ",") + R"("nonce":"n)" + QByteArray::number(++m_nonces) +
               R"(","ts":)" + QByteArray::number(clock.wallMs()) + '}';
    }
    http::RequestHead doorHead(const TestServer &from, const QByteArray &body) const
    {
        const QByteArray target = "/_matrix/federation/unstable/org.restante/door";
        return head("PUT", target, "relay.example", from.authorization("PUT", target, us.name(), body));
    }
    Answer door(const TestServer &from, const QByteArray &body) { return call(doorHead(from, body), body); }
    /// b.example says that it is at home.
    Answer comeHome(qint64 leaseMs = 60'000, const QByteArray &more = {})
    {
        return door(
            b, doorBody(R"("lease_ms":)" + QByteArray::number(leaseMs) + R"(,"upstream":"198.51.100.7:8448")" + more));
    }
    static constexpr auto Passes = R"({"held":false,"passes":true})";
    static constexpr auto HeldFirst = R"({"held":true,"passes":false})";

    /// What is held for `owner`, the oldest first; it stays.
    std::vector<queue::HeldEntry> held(const matrix::ServerName &owner)
    {
        queue::Client client(*writer);
        queue::Reader reader(*writer, client);
        auto next = reader.acknowledgeAndList(owner, {}, queue::Reader::MostAtOnce, qint64(1) << 30);
        std::vector<queue::HeldEntry> entries;
        if (!next || !next->entry)
            return entries;
        entries.push_back(*std::move(next->entry));
        for (auto &further : next->further)
            entries.push_back(std::move(further));
        return entries;
    }
    std::vector<queue::HeldEntry> held() { return held(b.name()); }
    /// The owner collects all.
    void collect(const matrix::ServerName &owner)
    {
        queue::Client client(*writer);
        queue::Reader reader(*writer, client);
        for (auto entries = held(owner); !entries.empty(); entries = held(owner)) {
            if (!reader.acknowledgeAndNext(owner, entries.front().id))
                qFatal("the queue cannot be read");
        }
    }
    void collect() { collect(b.name()); }

    static constexpr qint64 DayMs = 86'400'000;

    QTemporaryDir folder; ///< goes last
    FakeClock clock;
    TestServer a = TestServer::named("a.example");
    TestServer b = TestServer::named("b.example"); ///< at door.example:8443
    TestServer c = TestServer::named("c.example");
    TestServer d = TestServer::named("d.example"); ///< at its own name
    identity::Identity us = identity::Identity::generate();
    std::unique_ptr<queue::Writer> writer;
    std::unique_ptr<queue::KeyCache> cache;
    std::unique_ptr<identity::KeyRing> keyRing;
    relay::PolicyBoard policy{{}};
    http::AddressBudget addressBudget{0, 1, clock};
    http::AddressBudget failedWork{0, 1, clock};
    http::TokenBuckets originBudget{0, 1, clock};
    telemetry::Counters counters;
    relay::InviteBoard invites;
    std::unique_ptr<relay::DoorBoard> doors;
    std::unique_ptr<relay::FreshnessBook> freshness;
    FakeCaller caller;
    std::unique_ptr<sites::Entrance> site;
    /// What the connection of the last request calls when its client has left.
    std::shared_ptr<std::function<void()>> unwanted;

private:
    int m_nonces = 0;
};

} // namespace restante::test
