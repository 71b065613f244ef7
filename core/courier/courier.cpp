// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/courier.h"

#include "courier/departure.h"
#include "courier/proof.h"
#include "telemetry/logging.h"

#include <algorithm>
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
                 matrix::ServerName ownName, const identity::Identity &courier, std::function<void()> changed)
    : m_inbox(inbox)
    , m_caller(caller)
    , m_ring(ring)
    , m_clock(clock)
    , m_ownName(std::move(ownName))
    , m_courier(courier)
    , m_changed(std::move(changed))
{
    m_step.setSingleShot(true);
    m_step.callOnTimeout([this] { feed(); });
    m_timer.setSingleShot(true);
    m_timer.callOnTimeout([this] { takeTurn(); });
    m_turn.setSingleShot(true);
    m_turn.callOnTimeout([this] { takeTurn(); });
}

Courier::~Courier()
{
    for (const auto &[id, way] : m_onTheWay)
        m_caller.cancel(way.call);
    write(nullptr);
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

/// Answers that come together share a turn, and its commit.
void Courier::pump()
{
    m_turn.start(0);
}

void Courier::takeTurn()
{
    m_turn.stop();
    if (m_place.isEmpty())
        return;
    releaseLater();
    std::vector<Letter> letters;
    if (!m_feeding) { // what comes first is known only when all was looked at
        while (const auto id = m_lanes.next(m_clock.steadyMs())) {
            if (auto letter = prepare(*id))
                letters.push_back(*std::move(letter));
        }
    }
    write(&letters);
    for (Letter &letter : letters)
        send(std::move(letter));
    if (!m_feeding) {
        if (m_lanes.size() == 0)
            m_named.clear();
        if (m_leftSome && m_lanes.size() <= Lanes::MostOfOrigin / 2)
            lookAgain();
    }
    m_changed();
    plan();
}

/// That what was taken is done with, and that `letters` are being sent, is on disk when it returns. A letter of which
/// that cannot be written is not to be sent, and is left out.
void Courier::write(std::vector<Letter> *letters)
{
    const auto taken = std::exchange(m_taken, {});
    std::vector<node::DeliveryRow> rows;
    for (size_t i = 0; letters && i < letters->size(); ++i) {
        const qint64 id = letters->at(i).id;
        const auto early = m_early.constFind(id); // after a crash, too, the whole of it goes later
        rows.push_back(early == m_early.cend()
                           ? node::DeliveryRow{id, State::Sending, m_doubts.value(id, m_clock.wallMs()), 0, {}}
                           : *early);
    }
    if ((taken.empty() && rows.empty()) || m_inbox.turn(taken, rows))
        return;
    for (const node::DeliveredMail &mail : taken) { // which counts even if it cannot be written
        if (const auto kept = m_inbox.keepTaken(mail); !kept)
            qCWarning(lcNode).noquote() << "Delivered events could not be kept:" << kept.error().detail;
        if (!mail.stays)
            finish(mail.id);
    }
    for (const node::DeliveryRow &row : rows) {
        const auto kept = m_inbox.setDelivery(row);
        if (kept)
            continue;
        stop(row.id, kept.error().detail);
        std::erase_if(*letters, [&row](const Letter &letter) { return letter.id == row.id; });
    }
}

/// Nothing can be sent for a reason that is not this entry's.
void Courier::stop(qint64 id, const QString &reason)
{
    if (m_trouble != reason)
        qCWarning(lcNode).noquote() << "Mail cannot be delivered just now:" << reason;
    m_trouble = reason;
    m_lanes.stopped(id, m_clock.steadyMs());
}

/// What goes to the homeserver of an entry whose turn it is; nothing if that cannot go now.
std::optional<Letter> Courier::prepare(qint64 id)
{
    const auto entry = m_inbox.entry(id);
    if (!entry) {
        if (entry.error().code != Errc::NotHeld && entry.error().code != Errc::Corrupt) {
            stop(id, entry.error().detail);
            return {};
        }
        m_lanes.remove(id);
        m_unproven.remove(id);
        m_early.remove(id);
        return {};
    }
    auto letter = Letter::of(*entry);
    if (letter && !isProven(*letter, m_ring, m_ownName))
        letter = Error{Errc::NotHeld, QStringLiteral("no proof of its sender: the signature does not fit"), 0};
    if (!letter || m_unproven.contains(id)) {
        m_early.remove(id);
        return prepareUnproven(*entry, letter);
    }
    const auto sent = sentMs(*letter);
    if (!sent) {
        stop(id, sent.error().detail);
        return {};
    }
    const auto doubt = m_doubts.constFind(id);
    const auto doubtSince = doubt == m_doubts.cend() ? std::nullopt : std::optional(*doubt);
    const Departure departure = Departure::of(*letter, doubtSince, *sent, m_clock.wallMs());
    if (departure.kind == Departure::Kind::Later)
        return prepareEarly(*entry, {id, State::Later, m_clock.wallMs(), departure.atMs, departure.reason});
    const bool isInItsLane = !m_early.remove(id);
    if (departure.kind == Departure::Kind::Go && isInItsLane)
        return *std::move(letter);
    m_lanes.remove(id);
    if (departure.kind == Departure::Kind::Skip)
        skip(id, departure.reason);
    else
        m_lanes.add(letter->waiting());
    return {};
}

/// When the homeserver was given that transaction id; nothing if it knows none such.
Result<std::optional<qint64>> Courier::sentMs(const Letter &letter)
{
    const auto isSame = [&request = letter.request](const node::DeliveredMail &mail) {
        return mail.origin == request.origin && mail.txnId == request.txnId;
    };
    if (std::any_of(m_taken.begin(), m_taken.end(), isSame)) // which is not on disk yet
        return std::optional(m_clock.wallMs());
    return m_inbox.sentMs(letter.request.origin, letter.request.txnId);
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
    const bool isWritten = m_doubts.contains(id) || m_early.contains(id); // early ones go under an id that counts once
    if (answer.doubtful && !isWritten)
        m_doubts.insert(id, m_clock.wallMs());
    else if (!isTaken && !isWritten) // it did not arrive, and did not before
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

void Courier::onTaken(const Letter &letter, std::vector<node::DeliveredEvent> events, const Answer &answer)
{
    for (node::DeliveredEvent &event : events) {
        for (const QByteArray &each : event.ids) {
            if (const auto error = answer.errors.find(each); error != answer.errors.end())
                event.error = error->second;
        }
    }
    m_taken.push_back({letter.id, letter.request.origin, letter.request.txnId, std::move(events), {}});
    m_totals.delivered += m_early.contains(letter.id) ? 0 : 1;
    m_totals.refusedEvents += qint64(answer.errors.size());
    int logged = 0;
    for (const auto &[event, error] : answer.errors) {
        if (logged++ < MostLogged)
            qCWarning(lcNode).noquote() << "The homeserver did not take an event of"
                                        << letter.request.origin.toString() + QLatin1Char(':') << error;
    }
    m_named.remove(nameOf(letter));
    m_lanes.taken(letter.id);
    m_reasons.remove(letter.id);
    m_doubts.remove(letter.id);
    if (m_unproven.remove(letter.id))
        onEventsTaken(letter.id);
    if (const auto later = m_early.constFind(letter.id); later != m_early.cend()) {
        m_taken.back().stays = *later;
        setAside(node::DeliveryRow(*later));
        m_early.erase(later);
    }
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
    if (m_early.contains(letter.id)) { // all of it comes later under its own name
        m_lanes.refused(letter.id);
        return keep(m_early.take(letter.id));
    }
    qCWarning(lcNode).noquote() << "Mail of" << letter.request.origin.toString() << "is parked, entry" << letter.id
                                << "of the inbox:" << reason;
    if (m_doubts.remove(letter.id)) { // the homeserver may know its id
        if (const auto noted = m_inbox.noteSent(letter.request.origin, letter.request.txnId); !noted)
            qCWarning(lcNode).noquote() << "What was sent could not be kept:" << noted.error().detail;
    }
    m_lanes.refused(letter.id);
    m_unproven.remove(letter.id);
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

} // namespace restante::courier
