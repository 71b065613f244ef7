// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/lanes.h"

#include <algorithm>
#include <utility>

namespace restante::courier
{

namespace
{
constexpr qint64 SecondMs = 1'000;
constexpr qint64 MinuteMs = 60 * SecondMs;
constexpr qint64 LongestStopMs = 5 * MinuteMs;
constexpr qint64 LongestPauseMs = 60 * MinuteMs;
constexpr int PatientPauses = 5; ///< a lane that paused so often in a row is not waited for

/// Doubled with each time in a row, the first of which is 1.
qint64 backOff(qint64 firstMs, int times, qint64 longestMs)
{
    constexpr int mostDoublings = 20;
    return std::min(firstMs << std::clamp(times - 1, 0, mostDoublings), longestMs);
}
} // namespace

bool Lanes::hasRoom(const matrix::ServerName &origin) const
{
    return m_places.size() < MostInAll && m_ofOrigin.value(origin) < MostOfOrigin;
}

/// Whether something will go, and others may wait for that.
bool Lanes::moves(const Lane &lane)
{
    return lane.sending || (isPaused(lane) && lane.pause != Turn::State::NoKey);
}

void Lanes::list(Known::iterator lane)
{
    if (lane->second.items.empty())
        m_lanes.erase(lane);
    else if (!isPaused(lane->second) && !lane->second.sending)
        m_heads.emplace(lane->second.items.begin()->first, lane->first);
}

void Lanes::unlist(Known::iterator lane)
{
    if (!lane->second.items.empty() && !isPaused(lane->second) && !lane->second.sending)
        m_heads.erase(lane->second.items.begin()->first);
}

void Lanes::add(Waiting waiting)
{
    if (holds(waiting.id))
        return;
    const auto lane = m_lanes.try_emplace({waiting.origin, waiting.keyId}).first;
    if (lane->second.pause == Turn::State::NoKey)
        wakeLane(lane->first);
    unlist(lane);
    for (const size_t event : waiting.makes) {
        if (qsizetype(m_makers.size()) < MostIds)
            m_makers.emplace(event, waiting.id);
    }
    m_places.insert(waiting.id, {lane->first, waiting.ts});
    ++m_ofOrigin[waiting.origin];
    lane->second.items.emplace(Place{waiting.ts, waiting.id},
                               Item{std::move(waiting.makes), std::move(waiting.needs), 0, 0});
    list(lane);
}

void Lanes::remove(qint64 id)
{
    if (holds(id))
        leave(id, false);
}

/// It is not on its way any more, if it was.
Lanes::Known::iterator Lanes::land(qint64 id, bool answered)
{
    const auto known = m_places.constFind(id);
    const auto lane = m_lanes.find(known->lane);
    unlist(lane);
    if (lane->second.sending == Place{known->ts, id}) {
        lane->second.sending.reset();
        m_sending.remove(lane->first.first);
    }
    if (answered) { // so that there is a connection
        m_stops = 0;
        m_stoppedUntilMs = 0;
    }
    return lane;
}

void Lanes::leave(qint64 id, bool answered)
{
    const auto lane = land(id, answered);
    const Place place{m_places.constFind(id)->ts, id};
    for (const size_t event : lane->second.items.at(place).makes) {
        const auto [first, last] = m_makers.equal_range(event);
        const auto found = std::find_if(first, last, [id](const auto &each) { return each.second == id; });
        if (found != last)
            m_makers.erase(found);
    }
    lane->second.items.erase(place);
    m_places.remove(id);
    if (--m_ofOrigin[lane->first.first] == 0)
        m_ofOrigin.remove(lane->first.first);
    if (answered)
        lane->second.pauses = 0;
    if (lane->second.items.empty() && isPaused(lane->second))
        m_paused.erase({lane->second.untilMs, lane->first});
    list(lane);
}

void Lanes::taken(qint64 id)
{
    ++m_good;
    leave(id, true);
}

void Lanes::refused(qint64 id)
{
    leave(id, true);
}

void Lanes::pause(Known::iterator lane, Turn::State why, qint64 untilMs)
{
    lane->second.pause = why;
    lane->second.untilMs = untilMs;
    ++lane->second.pauses;
    m_paused.emplace(untilMs, lane->first);
}

void Lanes::keyMissing(qint64 id, qint64 nowMs)
{
    const auto lane = land(id, true);
    pause(lane, Turn::State::NoKey, nowMs + backOff(MinuteMs, lane->second.pauses + 1, LongestPauseMs));
}

void Lanes::busy(qint64 id, qint64 nowMs, qint64 afterMs)
{
    const auto lane = land(id, true);
    const qint64 ms = afterMs > 0 ? std::clamp(afterMs, SecondMs, LongestPauseMs)
                                  : backOff(SecondMs, lane->second.pauses + 1, LongestStopMs);
    pause(lane, Turn::State::Busy, nowMs + ms);
}

Lanes::Item &Lanes::itemOf(qint64 id)
{
    const auto known = m_places.constFind(id);
    return m_lanes.find(known->lane)->second.items.at({known->ts, id});
}

Lanes::After Lanes::failed(qint64 id, qint64 nowMs)
{
    Item &item = itemOf(id);
    if (++item.faults == 1)
        item.goodBefore = m_good;
    if (item.faults >= FaultsToPark)
        return m_good > item.goodBefore ? After::Park : After::Probe;
    const auto lane = land(id, false);
    pause(lane, Turn::State::Failing, nowMs + backOff(SecondMs, item.faults, LongestStopMs));
    return After::Again;
}

Lanes::After Lanes::probed(qint64 id, bool isWell, qint64 nowMs)
{
    if (isWell)
        return After::Park;
    itemOf(id).faults = FaultsToPark - 1; // the next one decides again
    stopped(id, nowMs);
    return After::Again;
}

void Lanes::stopped(qint64 id, qint64 nowMs)
{
    list(land(id, false));
    if (nowMs < m_stoppedUntilMs) // another one found that out
        return;
    m_stoppedUntilMs = nowMs + backOff(SecondMs, ++m_stops, LongestStopMs);
}

void Lanes::wake()
{
    m_stops = 0;
    m_stoppedUntilMs = 0;
}

void Lanes::wakeOrigin(const matrix::ServerName &origin)
{
    std::vector<Name> names;
    for (auto lane = m_lanes.lower_bound({origin, {}}); lane != m_lanes.end() && lane->first.first == origin; ++lane)
        names.push_back(lane->first);
    for (const Name &name : names)
        wakeLane(name);
}

bool Lanes::wakeOf(qint64 id)
{
    const auto known = m_places.constFind(id);
    if (known == m_places.cend() || !isPaused(m_lanes.find(known->lane)->second))
        return false;
    wakeLane(Name(known->lane));
    return true;
}

qint64 Lanes::wakeAll()
{
    qint64 count = 0;
    for (; !m_paused.empty(); ++count)
        wakeLane(Name(m_paused.begin()->second));
    return count;
}

void Lanes::wakeLane(const Name &name)
{
    const auto lane = m_lanes.find(name);
    if (!isPaused(lane->second))
        return;
    m_paused.erase({lane->second.untilMs, name});
    lane->second.pause = Turn::State::Ready;
    list(lane);
}

void Lanes::resume(qint64 nowMs)
{
    while (!m_paused.empty() && m_paused.begin()->first <= nowMs)
        wakeLane(Name(m_paused.begin()->second));
}

/// The lanes whose mail comes before the first of this one.
std::vector<Lanes::Name> Lanes::waitsFor(const Name &name, const Lane &lane) const
{
    std::vector<Name> others;
    for (const size_t event : lane.items.begin()->second.needs) {
        const auto [first, last] = m_makers.equal_range(event);
        for (auto maker = first; maker != last; ++maker) {
            const Name &other = m_places.constFind(maker->second)->lane;
            const Lane &theirs = m_lanes.find(other)->second;
            const bool patient = theirs.pause != Turn::State::NoKey && theirs.pauses < PatientPauses;
            if (other != name && patient)
                others.push_back(other);
        }
    }
    return others;
}

/// Whether a lane waits for itself, by way of others, and none of them is going to move.
bool Lanes::isInCircle(const Name &name) const
{
    std::set<Name> seen;
    std::vector<Name> open = waitsFor(name, m_lanes.find(name)->second);
    while (!open.empty()) {
        const Name at = open.back();
        open.pop_back();
        if (!seen.insert(at).second)
            continue;
        const Lane &lane = m_lanes.find(at)->second;
        if (moves(lane) || m_sending.contains(at.first))
            return false;
        const auto others = waitsFor(at, lane);
        open.insert(open.end(), others.begin(), others.end());
    }
    return seen.contains(name);
}

std::optional<qint64> Lanes::take(Place place)
{
    const auto head = m_heads.find(place);
    m_lanes.find(head->second)->second.sending = place;
    m_sending.insert(head->second.first);
    m_heads.erase(head);
    return place.id;
}

std::optional<qint64> Lanes::next(qint64 nowMs)
{
    resume(nowMs);
    if (nowMs >= m_stoppedUntilMs)
        m_stoppedUntilMs = 0;
    if (m_stoppedUntilMs > 0 || m_sending.size() >= (m_stops > 0 ? 1 : AtOnce))
        return std::nullopt;
    for (const auto &[place, name] : m_heads) {
        if (!m_sending.contains(name.first) && waitsFor(name, m_lanes.find(name)->second).empty())
            return take(place);
    }
    for (const auto &[place, name] : m_heads) {
        if (!m_sending.contains(name.first) && isInCircle(name))
            return take(place);
    }
    return std::nullopt;
}

std::optional<qint64> Lanes::nextMs() const
{
    std::optional<qint64> next;
    if (m_stoppedUntilMs > 0 && !m_places.isEmpty())
        next = m_stoppedUntilMs;
    if (!m_paused.empty())
        next = next ? std::min(*next, m_paused.begin()->first) : m_paused.begin()->first;
    return next;
}

Turn Lanes::turn(qint64 id, qint64 nowMs) const
{
    const auto known = m_places.constFind(id);
    if (known == m_places.cend())
        return {};
    const Lane &lane = m_lanes.find(known->lane)->second;
    const Place place{known->ts, id};
    if (lane.sending == place)
        return {Turn::State::Sending};
    if (nowMs < m_stoppedUntilMs)
        return {Turn::State::Stopped, m_stoppedUntilMs};
    if (lane.pause == Turn::State::NoKey)
        return {lane.pause, lane.untilMs};
    if (lane.items.begin()->first != place || m_sending.contains(known->lane.first))
        return {Turn::State::Behind};
    if (isPaused(lane))
        return {lane.pause, lane.untilMs};
    const auto others = waitsFor(known->lane, lane);
    return others.empty() ? Turn{Turn::State::Ready} : Turn{Turn::State::After, 0, others.front().first};
}

std::vector<std::pair<matrix::ServerName, QByteArray>> Lanes::withoutKey() const
{
    std::vector<Name> names;
    for (const auto &[until, name] : m_paused) {
        if (m_lanes.find(name)->second.pause == Turn::State::NoKey)
            names.push_back(name);
    }
    return names;
}

} // namespace restante::courier
