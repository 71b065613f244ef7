// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/collector.h"

#include "node/relayanswer.h"
#include "node/relaytrial.h"
#include "node/relaywire.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace restante::node
{

namespace
{
// 30 s, and 64 KiB/s for the largest answer; one that comes slower than 256 B/s is given up long before.
constexpr int RequestMs = 350'000;
constexpr qint64 RelayAnswerBytes = qint64(20) << 20; ///< the largest transaction, and a batch behind it
constexpr qint64 NeverMs = std::numeric_limits<qint64>::max();
} // namespace

/// One of my relays, as long as it is configured.
struct Collector::Relay {
    Association association;
    RelayStatus::State state = RelayStatus::State::Unknown;
    qint64 lastSuccessMs = 0;
    qint64 lastTryMs = 0;
    qint64 dueMs = 0; ///< steady clock; NeverMs while it is being asked
    qint64 collected = 0;
    qint64 expired = 0;
    qint64 disputed = 0;
    int failures = 0;          ///< in a row
    qint64 failingSinceMs = 0; ///< wall clock; 0 = not failing
    qint64 errorSinceMs = 0;
    qint64 testedMs = 0;       ///< wall clock; the last trial where it is now
    std::optional<bool> holds; ///< whether it takes in mail for us, as it said last
    bool paused = false;       ///< it takes in none just now, as it said last
    std::optional<Error> error;
    std::optional<InboxTrouble> inboxTrouble; ///< with what it handed out last: nothing is wrong with the relay
    bool handedOut = false;                   ///< something that the inbox did not take

    /// While it is not being asked.
    RelayStatus::State known() const
    {
        if (error)
            return RelayStatus::State::Failing;
        if (lastSuccessMs == 0 && testedMs == 0 && !handedOut)
            return RelayStatus::State::Unknown;
        if (!holds)
            return RelayStatus::State::CannotSay;
        if (!*holds)
            return RelayStatus::State::NotHeld;
        return paused ? RelayStatus::State::Paused : RelayStatus::State::Good;
    }
};

/// The conversation with one relay in one sweep.
struct Collector::Talk {
    Association association;
    size_t at = 0;     ///< of its progress in the sweep
    qint64 newsMs = 0; ///< steady clock; when it brought something new, or began
    federation::Caller::Id pending = 0;
    bool done = false;
    std::vector<matrix::EntryId> acknowledge;  ///< with the next request
    std::vector<matrix::EntryId> acknowledged; ///< with the last one
    std::optional<Error> end;                  ///< why nothing is taken any more: only acknowledge what was
    bool inboxFails = false;                   ///< and that is the inbox's fault
    qint64 clockOffsetMs = 0;                  ///< of the relay's clock to ours, if it was needed
    bool restamped = false;                    ///< the last request is a repetition with a new stamp
    int singly = 0;                            ///< how many more answers are asked for with one entry each
};

Collector::Collector(InboxStore &inbox, federation::Caller &caller, telemetry::NodeCounters &counters,
                     const base::Clock &clock, matrix::ServerName ownName, std::function<void()> changed,
                     std::function<void()> inboxChanged)
    : m_inbox(inbox)
    , m_caller(caller)
    , m_counters(counters)
    , m_clock(clock)
    , m_ownName(std::move(ownName))
    , m_changed(std::move(changed))
    , m_inboxChanged(std::move(inboxChanged))
    , m_digestKey(inbox.digestKey())
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::CoarseTimer);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { look(); });
}

Collector::~Collector()
{
    for (const auto &talk : m_talks) {
        if (!talk->done)
            m_caller.cancel(talk->pending);
    }
}

void Collector::setOptions(const Options &options)
{
    const bool moreRoom = options.limits != m_options.limits;
    m_options = options;
    for (auto &[name, relay] : m_relays) {
        if (relay.dueMs != NeverMs)
            relay.dueMs = std::min(relay.dueMs, m_clock.steadyMs() + options.intervalMs);
    }
    if (moreRoom)
        noteRoom();
    plan();
}

