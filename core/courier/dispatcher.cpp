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
constexpr qint64 MostDispatchAnswer = qint64(1) << 20;
constexpr qint64 TidyMs = 3'600'000;
} // namespace

Dispatcher::Dispatcher(const Parts &parts, std::unique_ptr<federation::Caller> caller)
    : m_parts(parts)
    , m_records(parts.writer)
    , m_caller(std::move(caller))
    , m_contacts([this](const std::vector<Name> &servers) { onContacts(servers); })
{
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
    for (auto &[destination, place] : m_places) {
        if (place.dueMs)
            place.dueMs = std::min(*place.dueMs, now + probeMs);
    }
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
        place.failures = 0;
        if (place.dueMs)
            place.dueMs = std::min(*place.dueMs, std::max(now, place.startedMs + m_probeMs));
    }
    look();
}

bool Dispatcher::isOn() const
{
    const auto policy = m_parts.policy.current();
    return m_probeMs > 0 && policy->enabled && !policy->sendsFor.isEmpty();
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
    for (auto &[destination, place] : m_places) {
        const bool isDue = place.dueMs && *place.dueMs <= now && place.notBeforeMs <= now;
        if (isDue && !place.running && m_running < AtOnce)
            begin(destination, place);
    }
    plan();
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
        return plan();
    }
    const auto policy = m_parts.policy.current();
    for (const Name &destination : *found) {
        if (policy->served.contains(destination)) // it comes for its mail itself
            continue;
        if (m_places.try_emplace(destination).second)
            noteWaiting(destination, true);
    }
    for (auto &[destination, place] : m_places) {
        if (!place.dueMs && !place.running) // new, or with nothing but parked mail, which somebody may have discarded
            place.dueMs = m_parts.clock.steadyMs();
    }
    look();
}

void Dispatcher::begin(const Name &destination, Place &place)
{
    place.running = true;
    ++m_running;
    place.startedMs = m_parts.clock.steadyMs();
    place.dueMs.reset();
    place.after = {};
    place.aside.clear();
    place.left = false;
    place.parked = 0;
    next(destination);
}

