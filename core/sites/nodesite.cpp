// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/nodesite.h"

#include "matrix/xmatrix.h"
#include "node/nodesecret.h"
#include "sites/passable.h"
#include "sites/passage.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <array>
#include <utility>

namespace restante::sites
{

namespace
{
bool isOneOf(QByteArrayView text, std::initializer_list<QByteArrayView> many)
{
    return std::find(many.begin(), many.end(), text) != many.end();
}

Error refused(Errc code, const char *why)
{
    return {code, QLatin1String(why), 0};
}

/// For the log: what was asked for.
QByteArray described(const matrix::ServerName &server)
{
    return server.isNull() ? QByteArray("a request at the node listener")
                           : "the homeserver's request to " + server.bytes();
}
} // namespace

/// What the gate learned of a request, kept for its handler.
struct NodeSite::Call final : http::Admitted {
    matrix::ServerName destination;
    QByteArray txnId;  ///< null: handed on
    bool ours = false; ///< signed by the server that we are
    std::optional<matrix::XMatrix> claim = {};
};

NodeSite::NodeSite(const NodeServices &services)
    : m_services(services)
    , m_refusals(std::make_shared<http::RefusalLog>(services.clock, lcNode))
    , m_caller(services.makeCaller())
    , m_outbox(*m_caller, services.book, services.associations, services.counters)
    , m_silent(services.clock)
{
    if (services.keys)
        m_keys.emplace(*services.keys, *m_caller, services.associations, services.clock);
    if (services.atDeliverer)
        m_delivered.emplace(services.atDeliverer, services.clock);
}

NodeSite::~NodeSite() = default;

http::Verdict NodeSite::gate(const http::RequestHead &head)
{
    http::Verdict verdict;
    auto call = std::make_unique<Call>();
    verdict.maxBody = m_services.bodyBytes;
    if (head.contentLength > verdict.maxBody)
        verdict.refusal = refused(Errc::TooLarge, "The body is larger than a transaction can be");
    else if (const auto admitted = admit(head, *call); !admitted)
        verdict.refusal = admitted.error();
    if (verdict.refusal)
        m_refusals->note(described(call->destination), *verdict.refusal);
    if (verdict.refusal && verdict.refusal->code == Errc::MethodNotAllowed)
        verdict.allow = "GET, PUT, POST";
    verdict.admitted = std::move(call);
    return verdict;
}

Result<void> NodeSite::admit(const http::RequestHead &head, Call &call) const
{
    const QList<QByteArray> proofs = head.all("proxy-authorization");
    constexpr QByteArrayView bearer = "Bearer ";
    const bool isRight = proofs.size() == 1 && proofs.first().startsWith(bearer) &&
                         node::isSecret(proofs.first().mid(bearer.size()), m_services.secret);
    m_services.homeserver.noteSecret(isRight);
    if (!isRight)
        return refused(Errc::MissingAuth, "This listener is for the homeserver that knows its secret");
    if (!isOneOf(head.scheme, {"matrix-federation", "https"}))
        return refused(Errc::InvalidParam, "A request for another server must have its full address as target");
    if (auto path = checkPassable(head.target, {"federation", "key", "media"}); !path)
        return path;
    if (!isOneOf(head.method, {"GET", "PUT", "POST"}))
        return refused(Errc::MethodNotAllowed, "This method is not passed on");

    const QByteArray authority = head.value("host");
    auto name = matrix::ServerName::parse(authority);
    if (!name)
        return refused(Errc::InvalidParam, "The address names no server");
    call.destination = *std::move(name);
    if (call.destination == m_services.ownName)
        return refused(Errc::InvalidParam, "This is our own server");

    call.txnId = sentTransaction(head.method, head.target);
    if (head.all("authorization").isEmpty()) {
        if (call.txnId.isNull())
            return {}; // keys and media are asked for without a signature
        return refused(Errc::MissingAuth, "A transaction must be signed");
    }
    const auto claim = matrix::XMatrix::parse(head.all("authorization"));
    if (!claim)
        return claim.error();
    m_services.homeserver.noteSigned(*claim);
    if (!claim->destination.isNull() && claim->destination != call.destination)
        return refused(Errc::WrongDestination, "The request was signed for another server");
    call.ours = claim->origin == m_services.ownName;
    call.claim = *claim;
    return {};
}

void NodeSite::handle(http::Request request, http::Reply reply)
{
    // This site's own gate made it.
    const std::unique_ptr<const Call> call(static_cast<const Call *>(request.admitted.release()));
    reply.whenFailed(
        [log = m_refusals, server = call->destination](const Error &error) { log->note(described(server), error); });
    if (call->claim)
        m_services.homeserver.noteWhole(*call->claim, request.head.method, request.head.target, request.body);
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    if (!call->txnId.isNull())
        return send(std::move(request), *call, pending);
    if (m_services.courier && call->destination == m_services.courier->name() &&
        asksForKeys(request.head.method, request.head.target))
        return pending->json(200, m_services.courier->keyDocument(m_services.clock.wallMs()));
    m_services.counters.passedOn.add();
    // A server that is its own key is asked by nobody but those that know that.
    if (m_keys && asksForKeys(request.head.method, request.head.target) &&
        call->destination.kind() != matrix::ServerName::Kind::Ed25519)
        return m_keys->answer(call->destination, pending);
    pass(std::move(request), *call, pending);
}

void NodeSite::send(http::Request request, const Call &call, const std::shared_ptr<http::Reply> &reply)
{
    node::Outbox::Transaction transaction{
        call.destination, call.txnId, std::move(request.body), request.head.target, request.head.all("authorization"),
        call.ours};
    m_outbox.send(std::move(transaction), [reply](const node::SendReport &report) {
        if (report.way == node::SendReport::Way::Nowhere)
            reply->fail({Errc::Unreachable, report.detail, 0});
        else
            reply->json(report.status, report.body);
    });
}

/// Whether a request was not sent to a server that is known to be away at times: it has relays, or counts as offline.
bool NodeSite::isAway(const matrix::ServerName &server, const Error &error) const
{
    return error.notSent && (m_services.book.isOffline(server) || !m_services.associations.relaysOf(server).isEmpty());
}

void NodeSite::pass(http::Request request, const Call &call, const std::shared_ptr<http::Reply> &reply)
{
    const auto question =
        m_delivered ? GapQuestion::of(request.head.method, request.head.target, request.body) : std::nullopt;
    if (question)
        return ask(*question, std::move(request), call.destination, reply);
    Passage::begin(m_caller, call.destination, std::move(request), reply,
                   [this, server = call.destination, reply](const Result<federation::Response> &head) {
                       if (head || !isAway(server, head.error()))
                           return false;
                       reply->json(404, awayBody(head.error().detail));
                       return true;
                   });
}

/// The server itself is asked first: it knows all of the room, and what was delivered is a part. But a homeserver waits
/// with the whole room meanwhile.
void NodeSite::ask(const GapQuestion &question, http::Request request, const matrix::ServerName &server,
                   const std::shared_ptr<http::Reply> &reply)
{
    if (const auto why = m_silent.whySilent(server))
        return m_delivered->answer(question, server, awayBody(*why), reply);
    Passage::begin(m_caller, server, std::move(request), reply,
                   [this, question, server, reply,
                    beganMs = m_services.clock.steadyMs()](const Result<federation::Response> &head) {
                       if (head)
                           m_silent.noteAnswered(server);
                       else
                           m_silent.noteFailed(server, beganMs, head.error().detail);
                       return answersInstead(question, server, head, reply);
                   });
}

/// A front door or a proxy in its place says that it is away by one of these statuses, and it itself by the first that
/// it does not know.
bool NodeSite::answersInstead(const GapQuestion &question, const matrix::ServerName &server,
                              const Result<federation::Response> &head, const std::shared_ptr<http::Reply> &reply)
{
    constexpr std::array<int, 4> away{404, 502, 503, 504};
    if (head && std::find(away.begin(), away.end(), head->status) == away.end())
        return false;
    const QByteArray none =
        head ? notFoundBody(
                   QStringLiteral("The server answered with status %1, and what was delivered does not answer this")
                       .arg(head->status))
             : awayBody(head.error().detail);
    m_delivered->answer(question, server, none, reply);
    return true;
}

} // namespace restante::sites