/// Whether there is enough of it shows the next answer: then it is said again.
void Collector::noteRoom()
{
    bool ended = false;
    for (auto &[name, relay] : m_relays) {
        if (!relay.inboxTrouble || relay.inboxTrouble->error.code != Errc::QuotaExceeded)
            continue;
        relay.inboxTrouble.reset();
        ended = true;
        if (relay.dueMs != NeverMs)
            relay.dueMs = m_clock.steadyMs();
    }
    if (!ended)
        return;
    m_changed();
    plan();
}

void Collector::setAssociations(const QList<Association> &associations)
{
    m_associations = associations;
    std::map<matrix::ServerName, Relay> relays;
    for (const Association &association : associations) {
        if (!association.isMine(m_ownName) || relays.contains(association.relay)) // as mine, and by our name
            continue;
        const auto known = m_relays.find(association.relay);
        Relay &relay = relays[association.relay];
        // Of one that is somewhere else now nothing is known there, as of one that is new: it is asked at once.
        if (known != m_relays.end() && known->second.association.peer == association.peer)
            relay = std::move(known->second);
        else
            relay.dueMs = m_clock.steadyMs();
        relay.association = association;
    }
    m_relays = std::move(relays);
    for (const auto &talk : m_talks) {
        if (talk->done)
            continue;
        const auto relay = m_relays.find(talk->association.relay);
        if (relay == m_relays.end()) {
            m_caller.cancel(talk->pending);
            finish(*talk, Error{Errc::NotFound, QStringLiteral("The relay was removed from the settings"), 0});
        } else if (relay->second.association.peer != talk->association.peer) {
            breakOff(*talk, 0);
        }
    }
    m_changed();
    plan();
}

void Collector::sweepAll()
{
    std::vector<Relay *> all;
    for (auto &[name, relay] : m_relays)
        all.push_back(&relay);
    start(all);
}

bool Collector::sweepOne(const matrix::ServerName &name)
{
    const auto found = m_relays.find(name);
    if (found == m_relays.end())
        return false;
    start({&found->second});
    return true;
}

void Collector::look()
{
    const qint64 now = m_clock.steadyMs();
    if (m_sweep.running && now - m_sweepStartedMs >= LongestSweepMs)
        cut();
    std::vector<Relay *> due;
    for (auto &[name, relay] : m_relays) {
        if (relay.dueMs <= now && !wasAsked(relay))
            due.push_back(&relay);
    }
    if (!due.empty())
        start(due);
    plan();
}

/// In the sweep that runs, where the relay is now. A relay that joined again would keep it from ever ending.
bool Collector::wasAsked(const Relay &relay) const
{
    return m_sweep.running && std::any_of(m_talks.begin(), m_talks.end(), [&relay](const auto &talk) {
               return talk->association.relay == relay.association.relay &&
                      talk->association.peer == relay.association.peer;
           });
}

void Collector::start(const std::vector<Relay *> &relays)
{
    if (!m_sweep.running) {
        m_talks.clear();
        m_sweep = {};
        m_sweep.running = true;
        m_sweep.startedMs = m_clock.wallMs();
        m_sweepStartedMs = m_clock.steadyMs();
    }
    for (Relay *relay : relays) {
        if (relay->state == RelayStatus::State::Asking)
            continue;
        if (wasAsked(*relay)) {
            relay->dueMs = m_clock.steadyMs();
            continue;
        }
        relay->state = RelayStatus::State::Asking;
        relay->lastTryMs = m_clock.wallMs();
        relay->dueMs = NeverMs;
        auto talk = std::make_unique<Talk>();
        talk->association = relay->association;
        talk->at = size_t(m_sweep.relays.size());
        talk->newsMs = m_clock.steadyMs();
        m_sweep.relays.append({relay->association.relay.toString()});
        m_talks.push_back(std::move(talk));
        ask(*m_talks.back());
    }
    m_changed();
    if (std::all_of(m_talks.begin(), m_talks.end(), [](const auto &talk) { return talk->done; }))
        endSweep();
    else
        plan();
}

