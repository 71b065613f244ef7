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

bool Courier::isAllowed(const node::InboxEntry &entry) const
{
    return std::any_of(m_allowed.begin(), m_allowed.end(), [&entry](const node::Unproven &rule) {
        return rule.relay.toString() == entry.row.relay && rule.origin.toString() == entry.row.origin;
    });
}

/// Otherwise an error with `reason`. Not before all relays were asked: another one may have it with its signature.
Result<Letter> Courier::unprovenLetter(const node::InboxEntry &entry, const QString &reason) const
{
    if (isAllowed(entry) && m_swept) {
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

/// For an entry whose transaction id other mail has used up. The homeserver would answer it from memory and drop it,
/// and its sender's signature covers that id, so that the whole can only wait until the homeserver has forgotten (row
/// `later`). But events carry signatures of their own: those that the homeserver was not given go now, under an id of
/// the courier's own that is used once. Only if the owner allows that, because a ban of their server looks at the
/// transaction's name. With the whole they come a second time, which does no harm.
std::optional<Letter> Courier::prepareEarly(const node::InboxEntry &entry, const node::DeliveryRow &later)
{
    const qint64 id = entry.row.id;
    const bool isInItsLane = m_early.contains(id);
    if (isAllowed(entry)) {
        auto events = Letter::ofEvents(entry, m_courier, m_ownName, m_clock.wallMs(),
                                       [this](const std::vector<QByteArray> &ids) { return isGiven(ids); });
        if (events && isInItsLane)
            return *std::move(events);
        if (events) {
            m_lanes.remove(id);
            m_early.insert(id, later);
            m_lanes.add(events->waiting());
            return {};
        }
    }
    m_lanes.remove(id);
    m_early.remove(id);
    keep(later);
    return {};
}

/// Whether the homeserver was given an event that has one of these ids. If that cannot be read it gets it again.
bool Courier::isGiven(const std::vector<QByteArray> &eventIds)
{
    return std::any_of(eventIds.begin(), eventIds.end(), [this](const QByteArray &id) {
        const auto events = given(id);
        return events && !events->empty();
    });
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
