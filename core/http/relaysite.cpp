// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/relaysite.h"

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
    , m_authenticator(services.keyRing, m_keyFetcher.get(), services.identity.name())
    , m_forwarder(m_client)
    , m_retriever(m_reader)
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
    reply.whenAnswered([&counters = m_services.counters, route = countedAs(call->route)](int status, qsizetype bytes) {
        counters.countAnswer(route, status);
        counters.bytesOut.add(quint64(bytes));
    });
    reply.whenFailed([log = m_refusals, call](const Error &error) { log->note(described(*call), error); });
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
    auto body = matrix::ScannedObject::scan(request.body);
    if (!body)
        return reply.fail(body.error());

    const auto proceed = [this, call, body = *body, address = addressKey(request.head.peer)](Reply answer) {
        noteContact(call->claim.origin);
        auto transaction = matrix::Transaction::fromBody(body);
        if (!transaction)
            return answer.fail(transaction.error());
        if (const auto budget = chargeOrigin(call->claim.origin); !budget)
            return answer.fail(budget.error());
        const auto pending = std::make_shared<Reply>(std::move(answer));
        m_forwarder.take({call->claim.origin, call->user, call->txnId, std::move(*transaction), address},
                         [pending](const Result<queue::Stored> &stored) {
                             if (stored)
                                 pending->json(200, QByteArrayLiteral("{}"));
                             else
                                 pending->fail(stored.error());
                         });
    };
    authenticate(request.head, call, &*body, std::move(reply), proceed, Keys::Valid);
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
        body = std::move(*scanned);
    }

    const auto proceed = [this, call, body](Reply answer) {
        auto asked = body ? readRelayTxnBody(*body) : RelayTxnBody{};
        if (!asked)
            return answer.fail(asked.error());
        const auto fresh = takeStamp(call->claim.origin, asked->stamp);
        if (!fresh)
            return answer.fail(fresh.error());
        if (!*fresh)
            return handOut(call->claim.origin, *asked, std::move(answer));
        const auto pending = std::make_shared<Reply>(std::move(answer));
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
    authenticate(request.head, call, body ? &*body : nullptr, std::move(reply), proceed, Keys::ValidOrLastOfOwner);
}

/// Whether a request of this verified origin for its mail is no copy of an earlier one.
Result<relay::FreshnessBook::Fresh> RelaySite::takeStamp(const matrix::ServerName &origin,
                                                         const std::optional<relay::Stamp> &stamp)
{
    if (!m_services.freshness)
        return relay::FreshnessBook::Fresh();
    return m_services.freshness->take({origin, stamp, m_admission.requiresStamps(), m_admission.serves(origin), [&] {
                                           const auto held = m_reader.acknowledgeAndNext(origin, {});
                                           return held && held->entry;
                                       }});
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
    const auto proceed = [this, call](Reply answer) {
        const matrix::ServerName &caller = call->claim.origin;
        noteContact(caller);
        if (const auto budget = chargeOrigin(caller); !budget)
            return answer.fail(budget.error());
        if (call->mailbox == caller)
            tellOwner(caller, std::move(answer));
        else
            tellSender(caller, call->mailbox, std::move(answer));
    };
    authenticate(request.head, call, nullptr, std::move(reply), proceed, Keys::Valid);
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
                             const matrix::ScannedObject *body, Reply reply, std::function<void(Reply)> proceed,
                             Keys keys)
{
    const auto pending = std::make_shared<Reply>(std::move(reply));
    m_authenticator.verify(
        call->claim, head.method, head.target, body, addressKey(head.peer),
        [this, pending, proceed = std::move(proceed)](const Result<identity::Verified> &verified) {
            if (!verified) {
                m_services.counters.signatureFailures.add();
                return pending->fail(verified.error());
            }
            m_services.counters.signaturesVerified.add();
            proceed(std::move(*pending));
        },
        keys);
}

/// The origin itself was here, and not somebody with a copy of its request, as far as can be told.
void RelaySite::noteContact(const matrix::ServerName &origin) const
{
    m_services.counters.lastContactMs.store(m_services.clock.wallMs(), std::memory_order_relaxed);
    if (m_services.verified)
        m_services.verified(origin);
}

/// Step 11: only now, with the signature verified, is anything charged to an origin.
Result<void> RelaySite::chargeOrigin(const matrix::ServerName &origin) const
{
    const qint64 waitMs = m_services.originBudget.take(origin.bytes());
    if (waitMs > 0)
        return Error{Errc::RateLimited, QStringLiteral("Too many requests from your server"), waitMs};
    return {};
}

} // namespace restante::http