void Collector::ask(Talk &talk)
{
    federation::Request request;
    request.destination = talk.association.relay;
    request.method = QByteArrayLiteral("GET");
    request.target = relayTxnTarget(m_ownName);
    request.body = relayTxnBody(talk.acknowledge, talk.singly > 0 ? 1 : BatchEntries,
                                newStamp(m_clock.wallMs() + talk.clockOffsetMs));
    request.peer = talk.association.peer;
    request.deadlineMs = RequestMs;
    request.mostBytes = RelayAnswerBytes;
    talk.acknowledged = std::exchange(talk.acknowledge, {});
    talk.pending = m_caller.send(
        std::move(request), [this, &talk](const Result<federation::Response> &response) { onAnswer(talk, response); });
}

void Collector::onAnswer(Talk &talk, const Result<federation::Response> &response)
{
    if (!response)
        return askSingly(talk, response.error());
    if (isNotFresh(*response) && !talk.restamped)
        return restamp(talk, *response);
    talk.restamped = false;
    if (response->status != 200)
        return finish(talk, refusalOf(*response));
    if (talk.end) // this request only acknowledged
        return end(talk, *talk.end);
    const auto answer = readRelayAnswer(response->body, talk.association.relay, m_digestKey);
    if (!answer)
        return askSingly(talk, answer.error());
    const RelayProgress &progress = m_sweep.relays.at(qsizetype(talk.at));
    const qint64 before = progress.fresh;
    const auto more = keep(talk, *answer);
    if (!more)
        return end(talk, more.error());
    talk.singly = std::max(0, talk.singly - 1);
    if (!*more)
        return finish(talk, std::nullopt);
    if (progress.fresh > before)
        talk.newsMs = m_clock.steadyMs();
    else if (!talk.end && m_clock.steadyMs() - talk.newsMs > LongestBarrenMs)
        talk.end =
            Error{Errc::Busy, QStringLiteral("The relay stopped handing out anything new, but was not empty"), 0};
    ask(talk);
    m_changed();
}

