// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/nodesite.h"

#include "matrix/canonicaljson.h"
#include "matrix/pathsegments.h"
#include "matrix/xmatrix.h"
#include "node/nodesecret.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <array>
#include <utility>

namespace restante::http
{

namespace
{
/// What may come back from another server beside status, type and body.
constexpr std::array<QByteArrayView, 7> HandedBack{"content-disposition", "content-encoding", "cache-control", "etag",
                                                   "last-modified",       "expires",          "retry-after"};

/// A body between two servers. The caller's closures and the PassedBody share it; all in one thread.
struct Passage {
    std::weak_ptr<federation::Caller> caller;
    federation::Caller::Id id = 0;
    QByteArray waiting; ///< came, and was not taken
    Reply::Body::State state = Reply::Body::State::Open;
    std::function<void()> changed;

    void onPart(Result<QByteArray> part)
    {
        if (!part)
            state = Reply::Body::State::Broken;
        else if (part->isEmpty())
            state = Reply::Body::State::Complete;
        else
            waiting += *part;
        if (const auto tell = changed)
            tell();
    }
};

/// The homeserver's side of a passage.
class PassedBody final : public Reply::Body
{
public:
    explicit PassedBody(std::shared_ptr<Passage> passage)
        : m_passage(std::move(passage))
    {
    }
    ~PassedBody() override
    {
        m_passage->changed = nullptr;
        if (const auto caller = m_passage->caller.lock())
            caller->cancel(m_passage->id);
    }
    void start(std::function<void()> changed) override { m_passage->changed = std::move(changed); }
    QByteArray take() override
    {
        QByteArray taken = std::exchange(m_passage->waiting, {});
        if (const auto caller = m_passage->caller.lock(); caller && !taken.isEmpty())
            caller->goOn(m_passage->id, taken.size());
        return taken;
    }
    State state() const override { return m_passage->state; }

private:
    const std::shared_ptr<Passage> m_passage;
};

/// How long the body of an answer will be, where it says so in a way that was kept to: libcurl looks at that.
std::optional<qint64> lengthOf(const federation::Response &head)
{
    bool ok = false;
    const qint64 length = head.value("content-length").toLongLong(&ok);
    if (!ok || length < 0 || !head.value("transfer-encoding").isNull())
        return {};
    return length;
}

bool isOneOf(QByteArrayView text, std::initializer_list<QByteArrayView> many)
{
    return std::find(many.begin(), many.end(), text) != many.end();
}

/// A raw segment that another server might understand as a way up. An encoded slash by itself is none: half of the
/// event ids have one.
bool isSlippery(QByteArrayView segment)
{
    const auto decoded = matrix::decodeSegment(segment);
    if (!decoded || decoded->contains('\\'))
        return true;
    const auto pieces = decoded->split('/');
    return std::any_of(pieces.begin(), pieces.end(),
                       [](const QByteArray &piece) { return piece == "." || piece == ".."; });
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

/// The body of a 404 for what an absent server would have.
QByteArray notFound(const QString &why)
{
    return R"({"errcode":"M_NOT_FOUND","error":)" + matrix::jsonString("The server is away: " + why.toUtf8()) + '}';
}

/// Only what belongs to federation, matched on raw segments.
Result<void> checkPath(const QByteArray &target)
{
    const auto segments = matrix::pathSegments(target);
    if (segments.size() < 3 || segments[0] != "_matrix" || !isOneOf(segments[1], {"federation", "key", "media"}))
        return refused(Errc::NotFound, "Only federation, key and media requests are handed on");
    const auto isPlain = [](QByteArrayView segment) { return !segment.contains('%'); };
    if (!std::all_of(segments.begin(), segments.begin() + std::min<qsizetype>(segments.size(), 4), isPlain) ||
        std::any_of(segments.begin(), segments.end(), isSlippery))
        return refused(Errc::InvalidParam, "The path has segments that can be read in two ways");
    return {};
}

/// The transaction id where this is a PUT of a transaction, null otherwise.
QByteArray transactionOf(const RequestHead &head)
{
    const auto segments = matrix::pathSegments(head.target);
    if (head.method != "PUT" || segments.size() != 5 || segments[1] != "federation" || segments[2] != "v1" ||
        segments[3] != "send")
        return {};
    const auto decoded = matrix::decodeSegment(segments[4]);
    return decoded && !decoded->isEmpty() ? *decoded : QByteArray();
}
} // namespace

/// What the gate learned of a request, kept for its handler.
struct NodeSite::Call final : Admitted {
    matrix::ServerName destination;
    QByteArray txnId;  ///< null: handed on
    bool ours = false; ///< signed by the server that we are
    std::optional<matrix::XMatrix> claim = {};
};

NodeSite::NodeSite(const NodeServices &services)
    : m_services(services)
    , m_refusals(std::make_shared<RefusalLog>(services.clock, lcNode))
    , m_caller(services.makeCaller())
    , m_outbox(*m_caller, services.book, services.associations, services.counters)
{
}

NodeSite::~NodeSite() = default;

Verdict NodeSite::gate(const RequestHead &head)
{
    Verdict verdict;
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

Result<void> NodeSite::admit(const RequestHead &head, Call &call) const
{
    const QList<QByteArray> proofs = head.all("proxy-authorization");
    constexpr QByteArrayView bearer = "Bearer ";
    const bool isRight = proofs.size() == 1 && proofs.first().startsWith(bearer) &&
                         node::isSecret(proofs.first().mid(bearer.size()), m_services.secret);
    m_services.homeserver.noteSecret(isRight);
    if (!isRight)
        return refused(Errc::MissingAuth, "This listener is for the homeserver that knows its secret");
    if (!isOneOf(head.scheme, {"matrix-federation", "https"}))
        return refused(Errc::InvalidParam, "Requests for other servers are asked for with their whole address");
    if (auto path = checkPath(head.target); !path)
        return path;
    if (!isOneOf(head.method, {"GET", "PUT", "POST"}))
        return refused(Errc::MethodNotAllowed, "This method is not handed on");

    const QByteArray authority = head.value("host");
    auto name = matrix::ServerName::parse(authority);
    if (!name)
        return refused(Errc::InvalidParam, "The address names no server");
    call.destination = *std::move(name);
    if (call.destination == m_services.ownName)
        return refused(Errc::InvalidParam, "This is our own server");

    call.txnId = transactionOf(head);
    if (head.all("authorization").isEmpty()) {
        if (call.txnId.isNull())
            return {}; // keys and media are asked for without a signature
        return refused(Errc::MissingAuth, "A transaction is signed");
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

void NodeSite::handle(Request request, Reply reply)
{
    // This site's own gate made it.
    const std::unique_ptr<const Call> call(static_cast<const Call *>(request.admitted.release()));
    reply.whenFailed(
        [log = m_refusals, server = call->destination](const Error &error) { log->note(described(server), error); });
    if (call->claim)
        m_services.homeserver.noteWhole(*call->claim, request.head.method, request.head.target, request.body);
    const auto pending = std::make_shared<Reply>(std::move(reply));
    if (!call->txnId.isNull())
        return send(std::move(request), *call, pending);
    m_services.counters.passedOn.add();
    pass(std::move(request), *call, pending);
}

void NodeSite::send(Request request, const Call &call, const std::shared_ptr<Reply> &reply)
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

void NodeSite::pass(Request request, const Call &call, const std::shared_ptr<Reply> &reply)
{
    federation::Request outward;
    outward.destination = call.destination;
    outward.method = request.head.method;
    outward.target = request.head.target;
    outward.body = request.head.hasBody ? std::move(request.body) : QByteArray();
    outward.sign = false;
    for (const QByteArray &value : request.head.all("authorization"))
        outward.headers.emplace_back("Authorization", value);
    if (const QByteArray type = request.head.value("content-type"); !type.isEmpty())
        outward.headers.emplace_back("Content-Type", type);
    outward.deadlineMs = PassMs;
    outward.bodyMs = PassBodyMs;
    outward.mostBytes = AnswerBytes;
    const auto passage = std::make_shared<Passage>();
    passage->caller = m_caller;
    passage->id = m_caller->stream(
        std::move(outward),
        [this, reply, passage, server = call.destination](const Result<federation::Response> &head) {
            if (!head && isAway(server, head.error()))
                return reply->json(404, notFound(head.error().detail));
            if (!head)
                return reply->fail(head.error());
            Reply::ExtraHeaders extra;
            for (const auto &[name, value] : head->headers) {
                if (std::find(HandedBack.begin(), HandedBack.end(), QByteArrayView(name)) != HandedBack.end())
                    extra.emplace_back(name, value);
            }
            const QByteArray type = head->value("content-type");
            reply->send({head->status, type.isEmpty() ? QByteArrayLiteral("application/octet-stream") : type,
                         lengthOf(*head), std::make_unique<PassedBody>(passage)},
                        extra);
        },
        [passage](Result<QByteArray> part) { passage->onPart(std::move(part)); });
    reply->whenUnwanted([caller = std::weak_ptr(m_caller), id = passage->id] {
        if (const auto still = caller.lock())
            still->cancel(id);
    });
}

} // namespace restante::http
