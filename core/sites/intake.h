// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sidework.h"
#include "http/site.h"
#include "identity/authenticator.h"
#include "matrix/userid.h"
#include "matrix/xmatrix.h"
#include "queue/writer.h"
#include "relay/forwarder.h"
#include "sites/relayservices.h"
#include "telemetry/counters.h"

namespace restante::sites
{

/// What the sites of a relay do alike with a signed request: check who signed it, charge it, and take the mail in it
/// in (steps 8 to 12 of the order of checks). One for each site, in its worker's thread.
class Intake
{
public:
    using Keys = identity::Authenticator::Keys;
    using Proceed = std::function<void(const identity::Verified &)>;
    using IsOurs = identity::Authenticator::IsOurs;
    using SharedReply = std::shared_ptr<http::Reply>;

    /// One transaction on its way in, as the head of its request has it.
    struct Mail {
        matrix::XMatrix claim;
        matrix::ServerName destination;
        QByteArray label; ///< the localpart that send_relay names
        QByteArray txnId;
        bool attests = false; ///< the signature over it is kept with it (PROTOCOL 6.4)
    };
    using SharedMail = std::shared_ptr<const Mail>;

    /// `isOurs`: whether a request may be signed for this server; empty: for our own name only.
    explicit Intake(const RelayServices &services, IsOurs isOurs = {});
    Q_DISABLE_COPY_MOVE(Intake)

    queue::Client &client() { return m_client; }

    /// Step 8, first half: a missing Content-Type is fine, another than JSON is not (PROTOCOL 1.3).
    static Result<void> checkContentType(const http::RequestHead &head);
    /// Step 9: goes on with `proceed` once a signature of the claim is verified, else answers, or with `refused` if
    /// that is given.
    void authenticate(const http::RequestHead &head, const matrix::XMatrix &claim, const matrix::ScannedObject *body,
                      const SharedReply &reply, Proceed proceed, Keys keys,
                      const identity::Authenticator::MayAsk &mayAsk = {},
                      std::function<void(const Error &)> refused = {});
    /// Steps 8 to 11 of a transaction: goes on with what is to be kept of it, else answers.
    void prepare(const http::Request &request, const SharedMail &mail, const SharedReply &reply,
                 std::function<void(queue::StoreRequest)> ready);
    /// Step 12: answers 200 with `answer` once it is on the disk.
    void hold(queue::StoreRequest mail, const SharedReply &reply, const QByteArray &answer);

    /// Whether the client's address has used up what it may cost.
    std::optional<Error> overBudget(const QHostAddress &peer) const;
    /// Counts a request that is handled, and its answer; `note` is told of the error it gets, if it gets one.
    void count(const http::Request &request, http::Reply &reply, telemetry::Route route,
               std::function<void(const Error &)> note) const;

    /// The origin itself was here, and not a copy of its request, as far as can be told.
    void noteContact(const matrix::ServerName &origin) const;
    /// Step 11: only now, with the signature verified, is anything charged to an origin.
    Result<void> chargeOrigin(const matrix::ServerName &origin, qint64 bytes = 0) const;
    /// The client's address is charged for a request that turned out to be worth nothing, if `code` means that; for
    /// those that are answered without an error.
    void chargeWaste(const http::Request &request, Errc code) const;
    /// `drop` gives up what is on its way for the client; it is not called once this has gone.
    void whenClientLeaves(const SharedReply &reply, std::function<void()> drop) const;

private:
    void submit(const http::RequestHead &head, const SharedMail &mail, Result<matrix::ScannedObject> body,
                const SharedReply &reply, std::function<void(queue::StoreRequest)> ready);
    void digest(const QByteArray &address, const SharedMail &mail, const identity::Verified &verified,
                const matrix::ScannedObject &body, const SharedReply &reply,
                std::function<void(queue::StoreRequest)> ready);
    void aside(qint64 bodyBytes, const QByteArray &who, std::function<void()> work, std::function<void()> then,
               const SharedReply &reply);
    Result<void> charge(const Mail &mail, qint64 bytes) const;
    Result<void> chargeDestination(const matrix::ServerName &origin, const matrix::ServerName &destination) const;

    const RelayServices m_services;
    queue::Client m_client;
    const std::unique_ptr<identity::KeyFetcher> m_keyFetcher;
    base::SideWork m_side;
    identity::Authenticator m_authenticator;
    relay::Forwarder m_forwarder;
    std::shared_ptr<int> m_alive; ///< what connections hold of this holds it weakly
};

} // namespace restante::sites
