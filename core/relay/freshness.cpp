// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/freshness.h"

#include <QtCore/QRandomGenerator>

#include <algorithm>

namespace restante::relay
{

namespace
{
constexpr qint64 JumpMs = 5'000;  ///< a change of the wall clock that is more than its being kept right
constexpr qint64 SlackMs = 5'000; ///< how far any name that was ever ahead is taken to be, without its being written
constexpr qint64 LatestStepMs = 60'000; ///< so that a clock that is ahead is not written down at each request
constexpr qint64 PruneMs = 60'000;
constexpr qint64 IdleMs = 2 * FreshnessBook::WindowMs; ///< then no stamp of a name can count any more

/// A length of time for people.
QString lengthText(qint64 ms)
{
    constexpr qint64 second = 1'000;
    constexpr qint64 minute = 60 * second;
    constexpr qint64 hour = 60 * minute;
    constexpr qint64 fewHours = 48;
    if (ms < 2 * minute)
        return QStringLiteral("%1 seconds").arg(ms / second);
    if (ms < 2 * hour)
        return QStringLiteral("%1 minutes").arg(ms / minute);
    if (ms < fewHours * hour)
        return QStringLiteral("%1 hours").arg(ms / hour);
    return QStringLiteral("%1 days").arg(ms / base::DayMs);
}

Error notFresh(const QString &why, qint64 retryAfterMs = 0)
{
    return {Errc::NotFresh, why, retryAfterMs};
}

Error copied()
{
    return notFresh(QStringLiteral("This request, or one with its nonce, has come before"));
}
} // namespace

FreshnessBook::FreshnessBook(const base::Clock &clock, std::function<void(const matrix::ServerName &)> forget)
    : m_clock(clock)
    , m_forget(std::move(forget))
    , m_seed(size_t(QRandomGenerator::system()->generate64()))
    , m_wallAheadMs(clock.wallMs() - clock.steadyMs())
    , m_prunedMs(clock.steadyMs())
{
}

void FreshnessBook::load(const std::vector<queue::FreshName> &names)
{
    const std::lock_guard lock(m_mutex);
    for (const queue::FreshName &known : names) {
        Name name;
        name.latestTs = known.latestTs;
        name.usedMs = m_clock.steadyMs();
        blind(name, m_clock.wallMs());
        m_names.insert(known.server, std::move(name));
    }
}

Result<FreshnessBook::Fresh> FreshnessBook::take(const Question &question)
{
    const std::lock_guard lock(m_mutex);
    auto found = m_names.find(question.origin);
    if (!question.stamp) {
        if (question.required || found != m_names.end())
            return notFresh(QStringLiteral("This relay takes from your server only requests that say when they were "
                                           "made, with ts and nonce"));
        return Fresh();
    }
    lookAtClock();
    const qint64 steady = m_clock.steadyMs();
    const qint64 wall = m_clock.wallMs();
    if (steady - m_prunedMs > PruneMs)
        prune(steady, wall);
    const bool isNew = found == m_names.end();
    Name newcomer;
    if (m_setBackMs >= 0)
        newcomer.blindTs = wall - (steady - m_setBackMs);
    if (auto timely = checkTime(isNew ? newcomer : *found, question.stamp->ts); !timely)
        return timely.error();
    if (isNew) {
        const bool hasPlace = m_names.size() < MostNames || question.served || makeRoom(steady) ||
                              (question.holdsMail && question.holdsMail());
        if (!hasPlace)
            return Error{Errc::Busy, QStringLiteral("Too many servers ask for mail here just now"), PruneMs};
        found = m_names.insert(question.origin, newcomer);
    }
    found->served = question.served;
    if (auto once = remember(*found, *question.stamp); !once)
        return once.error();
    found->usedMs = steady;
    const bool isLater = noteLatest(*found, question.stamp->ts, wall);
    return isNew || isLater ? Fresh({question.origin, found->latestTs}) : Fresh();
}

/// Whether there is something to write down: a stamp that the clock has reached needs nothing, since what is dated
/// before a restart is refused after it.
bool FreshnessBook::noteLatest(Name &name, qint64 ts, qint64 wallMs)
{
    if (ts <= wallMs || ts <= name.latestTs)
        return false;
    if (ts > wallMs + SlackMs) {
        name.latestTs = (ts + LatestStepMs - 1) / LatestStepMs * LatestStepMs;
        return true;
    }
    if (name.latestTs > 0) // blind() allows for the slack already
        return false;
    name.latestTs = ts;
    return true;
}

/// From now on, what can be a copy of a request from before now counts no more. No stamp was accepted that is further
/// ahead than the window, so that a clock that was wrong by a day does not keep its names out for a day.
void FreshnessBook::blind(Name &name, qint64 wallMs)
{
    const qint64 slackMs = name.latestTs > 0 ? SlackMs : 0;
    name.blindTs = std::max(wallMs + slackMs, std::min(name.latestTs, wallMs + WindowMs));
}

/// A jump makes times mean something else: what came before it counts no more.
void FreshnessBook::lookAtClock()
{
    const qint64 ahead = m_clock.wallMs() - m_clock.steadyMs();
    if (std::abs(ahead - m_wallAheadMs) > JumpMs) {
        for (Name &name : m_names)
            blind(name, m_clock.wallMs());
        if (ahead < m_wallAheadMs) // then stamps may count again of names that were given up
            m_setBackMs = m_clock.steadyMs();
    }
    m_wallAheadMs = ahead;
}

Result<void> FreshnessBook::checkTime(const Name &name, qint64 ts) const
{
    const qint64 wall = m_clock.wallMs();
    if (ts < wall - WindowMs)
        return notFresh(QStringLiteral("This request was made %1 ago by this relay's clock; 10 minutes are the limit")
                            .arg(lengthText(wall - ts)));
    if (ts > wall + WindowMs)
        return notFresh(QStringLiteral("This request is dated %1 ahead of this relay's clock; 10 minutes are the limit")
                            .arg(lengthText(ts - wall)));
    if (ts <= name.blindTs) {
        const QString advice = wall > name.blindTs ? QStringLiteral("make a new one")
                                                   : QStringLiteral("wait %1 s").arg((name.blindTs - wall) / 1'000 + 1);
        return notFresh(QStringLiteral("A request with this time or a later one may have been answered before this "
                                       "relay started or its clock was set; %1")
                            .arg(advice),
                        name.blindTs - ts + 1);
    }
    if (ts <= name.floorTs)
        return notFresh(QStringLiteral("This request is older than those before it; make a new one"));
    return {};
}

Result<void> FreshnessBook::remember(Name &name, const Stamp &stamp)
{
    const Seen seen{stamp.ts, qHashBits(stamp.nonce.constData(), size_t(stamp.nonce.size()), m_seed)};
    const bool isKnown = std::any_of(name.seen.begin(), name.seen.end(),
                                     [&seen](const Seen &other) { return other.nonce == seen.nonce; });
    if (isKnown)
        return copied();
    const qsizetype most = m_nonces < MostNoncesInAll ? MostNonces : FewNonces;
    if (qsizetype(name.seen.size()) >= most)
        dropOldest(name, most / 2);
    name.seen.push_back(seen);
    ++m_nonces;
    return {};
}

/// Until `most` are left; from now on what is not younger than those that go is refused.
void FreshnessBook::dropOldest(Name &name, qsizetype most)
{
    const auto older = [](const Seen &a, const Seen &b) { return a.ts < b.ts; };
    std::sort(name.seen.begin(), name.seen.end(), older);
    const auto surplus = qsizetype(name.seen.size()) - most;
    if (surplus <= 0)
        return;
    name.floorTs = std::max(name.floorTs, name.seen[size_t(surplus - 1)].ts);
    name.seen.erase(name.seen.begin(), name.seen.begin() + surplus);
    m_nonces -= surplus;
}

/// Stamps whose time is over need not be remembered.
void FreshnessBook::prune(qint64 steadyMs, qint64 wallMs)
{
    m_prunedMs = steadyMs;
    m_nonces = 0;
    for (Name &name : m_names) {
        std::erase_if(name.seen, [wallMs](const Seen &seen) { return seen.ts < wallMs - WindowMs; });
        if (name.seen.empty())
            name.seen.shrink_to_fit();
        m_nonces += qsizetype(name.seen.size());
    }
}

/// Gives up the name that was idle for longest, if its stamps count no more.
bool FreshnessBook::makeRoom(qint64 steadyMs)
{
    auto idlest = m_names.end();
    for (auto name = m_names.begin(); name != m_names.end(); ++name) {
        if (!name->served && (idlest == m_names.end() || name->usedMs < idlest->usedMs))
            idlest = name;
    }
    if (idlest == m_names.end() || steadyMs - idlest->usedMs < IdleMs)
        return false;
    if (m_forget)
        m_forget(idlest.key());
    m_nonces -= qsizetype(idlest->seen.size());
    m_names.erase(idlest);
    return true;
}

qsizetype FreshnessBook::names() const
{
    const std::lock_guard lock(m_mutex);
    return m_names.size();
}

qsizetype FreshnessBook::nonces() const
{
    const std::lock_guard lock(m_mutex);
    return m_nonces;
}

} // namespace restante::relay