/// The relay takes the request for a copy of an earlier one: our clock is off, or the relay began anew a moment ago, or
/// the request went out twice. It is made again with the relay's own time, once; what is wrong then it says in words.
void Collector::restamp(Talk &talk, const federation::Response &response)
{
    const auto offset = clockOffsetMs(response, m_clock.wallMs());
    constexpr qint64 noticeableMs = 60'000;
    if (offset && std::abs(*offset) > noticeableMs && talk.clockOffsetMs == 0)
        qCWarning(lcNode, "The clock of the relay %s and this computer's are %lld s apart",
                  talk.association.relay.bytes().constData(), static_cast<long long>(std::abs(*offset) / 1'000));
    talk.clockOffsetMs = offset.value_or(0);
    talk.restamped = true;
    talk.acknowledge = talk.acknowledged;
    ask(talk);
}

/// One entry that cannot be taken must not stop those before it: if an answer with many could not be read, they are
/// asked for one by one. Ends the conversation if that was done already, or the error is another one.
void Collector::askSingly(Talk &talk, const Error &error)
{
    const bool unreadable = error.code == Errc::BadAnswer || error.code == Errc::TooLarge;
    if (!unreadable || talk.singly > 0 || talk.end)
        return finish(talk, error);
    talk.singly = BatchEntries;
    talk.acknowledge = talk.acknowledged; // perhaps the relay never heard of them
    ask(talk);
}

/// Puts an answer's entries into the inbox; false if the relay has no more.
Result<bool> Collector::keep(Talk &talk, const RelayAnswer &answer)
{
    if (!answer.odd.isNull())
        qCWarning(lcNode, "%s handed out %s", talk.association.relay.bytes().constData(), answer.odd.data());
    const auto relay = m_relays.find(talk.association.relay);
    if (relay != m_relays.end() && answer.expired)
        noteExpired(relay->second, *answer.expired);
    if (answer.entries.empty()) {
        if (relay != m_relays.end())
            noteHolds(relay->second, answer.holds, answer.paused);
        return false;
    }
    for (const RelayAnswer::Entry &entry : answer.entries) {
        const auto &before = talk.acknowledged;
        if (!entry.id.isNull() && std::find(before.begin(), before.end(), entry.id) != before.end())
            return Error{Errc::BadAnswer, QStringLiteral("The relay handed out again what was acknowledged"), 0};
    }
    std::vector<Collected> batch;
    batch.reserve(answer.entries.size());
    for (const RelayAnswer::Entry &entry : answer.entries) {
        if (!entry.useless)
            batch.push_back(entry.collected);
    }
    const auto kept = m_inbox.add(talk.association.relay, batch, m_options.limits);
    const std::optional<Error> fault = kept ? kept->end : kept.error();
    talk.inboxFails = fault.has_value();
    if (relay != m_relays.end() && (fault || !batch.empty()))
        noteInbox(relay->second, fault);
    if (!kept)
        return kept.error();
    RelayProgress &progress = m_sweep.relays[qsizetype(talk.at)];
    progress.collected += kept->taken;
    progress.fresh += kept->fresh;
    m_counters.collected.add(quint64(kept->taken));
    m_counters.duplicates.add(quint64(kept->taken - kept->fresh));
    if (relay != m_relays.end()) {
        relay->second.collected += kept->taken;
        noteDisputed(relay->second, kept->disputed);
    }
    talk.end = kept->end;
    qsizetype taken = 0;
    for (const RelayAnswer::Entry &entry : answer.entries) {
        if (!entry.useless && ++taken > kept->taken)
            break;
        if (!entry.id.isNull())
            talk.acknowledge.push_back(entry.id);
    }
    if (talk.acknowledge.empty()) { // nothing to tell the relay: full at once, or one that gives no ids
        if (talk.end)
            return *talk.end;
        return false;
    }
    return true;
}

/// What nobody collected in time is lost: said once, and shown for as long as the relay says it.
void Collector::noteExpired(Relay &relay, qint64 expired)
{
    if (expired > relay.expired)
        qCWarning(lcNode, "%lld of our transactions expired at %s before they were collected",
                  static_cast<long long>(expired - relay.expired), relay.association.relay.bytes().constData());
    relay.expired = expired;
}

/// Two relays that tell different times of one transaction: one of them could bring an origin's mail out of order. Said
/// once, and counted.
void Collector::noteDisputed(Relay &relay, qint64 disputed)
{
    if (disputed > 0 && relay.disputed == 0)
        qCWarning(lcNode, "%s dates transactions differently from another relay; the earlier time counts",
                  relay.association.relay.bytes().constData());
    relay.disputed += disputed;
}

/// Mail that the relay does not take in is not lost, but nobody can leave it there: said once, until it changes.
/// Older relays do not say whether they are paused: what a trial heard stays then.
void Collector::noteHolds(Relay &relay, std::optional<bool> holds, std::optional<bool> paused)
{
    if (holds == false && relay.holds != holds)
        qCWarning(lcNode, "The relay %s says that it takes in no mail for this server",
                  relay.association.relay.bytes().constData());
    relay.holds = holds;
    relay.paused = paused.value_or(relay.paused);
}

/// Whether the inbox took what the relay handed out. The log says it once, until it changes.
void Collector::noteInbox(Relay &relay, const std::optional<Error> &error) const
{
    if (!error)
        return relay.inboxTrouble.reset();
    Error told = *error;
    told.detail = QStringLiteral("The inbox does not take what the relay %1 hands out: %2")
                      .arg(relay.association.relay.toString(), error->detail);
    if (!relay.inboxTrouble || relay.inboxTrouble->error.detail != told.detail)
        qCWarning(lcNode).noquote() << told.detail;
    relay.inboxTrouble = {told, relay.inboxTrouble ? relay.inboxTrouble->sinceMs : m_clock.wallMs()};
}

std::optional<InboxTrouble> Collector::inboxTrouble() const
{
    std::optional<InboxTrouble> first = m_mergeTrouble;
    for (const auto &[name, relay] : m_relays) {
        if (relay.inboxTrouble && (!first || relay.inboxTrouble->sinceMs < first->sinceMs))
            first = relay.inboxTrouble;
    }
    return first;
}

/// How long to wait before the relay is asked again.
qint64 Collector::waitMs(const Relay &relay) const
{
    if (!relay.error && !relay.inboxTrouble)
        return m_options.intervalMs;
    constexpr int mostDoublings = 12;
    const qint64 backOffMs = FirstRetryMs << std::clamp(relay.failures - 1, 0, mostDoublings);
    return std::max(std::min(m_options.intervalMs, backOffMs), relay.error ? relay.error->retryAfterMs : 0);
}

/// Why it fails from now on; nothing if it does not.
void Collector::noteError(Relay &relay, const std::optional<Error> &error) const
{
    const qint64 now = m_clock.wallMs();
    if (!error)
        relay.failingSinceMs = relay.errorSinceMs = 0;
    else if (!relay.error)
        relay.failingSinceMs = relay.errorSinceMs = now;
    else if (relay.error->detail != error->detail)
        relay.errorSinceMs = now;
    relay.error = error;
}

void Collector::noteTrial(const Association &tried, const RelayReport &report)
{
    const auto found = m_relays.find(tried.relay);
    if (report.outcome == RelayReport::Outcome::NotAsked || !tried.isMine(m_ownName) || found == m_relays.end() ||
        found->second.association.peer != tried.peer)
        return;
    Relay &relay = found->second;
    relay.testedMs = m_clock.wallMs();
    noteError(relay, trialError(report));
    using Outcome = RelayReport::Outcome;
    if (report.outcome == Outcome::CannotSay)
        noteHolds(relay, std::nullopt, std::nullopt);
    else if (report.outcome == Outcome::Works || report.outcome == Outcome::Paused)
        noteHolds(relay, true, report.outcome == Outcome::Paused);
    else if (report.outcome == Outcome::NotHeld)
        noteHolds(relay, false, std::nullopt);
    if (relay.state != RelayStatus::State::Asking)
        relay.state = relay.known();
    m_changed();
}

/// The relay is empty, or `error` says why it could not be emptied.
void Collector::finish(Talk &talk, std::optional<Error> error)
{
    if (error && error->code == Errc::AuthoritiesUnreadable) // it was not asked, and is not to blame
        return breakOff(talk, std::min(m_options.intervalMs, FirstRetryMs), std::move(error));
    if (const auto found = m_relays.find(talk.association.relay); found != m_relays.end()) {
        Relay &relay = found->second;
        relay.failures = error ? relay.failures + 1 : 0;
        if (!error) {
            relay.lastSuccessMs = m_clock.wallMs();
            relay.inboxTrouble.reset(); // nothing waits there for room
        } else if (relay.failures == 1)
            qCInfo(lcNode).noquote() << "Collecting from" << talk.association.relay.toString()
                                     << "failed:" << error->detail;
        noteError(relay, error);
        relay.state = relay.known();
        relay.dueMs = m_clock.steadyMs() + waitMs(relay);
    }
    close(talk, error ? RelayProgress::State::Failed : RelayProgress::State::Done, std::move(error));
}

/// The relay answered as it should, but what it hands out cannot be kept: asked again like one that fails.
void Collector::giveUp(Talk &talk, const Error &error)
{
    if (const auto found = m_relays.find(talk.association.relay); found != m_relays.end()) {
        Relay &relay = found->second;
        ++relay.failures;
        relay.handedOut = true;
        noteError(relay, std::nullopt);
        relay.state = relay.known();
        relay.dueMs = m_clock.steadyMs() + waitMs(relay);
    }
    close(talk, RelayProgress::State::Failed, error);
}

/// With an error of ours, or of the relay's.
void Collector::end(Talk &talk, const Error &error)
{
    if (talk.inboxFails)
        giveUp(talk, error);
    else
        finish(talk, error);
}

/// Nothing was learned: what was known of the relay stays. `error` says why, unless that was a wish.
void Collector::breakOff(Talk &talk, qint64 waitMs, std::optional<Error> error)
{
    m_caller.cancel(talk.pending);
    if (const auto found = m_relays.find(talk.association.relay); found != m_relays.end()) {
        found->second.state = found->second.known();
        found->second.dueMs = m_clock.steadyMs() + waitMs;
    }
    close(talk, error ? RelayProgress::State::Failed : RelayProgress::State::Cancelled, std::move(error));
}

void Collector::close(Talk &talk, RelayProgress::State state, std::optional<Error> error)
{
    talk.done = true;
    RelayProgress &progress = m_sweep.relays[qsizetype(talk.at)];
    progress.state = state;
    progress.error = std::move(error);
    m_changed();
    if (m_sweep.running && std::all_of(m_talks.begin(), m_talks.end(), [](const auto &each) { return each->done; }))
        endSweep();
}

/// The sweep has lasted long enough: what came is put in order, and a relay that has more is asked again in the next
/// one.
void Collector::cut()
{
    for (size_t i = 0; m_sweep.running && i < m_talks.size(); ++i) {
        Talk &talk = *m_talks[i];
        if (talk.done)
            continue;
        if (m_sweep.relays.at(qsizetype(talk.at)).collected == 0) { // it came late, and can do nothing for it
            breakOff(talk, 0);
            continue;
        }
        m_caller.cancel(talk.pending);
        finish(talk, Error{Errc::Busy, QStringLiteral("The relay had more than could be collected in one go"), 0});
    }
}

/// The barrier: everybody has been asked, so what came can be put in order.
void Collector::endSweep()
{
    m_sweep.running = false;
    m_counters.sweeps.add();
    m_sweep.endedMs = m_clock.wallMs();
    const auto merged = m_inbox.merge();
    if (!merged) {
        Error told = merged.error();
        told.detail = QStringLiteral("What was collected could not be put in order: ") + told.detail;
        qCWarning(lcNode).noquote() << told.detail;
        m_mergeTrouble = {told, m_mergeTrouble ? m_mergeTrouble->sinceMs : m_clock.wallMs()};
    } else {
        m_mergeTrouble.reset();
        if (*merged > 0)
            m_inboxChanged();
    }
    if (const auto pruned = m_inbox.prune(m_options.limits); !pruned)
        qCWarning(lcNode).noquote() << "The inbox could not be tidied:" << pruned.error().detail;
    m_changed();
    plan();
}

void Collector::cancel()
{
    if (!m_sweep.running)
        return;
    m_sweep.cancelled = true;
    for (auto &[name, relay] : m_relays) {
        if (relay.dueMs <= m_clock.steadyMs()) // it has waited for the end of the sweep
            relay.dueMs = m_clock.steadyMs() + waitMs(relay);
    }
    for (size_t i = 0; i < m_talks.size(); ++i) {
        if (m_talks[i]->done)
            continue;
        const auto relay = m_relays.find(m_talks[i]->association.relay);
        breakOff(*m_talks[i], relay == m_relays.end() ? 0 : waitMs(relay->second));
    }
}

QList<RelayStatus> Collector::status() const
{
    const qint64 sinceWall = m_clock.wallMs() - m_clock.steadyMs();
    QList<RelayStatus> all;
    for (const Association &association : m_associations) {
        RelayStatus status;
        status.relay = association.relay.toString();
        status.destination = association.destination.toString();
        status.mine = association.isMine(m_ownName);
        const auto found = status.mine ? m_relays.find(association.relay) : m_relays.end();
        if (found != m_relays.end()) {
            const Relay &relay = found->second;
            status.state = relay.state;
            status.lastSuccessMs = relay.lastSuccessMs;
            status.lastTryMs = relay.lastTryMs;
            status.failingSinceMs = relay.failingSinceMs;
            status.errorSinceMs = relay.errorSinceMs;
            status.testedMs = relay.testedMs;
            status.nextTryMs = relay.dueMs == NeverMs ? 0 : std::max(relay.dueMs, m_clock.steadyMs()) + sinceWall;
            status.collected = relay.collected;
            status.expired = relay.expired;
            status.disputed = relay.disputed;
            status.error = relay.error;
            status.failures = relay.error ? relay.failures : 0;
        }
        all.append(status);
    }
    return all;
}

std::optional<qint64> Collector::nextLookMs() const
{
    qint64 next = m_sweep.running ? m_sweepStartedMs + LongestSweepMs : NeverMs;
    for (const auto &[name, relay] : m_relays) {
        if (!wasAsked(relay)) // which the end of the sweep sees to
            next = std::min(next, relay.dueMs);
    }
    return next == NeverMs ? std::nullopt : std::optional(next);
}

/// The timer runs only while something is to come.
void Collector::plan()
{
    const auto next = nextLookMs();
    if (!next)
        return m_timer.stop();
    const qint64 waitMs = std::clamp<qint64>(*next - m_clock.steadyMs(), 0, std::numeric_limits<int>::max());
    m_timer.start(int(waitMs));
}

} // namespace restante::node
