// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/relaysite.h"

#include "base/clock.h"
#include "http/addressbudget.h"
#include "http/errortable.h"
#include "http/tokenbuckets.h"
#include "identity/identity.h"
#include "matrix/pathsegments.h"
#include "matrix/transaction.h"
#include "matrix/xmatrix.h"
#include "sites/relaycall.h"
#include "telemetry/counters.h"
#include "telemetry/logging.h"

#include <QtCore/QStringConverter>

namespace restante::sites
{

namespace
{

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
    case RouteName::Door:
        return telemetry::Route::Door;
    case RouteName::SenderKeys:
        return telemetry::Route::SenderKeys;
    case RouteName::Sent:
        return telemetry::Route::Sent;
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
    case RouteName::Door:
        return "door";
    case RouteName::SenderKeys:
        return "keys";
    case RouteName::Sent:
        return "sent";
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

QByteArray RelaySite::described(const Call &call)
{
    const QByteArray &origin = call.claim.origin.bytes();
    return origin.isEmpty() ? QByteArray(wordOf(call.route)) : wordOf(call.route) + (" of " + origin);
}

RelaySite::RelaySite(const RelayServices &services)
    : m_services(services)
    , m_refusals(std::make_shared<http::RefusalLog>(services.clock, lcRelay))
    , m_admission(services.policy)
    , m_intake(services)
    , m_reader(services.writer, m_intake.client(), LargeAnswers::LargeBytes)
    , m_retriever(m_reader)
{
}

http::Verdict RelaySite::gate(const http::RequestHead &head)
{
    http::Verdict verdict;
    const auto match = findRoute(head.method, head.target, &verdict.allow);
    if (!match) {
        verdict.refusal = match.error();
        m_services.counters.countAnswer(telemetry::Route::None, http::statusOf(verdict.refusal->code));
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
    else
        verdict.refusal = m_intake.overBudget(head.peer);
    if (verdict.refusal) {
        m_services.counters.countAnswer(countedAs(call->route), http::statusOf(verdict.refusal->code));
        m_refusals->note(described(*call), *verdict.refusal);
    }
    verdict.admitted = std::move(call);
    return verdict;
}

/// Steps 3 to 6 of a signed route, all from the head.
Result<void> RelaySite::admit(const http::RequestHead &head, const RouteMatch &match, Call &call) const
{
    auto claim = matrix::XMatrix::parse(head.all("authorization"));
    if (!claim)
        return claim.error();
    call.claim = std::move(*claim);
    if (!call.claim.destination.isNull() && call.claim.destination != m_services.identity.name())
        return {Errc::WrongDestination, QStringLiteral("This request was signed for another server")};

    if (call.route == RouteName::Mailbox || call.route == RouteName::SenderKeys) {
        auto name = serverName(match.parameters.front());
        if (!name)
            return name.error();
        call.mailbox = std::move(*name);
        return m_admission.mayAsk(call.claim.origin);
    }
    if (call.route == RouteName::Sent)
        return m_admission.mayAskAfter(call.claim.origin);
    if (call.route == RouteName::Door)
        return m_admission.mayOpen(call.claim.origin);
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
    call.destination = call.user.domain();
    call.label = call.user.localpart().toByteArray();
    return leaving ? m_admission.mayLeave(call.claim.origin, call.user.domain())
                   : m_admission.mayCollect(call.claim.origin, call.user.domain());
}

void RelaySite::handle(http::Request request, http::Reply reply)
{
    // This site's own gate made it. Shared, because an answer may come after this call returned.
    const std::shared_ptr<const Call> call(static_cast<const Call *>(request.admitted.release()));
    m_intake.count(request, reply, countedAs(call->route),
                   [log = m_refusals, call](const Error &error) { log->note(described(*call), error); });
    switch (call->route) {
    case RouteName::SendRelay:
        return sendRelay(request, call, std::move(reply));
    case RouteName::RelayTxn:
        return relayTxn(request, call, std::move(reply));
    case RouteName::Mailbox:
        return mailbox(request, call, std::move(reply));
    case RouteName::Door:
        return door(request, call, std::move(reply));
    case RouteName::SenderKeys:
        return senderKeys(request, call, std::move(reply));
    case RouteName::Sent:
        return sent(request, call, std::move(reply));
    case RouteName::ServerKeys:
        return serverKeys(std::move(reply));
    case RouteName::Version:
        return version(std::move(reply));
    }
}

/// GET /_matrix/key/v2/server: our own document, valid for 7 days and signed anew each day (PROTOCOL 3.2).
void RelaySite::serverKeys(http::Reply reply)
{
    const qint64 now = m_services.clock.wallMs();
    if (m_keyDocument.isEmpty() || now < m_keyDocumentMs || now >= m_keyDocumentMs + base::DayMs) {
        m_keyDocument = m_services.identity.keyDocument(now);
        m_keyDocumentMs = now;
    }
    reply.json(200, m_keyDocument);
}

/// GET /_matrix/federation/v1/version (Matrix specification, server-server API, "Server implementation").
void RelaySite::version(http::Reply reply)
{
    reply.json(200, QByteArrayLiteral(R"({"server":{"name":"Restante","version":")" RESTANTE_VERSION R"("}})"));
}

/// PUT /_matrix/federation/v1/send_relay/{txnID}/{userID}, steps 8 to 12.
void RelaySite::sendRelay(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply)
{
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    m_intake.prepare(request, call, pending, [this, pending](queue::StoreRequest prepared) {
        if (!prepared.attested && m_admission.onlySends(prepared.origin, prepared.destination))
            return pending->fail({Errc::NotServed,
                                  QStringLiteral("This relay sends only mail that has the signature of its homeserver "
                                                 "with it"),
                                  0});
        m_intake.hold(std::move(prepared), pending, QByteArrayLiteral("{}"));
    });
}

} // namespace restante::sites
