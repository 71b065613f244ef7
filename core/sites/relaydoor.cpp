// SPDX-License-Identifier: GPL-3.0-or-later
// The relay's site: the owner of a front door says whether it is at home (PROTOCOL 6.5).
#include "identity/identity.h"
#include "identity/keydocument.h"
#include "identity/keyring.h"
#include "sites/doorbody.h"
#include "sites/passage.h"
#include "sites/relaycall.h"

namespace restante::sites
{

/// PUT /_matrix/federation/unstable/org.restante/door, steps 8 to 12.
void RelaySite::door(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply)
{
    if (const auto type = Intake::checkContentType(request.head); !type)
        return reply.fail(type.error());
    auto body = matrix::ScannedObject::scan(request.body);
    if (!body)
        return reply.fail(body.error());
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    const auto proceed = [this, call, pending, body = *body](const identity::Verified &verified) {
        const auto asked = readDoorBody(verified.rewritten.value_or(body));
        if (!asked)
            return pending->fail(asked.error());
        const matrix::ServerName &owner = call->claim.origin;
        // A copy of an old request would send everybody's mail to where its owner once was.
        if (asked->upstream && !asked->stamp)
            return pending->fail({Errc::NotFresh, QStringLiteral("A lease needs ts and nonce"), 0});
        takeStamp(owner, asked->stamp, pending, [this, call, pending, asked = *asked] {
            m_intake.noteContact(call->claim.origin);
            if (const auto budget = m_intake.chargeOrigin(call->claim.origin); !budget)
                return pending->fail(budget.error());
            open(call->claim.origin, asked, *pending);
        });
    };
    m_intake.authenticate(request.head, call->claim, &*body, pending, proceed, Keys::ValidOrLastOfOwner);
}

/// GET /_matrix/federation/unstable/org.restante/keys/{serverName}: the newest key document that this relay has of a
/// sender, for owners of mail here (PROTOCOL 6.6). Nobody is asked for it.
void RelaySite::senderKeys(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply)
{
    const auto pending = std::make_shared<http::Reply>(std::move(reply));
    const auto proceed = [this, call, pending](const identity::Verified &) {
        const matrix::ServerName &owner = call->claim.origin;
        m_intake.noteContact(owner);
        if (const auto budget = m_intake.chargeOrigin(owner); !budget)
            return pending->fail(budget.error());
        if (!m_admission.holdsFor(owner))
            return pending->fail({Errc::NotServed, QStringLiteral("This relay does not act for your server"), 0});
        const auto document = m_services.keyDocument ? m_services.keyDocument(call->mailbox) : QByteArray();
        if (!document)
            return pending->fail({Errc::StorageFailed, document.error().detail, 0});
        if (document->isEmpty())
            return pending->json(404, notFoundBody(QStringLiteral("No keys of that server are known here")));
        pending->json(200, *document);
    };
    m_intake.authenticate(request.head, call->claim, nullptr, pending, proceed, Keys::ValidOrLastOfOwner,
                          [this, call] { return m_admission.holdsFor(call->claim.origin); });
}

/// What is held is handed over before anything is passed on: nothing overtakes it.
void RelaySite::open(const matrix::ServerName &owner, const DoorBody &asked, http::Reply &reply)
{
    relay::DoorBoard *doors = m_services.doors;
    if (asked.upstream && !m_admission.frontedAt(asked.upstream->bytes()).isNull())
        return reply.fail({Errc::BadJson, QStringLiteral("upstream is a front door itself"), 0});
    if (!asked.document.isEmpty()) {
        auto keys = identity::checkKeyDocument(asked.document, owner, m_services.clock.wallMs());
        if (!keys)
            return reply.fail({Errc::BadJson, QStringLiteral("The key document: ") + keys.error().detail, 0});
        if (doors)
            doors->setDocument(owner, asked.document, keys->front().validUntilMs);
        m_services.keyRing.remember(*std::move(keys));
    }
    const quint64 seen = doors ? doors->holds(owner) : 0;
    const auto held = m_reader.holdsAny(owner);
    const bool mayPass = doors && m_services.makeCaller && asked.upstream && held && !*held;
    const bool passes = mayPass && doors->grant(owner, *asked.upstream, asked.leaseMs, seen);
    if (doors && !passes)
        doors->revoke(owner);
    if (!held)
        return reply.fail(held.error());
    reply.json(200, QByteArray(R"({"held":)") + (*held ? "true" : "false") + R"(,"passes":)" +
                        (passes ? "true}" : "false}"));
}

} // namespace restante::sites
