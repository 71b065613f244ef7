// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/letter.h"

#include "matrix/edu.h"
#include "matrix/eventids.h"
#include "matrix/transaction.h"

#include <algorithm>
#include <utility>

namespace restante::courier
{

namespace
{

/// The elements of one of the arrays of a canonical body; the views live as long as that.
std::vector<matrix::JsonSlice> partsOf(const QByteArray &body, QByteArrayView name)
{
    const auto scanned = matrix::ScannedObject::scan(body);
    const matrix::JsonSlice *array = scanned ? scanned->find(name) : nullptr;
    return array ? matrix::elementsOf(*array, matrix::MaxEdus) : std::vector<matrix::JsonSlice>();
}

std::vector<QByteArrayView> textsOf(const QByteArray &body, QByteArrayView name)
{
    std::vector<QByteArrayView> texts;
    for (const matrix::JsonSlice &part : partsOf(body, name))
        texts.push_back(part.text);
    std::sort(texts.begin(), texts.end());
    return texts;
}

bool isFleetingEdu(const matrix::JsonSlice &edu)
{
    const matrix::JsonSlice type = matrix::eduOf(edu).type;
    return matrix::holdsText(type, "m.typing") || matrix::holdsText(type, "m.presence");
}

size_t hashOf(const QByteArray &eventId)
{
    return qHash(eventId, QHashSeed::globalSeed());
}

void sortOnce(std::vector<size_t> *hashes)
{
    std::sort(hashes->begin(), hashes->end());
    hashes->erase(std::unique(hashes->begin(), hashes->end()), hashes->end());
}

} // namespace

Result<Letter> Letter::of(const node::InboxEntry &entry)
{
    auto request = matrix::rebuildRequest(entry.pdus, entry.edus);
    if (!request)
        return request.error();
    if (request->origin.toString() != entry.row.origin)
        return Error{Errc::BadJson,
                     QStringLiteral("it was left by %1, and its proof is of %2")
                         .arg(entry.row.origin, request->origin.toString()),
                     0};
    const auto body = matrix::ScannedObject::scan(request->body);
    if (!body)
        return body.error();
    Letter letter;
    letter.id = entry.row.id;
    letter.request = *std::move(request);
    const matrix::JsonSlice *ts = body->find("origin_server_ts");
    letter.ts = ts ? ts->toInteger().value_or(entry.row.originServerTs) : entry.row.originServerTs;
    letter.hasPdus = !partsOf(letter.request.body, "pdus").empty();
    const auto edus = partsOf(letter.request.body, "edus");
    letter.isFleeting = !letter.hasPdus && !edus.empty() && std::all_of(edus.begin(), edus.end(), isFleetingEdu);
    return letter;
}

Waiting Letter::waiting() const
{
    Waiting waiting{id, ts, request.origin, request.signature.keyId, {}, {}};
    for (const matrix::JsonSlice &pdu : partsOf(request.body, "pdus")) {
        for (const QByteArray &event : matrix::possibleEventIds(pdu))
            waiting.makes.push_back(hashOf(event));
        for (const QByteArray &event : matrix::previousEventIds(pdu))
            waiting.needs.push_back(hashOf(event));
    }
    sortOnce(&waiting.makes);
    sortOnce(&waiting.needs);
    return waiting;
}

std::vector<node::DeliveredEvent> Letter::events() const
{
    std::vector<node::DeliveredEvent> events;
    for (const matrix::JsonSlice &pdu : partsOf(request.body, "pdus")) {
        node::DeliveredEvent event;
        event.ids = matrix::possibleEventIds(pdu);
        event.origin = request.origin;
        event.room = QString::fromUtf8(matrix::memberOf(pdu, "room_id").toText().value_or(QByteArray()));
        event.depth = matrix::memberOf(pdu, "depth").toInteger().value_or(0);
        event.pdu = pdu.text.toByteArray();
        events.push_back(std::move(event));
    }
    return events;
}

bool Letter::isIn(const Letter &other) const
{
    const auto all = [&](QByteArrayView name) {
        const auto mine = textsOf(request.body, name);
        const auto theirs = textsOf(other.request.body, name);
        return std::includes(theirs.begin(), theirs.end(), mine.begin(), mine.end());
    };
    return all("pdus") && all("edus");
}

} // namespace restante::courier
