// SPDX-License-Identifier: GPL-3.0-or-later
// How it stands with what is delivered, for those who ask.
#include "courier/courier.h"

#include <algorithm>
#include <iterator>

namespace restante::courier
{

namespace
{
/// Of an entry that is set aside.
node::Delivery::State stateOf(const node::DeliveryRow &row)
{
    using Row = node::DeliveryRow::State;
    using To = node::Delivery::State;
    switch (row.state) {
    case Row::Parked:
        return To::Parked;
    case Row::Later:
        return To::Later;
    case Row::EventsOnly:
        return To::EventsOnly;
    case Row::NoProof:
    case Row::Sending: // these two are never set aside
    case Row::Done:
        break;
    }
    return To::NoProof;
}
} // namespace

node::Delivery Courier::delivery(qint64 id) const
{
    using To = node::Delivery::State;
    if (m_place.isEmpty())
        return {};
    if (const auto row = m_aside.constFind(id); row != m_aside.cend()) {
        const To state = stateOf(*row);
        // What is delivered in part leaves then, and is not tried again.
        return {state, row->sinceMs, state == To::EventsOnly ? 0 : row->nextMs, row->reason};
    }
    const Turn turn = m_lanes.turn(id, m_clock.steadyMs());
    const qint64 next = turn.untilMs == 0 ? 0 : turn.untilMs - m_clock.steadyMs() + m_clock.wallMs();
    const QString reason = m_reasons.value(id);
    switch (turn.state) {
    case Turn::State::Sending:
        return {To::Sending};
    case Turn::State::After:
        return {To::After, 0, 0, QStringLiteral("mail of %1 comes first").arg(turn.other.toString())};
    case Turn::State::NoKey:
        return {To::NoKey, 0, next,
                reason.isEmpty() ? QStringLiteral("the homeserver does not know the key of its sender") : reason};
    case Turn::State::Busy:
        return {To::Busy, 0, next, reason};
    case Turn::State::Failing:
        return {To::Failing, 0, next, reason};
    case Turn::State::Stopped:
        return {To::Stopped, 0, next, m_trouble};
    case Turn::State::Unknown:
    case Turn::State::Ready:
    case Turn::State::Behind:
        break;
    }
    return {To::Waiting};
}

/// A homeserver may ask for what comes before an event while that is being sent.
Result<std::vector<node::DeliveredEvent>> Courier::given(const QByteArray &eventId)
{
    std::vector<node::DeliveredEvent> found;
    const auto look = [&](const std::vector<node::DeliveredEvent> &events) {
        std::copy_if(events.begin(), events.end(), std::back_inserter(found), [&](const auto &event) {
            return std::find(event.ids.begin(), event.ids.end(), eventId) != event.ids.end();
        });
    };
    for (const auto &[id, way] : m_onTheWay)
        look(way.events);
    for (const node::DeliveredMail &mail : m_taken)
        look(mail.events);
    auto kept = m_inbox.deliveredById(eventId);
    if (!kept)
        return found.empty() ? kept : found;
    found.insert(found.end(), kept->begin(), kept->end());
    return found;
}

node::DeliveryTotals Courier::totals() const
{
    node::DeliveryTotals totals = m_totals;
    totals.waiting += m_lanes.size();
    totals.trouble = m_feedTrouble.isEmpty() ? m_trouble : m_feedTrouble;
    return totals;
}

} // namespace restante::courier
