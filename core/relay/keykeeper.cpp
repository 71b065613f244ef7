// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/keykeeper.h"

#include "telemetry/logging.h"

#include <utility>

namespace restante::relay
{

KeyKeeper::KeyKeeper(queue::InspectionDesk &desk, const queue::KeyCache &cache, identity::KeyRing &ring,
                     std::unique_ptr<identity::KeyFetcher> fetcher, const PolicyBoard &policy, const base::Clock &clock)
    : m_desk(desk)
    , m_cache(cache)
    , m_ring(ring)
    , m_fetcher(std::move(fetcher))
    , m_policy(policy)
    , m_clock(clock)
{
    m_timer.setTimerType(Qt::VeryCoarseTimer);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        m_timer.start(LookMs);
        look();
    });
    m_timer.start(FirstLookMs);
}

void KeyKeeper::look()
{
    if (m_looking)
        return;
    m_looking = true;
    const auto policy = m_policy.current();
    if (!policy->enabled)
        return onFound(std::vector<Stale>());
    const auto skip = [policy](const matrix::ServerName &server) {
        return policy->blockedOrigins.contains(server) || policy->served.contains(server);
    };
    const auto question = [&cache = m_cache, after = m_last, now = m_clock.wallMs(), skip](queue::Inspector &) {
        return cache.staleOfHeldMail(after, MostALook, now, skip);
    };
    m_desk.ask<std::vector<Stale>>(question, this, [this](const Result<std::vector<Stale>> &found) { onFound(found); });
}

void KeyKeeper::onFound(const Result<std::vector<Stale>> &found)
{
    if (found) {
        // Servers that never answer do not keep the others from their turn.
        m_last = found->size() < size_t(MostALook) ? matrix::ServerName() : found->back().server;
        m_waiting.assign(found->begin(), found->end());
    } else {
        qCWarning(lcIdentity).noquote() << "Keys that grow old could not be looked for:" << found.error().detail;
    }
    askMore();
}

void KeyKeeper::askMore()
{
    while (m_asking < MostAtOnce && !m_waiting.empty()) {
        const Stale next = std::move(m_waiting.front());
        m_waiting.pop_front();
        ++m_asking;
        // If it fails the document serves until its time is over, and a later look asks again.
        m_ring.fetch(*m_fetcher, next.server, next.keyId, {}, [this](const Result<void> &) {
            --m_asking;
            askMore();
        });
    }
    if (m_asking == 0 && m_waiting.empty() && std::exchange(m_looking, false))
        Q_EMIT looked();
}

} // namespace restante::relay
