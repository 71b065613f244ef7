// SPDX-License-Identifier: GPL-3.0-or-later
// Events whose sender's signature over the whole did not come along go in the courier's own name, if the owner allows
// that. They carry signatures of their own; EDUs have none, and wait.
#include "courier/courier.h"
#include "courier/proof.h"

#include <algorithm>
#include <utility>

namespace restante::courier
{

namespace
{
constexpr qint64 ProofMs = qint64(60) * 24 * 3'600'000; ///< no relay holds mail for longer
} // namespace

void Courier::setUnproven(const QList<node::Unproven> &allowed)
{
    if (allowed == m_allowed)
        return;
    m_allowed = allowed;
    m_lookAtUnproven = true;
    lookAgain();
}

void Courier::noteSwept(bool complete)
{
    if (complete && !m_swept && !m_allowed.isEmpty())
        m_lookAtUnproven = true;
    m_swept = complete;
}

/// Otherwise an error with `reason`. Not before all relays were asked: another one may have it with its signature.
Result<Letter> Courier::unprovenLetter(const node::InboxEntry &entry, const QString &reason) const
{
    const bool isAllowed = std::any_of(m_allowed.begin(), m_allowed.end(), [&](const node::Unproven &rule) {
        return rule.relay.toString() == entry.row.relay && rule.origin.toString() == entry.row.origin;
    });
    if (isAllowed && m_swept) {
        if (auto letter = Letter::ofEvents(entry, m_courier, m_ownName, m_clock.wallMs()))
            return letter;
    }
    return Error{Errc::NotHeld, reason, 0};
}

/// For an entry that has no proof (`letter` tells why), or waits in the lane of those that have none.
std::optional<Letter> Courier::prepareUnproven(const node::InboxEntry &entry, const Result<Letter> &letter)
{
    const qint64 id = entry.row.id;
    auto events = letter ? letter : unprovenLetter(entry, letter.error().detail);
    const bool isInItsLane = events && events->isOurs == m_unproven.contains(id);
    if (isInItsLane)
        return *std::move(events);
    m_lanes.remove(id);
    m_unproven.remove(id);
    if (!events) {
        keep({id, node::DeliveryRow::State::NoProof, m_clock.wallMs(), 0, events.error().detail});
        return {};
    }
    if (events->isOurs)
        m_unproven.insert(id);
    m_lanes.add(events->waiting()); // a proof came, or was found not to be one
    return {};
}

/// Of the entry that was taken last. The rest of it waits for a proof, unless one came while it was being sent.
void Courier::onEventsTaken(qint64 id)
{
    const auto entry = m_inbox.entry(id);
    auto whole = entry ? Letter::of(*entry) : Result<Letter>(entry.error());
    if (whole && isProven(*whole, m_ring, m_ownName)) {
        m_taken.pop_back();
        forgetSending(id);
        return lookAgain();
    }
    const qint64 now = m_clock.wallMs();
    const node::DeliveryRow row{id, node::DeliveryRow::State::EventsOnly, now, now + ProofMs,
                                QStringLiteral("its events are delivered without its sender's signature")};
    m_taken.back().stays = row;
    setAside(row);
}

} // namespace restante::courier
