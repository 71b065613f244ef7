// SPDX-License-Identifier: GPL-3.0-or-later
// What is in the inbox gets into the lanes, page by page, and what cannot go is set aside.
#include "courier/courier.h"
#include "node/deliveryrecords.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <utility>

namespace restante::courier
{

namespace
{
constexpr int PageRows = 100;
constexpr qint64 PieceBytes = qint64(1) << 20; ///< read before others have their turn
constexpr int AgainMs = 10'000;

using State = node::DeliveryRow::State;

bool isWithoutProof(const node::DeliveryRow &row)
{
    return row.state == State::NoProof || row.state == State::EventsOnly;
}
} // namespace

QByteArray Courier::nameOf(const Letter &letter)
{
    return letter.request.origin.bytes() + '/' + letter.request.txnId;
}

/// Everything that is known is read anew.
void Courier::reset()
{
    write(nullptr);
    for (const auto &[id, way] : m_onTheWay)
        m_caller.cancel(way.call);
    m_onTheWay.clear();
    m_lanes = {};
    m_aside.clear();
    m_later.clear();
    m_named.clear();
    m_reasons.clear();
    m_doubts.clear();
    m_unproven.clear();
    m_early.clear();
    m_keysHere.clear();
    m_totals.parked = 0;
    m_totals.withoutProof = 0;
    m_totals.waiting = 0;
    m_trouble.clear();
    m_feedTrouble.clear();
    m_loaded = false;
    m_feeding = false;
    m_step.stop();
    m_turn.stop();
    m_timer.stop();
}

bool Courier::load()
{
    const auto rows = m_inbox.deliveries();
    if (!rows) {
        m_feedTrouble = QStringLiteral("What was being delivered cannot be read: ") + rows.error().detail;
        return false;
    }
    for (node::DeliveryRow row : *rows) {
        if (row.state == State::Later) // by a clock that may have been ahead
            row.nextMs = std::min(row.nextMs, m_clock.wallMs() + node::DeliveryRecords::KnownMs);
        if (row.state == State::Sending)
            m_doubts.insert(row.id, row.sinceMs);
        else if (row.state == State::Done)
            m_finished.insert(row.id);
        else
            setAside(row);
    }
    m_loaded = true;
    return true;
}

void Courier::lookAgain()
{
    if (m_place.isEmpty())
        return;
    if (m_feeding) {
        m_again = true;
        return;
    }
    m_feeding = true;
    m_leftSome = false;
    m_after = 0;
    m_seen.clear();
    m_step.start(0);
}

void Courier::feed()
{
    write(nullptr); // so that it is not found in the inbox any more
    const auto more = m_loaded || load() ? feedPage() : Result<bool>(Errc::StorageFailed, m_feedTrouble);
    if (!more) {
        if (m_feedTrouble != more.error().detail)
            qCWarning(lcNode).noquote() << "The inbox cannot be delivered just now:" << more.error().detail;
        m_feedTrouble = more.error().detail;
        m_changed();
        return m_step.start(AgainMs);
    }
    m_feedTrouble.clear();
    if (*more)
        return m_step.start(0);
    endFeed();
}

/// What an earlier look left to be done.
void Courier::beginFeed()
{
    const auto finished = std::exchange(m_finished, {});
    for (const qint64 id : finished)
        finish(id);
    if (m_inbox.takeProven() || m_lookAtUnproven)
        takeBackUnproven();
}

/// What was without proof is looked at again, and what could only go later; but that whose events are delivered only if
/// a proof came, with which its state on the disk went.
void Courier::takeBackUnproven()
{
    const auto rows = m_inbox.deliveries();
    if (!rows) {
        m_lookAtUnproven = true;
        return;
    }
    m_lookAtUnproven = false;
    QSet<qint64> stay;
    for (const node::DeliveryRow &row : *rows) {
        if (row.state == State::EventsOnly)
            stay.insert(row.id);
    }
    const auto ids = m_aside.keys();
    for (const qint64 id : ids) {
        const State state = m_aside.value(id).state;
        const bool mayGoEarly = state == State::Later && !m_allowed.isEmpty();
        if (state == State::NoProof || mayGoEarly || (state == State::EventsOnly && !stay.contains(id)))
            takeBack(id);
    }
}

/// Whether there is more.
Result<bool> Courier::feedPage()
{
    if (m_after == 0)
        beginFeed();
    const auto page = m_inbox.page(m_after, PageRows);
    if (!page)
        return page.error();
    qint64 bytes = 0;
    for (const node::InboxRow &row : page->rows) {
        if (bytes >= PieceBytes)
            return true;
        m_after = row.id;
        if (m_aside.contains(row.id)) {
            m_seen.insert(row.id);
            continue;
        }
        if (row.damaged || m_lanes.holds(row.id) || m_finished.contains(row.id))
            continue;
        const auto origin = matrix::ServerName::parse(row.origin.toUtf8());
        if (origin && !m_lanes.hasRoom(*origin)) {
            m_leftSome = true;
            continue;
        }
        const auto entry = m_inbox.entry(row.id);
        bytes += row.bytes;
        if (entry)
            place(*entry);
        else if (entry.error().code != Errc::NotHeld && entry.error().code != Errc::Corrupt) // as the list shows it
            return entry.error();
    }
    return page->more;
}

void Courier::place(const node::InboxEntry &entry)
{
    auto letter = Letter::of(entry);
    if (!letter) {
        const bool none = letter.error().code == Errc::NotHeld;
        letter = unprovenLetter(entry, none ? QStringLiteral("no proof of its sender came along")
                                            : QStringLiteral("no proof of its sender: ") + letter.error().detail);
        if (!letter)
            return setAside({entry.row.id, State::NoProof, m_clock.wallMs(), 0, letter.error().detail});
        m_unproven.insert(letter->id);
        return m_lanes.add(letter->waiting());
    }
    if (!mergeSameId(*letter))
        return;
    m_named.insert(nameOf(*letter), letter->id);
    m_lanes.add(letter->waiting());
}

/// Some homeservers send a transaction again under its id, with more in it. Of two that wait the larger one is enough.
/// False if this one is not needed.
bool Courier::mergeSameId(const Letter &letter)
{
    const qint64 other = m_named.value(nameOf(letter));
    if (other == 0 || m_onTheWay.contains(other) || m_doubts.contains(other) || m_doubts.contains(letter.id))
        return true;
    const auto entry = m_inbox.entry(other);
    const auto theirs = entry ? Letter::of(*entry) : Result<Letter>(entry.error());
    if (!theirs)
        return true;
    if (letter.isIn(*theirs)) {
        skip(letter.id, QStringLiteral("all of it is in entry %1").arg(other));
        return false;
    }
    if (theirs->isIn(letter)) {
        m_lanes.remove(other);
        skip(other, QStringLiteral("all of it is in entry %1").arg(letter.id));
    }
    return true; // what differs goes later: the first one that is sent uses the id up
}

void Courier::endFeed()
{
    m_feeding = false;
    const auto aside = m_aside.keys();
    for (const qint64 id : aside) { // those that somebody took out
        if (!m_seen.contains(id))
            takeBack(id);
    }
    m_seen.clear();
    lookForKeys();
    m_changed();
    if (std::exchange(m_again, false))
        lookAgain();
    pump();
}

/// An origin whose key has come since is tried again.
void Courier::lookForKeys()
{
    for (const auto &name : m_lanes.withoutKey()) {
        const bool here = m_ring.find(name.first, name.second).standing == identity::KeyRing::Standing::Usable;
        if (here && !m_keysHere.contains(name)) {
            m_keysHere.insert(name);
            m_lanes.wakeOrigin(name.first);
        }
    }
}

void Courier::releaseLater()
{
    bool released = false;
    while (!m_later.empty() && m_later.begin()->first <= m_clock.wallMs()) {
        const qint64 id = m_later.begin()->second;
        const bool isDone = m_aside.value(id).state == State::EventsOnly;
        takeBack(id);
        if (isDone) { // nobody will bring the rest any more
            finish(id);
            continue;
        }
        forgetSending(id);
        released = true;
    }
    if (released)
        lookAgain();
}

void Courier::setAside(const node::DeliveryRow &row)
{
    takeBack(row.id);
    m_aside.insert(row.id, row);
    m_seen.insert(row.id);
    m_totals.parked += row.state == State::Parked ? 1 : 0;
    m_totals.withoutProof += isWithoutProof(row) ? 1 : 0;
    m_totals.waiting += row.state == State::Later ? 1 : 0;
    if (row.nextMs > 0)
        m_later.emplace(row.nextMs, row.id);
}

void Courier::takeBack(qint64 id)
{
    const auto found = m_aside.constFind(id);
    if (found == m_aside.cend())
        return;
    m_totals.parked -= found->state == State::Parked ? 1 : 0;
    m_totals.withoutProof -= isWithoutProof(*found) ? 1 : 0;
    m_totals.waiting -= found->state == State::Later ? 1 : 0;
    std::erase_if(m_later, [id](const auto &each) { return each.second == id; });
    m_aside.erase(found);
}

/// It leaves the inbox for good.
void Courier::finish(qint64 id)
{
    m_reasons.remove(id);
    m_doubts.remove(id);
    m_early.remove(id);
    if (const auto removed = m_inbox.remove({id}); !removed) {
        qCWarning(lcNode).noquote() << "Entry" << id << "is done with and could not be taken out of the inbox:"
                                    << removed.error().detail;
        m_finished.insert(id); // the next look tries it again
    } else if (const auto dropped = m_inbox.dropDelivery(id); !dropped) {
        qCDebug(lcNode).noquote() << "A state of a delivery stays:" << dropped.error().detail; // dropped at the start
    }
}

void Courier::skip(qint64 id, const QString &reason)
{
    qCInfo(lcNode).noquote() << "Entry" << id << "of the inbox is not delivered:" << reason;
    ++m_totals.skipped;
    finish(id);
}

} // namespace restante::courier
