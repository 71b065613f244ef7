// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/letter.h"

#include "matrix/canonicaljson.h"
#include "matrix/edu.h"
#include "matrix/eventids.h"
#include "matrix/jsonpieces.h"
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

/// Whether the event's sender is there. A relay that may bring mail of one server must not bring that of another.
bool isOfServer(const matrix::JsonSlice &pdu, const QByteArray &server)
{
    const QByteArray sender = matrix::memberOf(pdu, "sender").toText().value_or(QByteArray());
    const qsizetype colon = sender.indexOf(':');
    return colon > 0 && sender.mid(colon + 1) == server;
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
    const matrix::JsonSlice *edus = body->find("edus");
    letter.isFleeting = !letter.hasPdus && edus && matrix::fleetingKinds(*edus) != 0;
    return letter;
}

Result<Letter> Letter::ofEvents(const node::InboxEntry &entry, const identity::Identity &sender,
                                const matrix::ServerName &destination, qint64 nowMs,
                                const std::function<bool(const std::vector<QByteArray> &ids)> &isGiven)
{
    Letter letter;
    letter.id = entry.row.id;
    letter.ts = entry.row.originServerTs;
    letter.isOurs = true;
    matrix::AttestedRequest &request = letter.request;
    request.origin = sender.name();
    request.txnId = "restante." + QByteArray::number(letter.id) + '.' + QByteArray::number(nowMs);
    const auto events = matrix::ScannedObject::scan("{\"pdus\":" + entry.pdus + '}');
    if (!events)
        return events.error();
    matrix::JsonPieces pdus('[', ']');
    for (const matrix::JsonSlice &pdu : matrix::elementsOf(*events->find("pdus"), matrix::MaxPdus)) {
        if (isOfServer(pdu, entry.row.origin.toUtf8()) && !(isGiven && isGiven(matrix::possibleEventIds(pdu))))
            pdus.element(pdu.text);
    }
    if (pdus.isEmpty())
        return Error{Errc::NotHeld, QStringLiteral("it has no events of its origin"), 0};
    const QByteArray body = "{\"origin\":" + matrix::jsonString(sender.name().bytes()) +
                            ",\"origin_server_ts\":" + QByteArray::number(nowMs) + ",\"pdus\":" + pdus.text() + '}';
    // Homeservers in Python read floats and spell them their own way when they check the signature.
    if (matrix::canonicalise(body, matrix::NumberRule::Python, &request.body) != matrix::JsonFault::None)
        return Error{Errc::BadJson, QStringLiteral("its events cannot be read"), 0};
    letter.hasPdus = true;
    request.signature.keyId = sender.keyId();
    request.signature.signature =
        sender.signBytes(matrix::signedRequestBytes("PUT", request.target(), sender.name(), destination, request.body));
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
