// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/doorsite.h"

#include "base/printable.h"
#include "http/errortable.h"
#include "identity/keydocument.h"
#include "matrix/attestation.h"
#include "sites/invite.h"
#include "sites/passable.h"
#include "sites/passage.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <utility>

namespace restante::sites
{

namespace
{
constexpr qint64 AnswerBytes = qint64(1) << 20;
constexpr qint64 BytesPerSecond = qint64(64) * 1024;

/// No answer, or what a proxy answers when the server behind it is away.
bool isAway(const Result<federation::Response> &response)
{
    return !response || response->status == 502 || response->status == 503 || response->status == 504;
}

/// The server behind sees the client's address, and no other that the client may have written there.
federation::Headers forwardedFor(const http::RequestHead &head)
{
    return {{"X-Forwarded-For", head.peer.toString().toLatin1()}};
}
} // namespace

/// What the gate learned of a request, kept for its handler.
struct DoorSite::Call final : http::Admitted, Intake::Mail {
    enum class What { Send, Keys, Invite, Other };
    What what = What::Other;
};

DoorSite::DoorSite(const RelayServices &services)
    : m_services(services)
    , m_refusals(std::make_shared<http::RefusalLog>(services.clock, lcRelay))
    , m_admission(services.policy)
    , m_caller(services.makeCaller ? services.makeCaller() : nullptr)
    , m_intake(services, [this](const matrix::ServerName &server) { return m_admission.fronts(server); })
{
}

DoorSite::~DoorSite() = default;

QByteArray DoorSite::described(const Call &call)
{
    const QByteArray door = "the front door of " + call.destination.bytes();
    const QByteArray &origin = call.claim.origin.bytes();
    if (origin.isEmpty())
        return door;
    return (call.what == Call::What::Invite ? "an invite of " : "a transaction of ") + origin + " at " + door;
}

bool DoorSite::isFor(const http::RequestHead &head) const
{
    return !m_admission.frontedAt(head.value("host")).isNull();
}

bool DoorSite::hasAdmitted(const http::Admitted *admitted)
{
    return dynamic_cast<const Call *>(admitted) != nullptr;
}

http::Verdict DoorSite::gate(const http::RequestHead &head)
{
    http::Verdict verdict;
    auto call = std::make_unique<Call>();
    call->destination = m_admission.frontedAt(head.value("host"));
    verdict.maxBody = m_services.transactionBytes;
    if (head.contentLength > verdict.maxBody)
        verdict.refusal = Error{Errc::TooLarge, QStringLiteral("The body is larger than a transaction can be"), 0};
    else if (const auto admitted = admit(head, *call); !admitted)
        verdict.refusal = admitted.error();
    else
        verdict.refusal = m_intake.overBudget(head.peer);
    if (verdict.refusal) {
        if (verdict.refusal->code == Errc::MethodNotAllowed)
            verdict.allow = "GET, PUT, POST";
        m_services.counters.countAnswer(telemetry::Route::Front, http::statusOf(verdict.refusal->code));
        if (call->what == Call::What::Send)
            m_services.counters.doorRefusals.add();
        m_refusals->note(described(*call), *verdict.refusal);
    }
    verdict.admitted = std::move(call);
    return verdict;
}

/// Steps 2 to 6, all from the head.
Result<void> DoorSite::admit(const http::RequestHead &head, Call &call) const
{
    if (auto path = checkPassable(head.target, {"federation", "key"}); !path)
        return path;
    if (head.method != "GET" && head.method != "PUT" && head.method != "POST")
        return {Errc::MethodNotAllowed, QStringLiteral("This method is not taken here")};
    call.txnId = sentTransaction(head.method, head.target);
    if (call.txnId.isNull()) {
        call.what = asksForKeys(head.method, head.target) ? Call::What::Keys
                    : isNotable(head, call)               ? Call::What::Invite
                                                          : Call::What::Other;
        return m_admission.isOn() ? Result<void>()
                                  : Result<void>(Errc::RelayingOff, QStringLiteral("This server does not relay"));
    }
    call.what = Call::What::Send;
    call.attests = true;
    auto claim = matrix::XMatrix::parse(head.all("authorization"));
    if (!claim)
        return claim.error();
    call.claim = std::move(*claim);
    if (call.claim.destination.isNull())
        call.claim.destination = call.destination;
    if (call.claim.destination != call.destination)
        return m_admission.fronts(call.claim.destination)
                   ? Result<void>(Errc::Misdirected, QStringLiteral("That server's front door is at another address"))
                   : Result<void>(Errc::WrongDestination, QStringLiteral("This request was signed for another server"));
    // The path that was signed is made from the id again.
    if (!matrix::isPlainTransactionId(call.txnId) || !head.target.endsWith('/' + call.txnId))
        return {
            Errc::InvalidParam,
            QStringLiteral("A transaction id has 1 to 255 of the characters A-Z a-z 0-9 . _ ~ - and ends the path")};
    // Pausing is about what is held: an owner that is at home goes on getting its mail.
    if (m_admission.isPaused() && upstreamOf(call))
        return m_admission.mayPass(call.claim.origin, call.destination);
    return m_admission.mayLeave(call.claim.origin, call.destination);
}

/// Whether an invite is one that the operator may want to see; `call` gets its claim then.
bool DoorSite::isNotable(const http::RequestHead &head, Call &call) const
{
    if (!m_services.invites || !isInvite(head.method, head.target) || head.contentLength > MostInviteBytes)
        return false;
    auto claim = matrix::XMatrix::parse(head.all("authorization"));
    if (!claim || !m_admission.mayAsk(claim->origin))
        return false;
    if (claim->destination.isNull())
        claim->destination = call.destination;
    if (claim->destination != call.destination)
        return false;
    call.claim = *std::move(claim);
    return true;
}

void DoorSite::handle(http::Request request, http::Reply reply)
{
    // This site's own gate made it. Shared, because an answer may come after this call returned.
    const SharedCall call(static_cast<const Call *>(request.admitted.release()));
    m_intake.count(request, reply, telemetry::Route::Front,
                   [log = m_refusals, call, &counters = m_services.counters](const Error &error) {
                       log->note(described(*call), error);
                       if (call->what == Call::What::Send)
                           counters.doorRefusals.add();
                   });
    if (call->what == Call::What::Keys)
        return serverKeys(call->destination, reply);
    const auto shared = std::make_shared<http::Request>(std::move(request));
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    if (call->what == Call::What::Send)
        return send(shared, call, pending);
    if (call->what == Call::What::Invite)
        return invite(shared, call, pending);
    pass(shared, call, pending, {});
}

void DoorSite::send(const SharedRequest &request, const SharedCall &call, const Intake::SharedReply &reply)
{
    m_intake.prepare(*request, call, reply, [this, request, call, reply](queue::StoreRequest mail) {
        if (const auto upstream = upstreamOf(*call))
            passMail(request, *upstream, std::move(mail), reply);
        else
            hold(std::move(mail), reply);
    });
}

/// Where requests for it go now; nothing: they are held.
std::optional<matrix::ServerName> DoorSite::upstreamOf(const Call &call) const
{
    return m_caller && m_services.doors ? m_services.doors->upstream(call.destination) : std::nullopt;
}

/// What the server at home answers is the answer. If it does not, its mail is held from now on: it may have got this
/// one, and knows it again then.
void DoorSite::passMail(const SharedRequest &request, const matrix::ServerName &upstream, queue::StoreRequest mail,
                        const Intake::SharedReply &reply)
{
    federation::Request outward;
    outward.destination = upstream;
    outward.method = request->head.method;
    outward.target = request->head.target;
    outward.body = request->body;
    outward.sign = false;
    outward.headers = forwardedFor(request->head);
    for (const QByteArray &value : request->head.all("authorization"))
        outward.headers.emplace_back("Authorization", value);
    outward.deadlineMs = std::min(PassMs + int(request->body.size() * 1'000 / BytesPerSecond), mostPassMs());
    outward.mostBytes = AnswerBytes;
    const auto id = m_caller->send(std::move(outward), [this, upstream, mail = std::move(mail),
                                                        reply](const Result<federation::Response> &response) mutable {
        if (!isAway(response))
            return reply->json(response->status, response->body);
        qCInfo(lcRelay).noquote().nospace()
            << mail.destination.toString() << " is not at home at " << upstream.toString() << " any more ("
            << (response ? QStringLiteral("status %1").arg(response->status) : response.error().detail)
            << (m_admission.isPaused() ? "); its mail is refused while taking in is paused." : "); its mail is held.");
        hold(std::move(mail), reply);
    });
    m_intake.whenClientLeaves(reply, [this, id] { m_caller->cancel(id); }); // its sender tries again
}

/// The front would answer 504 in our place, which stops senders for ten minutes. Before and after that a key may be
/// looked up, for half of the front's time, and the mail be stored.
int DoorSite::mostPassMs() const
{
    return m_services.handlerMs / 3;
}

/// While the relay is paused its sender keeps it instead, and nobody else is passed on to who does not answer.
void DoorSite::hold(queue::StoreRequest mail, const Intake::SharedReply &reply)
{
    if (m_admission.isPaused()) {
        if (m_services.doors)
            m_services.doors->revoke(mail.destination);
        return reply->fail(relay::Admission::pausedNow());
    }
    m_intake.hold(std::move(mail), reply, QByteArrayLiteral(R"({"pdus":{}})"));
}

/// Everything but mail: it cannot be held, because its sender needs the answer.
void DoorSite::pass(const SharedRequest &request, const SharedCall &call, const Intake::SharedReply &reply,
                    const std::optional<relay::FailedInvite> &invite)
{
    const auto upstream = upstreamOf(*call);
    if (!upstream) {
        noteFailed(invite);
        return answerAway(*reply);
    }
    const auto extra = forwardedFor(request->head);
    Passage::begin(
        m_caller, *upstream, std::move(*request), reply,
        [this, invite, reply](const Result<federation::Response> &head) {
            if (!isAway(head))
                return false;
            noteFailed(invite);
            answerAway(*reply);
            return true;
        },
        extra,
        std::min(Passage::HeadMs, call->what == Call::What::Invite ? mostPassMs() : m_services.handlerMs * 9 / 10));
}

/// One that cannot be passed on is shown to the operator, if its signature is good.
void DoorSite::invite(const SharedRequest &request, const SharedCall &call, const Intake::SharedReply &reply)
{
    if (request->body.size() > MostInviteBytes)
        return pass(request, call, reply, {});
    auto body = matrix::ScannedObject::scan(request->body);
    if (!body) {
        m_intake.chargeWaste(*request, body.error().code);
        return pass(request, call, reply, {});
    }
    m_intake.authenticate(
        request->head, call->claim, &*body, reply,
        [this, request, call, reply, body = *body](const identity::Verified &) {
            const matrix::ServerName &origin = call->claim.origin;
            m_intake.noteContact(origin);
            auto invite = readInvite(request->head.target, body, origin, call->destination);
            if (!m_intake.chargeOrigin(origin, body.text().size()))
                invite.reset();
            pass(request, call, reply, invite);
        },
        Intake::Keys::Valid, {},
        [this, request, call, reply](const Error &error) {
            m_intake.chargeWaste(*request, error.code);
            pass(request, call, reply, {});
        });
}

void DoorSite::noteFailed(std::optional<relay::FailedInvite> invite) const
{
    if (!invite || !m_services.invites)
        return;
    invite->lastMs = m_services.clock.wallMs();
    const auto shown = [](const QByteArray &text) { return base::printable(QString::fromUtf8(text)); };
    const QString line = shown(invite->sender) + QStringLiteral(" invited ") + shown(invite->invited) +
                         QStringLiteral(" to ") + shown(invite->room);
    if (m_services.invites->note(*std::move(invite)))
        qCInfo(lcRelay).noquote() << line + QStringLiteral(", whose server is away; it has to be done again.");
}

/// GET /_matrix/key/v2/server: what the server itself has signed, while that is good for anything.
void DoorSite::serverKeys(const matrix::ServerName &server, http::Reply &reply)
{
    relay::DoorBoard *doors = m_services.doors;
    if (!doors)
        return answerAway(reply);
    QByteArray document = doors->document(server);
    const qint64 now = m_services.clock.steadyMs();
    const auto looked = m_looked.constFind(server);
    const bool isDue = looked == m_looked.cend() || now - *looked >= DocumentMs;
    if (document.isEmpty() && m_services.keyDocument && isDue) { // as after a start
        const auto kept = m_services.keyDocument(server);
        if (!kept)
            return reply.fail({Errc::StorageFailed, kept.error().detail, 0});
        m_looked.insert(server, now);
        if (const auto keys = identity::checkKeyDocument(*kept, server, m_services.clock.wallMs()))
            doors->setDocument(server, *kept, keys->front().validUntilMs);
        document = doors->document(server);
    }
    if (document.isEmpty())
        return answerAway(reply);
    reply.json(200, document);
}

void DoorSite::answerAway(http::Reply &reply)
{
    reply.json(404, awayBody());
}

} // namespace restante::sites
