// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/relaysite.h"

#include "http/addressbudget.h"
#include "http/errortable.h"
#include "http/mailboxreply.h"
#include "http/relaytxnbody.h"
#include "http/routes.h"
#include "http/tokenbuckets.h"
#include "identity/identity.h"
#include "matrix/pathsegments.h"
#include "matrix/transaction.h"
#include "matrix/xmatrix.h"
#include "queue/knownsender.h"
#include "telemetry/counters.h"
#include "telemetry/logging.h"

#include <QtCore/QStringConverter>

namespace restante::http
{

namespace
{
constexpr qint64 DayMs = qint64{24} * 3600 * qint64(1000);

/// Step 8, first half: a missing Content-Type is fine, another than JSON is not (PROTOCOL 1.3).
Result<void> checkContentType(const RequestHead &head)
{
    for (const QByteArray &value : head.all("content-type")) {
        const qsizetype semicolon = value.indexOf(';');
        const QByteArray type = (semicolon < 0 ? value : value.first(semicolon)).trimmed().toLower();
        if (type != "application/json")
            return {Errc::NotJson, QStringLiteral("The Content-Type must be application/json")};
    }
    return {};
}

using Keys = identity::Authenticator::Keys;

/// What a request costs besides its body, in the budget of failed work.
constexpr double RequestKiB = 4;

/// As how many requests more a body counts.
double requestsMore(qint64 bytes)
{
    constexpr qint64 oneMore = qint64(16) * 1024;
    const qint64 more = bytes / oneMore;
    return double(more);
}

/// Whether a body was read, and perhaps verified, for nothing.
bool isWastedWork(Errc code)
{
    return code == Errc::NotJson || code == Errc::BadJson || code == Errc::BadSignature || code == Errc::KeyUnavailable;
}

Result<QByteArray> transactionId(QByteArrayView segment)
{
    auto decoded = matrix::decodeSegment(segment);
    if (!decoded)
        return decoded.error();
    if (decoded->isEmpty() || decoded->size() > matrix::MaxTransactionIdBytes)
        return {Errc::InvalidParam, QStringLiteral("A transaction id has 1 to 255 bytes")};
    QStringDecoder utf8(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    [[maybe_unused]] const QString text = utf8(*decoded);
    if (utf8.hasError())
        return {Errc::InvalidParam, QStringLiteral("A transaction id must be valid UTF-8")};
    return decoded;
}

telemetry::Route countedAs(RouteName route)
{
    switch (route) {
    case RouteName::SendRelay:
        return telemetry::Route::SendRelay;
    case RouteName::RelayTxn:
        return telemetry::Route::RelayTxn;
    case RouteName::Mailbox:
        return telemetry::Route::Mailbox;
    case RouteName::ServerKeys:
        return telemetry::Route::KeyServer;
    case RouteName::Version:
        return telemetry::Route::Version;
    }
    return telemetry::Route::None;
}

Result<matrix::ServerName> serverName(QByteArrayView segment)
{
    const auto decoded = matrix::decodeSegment(segment);
    if (!decoded)
        return decoded.error();
    auto name = matrix::ServerName::parse(*decoded);
    if (!name)
        return {Errc::InvalidParam, name.error().detail};
    return name;
}

const char *wordOf(RouteName route)
{
    switch (route) {
    case RouteName::SendRelay:
        return "send_relay";
    case RouteName::RelayTxn:
        return "relay_txn";
    case RouteName::Mailbox:
        return "mailbox";
    case RouteName::ServerKeys:
        return "key/v2/server";
    case RouteName::Version:
        return "version";
    }
    return "a request";
}

/// The body of a transaction, with the members that are of use.
Result<matrix::ScannedObject> scannedTransaction(const QByteArray &text)
{
    auto body = matrix::ScannedObject::scan(text);
    if (body)
        body->keepOnly(matrix::Transaction::Members);
    return body;
}

Result<matrix::UserId> userId(QByteArrayView segment)
{
    const auto decoded = matrix::decodeSegment(segment);
    if (!decoded)
        return decoded.error();
    return matrix::UserId::parse(*decoded);
}
} // namespace

/// What the gate learned of a request, kept for its handler.
struct RelaySite::Call final : Admitted {
    RouteName route = RouteName::Version;
    matrix::XMatrix claim;
    matrix::UserId user;
    matrix::ServerName mailbox; ///< that is asked about
    QByteArray txnId;
};

QByteArray RelaySite::described(const Call &call)
{
    const QByteArray &origin = call.claim.origin.bytes();
    return origin.isEmpty() ? QByteArray(wordOf(call.route)) : wordOf(call.route) + (" of " + origin);
}

RelaySite::RelaySite(const RelayServices &services)
    : m_services(services)
    , m_refusals(std::make_shared<RefusalLog>(services.clock, lcRelay))
    , m_admission(services.policy)
    , m_client(services.writer)
    , m_reader(services.writer, m_client)
    , m_keyFetcher(services.makeKeyFetcher ? services.makeKeyFetcher() : nullptr)
    , m_authenticator(services.keyRing, m_keyFetcher.get(), services.identity.name(), {}, &m_side)
    , m_forwarder(m_client)
    , m_retriever(m_reader)
    , m_alive(std::make_shared<int>(0))
{
}

Verdict RelaySite::gate(const RequestHead &head)
{
    Verdict verdict;
    const auto match = findRoute(head.method, head.target, &verdict.allow);
    if (!match) {
        verdict.refusal = match.error();
        m_services.counters.countAnswer(telemetry::Route::None, statusOf(verdict.refusal->code));
        m_refusals->note("a request", *verdict.refusal);
        return verdict;
    }
    auto call = std::make_unique<Call>();
    call->route = match->route->name;
    // Step 1 ends here: how large a body may be depends on the route.
    verdict.maxBody =
        call->route == RouteName::SendRelay ? m_services.transactionBytes + SendRelayExtraBytes : SmallBodyBytes;
    if (head.contentLength > verdict.maxBody)
        verdict.refusal = Error{Errc::TooLarge, QStringLiteral("The body is larger than this path takes"), 0};
    else if (const auto admitted = match->route->isSigned ? admit(head, *match, *call) : Result<void>(); !admitted)
        verdict.refusal = admitted.error();
    else if (const qint64 waitMs = m_services.addressBudget.take(addressKey(head.peer)); waitMs > 0)
        verdict.refusal = Error{Errc::RateLimited, QStringLiteral("Too many requests from your address"), waitMs};
    else if (const qint64 owedMs = m_services.failedWork ? m_services.failedWork->waitMs(addressKey(head.peer)) : 0;
             owedMs > 0)
        verdict.refusal = Error{Errc::RateLimited,
                                QStringLiteral("Too much that came from your address could not be verified"), owedMs};
    if (verdict.refusal) {
        m_services.counters.countAnswer(countedAs(call->route), statusOf(verdict.refusal->code));
        m_refusals->note(described(*call), *verdict.refusal);
    }
    verdict.admitted = std::move(call);
    return verdict;
}

/// Steps 3 to 6 of a signed route, all from the head.
Result<void> RelaySite::admit(const RequestHead &head, const RouteMatch &match, Call &call) const
{
    auto claim = matrix::XMatrix::parse(head.all("authorization"));
    if (!claim)
        return claim.error();
    call.claim = std::move(*claim);
    if (!call.claim.destination.isNull() && call.claim.destination != m_services.identity.name())
        return {Errc::WrongDestination, QStringLiteral("This request was signed for another server")};

    if (call.route == RouteName::Mailbox) {
        auto name = serverName(match.parameters.front());
        if (!name)
            return name.error();
        call.mailbox = std::move(*name);
        return m_admission.mayAsk(call.claim.origin);
    }
    const bool leaving = call.route == RouteName::SendRelay;
    if (leaving) {
        auto id = transactionId(match.parameters.front());
        if (!id)
            return id.error();
        call.txnId = std::move(*id);
    }
    auto user = userId(match.parameters.back());
    if (!user)
        return user.error();
    call.user = std::move(*user);
    return leaving ? m_admission.mayLeave(call.claim.origin, call.user.domain())
                   : m_admission.mayCollect(call.claim.origin, call.user.domain());
}

void RelaySite::handle(Request request, Reply reply)
{
    // This site's own gate made it. Shared, because an answer may come after this call returned.
    const std::shared_ptr<const Call> call(static_cast<const Call *>(request.admitted.release()));
    m_services.counters.bytesIn.add(quint64(request.body.size()));
    m_services.addressBudget.owe(addressKey(request.head.peer), requestsMore(request.body.size()));
    reply.whenAnswered([&counters = m_services.counters, route = countedAs(call->route)](int status, qsizetype bytes) {
        counters.countAnswer(route, status);
        counters.bytesOut.add(quint64(bytes));
    });
    reply.whenFailed([log = m_refusals, call, budget = m_services.failedWork, peer = request.head.peer,
                      bytes = request.body.size()](const Error &error) {
        log->note(described(*call), error);
        if (budget && isWastedWork(error.code))
            budget->owe(addressKey(peer), RequestKiB + double(bytes) / 1024);
    });
    switch (call->route) {
    case RouteName::SendRelay:
        return sendRelay(request, call, std::move(reply));
    case RouteName::RelayTxn:
        return relayTxn(request, call, std::move(reply));
    case RouteName::Mailbox:
        return mailbox(request, call, std::move(reply));
    case RouteName::ServerKeys:
        return serverKeys(std::move(reply));
    case RouteName::Version:
        return version(std::move(reply));
    }
}

/// PUT /_matrix/federation/v1/send_relay/{txnID}/{userID}, steps 8 to 12.
void RelaySite::sendRelay(const Request &request, const std::shared_ptr<const Call> &call, Reply reply)
{
    if (const auto type = checkContentType(request.head); !type)
        return reply.fail(type.error());
    const auto pending = std::make_shared<Reply>(std::move(reply));
    if (request.body.size() <= identity::Authenticator::LargeBytes)
        return submit(request.head, call, scannedTransaction(request.body), pending);
    struct Work {
        RequestHead head;
        QByteArray text;
        Result<matrix::ScannedObject> body;
    };
    const auto work = std::make_shared<Work>(Work{request.head, request.body, Error()});
    aside(
        request.body.size(), base::customerKey(addressKey(request.head.peer)),
        [work] { work->body = scannedTransaction(std::exchange(work->text, {})); },
        [this, call, work, pending] { submit(work->head, call, std::move(work->body), pending); }, pending);
}

/// The rest of step 8, and step 9.
void RelaySite::submit(const RequestHead &head, const std::shared_ptr<const Call> &call,
                       Result<matrix::ScannedObject> body, const std::shared_ptr<Reply> &reply)
{
    if (!body)
        return reply->fail(body.error());
    const auto proceed = [this, call, reply, body = *body,
                          address = base::customerKey(addressKey(head.peer))](const identity::Verified &verified) {
        // What is told apart and kept is what was signed.
        keep(address, call, verified.rewritten.value_or(body), reply);
    };
    authenticate(head, call, &*body, reply, proceed, Keys::Valid);
}

/// Steps 10 to 12.
void RelaySite::keep(const QByteArray &address, const std::shared_ptr<const Call> &call, matrix::ScannedObject body,
                     const std::shared_ptr<Reply> &reply)
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

/// One step for a body: at once where it is small, else beside this thread, which others wait for. `then` comes
/// afterwards in this thread; neither, once the client has gone.
void RelaySite::aside(qint64 bodyBytes, const QByteArray &who, std::function<void()> work, std::function<void()> then,
                      const std::shared_ptr<Reply> &reply)
{
    if (bodyBytes <= identity::Authenticator::LargeBytes) {
        work();
        return then();
    }
    const auto ticket = m_side.run(bodyBytes, who, std::move(work), std::move(then));
    whenClientLeaves(reply, [this, ticket] { m_side.forget(ticket); });
}

/// `drop` gives up what is on its way for the client; it is not called once this site is gone.
void RelaySite::whenClientLeaves(const std::shared_ptr<Reply> &reply, std::function<void()> drop) const
{
    reply->whenUnwanted([drop = std::move(drop), reply = std::weak_ptr(reply), alive = std::weak_ptr(m_alive)] {
        if (const auto pending = reply.lock())
            pending->giveUp();
        if (!alive.expired())
            drop();
    });
}

/// GET /_matrix/federation/v1/relay_txn/{userID} with its JSON body, steps 8 to 12.
void RelaySite::relayTxn(const Request &request, const std::shared_ptr<const Call> &call, Reply reply)
{
    std::optional<matrix::ScannedObject> body;
    if (!request.body.isEmpty()) {
        if (const auto type = checkContentType(request.head); !type)
            return reply.fail(type.error());
        auto scanned = matrix::ScannedObject::scan(request.body);
        if (!scanned)
            return reply.fail(scanned.error());
        scanned->keepOnly(RelayTxnMembers);
        body = std::move(*scanned);
    }

    const auto pending = std::make_shared<Reply>(std::move(reply));
    const auto proceed = [this, call, pending, body](const identity::Verified &verified) {
        const auto &signedBody = verified.rewritten ? verified.rewritten : body;
        auto asked = signedBody ? readRelayTxnBody(*signedBody) : RelayTxnBody{};
        if (!asked)
            return pending->fail(asked.error());
        const auto fresh = takeStamp(call->claim.origin, asked->stamp);
        if (!fresh)
            return pending->fail(fresh.error());
        if (!*fresh)
            return handOut(call->claim.origin, *asked, std::move(*pending));
        queue::FreshNames::remember(m_client, **fresh, m_services.clock.wallMs(),
                                    [this, call, asked = *asked, pending](const Result<void> &kept) {
                                        if (!kept) // as on a full disk, where mail must still be collected
                                            qCWarning(lcRelay).noquote()
                                                << "That" << call->claim.origin.toString()
                                                << "sends times with its requests could not be written down:"
                                                << kept.error().detail;
                                        handOut(call->claim.origin, asked, std::move(*pending));
                                    });
    };
    // A homeserver that was away for weeks gets its mail even where it cannot be asked for its keys yet.
    authenticate(
        request.head, call, body ? &*body : nullptr, pending, proceed, Keys::ValidOrLastOfOwner,
        [this, &owner = call->claim.origin] { return m_admission.holdsFor(owner) || holdsSomethingFor(owner); });
}

/// Whether a request of this verified origin for its mail is no copy of an earlier one.
Result<relay::FreshnessBook::Fresh> RelaySite::takeStamp(const matrix::ServerName &origin,
                                                         const std::optional<relay::Stamp> &stamp)
{
    if (!m_services.freshness)
        return relay::FreshnessBook::Fresh();
    return m_services.freshness->take({origin, stamp, m_admission.requiresStamps(), m_admission.serves(origin),
                                       [&] { return holdsSomethingFor(origin); }});
}

/// Steps 11 and 12 of relay_txn.
void RelaySite::handOut(const matrix::ServerName &owner, const RelayTxnBody &asked, Reply reply)
{
    noteContact(owner);
    if (const auto budget = chargeOrigin(owner); !budget)
        return reply.fail(budget.error());
    relay::Retriever::Wish wish = asked.wish;
    if (asked.isBatch) {
        wish.holds = m_admission.holdsFor(owner);
        wish.paused = takesNothing(owner);
    }
    const auto next = m_retriever.next(owner, wish);
    if (!next)
        return reply.fail(next.error());
    reply.json(200, *next);
}

/// GET /_matrix/federation/unstable/org.restante/mailbox/{serverName}, our own extension: steps 9 to 12. The caller's
/// own mailbox, or whether he could leave mail for another, which is no more than send_relay would tell him.
void RelaySite::mailbox(const Request &request, const std::shared_ptr<const Call> &call, Reply reply)
{
    const auto pending = std::make_shared<Reply>(std::move(reply));
    const auto proceed = [this, call, pending](const identity::Verified &) {
        const matrix::ServerName &caller = call->claim.origin;
        noteContact(caller);
        if (const auto budget = chargeOrigin(caller); !budget)
            return pending->fail(budget.error());
        if (call->mailbox == caller)
            tellOwner(caller, std::move(*pending));
        else
            tellSender(caller, call->mailbox, std::move(*pending));
    };
    authenticate(request.head, call, nullptr, pending, proceed, Keys::Valid, [this, &call] {
        const bool isOwn = call->mailbox == call->claim.origin;
        return m_admission.holdsFor(call->mailbox) || (isOwn && holdsSomethingFor(call->mailbox));
    });
}

/// Nobody is asked for the keys of an owner that this relay has nothing to do with.
bool RelaySite::holdsSomethingFor(const matrix::ServerName &owner)
{
    const auto held = m_reader.holdsAny(owner);
    return held && *held;
}

void RelaySite::tellOwner(const matrix::ServerName &owner, Reply reply) const
{
    Result<void> room = mayStore();
    const auto refusal = refusalFor(owner);
    if (room && refusal)
        room = {Errc::QuotaExceeded, refusal->reason};
    reply.json(200, ownMailboxReply(owner, m_admission.holdsFor(owner), m_admission.isPaused(), room,
                                    refusal && refusal->onlyUnknown));
}

void RelaySite::tellSender(const matrix::ServerName &origin, const matrix::ServerName &destination, Reply reply)
{
    const auto mayLeave = mayLeaveNow(origin, destination);
    const auto refusal = refusalFor(destination);
    const bool dependsOnSender =
        !mayLeave && refusal && refusal->onlyUnknown && mayLeave.error().detail == refusal->reason;
    if (!dependsOnSender)
        return reply.json(200, otherMailboxReply(destination, mayLeave));
    // Whom the owner knows is written down, and only the writer reads that.
    const auto pending = std::make_shared<Reply>(std::move(reply));
    queue::askIfLearned(m_client, destination, origin, [pending, destination, mayLeave](bool learned) {
        pending->json(200, otherMailboxReply(destination, learned ? Result<void>() : mayLeave));
    });
}

/// Why mail for `owner` was refused when it came last, as far as that depends on the relay and not on the sender.
std::optional<queue::MailRefusal> RelaySite::refusalFor(const matrix::ServerName &owner) const
{
    const queue::MailboxBoard &board = m_services.writer.mailboxes();
    if (!board.isRefusing())
        return {};
    // Those that are not served are listed together: what is full for them is the relay.
    const matrix::ServerName listedAs = m_admission.serves(owner) ? owner : matrix::ServerName();
    for (const queue::MailRefusal &refusal : board.refusals()) {
        if (refusal.destination == listedAs)
            return refusal;
    }
    return {};
}

/// Whether just now no mail for `owner` is taken in, whoever sends it.
bool RelaySite::takesNothing(const matrix::ServerName &owner) const
{
    const auto refusal = refusalFor(owner);
    return m_admission.isPaused() || !mayStore() || (refusal && !refusal->onlyUnknown);
}

Result<void> RelaySite::mayStore() const
{
    if (m_services.storing && !m_services.storing->load(std::memory_order_relaxed))
        return Error{Errc::StorageFailed, QStringLiteral("Nothing can be stored"), 0};
    return {};
}

/// As send_relay would be answered now, but for what the writer alone knows.
Result<void> RelaySite::mayLeaveNow(const matrix::ServerName &origin, const matrix::ServerName &destination) const
{
    if (auto admitted = m_admission.mayLeave(origin, destination); !admitted)
        return admitted;
    if (auto storing = mayStore(); !storing)
        return storing;
    for (const queue::SenderRefusal &refusal : m_services.writer.mailboxes().senderRefusals()) {
        if (refusal.destination == destination && refusal.origin == origin && !refusal.byAddress)
            return Error{Errc::QuotaExceeded, refusal.reason, 0};
    }
    const auto refusal = refusalFor(destination);
    if (refusal && !(refusal->onlyUnknown && m_admission.knows(destination, origin)))
        return Error{Errc::QuotaExceeded, refusal->reason, 0};
    return {};
}

/// GET /_matrix/key/v2/server: our own document, valid for 7 days and signed anew each day (PROTOCOL 3.2).
void RelaySite::serverKeys(Reply reply)
{
    const qint64 now = m_services.clock.wallMs();
    if (m_keyDocument.isEmpty() || now < m_keyDocumentMs || now >= m_keyDocumentMs + DayMs) {
        m_keyDocument = m_services.identity.keyDocument(now);
        m_keyDocumentMs = now;
    }
    reply.json(200, m_keyDocument);
}

/// GET /_matrix/federation/v1/version (Matrix specification, server-server API, "Server implementation").
void RelaySite::version(Reply reply)
{
    reply.json(200, QByteArrayLiteral(R"({"server":{"name":"Restante","version":")" RESTANTE_VERSION R"("}})"));
}

/// Step 9: goes on with `proceed` once a signature of the claim is verified, else answers.
void RelaySite::authenticate(const RequestHead &head, const std::shared_ptr<const Call> &call,
                             const matrix::ScannedObject *body, const std::shared_ptr<Reply> &reply, Proceed proceed,
                             Keys keys, const identity::Authenticator::MayAsk &mayAsk)
{
    const auto wait = m_authenticator.verify(
        call->claim, head.method, head.target, body, addressKey(head.peer),
        [this, reply, proceed = std::move(proceed)](const Result<identity::Verified> &verified) {
            if (!verified) {
                m_services.counters.signatureFailures.add();
                return reply->fail(verified.error());
            }
            m_services.counters.signaturesVerified.add();
            proceed(*verified);
        },
        keys, mayAsk);
    if (wait)
        whenClientLeaves(reply, [this, wait] { m_authenticator.giveUp(wait); });
}

/// The origin itself was here, and not somebody with a copy of its request, as far as can be told.
void RelaySite::noteContact(const matrix::ServerName &origin) const
{
    m_services.counters.lastContactMs.store(m_services.clock.wallMs(), std::memory_order_relaxed);
    if (m_services.verified)
        m_services.verified(origin);
}

/// Step 11: only now, with the signature verified, is anything charged to an origin.
Result<void> RelaySite::chargeOrigin(const matrix::ServerName &origin, qint64 bytes) const
{
    const qint64 waitMs = m_services.originBudget.take(origin.bytes());
    if (waitMs > 0)
        return Error{Errc::RateLimited, QStringLiteral("Too many requests from your server"), waitMs};
    m_services.originBudget.owe(origin.bytes(), requestsMore(bytes));
    return {};
}

/// All strangers share what may come for one destination; those that the operator named have their own budgets alone.
Result<void> RelaySite::chargeDestination(const matrix::ServerName &origin, const matrix::ServerName &destination) const
{
    if (!m_services.destinationBudget || m_services.keyRing.favour(origin) == identity::KeyRing::Favour::Named)
        return {};
    const qint64 waitMs = m_services.destinationBudget->take(destination.bytes());
    if (waitMs > 0)
        return Error{Errc::RateLimited, QStringLiteral("Too much mail for this destination"), waitMs};
    return {};
}

} // namespace restante::http
