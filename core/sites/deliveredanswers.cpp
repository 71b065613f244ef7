// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/deliveredanswers.h"

#include "matrix/canonicaljson.h"
#include "matrix/eventids.h"
#include "matrix/jsonpieces.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace restante::sites
{

namespace
{
using Events = std::vector<node::DeliveredEvent>;

/// Whether it came from the server of its sender. Another one can send what claims that id, or the event with less in
/// it than it was signed with.
bool isOfItsServer(const node::DeliveredEvent &event)
{
    const auto pdu = matrix::ScannedObject::scan(event.pdu);
    const matrix::JsonSlice *sender = pdu ? pdu->find("sender") : nullptr;
    const auto name = sender ? sender->toText() : std::nullopt;
    return name && name->endsWith(':' + event.origin.bytes());
}

/// The event with that id. In the room that the question is about: no other is of use there. Several may claim an id.
Result<std::optional<node::DeliveredEvent>> findOne(const GapQuestion &question, const FindGiven &find,
                                                    const QByteArray &id)
{
    auto found = find(id);
    if (!found)
        return found.error();
    if (!question.room.isEmpty())
        std::erase_if(*found, [&](const node::DeliveredEvent &event) { return event.room != question.room; });
    if (found->empty())
        return std::optional<node::DeliveredEvent>();
    const auto own = found->size() == 1 ? found->begin() : std::find_if(found->begin(), found->end(), isOfItsServer);
    return std::optional(std::move(own == found->end() ? found->front() : *own));
}

std::vector<QByteArray> previousOf(const node::DeliveredEvent &event)
{
    const auto pdu = matrix::ScannedObject::scan(event.pdu);
    if (!pdu)
        return {};
    return matrix::previousEventIds({matrix::JsonKind::Object, pdu->text()});
}

/// From the latest events back, breadth first.
Result<Events> walkBack(const GapQuestion &question, const FindGiven &find)
{
    Events events;
    QSet<QByteArray> seen = question.earliest;
    std::deque<std::pair<QByteArray, bool>> open; // ids, and whether the event itself is wanted
    const auto look = [&](const QByteArray &id, bool wanted) {
        if (seen.contains(id))
            return;
        seen.insert(id);
        open.emplace_back(id, wanted);
    };
    for (const QByteArray &id : question.latest)
        look(id, question.kind != GapQuestion::Kind::MissingEvents);
    for (int looked = 0; !open.empty() && looked < MostLookUps && qint64(events.size()) < question.limit; ++looked) {
        const auto [id, wanted] = open.front();
        open.pop_front();
        auto event = findOne(question, find, id);
        if (!event)
            return event.error();
        if (!*event || (wanted && (*event)->depth < question.leastDepth))
            continue;
        if (question.kind != GapQuestion::Kind::Event) {
            for (const QByteArray &previous : previousOf(**event))
                look(previous, true);
        }
        if (wanted)
            events.push_back(*std::move(*event));
    }
    return events;
}
} // namespace

Result<QByteArray> answerFromGiven(const GapQuestion &question, const FindGiven &find, const matrix::ServerName &asked,
                                   qint64 nowMs)
{
    using Kind = GapQuestion::Kind;
    auto events = question.kind == Kind::State ? Result<Events>(Events()) : walkBack(question, find);
    if (!events)
        return events.error();
    if (events->empty())
        return QByteArray();
    std::stable_sort(events->begin(), events->end(), [&](const auto &one, const auto &other) {
        return question.kind == Kind::Backfill ? one.depth > other.depth : one.depth < other.depth;
    });
    matrix::JsonPieces pdus('[', ']');
    for (const node::DeliveredEvent &event : *events)
        pdus.element(event.pdu);
    if (question.kind == Kind::MissingEvents)
        return "{\"events\":" + pdus.text() + '}';
    return "{\"origin\":" + matrix::jsonString(asked.bytes()) + ",\"origin_server_ts\":" + QByteArray::number(nowMs) +
           ",\"pdus\":" + pdus.text() + '}';
}

DeliveredAnswers::DeliveredAnswers(AtDeliverer atDeliverer, const base::Clock &clock)
    : m_atDeliverer(std::move(atDeliverer))
    , m_clock(clock)
    , m_box([this](std::vector<Found> all) { deliver(std::move(all)); })
    , m_found(std::make_shared<federation::ReplyBox<Found>>(&m_box))
{
}

DeliveredAnswers::~DeliveredAnswers()
{
    m_found->close();
}

void DeliveredAnswers::answer(const GapQuestion &question, const matrix::ServerName &asked, const QByteArray &none,
                              const std::shared_ptr<http::Reply> &reply)
{
    const quint64 token = ++m_last;
    m_waiting.insert(token, {reply, none});
    m_atDeliverer([question, asked, token, found = m_found, nowMs = m_clock.wallMs()](node::Deliverer &deliverer) {
        found->post({token, answerFromGiven(
                                question, [&](const QByteArray &id) { return deliverer.given(id); }, asked, nowMs)});
    });
}

void DeliveredAnswers::deliver(std::vector<Found> all)
{
    for (const Found &found : all) {
        const Waiting waiting = m_waiting.take(found.token);
        if (!found.body)
            qCWarning(lcNode).noquote() << "What was delivered cannot be read:" << found.body.error().detail;
        if (found.body && !found.body->isEmpty())
            waiting.reply->json(200, *found.body);
        else
            waiting.reply->json(404, waiting.none);
    }
}

} // namespace restante::sites
