// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/dispatcher.h"

#include "telemetry/logging.h"

#include <QtCore/QPointer>
#include <QtCore/QRandomGenerator>

#include <algorithm>
#include <limits>
#include <utility>

namespace restante::courier
{

namespace
{
constexpr int DispatchAnswerMs = 180'000; ///< a homeserver may ask other servers before it answers
constexpr int DispatchProbeMs = 15'000;
constexpr qint64 DispatchBytesPerSecond = qint64(64) * 1024; ///< the time for an answer grows with the size
constexpr qint64 MostDispatchAnswer = qint64(1) << 20;
constexpr qint64 TidyMs = 3'600'000;
} // namespace

Dispatcher::Dispatcher(const Parts &parts, std::unique_ptr<federation::Caller> caller)
    : m_parts(parts)
    , m_records(parts.writer)
    , m_caller(std::move(caller))
    , m_contacts([this](const std::vector<Name> &servers) { onContacts(servers); })
{
    parts.counters.destinations.store(0, std::memory_order_relaxed);
    parts.counters.parked.store(0, std::memory_order_relaxed);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Dispatcher::look);
}

Dispatcher::~Dispatcher() = default;

qint64 Dispatcher::pauseMs(int failures, qint64 probeMs, double part)
{
    qint64 pause = probeMs;
    for (int failure = 1; failure < failures && pause < LongestMs; ++failure)
        pause *= 2;
    pause = std::max(probeMs, std::min(pause, LongestMs));
    return pause - qint64(double(pause) / 10 * part);
}

void Dispatcher::configure(qint64 probeMs, qint64 expiryMs)
{
    m_probeMs = probeMs;
    m_expiryMs = expiryMs;
    const qint64 now = m_parts.clock.steadyMs();
    m_nextPollMs = now;
    std::vector<Name> over;
    for (auto &[destination, place] : m_places) {
        if (place.dueMs)
            place.dueMs = std::min(*place.dueMs, now + probeMs);
        if (!place.running && originsFor(destination).isEmpty())
            over.push_back(destination);
    }
    for (const Name &destination : over)
        giveUpPlace(destination);
    look();
}

void Dispatcher::noteContact(const matrix::ServerName &server)
{
    if (!m_anyWaits.load(std::memory_order_relaxed))
        return;
    const std::lock_guard lock(m_mutex);
    if (m_waiting.contains(server))
        m_contacts.post(server);
}

void Dispatcher::onContacts(const std::vector<Name> &servers)
{
    const qint64 now = m_parts.clock.steadyMs();
    for (const Name &server : servers) {
        const auto found = m_places.find(server);
        if (found == m_places.end())
            continue;
        Place &place = found->second;
        const qint64 soonest = std::max(now, place.startedMs + m_probeMs);
        place.failures = 0;
        for (Wait &wait : place.waits) {
            if (!wait.isTold) {
                wait.times = 0;
                wait.untilMs = std::min(wait.untilMs, soonest);
            }
        }
        if (place.dueMs)
            place.dueMs = std::min(*place.dueMs, soonest);
    }
    look();
}

void Dispatcher::noteNearby(const matrix::ServerName &server)
{
    const auto found = m_places.find(server);
    if (found == m_places.end() || found->second.running || !found->second.dueMs)
        return;
    Place &place = found->second;
    const qint64 now = m_parts.clock.steadyMs();
    if (*place.dueMs <= now || (place.hintedMs && now - *place.hintedMs < HintMs))
        return;
    place.hintedMs = now;
    place.dueMs = now;
    look();
}

bool Dispatcher::isOn() const
{
    const auto policy = m_parts.policy.current();
    return m_probeMs > 0 && policy->enabled && !policy->sendsFor.isEmpty();
}

/// Whose mail for `destination` is sent from here.
QSet<matrix::ServerName> Dispatcher::originsFor(const Name &destination) const
{
    const auto policy = m_parts.policy.current();
    if (m_probeMs <= 0 || !policy->enabled || policy->served.contains(destination)) // it comes for its mail itself
        return {};
    return policy->sendsFor - policy->blockedOrigins;
}

