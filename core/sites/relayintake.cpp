// SPDX-License-Identifier: GPL-3.0-or-later
// The relay's site: mail is left.
#include "http/addressbudget.h"
#include "matrix/transaction.h"
#include "sites/relaycall.h"

#include <utility>

namespace restante::sites
{

namespace
{
/// The body of a transaction, with the members that are of use.
Result<matrix::ScannedObject> scannedTransaction(const QByteArray &text)
{
    auto body = matrix::ScannedObject::scan(text);
    if (body)
        body->keepOnly(matrix::Transaction::Members);
    return body;
}
} // namespace

/// PUT /_matrix/federation/v1/send_relay/{txnID}/{userID}, steps 8 to 12.
void RelaySite::sendRelay(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply)
{
    if (const auto type = checkContentType(request.head); !type)
        return reply.fail(type.error());
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    if (request.body.size() <= identity::Authenticator::LargeBytes)
        return submit(request.head, call, scannedTransaction(request.body), pending);
    struct Work {
        http::RequestHead head;
        QByteArray text;
        Result<matrix::ScannedObject> body;
    };
    const auto work = std::make_shared<Work>(Work{request.head, request.body, Error()});
    aside(
        request.body.size(), base::customerKey(base::addressKey(request.head.peer)),
        [work] { work->body = scannedTransaction(std::exchange(work->text, {})); },
        [this, call, work, pending] { submit(work->head, call, std::move(work->body), pending); }, pending);
}

/// The rest of step 8, and step 9.
void RelaySite::submit(const http::RequestHead &head, const std::shared_ptr<const Call> &call,
                       Result<matrix::ScannedObject> body, const std::shared_ptr<http::Reply> &reply)
{
    if (!body)
        return reply->fail(body.error());
    const auto proceed = [this, call, reply, body = *body, address = base::customerKey(base::addressKey(head.peer))](
                             const identity::Verified &verified) {
        // What is told apart and kept is what was signed.
        keep(address, call, verified.rewritten.value_or(body), reply);
    };
    authenticate(head, call, &*body, reply, proceed, Keys::Valid);
}

/// Steps 10 to 12.
void RelaySite::keep(const QByteArray &address, const std::shared_ptr<const Call> &call, matrix::ScannedObject body,
                     const std::shared_ptr<http::Reply> &reply)
{
    noteContact(call->claim.origin);
    struct Work {
        matrix::ScannedObject body;
        Result<queue::StoreRequest> prepared;
    };
    const qint64 bytes = body.text().size();
    const auto work = std::make_shared<Work>(Work{std::move(body), Error()});
    aside(
        bytes, address,
        [work, call, address, &key = m_client.digestKey()] {
            auto transaction = matrix::Transaction::fromBody(std::exchange(work->body, {}));
            if (transaction)
                work->prepared = relay::Forwarder::prepared(
                    {call->claim.origin, call->user, call->txnId, *std::move(transaction), address}, key);
            else
                work->prepared = transaction.error();
        },
        [this, work, call, reply, bytes] {
            if (!work->prepared)
                return reply->fail(work->prepared.error());
            if (const auto budget = chargeOrigin(call->claim.origin, bytes); !budget)
                return reply->fail(budget.error());
            if (const auto budget = chargeDestination(call->claim.origin, call->user.domain()); !budget)
                return reply->fail(budget.error());
            m_forwarder.take(*std::move(work->prepared), [reply](const Result<queue::Stored> &stored) {
                if (stored)
                    reply->json(200, QByteArrayLiteral("{}"));
                else
                    reply->fail(stored.error());
            });
        },
        reply);
}

/// One step for a body: at once if it is small, else beside this thread, which others wait for. `then` comes
/// afterwards in this thread; neither, once the client has gone.
void RelaySite::aside(qint64 bodyBytes, const QByteArray &who, std::function<void()> work, std::function<void()> then,
                      const std::shared_ptr<http::Reply> &reply)
{
    if (bodyBytes <= identity::Authenticator::LargeBytes) {
        work();
        return then();
    }
    const std::weak_ptr ticket = m_side.run(bodyBytes, who, std::move(work), std::move(then));
    whenClientLeaves(reply, [this, ticket] { // weakly: the work holds the reply, which holds this
        if (const auto waiting = ticket.lock())
            m_side.forget(waiting);
    });
}

} // namespace restante::sites
