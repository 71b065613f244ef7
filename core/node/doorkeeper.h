// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "identity/identity.h"
#include "node/types.h"

#include <QtCore/QTimer>

#include <functional>
#include <map>

namespace restante::node
{

/// Tells my relays at whose front doors our homeserver's mail arrives whether it is at home (PROTOCOL 6.5): then they
/// pass requests on to it instead of holding them. They get its key document in any case, to answer it while it is
/// away. A relay that is no front door is asked again later. Lives in the node's thread.
class DoorKeeper
{
public:
    static constexpr qint64 LeaseMs = 60'000;
    static constexpr qint64 RenewMs = 25'000;
    static constexpr qint64 AwayMs = qint64(30) * 60'000; ///< between two requests while nothing is to be passed on
    static constexpr int AnswerMs = 10'000;

    /// `held` is called when a relay says that it holds mail that has to be collected first. All outlive it.
    DoorKeeper(federation::Caller &caller, const identity::Identity &identity, const base::Clock &clock,
               std::function<void()> held);
    ~DoorKeeper();
    Q_DISABLE_COPY_MOVE(DoorKeeper)

    /// `mine`: the relays to tell. `upstream`: host and port at which they reach our homeserver; empty: they hold.
    void configure(const QList<Association> &mine, const QByteArray &upstream);
    /// Whether everything has been collected and delivered, so that nothing can be overtaken. To be told after each
    /// sweep: relays that still hold are asked again.
    void setAtHome(bool atHome);
    /// How many relays pass requests on now, as they said.
    int passing() const;
    /// Asks those that are due; the timer does it by itself.
    void look();

private:
    struct Relay {
        Association place;
        qint64 nextMs = 0; ///< steady; when it is told next
        qint64 passesUntilMs = 0;
        bool isDoor = true; ///< until it says that it is none
        federation::Caller::Id asking = 0;
    };

    bool opens() const { return m_atHome && !m_upstream.isEmpty(); }
    void tell(Relay &relay);
    void onAnswer(const matrix::ServerName &name, bool opened, const Result<federation::Response> &response);

    federation::Caller &m_caller;
    const identity::Identity &m_identity;
    const base::Clock &m_clock;
    const std::function<void()> m_held;
    std::map<matrix::ServerName, Relay> m_relays;
    QByteArray m_upstream;
    bool m_atHome = false;
    QTimer m_timer;
};

} // namespace restante::node
