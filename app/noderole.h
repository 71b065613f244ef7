// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/mailbox.h"
#include "federation/client.h"
#include "http/connectioncounters.h"
#include "http/front.h"
#include "identity/keyring.h"
#include "networkwatch.h"
#include "node/homeserverwatch.h"
#include "node/node.h"
#include "settings/settings.h"
#include "sites/senderkeys.h"
#include "telemetry/prometheus.h"

#include <QtCore/QObject>

#include <memory>
#include <optional>

namespace restante::app
{

/// The node role of an installation: node and node listener, and what tells it that the network is back. Lives in the
/// main thread.
class NodeRole final : public QObject
{
    Q_OBJECT

public:
    /// Opens node.sqlite and node.secret in `folder`. The references outlive it. Errc::Io, Corrupt, NewerSchema.
    static Result<std::unique_ptr<NodeRole>> open(const QString &folder, const settings::Settings &settings,
                                                  const base::Clock &clock, const identity::Identity &identity,
                                                  identity::KeyRing &ring, federation::Client &federation);
    ~NodeRole() override;
    Q_DISABLE_COPY_MOVE(NodeRole)

    /// Starts the node listener. Errc::Io with a sentence that names the address.
    /// `keys`: where the keys of servers come from that the homeserver asks for.
    Result<void> listen(const settings::Settings &settings, sites::SenderKeys::Sources keys,
                        std::function<void(const QString &trouble)> accepting);
    /// Puts in force what needs no restart.
    void configure(const settings::Settings &settings);
    /// As URL; empty if it does not listen.
    QString address() const;
    /// Its numbers for /metrics. Any thread; takes no lock.
    std::vector<telemetry::Metric> metrics() const;
    node::Node &node() { return *m_node; }
    const node::Node &node() const { return *m_node; }
    /// What is wrong with the homeserver behind the node listener, as far as that was seen.
    node::HomeserverWatch::Trouble homeserverTrouble() const { return m_homeserver.trouble(); }
    /// When it asked last at the node listener (wall clock); 0 = not since the start.
    qint64 homeserverSeenMs() const { return m_homeserver.lastRequestMs(); }
    /// What it hears of the network; the node collects when that comes up.
    NetworkWatch &network() { return m_network; }

Q_SIGNALS:
    /// Each at most 4 times a second.
    void changed();
    void inboxChanged();
    void outboxChanged();

private:
    NodeRole(const base::Clock &clock, const identity::Identity &identity, federation::Client &federation);

    const base::Clock &m_clock;
    const identity::Identity &m_identity;
    federation::Client &m_federation;
    QByteArray m_secret;
    std::optional<identity::Identity> m_courier; ///< made of the secret
    base::Mailbox<bool> m_news;                  ///< of the homeserver
    node::HomeserverWatch m_homeserver;
    http::ConnectionCounters m_connections;
    std::unique_ptr<node::Node> m_node;
    NetworkWatch m_network;
    std::unique_ptr<http::Front> m_front; ///< its sites use the node
};

} // namespace restante::app
