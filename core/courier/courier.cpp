// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/courier.h"

#include "courier/departure.h"
#include "identity/requestsignature.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace restante::courier
{

namespace
{
constexpr int ConnectMs = 5'000;
constexpr int AnswerMs = 180'000; ///< a homeserver may ask other servers before it answers
constexpr int ProbeMs = 15'000;
constexpr qint64 MostAnswerBytes = qint64(1) << 20;
constexpr int MostLogged = 3; ///< events of one transaction

using State = node::DeliveryRow::State;
} // namespace

Courier::Courier(node::InboxStore &inbox, federation::Caller &caller, identity::KeyRing &ring, const base::Clock &clock,
                 matrix::ServerName ownName, std::function<void()> changed)
    : m_inbox(inbox)
    , m_caller(caller)
    , m_ring(ring)
    , m_clock(clock)
    , m_ownName(std::move(ownName))
    , m_changed(std::move(changed))
{
    m_step.setSingleShot(true);
    m_step.callOnTimeout([this] { feed(); });
    m_timer.setSingleShot(true);
    m_timer.callOnTimeout([this] { pump(); });
}

Courier::~Courier()
{
    for (const auto &[id, way] : m_onTheWay)
        m_caller.cancel(way.call);
}

void Courier::setHomeserver(const QByteArray &place)
{
    if (place == m_place)
        return;
    m_place = place;
    reset();
    lookAgain();
    m_changed();
}

void Courier::wake()
{
    m_lanes.wake();
    pump();
}

Result<qint64> Courier::retry(const QList<qint64> &ids)
{
    if (m_place.isEmpty())
        return Error{Errc::InvalidSetting, QStringLiteral("node.homeserver is empty, so nothing is delivered"), 0};
    m_lanes.wake();
    qint64 found = 0;
    if (ids.isEmpty())
        found += m_lanes.wakeAll();
    const QList<qint64> aside = ids.isEmpty() ? m_aside.keys() : ids;
    for (const qint64 id : aside) {
        if (m_aside.contains(id)) {
            forgetSending(id);
            takeBack(id);
            ++found;
        } else if (m_lanes.wakeOf(id)) {
            ++found;
        }
    }
    lookAgain();
    pump();
    return found;
}

void Courier::pump()
{
    if (m_place.isEmpty())
        return;
    releaseLater();
    if (!m_feeding) { // what comes first is known only when all was looked at
        while (const auto id = m_lanes.next(m_clock.steadyMs()))
            start(*id);
        if (m_lanes.size() == 0)
            m_named.clear();
        if (m_leftSome && m_lanes.size() <= Lanes::MostOfOrigin / 2)
            lookAgain();
    }
    m_changed();
    plan();
}

/// Nothing can be sent for a reason that is not this entry's.
void Courier::stop(qint64 id, const QString &reason)
{
    if (m_trouble != reason)
        qCWarning(lcNode).noquote() << "Mail cannot be delivered just now:" << reason;
    m_trouble = reason;
    m_lanes.stopped(id, m_clock.steadyMs());
}

void Courier::start(qint64 id)
{
    const auto entry = m_inbox.entry(id);
    if (!entry && (entry.error().code == Errc::NotHeld || entry.error().code == Errc::Corrupt))
        return m_lanes.remove(id);
    if (!entry)
        return stop(id, entry.error().detail);
    auto letter = Letter::of(*entry);
    if (!letter || !isProven(&*letter)) {
        m_lanes.remove(id);
        return keep({id, State::NoProof, m_clock.wallMs(), 0,
                     QStringLiteral("no proof of its sender: the signature does not fit")});
    }
    const auto doubt = m_doubts.constFind(id);
    const auto doubtSince = doubt == m_doubts.cend() ? std::nullopt : std::optional(*doubt);
    const auto sent = m_inbox.sentMs(letter->request.origin, letter->request.txnId);
    if (!sent)
        return stop(id, sent.error().detail);
    const Departure departure = Departure::of(*letter, doubtSince, *sent, m_clock.wallMs());
    if (departure.kind == Departure::Kind::Skip) {
        m_lanes.remove(id);
        return skip(id, departure.reason);
    }
    if (departure.kind == Departure::Kind::Later) {
        m_lanes.remove(id);
        return keep({id, State::Later, m_clock.wallMs(), departure.atMs, departure.reason});
    }
    const qint64 since = doubtSince.value_or(m_clock.wallMs());
    if (const auto kept = m_inbox.setDelivery({id, State::Sending, since, 0, {}}); !kept)
        return stop(id, kept.error().detail);
    send(*std::move(letter));
}

/// If the key is at hand the signature decides, and the form that was signed is sent; else the homeserver does.
bool Courier::isProven(Letter *letter) const
{
    matrix::AttestedRequest &request = letter->request;
    const auto key = m_ring.find(request.origin, request.signature.keyId);
    if (key.standing != identity::KeyRing::Standing::Usable)
        return true;
    auto form = identity::formSignedWith(request.claim(m_ownName), request.signature.keyId, key.key, "PUT",
                                         request.target(), request.body);
    if (form)
        request.body = *std::move(form);
    return form.has_value();
}

void Courier::send(Letter letter)
{
    federation::Request request;
    request.destination = m_ownName;
    request.method = "PUT";
    request.target = letter.request.target();
    request.body = letter.request.body;
    request.headers = {{"Authorization", letter.request.claim(m_ownName).toHeader()}};
    request.sign = false;
    request.peer = federation::FixedPeer{m_place, {}};
    request.host = m_ownName.bytes();
    request.connectMs = ConnectMs;
    request.deadlineMs = AnswerMs;
    request.mostBytes = MostAnswerBytes;
    const qint64 id = letter.id;
    auto events = letter.events();
    const auto way = m_onTheWay.insert_or_assign(id, OnTheWay{0, std::move(letter), std::move(events)}).first;
    way->second.call = m_caller.send(
        std::move(request), [this, id](const Result<federation::Response> &response) { onAnswer(id, response); });
}

void Courier::onAnswer(qint64 id, const Result<federation::Response> &response)
{
    auto way = m_onTheWay.extract(id);
    const Letter &letter = way.mapped().letter;
    const Answer answer = Answer::of(response);
    const bool isTaken = answer.kind == Answer::Kind::Taken;
    if (answer.doubtful && !m_doubts.contains(id))
        m_doubts.insert(id, m_clock.wallMs());
    else if (!isTaken && !m_doubts.contains(id)) // it did not arrive, and did not before
        forgetSending(id);
    if (answer.kind != Answer::Kind::NoConnection && answer.kind != Answer::Kind::Failed)
        m_trouble.clear();
    m_reasons.insert(id, answer.reason);
    switch (answer.kind) {
    case Answer::Kind::Taken:
        onTaken(letter, std::move(way.mapped().events), answer);
        break;
    case Answer::Kind::NoKey: {
        const std::pair name(letter.request.origin, letter.request.signature.keyId);
        if (m_ring.find(name.first, name.second).standing == identity::KeyRing::Standing::Usable)
            m_keysHere.insert(name);
        m_lanes.keyMissing(id, m_clock.steadyMs());
        break;
    }
    case Answer::Kind::Busy:
        m_lanes.busy(id, m_clock.steadyMs(), answer.afterMs);
        break;
    case Answer::Kind::Failed:
        onFailed(letter, answer);
        break;
    case Answer::Kind::Refused:
        park(letter, answer.reason);
        break;
    case Answer::Kind::NoConnection:
        stop(id, answer.reason);
        break;
    }
    pump();
}

/// That it is delivered counts even if it cannot be written that it is.
void Courier::onTaken(const Letter &letter, std::vector<node::DeliveredEvent> events, const Answer &answer)
{
    for (node::DeliveredEvent &event : events) {
        for (const QByteArray &each : event.ids) {
            if (const auto error = answer.errors.find(each); error != answer.errors.end())
                event.error = error->second;
        }
    }
    const node::DeliveredMail mail{letter.id, letter.request.origin, letter.request.txnId, std::move(events)};
    if (const auto kept = m_inbox.keepTaken(mail); !kept)
        qCWarning(lcNode).noquote() << "Delivered events could not be kept:" << kept.error().detail;
    ++m_totals.delivered;
    m_totals.refusedEvents += qint64(answer.errors.size());
    int logged = 0;
    for (const auto &[event, error] : answer.errors) {
        if (logged++ < MostLogged)
            qCWarning(lcNode).noquote() << "The homeserver did not take an event of"
                                        << letter.request.origin.toString() + QLatin1Char(':') << error;
    }
    m_named.remove(nameOf(letter));
    m_lanes.taken(letter.id);
    finish(letter.id);
}

void Courier::onFailed(const Letter &letter, const Answer &answer)
{
    switch (m_lanes.failed(letter.id, m_clock.steadyMs())) {
    case Lanes::After::Again:
        return;
    case Lanes::After::Park:
        return park(letter, answer.reason);
    case Lanes::After::Probe:
        return probe(letter, answer.reason);
    }
}

/// Is it this mail, or the homeserver?
void Courier::probe(const Letter &letter, const QString &reason)
{
    federation::Request request;
    request.destination = m_ownName;
    request.method = "GET";
    request.target = "/_matrix/federation/v1/version";
    request.sign = false;
    request.peer = federation::FixedPeer{m_place, {}};
    request.host = m_ownName.bytes();
    request.connectMs = ConnectMs;
    request.deadlineMs = ProbeMs;
    request.mostBytes = MostAnswerBytes;
    const qint64 id = letter.id;
    const auto way = m_onTheWay.insert_or_assign(id, OnTheWay{0, letter}).first;
    way->second.call =
        m_caller.send(std::move(request), [this, id, reason](const Result<federation::Response> &response) {
            const auto ended = m_onTheWay.extract(id);
            const bool isWell = response && response->status == 200;
            if (m_lanes.probed(id, isWell, m_clock.steadyMs()) == Lanes::After::Park)
                park(ended.mapped().letter, reason);
            else
                m_trouble = reason;
            pump();
        });
}

void Courier::park(const Letter &letter, const QString &reason)
{
    qCWarning(lcNode).noquote() << "Mail of" << letter.request.origin.toString() << "is parked, entry" << letter.id
                                << "of the inbox:" << reason;
    if (m_doubts.remove(letter.id)) { // the homeserver may know its id
        if (const auto noted = m_inbox.noteSent(letter.request.origin, letter.request.txnId); !noted)
            qCWarning(lcNode).noquote() << "What was sent could not be kept:" << noted.error().detail;
    }
    m_lanes.refused(letter.id);
    keep({letter.id, State::Parked, m_clock.wallMs(), 0, reason});
}

/// Sets an entry aside, on disk, too; if that fails it is tried once more after the next start.
void Courier::keep(const node::DeliveryRow &row)
{
    m_reasons.remove(row.id);
    setAside(row);
    if (const auto kept = m_inbox.setDelivery(row); !kept)
        qCWarning(lcNode).noquote() << "How a delivery stands could not be kept:" << kept.error().detail;
}

void Courier::forgetSending(qint64 id)
{
    if (const auto dropped = m_inbox.dropDelivery(id); !dropped)
        qCWarning(lcNode).noquote() << "How a delivery stands could not be kept:" << dropped.error().detail;
}

void Courier::plan()
{
    if (m_feeding) // its end looks again
        return m_timer.stop();
    qint64 waitMs = std::numeric_limits<int>::max();
    if (const auto next = m_lanes.nextMs())
        waitMs = std::min(waitMs, *next - m_clock.steadyMs());
    if (!m_later.empty())
        waitMs = std::min(waitMs, m_later.begin()->first - m_clock.wallMs());
    if (waitMs == std::numeric_limits<int>::max())
        return m_timer.stop();
    m_timer.start(int(std::max<qint64>(waitMs, 0)));
}

node::Delivery Courier::delivery(qint64 id) const
{
    using To = node::Delivery::State;
    if (m_place.isEmpty())
        return {};
    if (const auto row = m_aside.constFind(id); row != m_aside.cend()) {
        const To state = row->state == State::Parked  ? To::Parked
                         : row->state == State::Later ? To::Later
                                                      : To::NoProof;
        return {state, row->sinceMs, row->nextMs, row->reason};
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
    for (const auto &[id, way] : m_onTheWay) {
        std::copy_if(way.events.begin(), way.events.end(), std::back_inserter(found), [&](const auto &event) {
            return std::find(event.ids.begin(), event.ids.end(), eventId) != event.ids.end();
        });
    }
    auto kept = m_inbox.deliveredById(eventId);
    if (!kept)
        return found.empty() ? kept : found;
    found.insert(found.end(), kept->begin(), kept->end());
    return found;
}

node::DeliveryTotals Courier::totals() const
{
    node::DeliveryTotals totals = m_totals;
    totals.waiting = m_lanes.size() + qint64(m_later.size());
    totals.trouble = m_feedTrouble.isEmpty() ? m_trouble : m_feedTrouble;
    return totals;
}

} // namespace restante::courier
