// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/sidework.h"
#include "http/limits.h"
#include "http/refusallog.h"
#include "http/site.h"
#include "identity/authenticator.h"
#include "matrix/userid.h"
#include "queue/reader.h"
#include "queue/writer.h"
#include "relay/admission.h"
#include "relay/forwarder.h"
#include "relay/freshness.h"
#include "relay/retriever.h"
#include "sites/largeanswers.h"

#include <atomic>

namespace restante::identity
{
class Identity;
class KeyRing;
} // namespace restante::identity

namespace restante::http
{
class AddressBudget;
class TokenBuckets;
} // namespace restante::http

namespace restante::telemetry
{
struct Counters;
}

namespace restante::sites
{

struct RelayTxnBody;
struct RouteMatch;

/// What every worker's site shares. All of it is thread-safe or unchanging, and outlives the front.
struct RelayServices {
    const base::Clock &clock;
    const identity::Identity &identity;
    identity::KeyRing &keyRing;
    relay::PolicyBoard &policy;
    queue::Writer &writer;
    http::AddressBudget &addressBudget; ///< requests of one client address
    http::TokenBuckets &originBudget;   ///< requests of one verified origin
    telemetry::Counters &counters;
    qint64 transactionBytes =
        http::Limits{}.bodyBytes; ///< largest body of a transaction; send_relay may be a little larger
    /// Makes a site's own fetcher, in its thread; may be empty: then keys are looked up nowhere.
    std::function<std::unique_ptr<identity::KeyFetcher>()> makeKeyFetcher = {};
    /// Told of every origin whose signature was verified, and whose request is not a copy, in the worker's thread; may
    /// be empty.
    std::function<void(const matrix::ServerName &)> verified = {};
    /// Tells copies of requests for mail; may be null: then every request counts.
    relay::FreshnessBook *freshness = nullptr;
    /// False while the queue can store nothing; may be null: then that is not known.
    const std::atomic<bool> *storing = nullptr;
    /// Mail for one destination of those that the operator did not name; may be null: then nothing is counted.
    http::TokenBuckets *destinationBudget = nullptr;
    /// What one client address may cost with requests that turn out to be worth nothing, in KiB of their bodies; may be
    /// null: then nothing is counted.
    http::AddressBudget *failedWork = nullptr;
};

/// The relay's public routes: the order of checks from step 2 on, in code. One per worker thread.
class RelaySite final : public http::Site
{
public:
    explicit RelaySite(const RelayServices &services);

    http::Verdict gate(const http::RequestHead &head) override;
    void handle(http::Request request, http::Reply reply) override;
    void guardRefused(int status, QByteArrayView reason) override { m_refusals->note(status, reason); }

    /// Bodies of relay_txn and of routes that need none.
    static constexpr qint64 SmallBodyBytes = qint64{64} * 1024;
    /// What send_relay allows beyond the size of a transaction.
    static constexpr qint64 SendRelayExtraBytes = qint64{64} * 1024;

private:
    struct Call;
    using Keys = identity::Authenticator::Keys;
    using Proceed = std::function<void(const identity::Verified &)>;

    /// For the log: what was asked for, and by whom as far as that is claimed.
    static QByteArray described(const Call &call);
    static Result<void> checkContentType(const http::RequestHead &head);
    Result<void> admit(const http::RequestHead &head, const RouteMatch &match, Call &call) const;
    void sendRelay(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    void submit(const http::RequestHead &head, const std::shared_ptr<const Call> &call,
                Result<matrix::ScannedObject> body, const std::shared_ptr<http::Reply> &reply);
    void keep(const QByteArray &address, const std::shared_ptr<const Call> &call, matrix::ScannedObject body,
              const std::shared_ptr<http::Reply> &reply);
    void aside(qint64 bodyBytes, const QByteArray &who, std::function<void()> work, std::function<void()> then,
               const std::shared_ptr<http::Reply> &reply);
    void relayTxn(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    void mailbox(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    std::optional<queue::MailRefusal> refusalFor(const matrix::ServerName &owner) const;
    Result<void> mayStore() const;
    bool takesNothing(const matrix::ServerName &owner, bool makesRoom) const;
    Result<void> mayLeaveNow(const matrix::ServerName &origin, const matrix::ServerName &destination) const;
    void tellOwner(const matrix::ServerName &owner, http::Reply reply) const;
    void tellSender(const matrix::ServerName &origin, const matrix::ServerName &destination, http::Reply reply);
    void whenClientLeaves(const std::shared_ptr<http::Reply> &reply, std::function<void()> drop) const;
    void serverKeys(http::Reply reply);
    static void version(http::Reply reply);
    void authenticate(const http::RequestHead &head, const std::shared_ptr<const Call> &call,
                      const matrix::ScannedObject *body, const std::shared_ptr<http::Reply> &reply, Proceed proceed,
                      Keys keys, const identity::Authenticator::MayAsk &mayAsk = {});
    bool holdsSomethingFor(const matrix::ServerName &owner);
    Result<relay::FreshnessBook::Fresh> takeStamp(const matrix::ServerName &origin,
                                                  const std::optional<relay::Stamp> &stamp);
    void handOut(const QByteArray &address, const matrix::ServerName &owner, const RelayTxnBody &asked,
                 const std::shared_ptr<http::Reply> &reply);
    void giveLarge(const QByteArray &address, const matrix::ServerName &owner, relay::Retriever::Wish wish,
                   qint64 bytes, const std::shared_ptr<http::Reply> &reply);
    void give(const QByteArray &address, const matrix::ServerName &owner, const QByteArray &answer, http::Reply &reply);
    void noteContact(const matrix::ServerName &origin) const;
    Result<void> chargeOrigin(const matrix::ServerName &origin, qint64 bytes = 0) const;
    Result<void> chargeDestination(const matrix::ServerName &origin, const matrix::ServerName &destination) const;

    RelayServices m_services;
    const std::shared_ptr<http::RefusalLog> m_refusals; ///< answers on their way have it, too
    relay::Admission m_admission;
    queue::Client m_client;
    queue::Reader m_reader;
    const std::unique_ptr<identity::KeyFetcher> m_keyFetcher;
    base::SideWork m_side;
    identity::Authenticator m_authenticator;
    relay::Forwarder m_forwarder;
    relay::Retriever m_retriever;
    LargeAnswers m_largeAnswers;
    base::SideWork m_reading{QLatin1String("answers")};
    QByteArray m_keyDocument;
    qint64 m_keyDocumentMs = 0;
    std::shared_ptr<int> m_alive; ///< what connections hold of the site holds it weakly
};

} // namespace restante::sites