void Dispatcher::look()
{
    if (!isOn())
        return m_timer.stop(); // what is on its way ends by itself
    const qint64 now = m_parts.clock.steadyMs();
    if (now >= m_nextTidyMs) {
        m_nextTidyMs = now + TidyMs;
        queue::DispatchRecords::forgetOld(m_parts.queue, m_parts.clock.wallMs(), m_expiryMs, [](const auto &done) {
            if (!done)
                qCWarning(lcRelay).noquote() << "Old records of sent mail stay:" << done.error().detail;
        });
    }
    if (now >= m_nextPollMs && !m_polling)
        poll();
    beginDue();
    plan();
}

/// Those that have waited longest go first.
void Dispatcher::beginDue()
{
    const qint64 now = m_parts.clock.steadyMs();
    std::vector<std::pair<qint64, Name>> due;
    for (const auto &[destination, place] : m_places) {
        if (!place.running && place.dueMs && *place.dueMs <= now)
            due.emplace_back(*place.dueMs, destination);
    }
    std::stable_sort(due.begin(), due.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    for (const auto &[since, destination] : due) {
        if (m_running >= AtOnce)
            return;
        begin(destination);
    }
}

bool Dispatcher::othersWait() const
{
    const qint64 now = m_parts.clock.steadyMs();
    return m_running >= AtOnce && std::any_of(m_places.begin(), m_places.end(), [now](const auto &each) {
               return !each.second.running && each.second.dueMs && *each.second.dueMs <= now;
           });
}

/// Which destinations mail is held for.
void Dispatcher::poll()
{
    m_polling = true;
    m_nextPollMs = m_parts.clock.steadyMs() + m_probeMs;
    m_parts.desk.ask<std::vector<Name>>([records = m_records, origins = m_parts.policy.current()->sendsFor](
                                            queue::Inspector &) { return records.destinations(origins); },
                                        this, [this](const Result<std::vector<Name>> &found) { onPolled(found); });
}

void Dispatcher::onPolled(const Result<std::vector<Name>> &found)
{
    m_polling = false;
    if (!found) {
        qCWarning(lcRelay).noquote() << "Mail to be sent could not be looked for:" << found.error().detail;
        if (found.error().code == Errc::Corrupt)
            m_parts.queue.report(found.error());
        return plan();
    }
    const qint64 now = m_parts.clock.steadyMs();
    for (const Name &destination : *found) {
        if (originsFor(destination).isEmpty())
            continue;
        const auto [place, isNew] = m_places.try_emplace(destination);
        if (!isNew)
            continue;
        place->second.dueMs = now;
        noteWaiting(destination, true);
    }
    for (auto &[destination, place] : m_places) { // there may be new mail for one that is there
        const qint64 soonest = std::max(now, place.startedMs + m_probeMs);
        if (!place.running && place.failures == 0)
            place.dueMs = std::min(place.dueMs.value_or(soonest), soonest);
    }
    look();
}

void Dispatcher::begin(const Name &destination)
{
    Place &place = m_places.at(destination);
    const qint64 now = m_parts.clock.steadyMs();
    place.running = true;
    ++m_running;
    place.startedMs = now;
    place.dueMs.reset();
    place.after = {};
    place.met = 0;
    place.aside.clear();
    for (auto wait = place.waits.cbegin(); wait != place.waits.cend(); ++wait) {
        if (wait->untilMs > now)
            place.aside.insert(wait.key());
    }
    place.later.removeIf([now](const auto &each) { return each.value() <= now; });
    next(destination);
}

void Dispatcher::onFound(const Name &destination, const Result<Found> &found)
{
    if (!found) {
        if (found.error().code == Errc::Corrupt)
            m_parts.queue.report(found.error());
        return endRound(destination, End::Ours, found.error().detail);
    }
    Place &place = m_places.at(destination);
    place.after = found->after;
    place.met += found->parked;
    if (found->parked > 0)
        place.parkedFor = found->parkedFor;
    const Item &item = found->item;
    switch (found->kind) {
    case Found::Kind::Nothing:
        return endRound(destination, End::Through);
    case Found::Kind::More:
        return next(destination);
    case Found::Kind::Later: {
        const qint64 pause = std::max(m_probeMs, std::min(found->laterMs - m_parts.clock.wallMs(), LongestMs));
        place.later.insert(item.dispatch.id.value, m_parts.clock.steadyMs() + pause);
        return next(destination);
    }
    case Found::Kind::Broken:
        qCWarning(lcRelay).noquote() << "Entry" << item.dispatch.id.value << "of" << destination.toString()
                                     << "cannot be read and is not sent.";
        m_parts.queue.quarantine(destination, item.dispatch.id);
        return next(destination);
    case Found::Kind::Park:
        return park(item, item.dispatch.reason);
    case Found::Kind::Skip:
        qCInfo(lcRelay).noquote() << "Mail of" << item.dispatch.origin.toString() << "for" << destination.toString()
                                  << "is not sent:" << item.dispatch.reason;
        m_parts.counters.skipped.add();
        m_parts.queue.acknowledgeSent(destination, item.dispatch.id);
        return forget(item, [this, destination] { next(destination); });
    case Found::Kind::Send:
        return record(item.dispatch, [this, item](bool kept) {
            if (kept)
                send(item);
            else
                endRound(item.dispatch.destination, End::Ours,
                         QStringLiteral("what is sent could not be written down"));
        });
    }
}

void Dispatcher::send(const Item &item)
{
    const queue::Dispatch &dispatch = item.dispatch;
    federation::Request request;
    request.destination = dispatch.destination;
    request.method = "PUT";
    request.target = item.letter.request.target();
    request.body = item.letter.request.body;
    request.headers = {{"Authorization", item.letter.request.claim(dispatch.destination).toHeader()}};
    request.sign = false;
    request.deadlineMs = DispatchAnswerMs + int(request.body.size() * 1'000 / DispatchBytesPerSecond);
    request.mostBytes = MostDispatchAnswer;
    m_caller->send(std::move(request),
                   [this, item](const Result<federation::Response> &response) { onAnswer(item, response); });
}

void Dispatcher::onAnswer(const Item &item, const Result<federation::Response> &response)
{
    const Answer answer = Answer::of(response);
    const Name &destination = item.dispatch.destination;
    switch (answer.kind) {
    case Answer::Kind::Taken:
        return onTaken(item, answer);
    case Answer::Kind::Busy:
    case Answer::Kind::NoKey:
        m_places.at(destination).trouble = answer.reason;
        leaveOrigin(item, answer.afterMs);
        return forget(item, [this, destination] { next(destination); });
    case Answer::Kind::Failed: {
        Item tried = item;
        tried.doubtful = item.doubtful || answer.doubtful;
        return onFailed(tried, answer.reason);
    }
    case Answer::Kind::Refused:
        return park(item, answer.reason);
    case Answer::Kind::NoConnection:
        return forget(item, [this, destination, reason = answer.reason] { endRound(destination, End::Away, reason); });
    }
}

void Dispatcher::onTaken(const Item &item, const Answer &answer)
{
    queue::Dispatch dispatch = item.dispatch;
    Place &place = m_places.at(dispatch.destination);
    place.failures = 0;
    place.waits.remove(dispatch.origin);
    place.trouble.clear();
    m_parts.counters.sent.add();
    m_parts.counters.refusedEvents.add(answer.errors.size());
    if (!answer.errors.empty())
        qCWarning(lcRelay).noquote() << dispatch.destination.toString() << "did not take" << answer.errors.size()
                                     << "events of" << dispatch.origin.toString() + QLatin1Char(':')
                                     << answer.errors.begin()->second;
    m_parts.queue.acknowledgeSent(dispatch.destination, dispatch.id);
    dispatch.state = queue::Dispatch::State::Taken;
    dispatch.sinceMs = m_parts.clock.wallMs();
    record(dispatch, [this, destination = dispatch.destination](bool) { next(destination); });
}

/// Is it this mail, or the destination?
void Dispatcher::onFailed(const Item &item, const QString &reason)
{
    federation::Request request;
    request.destination = item.dispatch.destination;
    request.method = "GET";
    request.target = "/_matrix/federation/v1/version";
    request.sign = false;
    request.deadlineMs = DispatchProbeMs;
    request.mostBytes = MostDispatchAnswer;
    m_caller->send(std::move(request), [this, item, reason](const Result<federation::Response> &response) {
        const Name &destination = item.dispatch.destination;
        m_places.at(destination).trouble = reason;
        if (!response || response->status != 200)
            return forget(item, [this, destination, reason] { endRound(destination, End::Away, reason); });
        Wait &wait = leaveOrigin(item);
        if (std::exchange(wait.entry, item.dispatch.id) != item.dispatch.id)
            wait.faults = 0;
        if (++wait.faults >= FaultsToPark)
            return park(item, reason);
        if (item.doubtful) // that stays written down
            return next(destination);
        forget(item, [this, destination] { next(destination); });
    });
}

/// Nothing more of its origin goes in this round, nor before a pause is over: order is kept, and others go on.
Dispatcher::Wait &Dispatcher::leaveOrigin(const Item &item, qint64 afterMs)
{
    Place &place = m_places.at(item.dispatch.destination);
    Wait &wait = place.waits[item.dispatch.origin];
    ++wait.times;
    wait.isTold = afterMs > 0;
    wait.untilMs = m_parts.clock.steadyMs() + std::max(pauseAfter(wait.times), std::min(afterMs, LongestMs));
    place.failures = 0;
    place.aside.insert(item.dispatch.origin);
    return wait;
}

void Dispatcher::park(const Item &item, const QString &reason)
{
    queue::Dispatch dispatch = item.dispatch;
    qCWarning(lcRelay).noquote() << "Mail of" << dispatch.origin.toString() << "for" << dispatch.destination.toString()
                                 << "is parked, entry" << dispatch.id.value << QLatin1Char(':') << reason;
    Place &place = m_places.at(dispatch.destination);
    ++place.met;
    place.parkedFor = reason;
    place.failures = 0;
    place.waits.remove(dispatch.origin);
    place.aside.remove(dispatch.origin);
    dispatch.state = item.doubtful ? queue::Dispatch::State::ParkedUnsure : queue::Dispatch::State::Parked;
    if (!item.doubtful)
        dispatch.sinceMs = m_parts.clock.wallMs();
    dispatch.reason = reason;
    record(dispatch, [this, destination = dispatch.destination](bool) { next(destination); });
}

void Dispatcher::record(const queue::Dispatch &dispatch, std::function<void(bool kept)> then)
{
    queue::DispatchRecords::put(m_parts.queue, dispatch,
                                [guard = QPointer(this), then = std::move(then)](const Result<void> &kept) {
                                    if (!guard)
                                        return;
                                    if (!kept)
                                        qCWarning(lcRelay).noquote()
                                            << "How mail that is sent stands could not be kept:" << kept.error().detail;
                                    then(kept.ok());
                                });
}

/// It did not arrive this time; if nobody knows whether it did before, that stays written down.
void Dispatcher::forget(const Item &item, std::function<void()> then)
{
    if (item.doubtful)
        return then();
    queue::DispatchRecords::drop(m_parts.queue, item.dispatch.destination, item.dispatch.id,
                                 [guard = QPointer(this), then = std::move(then)](const Result<void> &dropped) {
                                     if (!guard)
                                         return;
                                     if (!dropped)
                                         qCWarning(lcRelay).noquote() << "How mail that is sent stands could not be "
                                                                         "kept:"
                                                                      << dropped.error().detail;
                                     then();
                                 });
}

void Dispatcher::endRound(const Name &destination, End end, const QString &trouble)
{
    Place &place = m_places.at(destination);
    place.running = false;
    --m_running;
    const qint64 now = m_parts.clock.steadyMs();
    const bool isNews = !trouble.isEmpty() && trouble != std::exchange(place.trouble, trouble);
    if (isNews)
        qCInfo(lcRelay).noquote() << "Mail for" << destination.toString() << "cannot be sent just now:" << trouble;
    countParked(place, end == End::Through ? place.met : std::max(place.met, place.parked));
    if (originsFor(destination).isEmpty()) { // since it began
        giveUpPlace(destination);
        return plan();
    }
    if (std::exchange(place.again, false)) {
        takeUp(place);
        return look();
    }
    switch (end) {
    case End::Through:
        place.failures = 0;
        place.waits.removeIf([&place](const auto &wait) { return !place.aside.contains(wait.key()); });
        place.dueMs = soonestOf(place);
        if (!place.dueMs && place.parked == 0)
            giveUpPlace(destination);
        break;
    case End::Away:
        place.dueMs = now + pauseAfter(++place.failures);
        break;
    case End::Room:
        place.dueMs = now;
        break;
    case End::Ours:
        place.dueMs = now + m_probeMs;
        break;
    }
    plan();
}

/// The value is what it waited for.
qint64 Dispatcher::takeUp(Place &place)
{
    const qint64 found = place.parked + place.waits.size() + (place.failures > 0 ? 1 : 0);
    place.failures = 0;
    place.waits.clear();
    place.again = place.running;
    if (!place.running)
        place.dueMs = m_parts.clock.steadyMs();
    return found;
}

void Dispatcher::retry(const Name &destination, std::function<void(Result<qint64>)> done)
{
    if (!isOn()) {
        const bool isRelay = m_parts.policy.current()->enabled;
        const Error off{Errc::InvalidSetting,
                        isRelay ? QStringLiteral("relay.sends_for is empty, so nothing is sent from here")
                                : QStringLiteral("relay.enabled is false, so nothing is sent from here"),
                        0};
        QMetaObject::invokeMethod(
            this, [done = std::move(done), off] { done(off); }, Qt::QueuedConnection);
        return;
    }
    queue::DispatchRecords::takeUp(
        m_parts.queue, destination,
        [guard = QPointer(this), destination, done = std::move(done)](const Result<void> &kept) {
            if (!guard)
                return;
            if (!kept)
                return done(kept.error());
            qint64 found = 0;
            for (auto &[name, place] : guard->m_places) {
                if (destination.isNull() || name == destination)
                    found += guard->takeUp(place);
            }
            done(found);
            guard->look();
        });
}

QList<queue::Sending> Dispatcher::sendings() const
{
    using Standing = queue::Sending::State;
    const qint64 now = m_parts.clock.steadyMs();
    QList<queue::Sending> list;
    for (const auto &[destination, place] : m_places) {
        queue::Sending row{destination, Standing::Waiting, 0, place.parked, place.trouble};
        std::optional<qint64> nextMs;
        if (place.running) {
            row.state = Standing::Going;
            row.reason.clear();
        } else if (place.failures > 0) {
            row.state = Standing::Away;
            nextMs = place.dueMs;
        } else if (const auto soonest = soonestOf(place)) {
            nextMs = soonest;
        } else if (place.parked > 0) {
            row.state = Standing::Parked;
            row.reason = place.parkedFor;
        }
        if (nextMs)
            row.nextMs = m_parts.clock.wallMs() + std::max<qint64>(0, *nextMs - now);
        list.append(row);
    }
    return list;
}

/// When the first of what waits by itself is to be looked at again; nothing if nothing does.
std::optional<qint64> Dispatcher::soonestOf(const Place &place)
{
    std::optional<qint64> soonest;
    for (const Wait &wait : place.waits)
        soonest = std::min(soonest.value_or(wait.untilMs), wait.untilMs);
    for (const qint64 untilMs : place.later)
        soonest = std::min(soonest.value_or(untilMs), untilMs);
    return soonest;
}

qint64 Dispatcher::pauseAfter(int failures) const
{
    return pauseMs(failures, m_probeMs, QRandomGenerator::global()->generateDouble());
}

void Dispatcher::countParked(Place &place, qint64 parked)
{
    m_parts.counters.parked.fetch_add(parked - std::exchange(place.parked, parked), std::memory_order_relaxed);
}

void Dispatcher::giveUpPlace(const Name &destination)
{
    const auto node = m_places.extract(destination); // `destination` may be its key
    countParked(node.mapped(), 0);
    noteWaiting(node.key(), false);
}

void Dispatcher::noteWaiting(const Name &destination, bool waits)
{
    m_parts.counters.destinations.store(qint64(m_places.size()), std::memory_order_relaxed);
    const std::lock_guard lock(m_mutex);
    if (waits)
        m_waiting.insert(destination);
    else
        m_waiting.remove(destination);
    m_anyWaits.store(!m_waiting.isEmpty(), std::memory_order_relaxed);
}

void Dispatcher::plan()
{
    if (!isOn())
        return m_timer.stop();
    const qint64 now = m_parts.clock.steadyMs();
    qint64 nextMs = m_polling ? now + m_probeMs : m_nextPollMs;
    for (const auto &[destination, place] : m_places) {
        if (place.dueMs && !place.running && m_running < AtOnce)
            nextMs = std::min(nextMs, *place.dueMs);
    }
    const qint64 most = std::numeric_limits<int>::max();
    m_timer.start(int(std::clamp<qint64>(nextMs - now, 0, most)));
}

} // namespace restante::courier
