// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "identity/keyring.h"
#include "queue/inspectiondesk.h"
#include "queue/keycache.h"
#include "relay/policy.h"

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include <deque>
#include <memory>

namespace restante::relay
{

/// Keeps the key documents of origins whose mail is held from growing old: an origin that is online is asked again once
/// half of its document's time is over, so that the document is there when the mail is handed over and the origin is
/// gone. One look an hour, a few origins at a time; nothing of origins that the relay's policy blocks, nor of the
/// servers that it serves. Lives in the main thread and does not block it.
class KeyKeeper final : public QObject
{
    Q_OBJECT

public:
    static constexpr int FirstLookMs = 5 * 60'000;
    static constexpr int LookMs = 60 * 60'000;
    static constexpr int MostALook = 32; ///< origins; the next look goes on behind them
    static constexpr int MostAtOnce = 4; ///< the other look-ups are for requests that wait

    /// All references outlive it. Looks for the first time FirstLookMs from now.
    KeyKeeper(queue::InspectionDesk &desk, const queue::KeyCache &cache, identity::KeyRing &ring,
              std::unique_ptr<identity::KeyFetcher> fetcher, const PolicyBoard &policy, const base::Clock &clock);
    ~KeyKeeper() override = default;
    Q_DISABLE_COPY_MOVE(KeyKeeper)

    /// Looks at once, unless what the last look found is still being asked; the timer does it by itself.
    void look();

Q_SIGNALS:
    /// A look is over: nothing was to be done, or everybody has answered.
    void looked();

private:
    using Stale = queue::KeyCache::Stale;

    void onFound(const Result<std::vector<Stale>> &found);
    void askMore();

    queue::InspectionDesk &m_desk;
    const queue::KeyCache &m_cache;
    identity::KeyRing &m_ring;
    const std::unique_ptr<identity::KeyFetcher> m_fetcher;
    const PolicyBoard &m_policy;
    const base::Clock &m_clock;
    QTimer m_timer;
    bool m_looking = false;
    matrix::ServerName m_last;   ///< where the next look goes on; null: at the first
    std::deque<Stale> m_waiting; ///< for their turn
    int m_asking = 0;
};

} // namespace restante::relay
