// SPDX-License-Identifier: GPL-3.0-or-later
// What goes next to one destination: read and proven in the desk's thread.
#include "courier/departure.h"
#include "courier/dispatcher.h"
#include "courier/proof.h"

namespace restante::courier
{

namespace
{
constexpr int SearchRows = 100;

/// What the inbox of the destination's own node would have of it.
node::InboxEntry collectedAs(const queue::HeldEntry &held)
{
    node::InboxEntry entry;
    entry.row.id = held.id.value;
    entry.row.origin = QString::fromUtf8(held.origin);
    entry.row.txnId = QString::fromUtf8(held.txnId);
    entry.row.originServerTs = held.originServerTs;
    entry.pdus = held.pdus;
    entry.edus = held.edus;
    return entry;
}
} // namespace

struct Dispatcher::Search {
    queue::DispatchRecords records;
    identity::KeyRing &ring;
    matrix::ServerName destination;
    QSet<matrix::ServerName> origins;
    QSet<matrix::ServerName> aside; ///< of these nothing is sent now
    QHash<qint64, qint64> later;
    matrix::EntryId after;
    qint64 nowMs = 0;
};

void Dispatcher::next(const Name &destination)
{
    const Place &place = m_places.at(destination);
    const QSet<Name> origins = originsFor(destination);
    if (origins.isEmpty())
        return endRound(destination, End::Through);
    if (m_parts.clock.steadyMs() - place.startedMs >= TurnMs && othersWait())
        return endRound(destination, End::Room);
    m_parts.desk.ask<Found>(
        [what = Search{m_records, m_parts.ring, destination, origins, place.aside, place.later, place.after,
                       m_parts.clock.wallMs()}](queue::Inspector &inspector) { return search(what, inspector); },
        this, [this, destination](const Result<Found> &found) { onFound(destination, found); });
}

Result<Dispatcher::Found> Dispatcher::search(const Search &what, queue::Inspector &inspector)
{
    const auto page = inspector.rows(what.destination, what.after, SearchRows);
    if (!page)
        return page.error();
    Found passed;
    passed.after = what.after;
    if (page->rows.isEmpty())
        return passed;
    const auto parked = what.records.parked(what.destination, what.after, page->rows.last().id);
    if (!parked)
        return parked.error();
    for (const queue::EntryRow &row : page->rows) {
        passed.after = row.id;
        const auto origin = matrix::ServerName::parse(row.origin.toUtf8());
        if (row.quarantined || !origin || !what.origins.contains(*origin))
            continue;
        if (const auto reason = parked->constFind(row.id.value); reason != parked->cend()) {
            ++passed.parked; // met in each round: its body is not read for that
            passed.parkedFor = *reason;
            continue;
        }
        if (what.aside.contains(*origin) || what.later.contains(row.id.value))
            continue;
        auto found = judge(what, inspector, row, *origin);
        if (!found)
            return found;
        if (found->kind == Found::Kind::More)
            continue;
        found->after = passed.after;
        found->parked = passed.parked;
        found->parkedFor = passed.parkedFor;
        return found;
    }
    passed.kind = page->more ? Found::Kind::More : Found::Kind::Nothing;
    return passed;
}

/// Kind::More: nothing is to be done about it.
Result<Dispatcher::Found> Dispatcher::judge(const Search &what, queue::Inspector &inspector, const queue::EntryRow &row,
                                            const matrix::ServerName &origin)
{
    Found found;
    found.kind = Found::Kind::More;
    const auto held = inspector.entry(what.destination, row.id);
    if (!held && held.error().code == Errc::NotHeld)
        return found; // gone
    queue::Dispatch &dispatch = found.item.dispatch;
    dispatch = {what.destination, row.id, origin, {}, queue::Dispatch::State::Sending, what.nowMs};
    if (!held && held.error().code == Errc::Corrupt) {
        found.kind = Found::Kind::Broken;
        return found;
    }
    if (!held)
        return held.error();
    dispatch.txnId = held->txnId;
    auto letter = Letter::of(collectedAs(*held));
    if (letter)
        dispatch.txnId = letter->request.txnId;
    const auto standing = what.records.standing(dispatch);
    if (!standing)
        return standing.error();
    found.item.doubtful = standing->state.has_value();
    if (found.item.doubtful)
        dispatch.sinceMs = standing->sinceMs;
    if (standing->state == queue::Dispatch::State::Taken) { // that it is done with was lost
        found.kind = Found::Kind::Skip;
        dispatch.reason = QStringLiteral("it was taken before");
        return found;
    }
    if (!letter || !isProven(*letter, what.ring, what.destination)) {
        found.kind = Found::Kind::Park;
        dispatch.reason = letter ? QStringLiteral("the signature of its homeserver does not fit")
                                 : QStringLiteral("no signature of its homeserver: ") + letter.error().detail;
        return found;
    }
    const bool usedUp = standing->othersMs && what.nowMs - *standing->othersMs < queue::DispatchRecords::KnownMs;
    const auto departure = Departure::of(*letter, found.item.doubtful ? std::optional(dispatch.sinceMs) : std::nullopt,
                                         usedUp ? standing->othersMs : std::nullopt, what.nowMs);
    found.item.letter = *std::move(letter);
    dispatch.reason = departure.reason;
    found.laterMs = departure.atMs;
    found.kind = departure.kind == Departure::Kind::Go     ? Found::Kind::Send
                 : departure.kind == Departure::Kind::Skip ? Found::Kind::Skip
                                                           : Found::Kind::Later;
    return found;
}

} // namespace restante::courier
