// SPDX-License-Identifier: GPL-3.0-or-later
#include "noderole.h"

#include "courier/courier.h"
#include "courier/ownidentity.h"
#include "node/nodesecret.h"
#include "policyfrom.h"
#include "sites/nodesite.h"
#include "telemetry/logging.h"

namespace restante::app
{

namespace
{
/// A transaction's way: the direct attempt, then the relays, each with its share for the size.
constexpr int HandlerMs = 8 * 60'000;

constexpr int Workers = 1;
} // namespace

NodeRole::NodeRole(const base::Clock &clock, const identity::Identity &identity, federation::Client &federation)
    : m_clock(clock)
    , m_identity(identity)
    , m_federation(federation)
    , m_news([this](const std::vector<bool> &) { Q_EMIT changed(); })
    , m_homeserver(clock, identity.name(), identity.keyId(), identity.publicKey(), [this] { m_news.post(true); })
{
}

NodeRole::~NodeRole()
{
    m_front.reset();
    m_node.reset();
}

Result<std::unique_ptr<NodeRole>> NodeRole::open(const QString &folder, const settings::Settings &settings,
                                                 const base::Clock &clock, const identity::Identity &identity,
                                                 identity::KeyRing &ring, federation::Client &federation)
{
    std::unique_ptr<NodeRole> role(new NodeRole(clock, identity, federation));
    auto secret = node::loadOrCreateSecret(folder);
    if (!secret)
        return secret.error();
    role->m_secret = *std::move(secret);
    role->m_courier.emplace(courier::ownIdentity(role->m_secret));
    NodeRole *owner = role.get();
    auto node = node::Node::open(
        folder, clock, identity, [&federation] { return std::make_unique<federation::Port>(federation); },
        [&](node::InboxStore &inbox, federation::Caller &caller, std::function<void()> changed) {
            return std::make_unique<courier::Courier>(inbox, caller, ring, clock, identity.name(), *owner->m_courier,
                                                      std::move(changed));
        },
        nodeOptionsFrom(settings),
        {[owner] { Q_EMIT owner->changed(); }, [owner] { Q_EMIT owner->inboxChanged(); },
         [owner] { Q_EMIT owner->outboxChanged(); }});
    if (!node)
        return node.error();
    role->m_node = *std::move(node);
    // If the system tells nothing the interval does it.
    connect(&role->m_network, &NetworkWatch::cameUp, owner, [owner] { owner->m_node->wake(); });
    role->m_network.followSystem();
    return role;
}

Result<void> NodeRole::listen(const settings::Settings &settings, sites::SenderKeys::Sources keys,
                              std::function<void(const QString &trouble)> accepting)
{
    m_front.reset();
    http::Limits limits = limitsFrom(settings);
    limits.handlerMs = HandlerMs;
    // All its connections come from one address.
    limits.connectionsPerAddress = limits.connections;
    limits.connectionRate = 0;
    limits.bodyMemoryAddressDivisor = 1;
    limits.answerMemoryBytes = limits.bodyMemoryBytes;
    limits.answerMemoryAddressDivisor = 1;
    const sites::NodeServices services{
        m_identity.name(),
        m_secret,
        m_node->book(),
        m_node->associations(),
        m_node->counters(),
        m_homeserver,
        m_clock,
        [this] { return std::make_unique<federation::Port>(m_federation); },
        settings.bodyBytes,
        std::move(keys),
        [this](std::function<void(node::Deliverer &)> task) { m_node->atDeliverer(std::move(task)); },
        &*m_courier};
    auto front = std::make_unique<http::Front>(limits, m_clock, m_connections);
    front->whenAccepting(std::move(accepting));
    const auto makeSite = [services](int) { return std::make_unique<sites::NodeSite>(services); };
    if (auto up = front->listen({{settings.nodeListen.address, settings.nodeListen.port, true}}, std::nullopt, makeSite,
                                Workers);
        !up)
        return up;
    m_front = std::move(front);
    return {};
}

void NodeRole::configure(const settings::Settings &settings)
{
    m_node->configure(nodeOptionsFrom(settings));
}

std::vector<telemetry::Metric> NodeRole::metrics() const
{
    using enum telemetry::Metric::Type;
    const telemetry::NodeCounters &counters = m_node->counters();
    const auto count = [](const telemetry::Counter &counter) { return qint64(counter.value()); };
    const auto read = [](const std::atomic<qint64> &value) { return value.load(std::memory_order_relaxed); };
    return {
        {"node_sweeps_total", "Finished rounds over the relays of this node.", Counter, count(counters.sweeps)},
        {"node_entries_collected_total", "Entries taken over from relays.", Counter, count(counters.collected)},
        {"node_entries_duplicate_total", "Entries taken over that had been collected before.", Counter,
         count(counters.duplicates)},
        {"node_inbox_entries", "Entries in the inbox now.", Gauge, read(counters.inboxEntries)},
        {"node_inbox_bytes", "Bytes of the entries in the inbox now.", Gauge, read(counters.inboxBytes)},
        {"node_delivered_total", "Entries of the inbox that the homeserver took.", Counter, read(counters.delivered)},
        {"node_deliveries_waiting", "Entries of the inbox that wait to be delivered.", Gauge,
         read(counters.deliveriesWaiting)},
        {"node_deliveries_parked", "Entries of the inbox that cannot be delivered.", Gauge,
         read(counters.deliveriesParked)},
        {"node_sent_direct_total", "Transactions that their destination took.", Counter, count(counters.sentDirect)},
        {"node_send_refused_total", "Transactions that their destination answered, but did not take.", Counter,
         count(counters.sendRefused)},
        {"node_sent_by_relays_total", "Transactions that relays took for their destination.", Counter,
         count(counters.sentByRelays)},
        {"node_send_failed_total", "Transactions that went nowhere and are left to the homeserver.", Counter,
         count(counters.sendFailed)},
        {"node_copies_dropped_total", "Copies for a relay that was too slow to take them.", Counter,
         count(counters.copiesDropped)},
        {"node_destinations_offline", "Destinations that count as offline now.", Gauge, m_node->book().offline()},
        {"node_requests_passed_on_total", "Requests of the homeserver that are not transactions.", Counter,
         count(counters.passedOn)},
    };
}

QString NodeRole::address() const
{
    return m_front ? m_front->addresses().value(0) : QString();
}

} // namespace restante::app
