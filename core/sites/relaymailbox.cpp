// SPDX-License-Identifier: GPL-3.0-or-later
// The relay's site: mail is collected, and asked about.
#include "http/addressbudget.h"
#include "identity/identity.h"
#include "queue/freshnames.h"
#include "queue/knownsender.h"
#include "sites/mailboxreply.h"
#include "sites/relaycall.h"
#include "sites/relaytxnbody.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <utility>

namespace restante::sites
{

/// GET /_matrix/federation/v1/relay_txn/{userID} with its JSON body, steps 8 to 12.
void RelaySite::relayTxn(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply)
{
    std::optional<matrix::ScannedObject> body;
    if (!request.body.isEmpty()) {
        if (const auto type = Intake::checkContentType(request.head); !type)
            return reply.fail(type.error());
        auto scanned = matrix::ScannedObject::scan(request.body);
        if (!scanned)
            return reply.fail(scanned.error());
        scanned->keepOnly(RelayTxnMembers);
        body = std::move(*scanned);
    }

    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    const auto proceed = [this, call, pending, body,
                          address = base::addressKey(request.head.peer)](const identity::Verified &verified) {
        const auto &signedBody = verified.rewritten ? verified.rewritten : body;
        auto asked = signedBody ? readRelayTxnBody(*signedBody) : RelayTxnBody{};
        if (!asked)
            return pending->fail(asked.error());
        takeStamp(call->claim.origin, asked->stamp, pending, [this, call, asked = *asked, pending, address] {
            handOut(address, call->claim.origin, asked, pending);
        });
    };
    // A homeserver that was away for weeks gets its mail even if it cannot be asked for its keys yet.
    m_intake.authenticate(
        request.head, call->claim, body ? &*body : nullptr, pending, proceed, Keys::ValidOrLastOfOwner,
        [this, &owner = call->claim.origin] { return m_admission.holdsFor(owner) || holdsSomethingFor(owner); });
}

/// Goes on if a request of this verified origin is not a copy of an earlier one, and that is remembered over a restart.
void RelaySite::takeStamp(const matrix::ServerName &origin, const std::optional<relay::Stamp> &stamp,
                          const std::shared_ptr<http::Reply> &reply, std::function<void()> proceed)
{
    if (!m_services.freshness)
        return proceed();
    const auto fresh =
        m_services.freshness->take({origin, stamp, m_admission.requiresStamps(), m_admission.serves(origin),
                                    [&] { return holdsSomethingFor(origin); }});
    if (!fresh)
        return reply->fail(fresh.error());
    if (!*fresh)
        return proceed();
    queue::FreshNames::remember(m_intake.client(), **fresh, m_services.clock.wallMs(),
                                [origin, proceed = std::move(proceed)](const Result<void> &kept) {
                                    if (!kept) // as on a full disk, where mail must still be collected
                                        qCWarning(lcRelay).noquote()
                                            << "That" << origin.toString()
                                            << "sends times with its requests could not be written down:"
                                            << kept.error().detail;
                                    proceed();
                                });
}

/// Steps 11 and 12 of relay_txn.
void RelaySite::handOut(const QByteArray &address, const matrix::ServerName &owner, const RelayTxnBody &asked,
                        const std::shared_ptr<http::Reply> &reply)
{
    m_intake.noteContact(owner);
    if (const auto budget = m_intake.chargeOrigin(owner); !budget)
        return reply->fail(budget.error());
    relay::Retriever::Wish wish = asked.wish;
    if (asked.isBatch) {
        wish.holds = m_admission.holdsFor(owner);
        const bool makesRoom = std::any_of(wish.acknowledged.begin(), wish.acknowledged.end(),
                                           [](matrix::EntryId id) { return !id.isNull(); });
        wish.paused = takesNothing(owner, makesRoom);
    }
    const auto next = m_retriever.next(owner, wish);
    if (!next)
        return reply->fail(next.error());
    if (next->largeBytes > 0)
        return giveLarge(address, owner, std::move(wish), next->largeBytes, reply);
    give(address, owner, next->reply, *reply);
}

/// Of what is large, megabytes are read and copied, beside this thread, which others wait for. It is not read if it
/// could not be sent, because others do not take theirs.
void RelaySite::giveLarge(const QByteArray &address, const matrix::ServerName &owner, relay::Retriever::Wish wish,
                          qint64 bytes, const std::shared_ptr<http::Reply> &reply)
{
    if (!reply->reserve(bytes))
        return reply->fail({Errc::Busy, QStringLiteral("There is no memory for this answer just now"), 0});
    wish.acknowledged.clear(); // that is done
    using Found = Result<relay::Retriever::Found>;
    const auto found = std::make_shared<Found>(Error());
    const std::weak_ptr ticket = m_reading.run(
        bytes, base::customerKey(address),
        [found, &writer = m_services.writer, owner, wish = std::move(wish)] {
            queue::Client client(writer);
            queue::Reader reader(writer, client);
            *found = relay::Retriever(reader).next(owner, wish);
        },
        [this, found, address, owner, reply] {
            if (*found)
                give(address, owner, (*found)->reply, *reply);
            else
                reply->fail(found->error());
        });
    m_intake.whenClientLeaves(reply, [this, ticket] { // weakly: what waits holds the reply, which holds this
        if (const auto waiting = ticket.lock())
            m_reading.forget(waiting);
    });
}

/// What is large costs its owner only if it is asked for again: that is more than was left here.
void RelaySite::give(const QByteArray &address, const matrix::ServerName &owner, const QByteArray &answer,
                     http::Reply &reply)
{
    if (m_largeAnswers.note(owner.bytes(), answer.size()))
        m_services.addressBudget.owe(address, http::requestsMore(answer.size()));
    reply.json(200, answer);
}

/// GET /_matrix/federation/unstable/org.restante/mailbox/{serverName}, our own extension: steps 9 to 12. The caller's
/// own mailbox, or whether it could leave mail for another, which is no more than send_relay would tell it.
void RelaySite::mailbox(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply)
{
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    const auto proceed = [this, call, pending](const identity::Verified &) {
        const matrix::ServerName &caller = call->claim.origin;
        m_intake.noteContact(caller);
        if (const auto budget = m_intake.chargeOrigin(caller); !budget)
            return pending->fail(budget.error());
        if (call->mailbox == caller)
            tellOwner(caller, std::move(*pending));
        else
            tellSender(caller, call->mailbox, std::move(*pending));
    };
    m_intake.authenticate(request.head, call->claim, nullptr, pending, proceed, Keys::Valid, [this, &call] {
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

void RelaySite::tellOwner(const matrix::ServerName &owner, http::Reply reply) const
{
    Result<void> room = mayStore();
    const auto refusal = refusalFor(owner);
    if (room && refusal)
        room = {Errc::QuotaExceeded, refusal->reason};
    reply.json(200, ownMailboxReply(owner, m_admission.holdsFor(owner), m_admission.isPaused(), room,
                                    refusal && refusal->onlyUnknown));
}

void RelaySite::tellSender(const matrix::ServerName &origin, const matrix::ServerName &destination, http::Reply reply)
{
    const auto mayLeave = mayLeaveNow(origin, destination);
    const auto refusal = refusalFor(destination);
    const bool dependsOnSender =
        !mayLeave && refusal && refusal->onlyUnknown && mayLeave.error().detail == refusal->reason;
    if (!dependsOnSender)
        return reply.json(200, otherMailboxReply(destination, mayLeave));
    // Which senders the owner knows is written down, and only the writer reads that.
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    queue::askIfLearned(m_intake.client(), destination, origin, [pending, destination, mayLeave](bool learned) {
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

/// Whether just now no mail for `owner` is taken in from anybody. A full mailbox does not count for a request that
/// `makesRoom` in it: its acknowledgement is carried out after this answer is made.
bool RelaySite::takesNothing(const matrix::ServerName &owner, bool makesRoom) const
{
    if (m_admission.isPaused() || !mayStore())
        return true;
    const auto refusal = makesRoom ? std::nullopt : refusalFor(owner);
    return refusal && !refusal->onlyUnknown;
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

} // namespace restante::sites
