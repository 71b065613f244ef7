// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sidework.h"
#include "http/refusallog.h"
#include "http/site.h"
#include "matrix/userid.h"
#include "queue/reader.h"
#include "relay/admission.h"
#include "relay/retriever.h"
#include "sites/intake.h"
#include "sites/largeanswers.h"
#include "sites/relayservices.h"

namespace restante::sites
{

struct DoorBody;
struct RelayTxnBody;
struct RouteMatch;

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
    using Keys = Intake::Keys;

    /// For the log: what was asked for, and by whom as far as that is claimed.
    static QByteArray described(const Call &call);
    Result<void> admit(const http::RequestHead &head, const RouteMatch &match, Call &call) const;
    void sendRelay(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    void relayTxn(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    void mailbox(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    void senderKeys(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    void sent(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    void door(const http::Request &request, const std::shared_ptr<const Call> &call, http::Reply reply);
    void open(const matrix::ServerName &owner, const DoorBody &asked, http::Reply &reply);
    std::optional<queue::MailRefusal> refusalFor(const matrix::ServerName &owner) const;
    Result<void> mayStore() const;
    bool takesNothing(const matrix::ServerName &owner, bool makesRoom) const;
    Result<void> mayLeaveNow(const matrix::ServerName &origin, const matrix::ServerName &destination) const;
    void tellOwner(const matrix::ServerName &owner, http::Reply reply) const;
    void tellSender(const matrix::ServerName &origin, const matrix::ServerName &destination, http::Reply reply);
    void serverKeys(http::Reply reply);
    static void version(http::Reply reply);
    bool holdsSomethingFor(const matrix::ServerName &owner);
    void takeStamp(const matrix::ServerName &origin, const std::optional<relay::Stamp> &stamp,
                   const std::shared_ptr<http::Reply> &reply, std::function<void()> proceed);
    void handOut(const QByteArray &address, const matrix::ServerName &owner, const RelayTxnBody &asked,
                 const std::shared_ptr<http::Reply> &reply);
    void giveLarge(const QByteArray &address, const matrix::ServerName &owner, relay::Retriever::Wish wish,
                   qint64 bytes, const std::shared_ptr<http::Reply> &reply);
    void give(const QByteArray &address, const matrix::ServerName &owner, const QByteArray &answer, http::Reply &reply);

    RelayServices m_services;
    const std::shared_ptr<http::RefusalLog> m_refusals; ///< answers on their way have it, too
    relay::Admission m_admission;
    base::SideWork m_reading{QLatin1String("answers")}; ///< goes after m_intake, which may tell it that a client left
    Intake m_intake;
    queue::Reader m_reader;
    relay::Retriever m_retriever;
    LargeAnswers m_largeAnswers;
    QByteArray m_keyDocument;
    qint64 m_keyDocumentMs = 0;
};

} // namespace restante::sites
