// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/limits.h"
#include "http/refusallog.h"
#include "http/site.h"
#include "identity/identity.h"
#include "node/homeserverwatch.h"
#include "node/outbox.h"
#include "sites/deliveredanswers.h"
#include "sites/senderkeys.h"
#include "sites/silentservers.h"

#include <functional>
#include <memory>
#include <optional>

namespace restante::sites
{

/// What the node listener works with. All of it is thread-safe or unchanging, and outlives the front.
struct NodeServices {
    matrix::ServerName ownName;
    QByteArray secret; ///< what the homeserver shows as bearer
    node::DestinationBook &book;
    const node::AssociationBoard &associations;
    telemetry::NodeCounters &counters;
    node::HomeserverWatch &homeserver;
    const base::Clock &clock;
    std::function<std::unique_ptr<federation::Caller>()> makeCaller; ///< called in the worker's thread
    qint64 bodyBytes = http::Limits{}.bodyBytes;
    std::optional<SenderKeys::Sources> keys = {};   ///< nothing: requests for keys are passed on like all others
    DeliveredAnswers::AtDeliverer atDeliverer = {}; ///< empty: missing events are asked for like all else
    const identity::Identity *courier = nullptr;    ///< a server that is nowhere but here; null: there is none
};

/// The node listener (PROTOCOL 7): the outbound hook of one homeserver on the same machine. Takes requests in
/// absolute-form (`matrix-federation://` and `https://`) for other servers; /send goes through the outbox, everything
/// else under /_matrix/federation, /_matrix/key and /_matrix/media is handed on as it came. If the server is away,
/// that gets 404 M_NOT_FOUND: after a 502 homeservers stop that server's mail, too, for ten minutes. If the homeserver
/// asks for missing events, what it was delivered earlier answers in the place of a server that is away. No open proxy:
/// the bearer secret, and a target and X-Matrix destination that agree. The target says where a request goes; Host says
/// nothing: Synapse writes `b.test:80` there for `b.test`. One per worker thread.
class NodeSite final : public http::Site
{
public:
    explicit NodeSite(const NodeServices &services);
    ~NodeSite() override;

    http::Verdict gate(const http::RequestHead &head) override;
    void handle(http::Request request, http::Reply reply) override;
    void guardRefused(int status, QByteArrayView reason) override { m_refusals->note(status, reason); }

private:
    struct Call;

    Result<void> admit(const http::RequestHead &head, Call &call) const;
    void send(http::Request request, const Call &call, const std::shared_ptr<http::Reply> &reply);
    void pass(http::Request request, const Call &call, const std::shared_ptr<http::Reply> &reply);
    void ask(const GapQuestion &question, http::Request request, const matrix::ServerName &server,
             const std::shared_ptr<http::Reply> &reply);
    bool answersInstead(const GapQuestion &question, const matrix::ServerName &server,
                        const Result<federation::Response> &head, const std::shared_ptr<http::Reply> &reply);
    bool isAway(const matrix::ServerName &server, const Error &error) const;

    NodeServices m_services;
    const std::shared_ptr<http::RefusalLog> m_refusals; ///< answers on their way have it, too
    std::shared_ptr<federation::Caller> m_caller;       ///< answers on their way look whether it is still there
    node::Outbox m_outbox;
    std::optional<SenderKeys> m_keys;
    std::optional<DeliveredAnswers> m_delivered;
    SilentServers m_silent; ///< that events were asked for
};

} // namespace restante::sites
