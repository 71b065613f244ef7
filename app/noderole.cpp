// SPDX-License-Identifier: GPL-3.0-or-later
#include "noderole.h"

#include "http/nodesite.h"
#include "node/nodesecret.h"
#include "policyfrom.h"
#include "settings/listenaddress.h"
#include "telemetry/logging.h"

namespace restante::app
{

namespace
{
/// A transaction's way: the direct attempt, then the relays, each with its share for the size.
constexpr int HandlerMs = 8 * 60'000;

constexpr int Workers = 1;
constexpr qint64 AnswerMemoryBytes = 4 * http::NodeSite::AnswerBytes;
} // namespace

NodeRole::NodeRole(const base::Clock &clock, const identity::Identity &identity, federation::Client &federation)
    : m_clock(clock)
    , m_identity(identity)
    , m_federation(federation)
{
}

NodeRole::~NodeRole()
{
    m_front.reset();
    m_node.reset();
}

Result<std::unique_ptr<NodeRole>> NodeRole::open(const QString &folder, const settings::Settings &settings,
                                                 const base::Clock &clock, const identity::Identity &identity,
                                                 federation::Client &federation)
{
    std::unique_ptr<NodeRole> role(new NodeRole(clock, identity, federation));
    auto secret = node::loadOrCreateSecret(folder);
    if (!secret)
        return secret.error();
    role->m_secret = *std::move(secret);
    NodeRole *owner = role.get();
    auto node = node::Node::open(folder, clock, identity,
                                 [&federation] { return std::make_unique<federation::Port>(federation); },
                                 nodeOptionsFrom(settings),
                                 {[owner] { Q_EMIT owner->changed(); }, [owner] { Q_EMIT owner->inboxChanged(); },
                                  [owner] { Q_EMIT owner->outboxChanged(); }});
    if (!node)
        return node.error();
    role->m_node = *std::move(node);
    // Where the system tells nothing the interval does it.
    connect(&role->m_network, &NetworkWatch::cameUp, owner, [owner] { owner->m_node->wake(); });
    role->m_network.followSystem();
    return role;
}

Result<void> NodeRole::listen(const settings::Settings &settings)
{
    m_front.reset();
    const auto endpoint = settings::ListenAddress::parse(settings.nodeListen);
    if (!endpoint)
        return endpoint.error();
    http::Limits limits = limitsFrom(settings);
    limits.handlerMs = HandlerMs;
    // All its connections come from one address, and their answers can be large.
    limits.connectionsPerAddress = limits.connections;
    limits.bodyMemoryAddressDivisor = 1;
    limits.bodyMemoryBytes = std::max(limits.bodyMemoryBytes, AnswerMemoryBytes);
    const http::NodeServices services{m_identity.name(),
                                      m_secret,
                                      m_node->book(),
                                      m_node->associations(),
                                      [this] { return std::make_unique<federation::Port>(m_federation); },
                                      settings.bodyBytes};
    auto front = std::make_unique<http::Front>(limits, m_clock, m_connections);
    const auto makeSite = [services](int) { return std::make_unique<http::NodeSite>(services); };
    if (auto up = front->listen({{endpoint->address, endpoint->port, true}}, std::nullopt, makeSite, Workers); !up)
        return up;
    m_front = std::move(front);
    return {};
}

void NodeRole::configure(const settings::Settings &settings)
{
    m_node->configure(nodeOptionsFrom(settings));
}

QString NodeRole::address() const
{
    return m_front ? m_front->addresses().value(0) : QString();
}

} // namespace restante::app