void Dispatcher::onFound(const Name &destination, const Result<Found> &found)
{
    if (!found)
        return endRound(destination, false, found.error().detail);
    Place &place = m_places.at(destination);
    place.after = found->after;
    place.parked += found->parked;
    const Item &item = found->item;
    switch (found->kind) {
    case Found::Kind::Nothing:
        return endRound(destination, true);
    case Found::Kind::More:
        return next(destination);
    case Found::Kind::Later:
        place.left = true;
        return next(destination);
    case Found::Kind::Park:
        return park(item, item.dispatch.reason);
    case Found::Kind::Skip:
        qCInfo(lcRelay).noquote() << "Mail of" << item.dispatch.origin.toString() << "for" << destination.toString()
                                  << "is not sent:" << item.dispatch.reason;
        m_parts.counters.skipped.add();
        m_parts.queue.acknowledge(destination, item.dispatch.id);
        return forget(item, [this, destination] { next(destination); });
    case Found::Kind::Send:
        return record(item.dispatch, [this, item](bool kept) {
            if (kept)
                send(item);
            else
                endRound(item.dispatch.destination, false, QStringLiteral("what is sent could not be written down"));
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
    request.deadlineMs = DispatchAnswerMs;
    request.mostBytes = MostDispatchAnswer;
    m_caller->send(std::move(request),
                   [this, item](const Result<federation::Response> &response) { onAnswer(item, response); });
}

void Dispatcher::onAnswer(const Item &item, const Result<federation::Response> &response)
{
    const Answer answer = Answer::of(response);
    Place &place = m_places.at(item.dispatch.destination);
    switch (answer.kind) {
    case Answer::Kind::Taken:
        return onTaken(item, answer);
    case Answer::Kind::Busy:
        place.notBeforeMs = m_parts.clock.steadyMs() + std::clamp<qint64>(answer.afterMs, 0, LongestMs);
        [[fallthrough]];
    case Answer::Kind::NoKey:
        place.trouble = answer.reason;
        return leaveOrigin(item, false);
    case Answer::Kind::Failed: {
        Item tried = item;
        tried.doubtful = item.doubtful || answer.doubtful;
        return onFailed(tried, answer.reason);
    }
    case Answer::Kind::Refused:
        return park(item, answer.reason);
    case Answer::Kind::NoConnection:
        return forget(item, [this, destination = item.dispatch.destination, reason = answer.reason] {
            endRound(destination, false, reason);
        });
    }
}

void Dispatcher::onTaken(const Item &item, const Answer &answer)
{
    queue::Dispatch dispatch = item.dispatch;
    Place &place = m_places.at(dispatch.destination);
    place.failures = 0;
    place.faults.remove(dispatch.id.value);
    m_parts.counters.sent.add();
    m_parts.counters.refusedEvents.add(answer.errors.size());
    if (!answer.errors.empty())
        qCWarning(lcRelay).noquote() << dispatch.destination.toString() << "did not take" << answer.errors.size()
                                     << "events of" << dispatch.origin.toString() + QLatin1Char(':')
                                     << answer.errors.begin()->second;
    m_parts.queue.acknowledge(dispatch.destination, dispatch.id);
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
        Place &place = m_places.at(item.dispatch.destination);
        const bool isWell = response && response->status == 200;
        if (isWell && ++place.faults[item.dispatch.id.value] >= FaultsToPark)
            return park(item, reason);
        place.trouble = reason;
        if (isWell)
            return leaveOrigin(item, item.doubtful);
        forget(item, [this, destination = item.dispatch.destination, reason] { endRound(destination, false, reason); });
    });
}

/// Nothing more of its origin goes in this round: order is kept, and others go on.
void Dispatcher::leaveOrigin(const Item &item, bool arrived)
{
    Place &place = m_places.at(item.dispatch.destination);
    place.aside.insert(item.dispatch.origin);
    place.left = true;
    if (arrived)
        return next(item.dispatch.destination);
    forget(item, [this, destination = item.dispatch.destination] { next(destination); });
}

void Dispatcher::park(const Item &item, const QString &reason)
{
    queue::Dispatch dispatch = item.dispatch;
    qCWarning(lcRelay).noquote() << "Mail of" << dispatch.origin.toString() << "for" << dispatch.destination.toString()
                                 << "is parked, entry" << dispatch.id.value << QLatin1Char(':') << reason;
    Place &place = m_places.at(dispatch.destination);
    ++place.parked;
    place.faults.remove(dispatch.id.value);
    dispatch.state = queue::Dispatch::State::Parked;
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

void Dispatcher::endRound(const Name &destination, bool reached, const QString &trouble)
{
    Place &place = m_places.at(destination);
    place.running = false;
    --m_running;
    if (!reached && trouble != std::exchange(place.trouble, trouble))
        qCInfo(lcRelay).noquote() << "Mail for" << destination.toString() << "cannot be sent just now:" << trouble;
    if (!reached || place.left) {
        ++place.failures;
        const double part = QRandomGenerator::global()->generateDouble();
        place.dueMs = m_parts.clock.steadyMs() + pauseMs(place.failures, m_probeMs, part);
    } else if (place.parked == 0) {
        m_places.erase(destination);
        noteWaiting(destination, false);
    }
    qint64 parked = 0;
    for (const auto &[name, each] : m_places)
        parked += each.parked;
    m_parts.counters.parked.store(parked, std::memory_order_relaxed);
    look();
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
            nextMs = std::min(nextMs, std::max(*place.dueMs, place.notBeforeMs));
    }
    const qint64 most = std::numeric_limits<int>::max();
    m_timer.start(int(std::clamp<qint64>(nextMs - now, 0, most)));
}

} // namespace restante::courier
