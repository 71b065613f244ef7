// SPDX-License-Identifier: GPL-3.0-or-later
// A client with a name service of the test's own, used from the test's thread as a worker would.
#pragma once

#include "fakeclock.h"
#include "fakenames.h"
#include "federation/client.h"
#include "hostileserver.h"
#include "identity/identity.h"

#include <QtTest/QTest>

#include <optional>

namespace restante::test
{

inline matrix::ServerName nameOf(const QByteArray &text)
{
    return *matrix::ServerName::parse(text);
}

/// What came of one request.
using Outcome = std::optional<Result<federation::Response>>;

/// What came of one stream.
struct Flow {
    federation::Caller::Id id = 0;
    Outcome head;
    QByteArray body;
    std::optional<Result<void>> ended;
};

class ClientFixture
{
public:
    /// Once; `options` may be changed before.
    void start()
    {
        options.makeResolver = [table = names] { return std::make_unique<FakeResolver>(table); };
        client = std::make_unique<federation::Client>(identity, options, clock);
        port = std::make_unique<federation::Port>(*client);
    }
    ~ClientFixture()
    {
        port.reset();
        client.reset();
    }

    /// A request with the fields that most tests care nothing for.
    static federation::Request request(const HostileServer &server, const QByteArray &method = "GET",
                                       const QByteArray &target = "/", const QByteArray &body = {})
    {
        federation::Request request = requestTo("peer.example");
        request.method = method;
        request.target = target;
        request.body = body;
        request.peer = server.peer();
        return request;
    }
    static federation::Request requestTo(const QByteArray &destination)
    {
        federation::Request request;
        request.destination = nameOf(destination);
        request.method = "GET";
        request.target = "/";
        return request;
    }
    /// Sends without waiting.
    std::shared_ptr<Outcome> begin(federation::Request request)
    {
        auto outcome = std::make_shared<Outcome>();
        port->send(std::move(request), [outcome](Result<federation::Response> result) {
            QVERIFY(!*outcome);
            outcome->emplace(std::move(result));
        });
        return outcome;
    }
    /// Streams without waiting; parts are gathered, and more let come unless `eager` is false.
    std::shared_ptr<Flow> beginStream(federation::Request request, bool eager = true)
    {
        auto flow = std::make_shared<Flow>();
        flow->id = port->stream(
            std::move(request),
            [flow](Result<federation::Response> head) {
                QVERIFY(!flow->head);
                flow->head.emplace(std::move(head));
            },
            [this, flow, eager](Result<QByteArray> part) {
                QVERIFY(flow->head && !flow->ended);
                if (!part) {
                    flow->ended = part.error();
                } else if (part->isEmpty()) {
                    flow->ended = Result<void>();
                } else {
                    flow->body += *part;
                    if (eager)
                        port->goOn(flow->id, part->size());
                }
            });
        return flow;
    }
    Result<federation::Response> send(federation::Request request)
    {
        const auto outcome = begin(std::move(request));
        if (!wait([&outcome] { return outcome->has_value(); }))
            return {Errc::Internal, QStringLiteral("no answer at all")};
        return **outcome;
    }
    /// The error, or Errc::Internal with the status if it was answered.
    Error failure(federation::Request request)
    {
        const auto result = send(std::move(request));
        return result ? Error{Errc::Internal, QString::number(result->status), 0} : result.error();
    }
    template <typename Condition>
    static bool wait(Condition condition)
    {
        constexpr int patienceMs = 20'000;
        return QTest::qWaitFor(condition, patienceMs);
    }

    FakeClock clock;
    std::shared_ptr<FakeNames> names = std::make_shared<FakeNames>();
    identity::Identity identity = identity::Identity::generate();
    federation::Client::Options options;
    std::unique_ptr<federation::Client> client;
    std::unique_ptr<federation::Port> port;
};

} // namespace restante::test
