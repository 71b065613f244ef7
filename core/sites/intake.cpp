// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/intake.h"

#include "http/addressbudget.h"
#include "http/tokenbuckets.h"
#include "identity/identity.h"
#include "identity/keyring.h"
#include "matrix/transaction.h"
#include "telemetry/counters.h"

#include <utility>

namespace restante::sites
{

namespace
{
/// The body of a transaction. What is attested is all of it, and of nothing else a member is of use that
/// matrix::Transaction does not know.
Result<matrix::ScannedObject> scannedTransaction(const QByteArray &text, bool attests)
{
    constexpr size_t mostMembers = 64; // homeservers send four, and each costs as much memory as a short one has bytes
    auto body = matrix::ScannedObject::scan(text);
    if (body && attests && body->members().size() > mostMembers)
        return {Errc::BadJson, QStringLiteral("The transaction has too many members")};
    if (body && !attests)
        body->keepOnly(matrix::Transaction::Members);
    return body;
}

/// What a request costs besides its body, in the budget of failed work.
constexpr double RequestKiB = 4;

/// Whether a body was read, and perhaps verified, for nothing.
bool isWastedWork(Errc code)
{
    return code == Errc::NotJson || code == Errc::BadJson || code == Errc::BadSignature || code == Errc::KeyUnavailable;
}

void oweWaste(http::AddressBudget *budget, const QHostAddress &peer, qsizetype bytes, Errc code)
{
    if (budget && isWastedWork(code))
        budget->owe(base::addressKey(peer), RequestKiB + double(bytes) / 1024);
}
} // namespace

Intake::Intake(const RelayServices &services, IsOurs isOurs)
    : m_services(services)
    , m_client(services.writer)
    , m_keyFetcher(services.makeKeyFetcher ? services.makeKeyFetcher() : nullptr)
    , m_authenticator(services.keyRing, m_keyFetcher.get(), services.identity.name(), std::move(isOurs), &m_side)
    , m_forwarder(m_client)
    , m_alive(std::make_shared<int>(0))
{
}

Result<void> Intake::checkContentType(const http::RequestHead &head)
{
    for (const QByteArray &value : head.all("content-type")) {
        const qsizetype semicolon = value.indexOf(';');
        const QByteArray type = (semicolon < 0 ? value : value.first(semicolon)).trimmed().toLower();
        if (type != "application/json")
            return {Errc::NotJson, QStringLiteral("The Content-Type must be application/json")};
    }
    return {};
}

void Intake::authenticate(const http::RequestHead &head, const matrix::XMatrix &claim,
                          const matrix::ScannedObject *body, const SharedReply &reply, Proceed proceed, Keys keys,
                          const identity::Authenticator::MayAsk &mayAsk, std::function<void(const Error &)> refused)
{
    const auto wait = m_authenticator.verify(
        claim, head.method, head.target, body, base::addressKey(head.peer),
        [this, reply, proceed = std::move(proceed),
         refused = std::move(refused)](const Result<identity::Verified> &verified) {
            if (!verified) {
                m_services.counters.signatureFailures.add();
                return refused ? refused(verified.error()) : reply->fail(verified.error());
            }
            m_services.counters.signaturesVerified.add();
            proceed(*verified);
        },
        keys, mayAsk);
    if (wait) // weakly: what waits holds the reply, which holds this
        whenClientLeaves(reply, [this, wait = std::weak_ptr(wait)] { m_authenticator.giveUp(wait.lock()); });
}

void Intake::prepare(const http::Request &request, const SharedMail &mail, const SharedReply &reply,
                     std::function<void(queue::StoreRequest)> ready)
{
    if (const auto type = checkContentType(request.head); !type)
        return reply->fail(type.error());
    if (request.body.size() <= identity::Authenticator::LargeBytes)
        return submit(request.head, mail, scannedTransaction(request.body, mail->attests), reply, std::move(ready));
    struct Work {
        http::RequestHead head;
        QByteArray text;
        Result<matrix::ScannedObject> body;
    };
    const auto work = std::make_shared<Work>(Work{request.head, request.body, Error()});
    aside(
        request.body.size(), base::customerKey(base::addressKey(request.head.peer)),
        [work, attests = mail->attests] { work->body = scannedTransaction(std::exchange(work->text, {}), attests); },
        [this, mail, work, reply, ready = std::move(ready)] {
            submit(work->head, mail, std::move(work->body), reply, ready);
        },
        reply);
}

/// The rest of step 8, and step 9.
void Intake::submit(const http::RequestHead &head, const SharedMail &mail, Result<matrix::ScannedObject> body,
                    const SharedReply &reply, std::function<void(queue::StoreRequest)> ready)
{
    if (!body)
        return reply->fail(body.error());
    auto proceed = [this, mail, reply, body = *body, ready = std::move(ready),
                    address = base::customerKey(base::addressKey(head.peer))](const identity::Verified &verified) {
        digest(address, mail, verified, body, reply, ready);
    };
    authenticate(head, mail->claim, &*body, reply, std::move(proceed), Keys::Valid);
}

/// Steps 10 and 11. What is told apart and kept is what was signed.
void Intake::digest(const QByteArray &address, const SharedMail &mail, const identity::Verified &verified,
                    const matrix::ScannedObject &body, const SharedReply &reply,
                    std::function<void(queue::StoreRequest)> ready)
{
    noteContact(mail->claim.origin);
    struct Work {
        matrix::ScannedObject body;
        std::optional<matrix::KeySignature> attests;
        Result<queue::StoreRequest> prepared;
    };
    const auto work = std::make_shared<Work>(
        Work{verified.rewritten.value_or(body),
             mail->attests ? std::optional(matrix::KeySignature{verified.keyId, verified.signature}) : std::nullopt,
             Error()});
    const qint64 bytes = work->body.text().size();
    aside(
        bytes, address,
        [work, mail, address, &key = m_client.digestKey()] {
            work->prepared =
                relay::Forwarder::prepared({mail->claim.origin, mail->destination, mail->label, mail->txnId,
                                            std::exchange(work->body, {}), work->attests, address},
                                           key);
        },
        [this, work, mail, reply, bytes, ready = std::move(ready)] {
            if (!work->prepared)
                return reply->fail(work->prepared.error());
            if (const auto charged = charge(*mail, bytes); !charged)
                return reply->fail(charged.error());
            ready(*std::move(work->prepared));
        },
        reply);
}

void Intake::hold(queue::StoreRequest mail, const SharedReply &reply, const QByteArray &answer)
{
    const matrix::ServerName server = mail.destination;
    const bool isFronted = m_services.doors && m_services.doors->beginHold(server);
    m_forwarder.take(std::move(mail),
                     [reply, answer, isFronted, server, doors = m_services.doors](const Result<queue::Stored> &stored) {
                         if (isFronted)
                             doors->endHold(server);
                         if (stored)
                             reply->json(200, answer);
                         else
                             reply->fail(stored.error());
                     });
}

/// One step for a body: at once if it is small, else beside this thread, which others wait for. `then` comes
/// afterwards in this thread; neither, once the client has gone.
void Intake::aside(qint64 bodyBytes, const QByteArray &who, std::function<void()> work, std::function<void()> then,
                   const SharedReply &reply)
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

void Intake::whenClientLeaves(const SharedReply &reply, std::function<void()> drop) const
{
    reply->whenUnwanted([drop = std::move(drop), reply = std::weak_ptr(reply), alive = std::weak_ptr(m_alive)] {
        if (const auto pending = reply.lock())
            pending->giveUp();
        if (!alive.expired())
            drop();
    });
}

std::optional<Error> Intake::overBudget(const QHostAddress &peer) const
{
    const QByteArray address = base::addressKey(peer);
    if (const qint64 waitMs = m_services.addressBudget.take(address); waitMs > 0)
        return Error{Errc::RateLimited, QStringLiteral("Too many requests from your address"), waitMs};
    if (const qint64 owedMs = m_services.failedWork ? m_services.failedWork->waitMs(address) : 0; owedMs > 0)
        return Error{Errc::RateLimited, QStringLiteral("Too much that came from your address could not be verified"),
                     owedMs};
    return {};
}

void Intake::count(const http::Request &request, http::Reply &reply, telemetry::Route route,
                   std::function<void(const Error &)> note) const
{
    m_services.counters.bytesIn.add(quint64(request.body.size()));
    m_services.addressBudget.owe(base::addressKey(request.head.peer), http::requestsMore(request.body.size()));
    reply.whenAnswered([&counters = m_services.counters, route](int status, qsizetype bytes) {
        counters.countAnswer(route, status);
        counters.bytesOut.add(quint64(bytes));
    });
    reply.whenFailed([note = std::move(note), budget = m_services.failedWork, peer = request.head.peer,
                      bytes = request.body.size()](const Error &error) {
        note(error);
        oweWaste(budget, peer, bytes, error.code);
    });
}

void Intake::chargeWaste(const http::Request &request, Errc code) const
{
    oweWaste(m_services.failedWork, request.head.peer, request.body.size(), code);
}

void Intake::noteContact(const matrix::ServerName &origin) const
{
    m_services.counters.lastContactMs.store(m_services.clock.wallMs(), std::memory_order_relaxed);
    if (m_services.verified)
        m_services.verified(origin);
}

Result<void> Intake::charge(const Mail &mail, qint64 bytes) const
{
    if (auto charged = chargeOrigin(mail.claim.origin, bytes); !charged)
        return charged;
    return chargeDestination(mail.claim.origin, mail.destination);
}

Result<void> Intake::chargeOrigin(const matrix::ServerName &origin, qint64 bytes) const
{
    const qint64 waitMs = m_services.originBudget.take(origin.bytes());
    if (waitMs > 0)
        return Error{Errc::RateLimited, QStringLiteral("Too many requests from your server"), waitMs};
    m_services.originBudget.owe(origin.bytes(), http::requestsMore(bytes));
    return {};
}

/// All strangers share what may come for one destination; those that the operator named have their own budgets alone.
Result<void> Intake::chargeDestination(const matrix::ServerName &origin, const matrix::ServerName &destination) const
{
    if (!m_services.destinationBudget || m_services.keyRing.favour(origin) == identity::KeyRing::Favour::Named)
        return {};
    const qint64 waitMs = m_services.destinationBudget->take(destination.bytes());
    if (waitMs > 0)
        return Error{Errc::RateLimited, QStringLiteral("Too much mail for this destination"), waitMs};
    return {};
}

} // namespace restante::sites
