// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/refusallog.h"
#include "http/site.h"
#include "relay/admission.h"
#include "relay/inviteboard.h"
#include "sites/intake.h"
#include "sites/relayservices.h"

#include <QtCore/QHash>

#include <memory>
#include <optional>

namespace restante::sites
{

/// The front door of homeservers that know nothing of relays (core/README 3.5): ordinary federation requests for
/// servers that this relay fronts. While the server is away its mail is held with the signature that its sender made
/// (PROTOCOL 6.4), its key document is answered, and everything else gets 404 M_NOT_FOUND: after any other answer
/// homeservers send nothing more for ten minutes, up to a week. While it is at home all is passed on. One per worker
/// thread.
class DoorSite final : public http::Site
{
public:
    explicit DoorSite(const RelayServices &services);
    ~DoorSite() override;

    /// Whether a request with this head is for a front door.
    bool isFor(const http::RequestHead &head) const;
    /// Whether the gate of a DoorSite returned this.
    static bool hasAdmitted(const http::Admitted *admitted);

    http::Verdict gate(const http::RequestHead &head) override;
    void handle(http::Request request, http::Reply reply) override;

    /// How long it takes until a key document that is not there is looked for again.
    static constexpr qint64 DocumentMs = 60'000;
    /// Of a larger invite nothing is noted: it has an event, which has at most 64 KiB, and some state of its room.
    static constexpr qint64 MostInviteBytes = identity::Authenticator::LargeBytes;
    static constexpr int PassMs = 15'000; ///< a transaction is held after that, and 1 s more for each 64 KiB

private:
    struct Call;
    using SharedCall = std::shared_ptr<const Call>;
    using SharedRequest = std::shared_ptr<http::Request>;

    static QByteArray described(const Call &call);
    bool isNotable(const http::RequestHead &head, Call &call) const;
    Result<void> admit(const http::RequestHead &head, Call &call) const;
    void send(const SharedRequest &request, const SharedCall &call, const Intake::SharedReply &reply);
    void passMail(const SharedRequest &request, const matrix::ServerName &upstream, queue::StoreRequest mail,
                  const Intake::SharedReply &reply);
    /// `invite`: what is shown to the operator if it cannot be passed on.
    void pass(const SharedRequest &request, const SharedCall &call, const Intake::SharedReply &reply,
              const std::optional<relay::FailedInvite> &invite);
    void invite(const SharedRequest &request, const SharedCall &call, const Intake::SharedReply &reply);
    void noteFailed(std::optional<relay::FailedInvite> invite) const;
    void serverKeys(const matrix::ServerName &server, http::Reply &reply);
    int mostPassMs() const;
    std::optional<matrix::ServerName> upstreamOf(const Call &call) const;
    void hold(queue::StoreRequest mail, const Intake::SharedReply &reply);
    static void answerAway(http::Reply &reply);

    RelayServices m_services;
    const std::shared_ptr<http::RefusalLog> m_refusals; ///< answers on their way have it, too
    relay::Admission m_admission;
    const std::shared_ptr<federation::Caller> m_caller; ///< answers on their way look whether it is still there
    QHash<matrix::ServerName, qint64> m_looked;         ///< when its key document was looked for; steady
    Intake m_intake;
};

} // namespace restante::sites
