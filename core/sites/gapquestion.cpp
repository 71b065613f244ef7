// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/gapquestion.h"

#include "matrix/jsonscan.h"
#include "matrix/pathsegments.h"

#include <algorithm>

namespace restante::sites
{

namespace
{
constexpr qint64 UsualEvents = 10; ///< if the question names no limit
constexpr qsizetype MostEarliest = 1'000;

/// The values of one parameter of a target's query, in order; what cannot be decoded is left out.
std::vector<QByteArray> queryValues(const QByteArray &target, QByteArrayView name)
{
    std::vector<QByteArray> values;
    const qsizetype begin = target.indexOf('?');
    if (begin < 0)
        return values;
    for (const QByteArray &part : target.mid(begin + 1).split('&')) {
        const qsizetype equals = part.indexOf('=');
        if (equals < 0 || QByteArrayView(part).first(equals) != name)
            continue;
        if (const auto value = matrix::decodeSegment(QByteArrayView(part).sliced(equals + 1)))
            values.push_back(*value);
    }
    return values;
}

std::vector<QByteArray> idsIn(const matrix::JsonSlice *array, qsizetype most)
{
    std::vector<QByteArray> ids;
    if (!array)
        return ids;
    for (const matrix::JsonSlice &element : matrix::elementsOf(*array, most)) {
        if (auto id = element.toText())
            ids.push_back(*std::move(id));
    }
    return ids;
}

qint64 numberIn(const matrix::JsonSlice *value, qint64 otherwise)
{
    return value ? value->toInteger().value_or(otherwise) : otherwise;
}

bool readMissingEvents(const QByteArray &body, GapQuestion *question)
{
    if (body.size() > GapQuestion::MostBodyBytes)
        return false;
    const auto object = matrix::ScannedObject::scan(body);
    if (!object)
        return false;
    question->kind = GapQuestion::Kind::MissingEvents;
    question->latest = idsIn(object->find("latest_events"), GapQuestion::MostLatest);
    const auto earliest = idsIn(object->find("earliest_events"), MostEarliest);
    question->earliest = QSet<QByteArray>(earliest.begin(), earliest.end());
    question->limit = numberIn(object->find("limit"), UsualEvents);
    question->leastDepth = numberIn(object->find("min_depth"), 0);
    return true;
}

void readBackfill(const QByteArray &target, GapQuestion *question)
{
    question->kind = GapQuestion::Kind::Backfill;
    question->latest = queryValues(target, "v");
    question->latest.resize(std::min<size_t>(question->latest.size(), GapQuestion::MostLatest));
    const auto limits = queryValues(target, "limit");
    question->limit = limits.empty() ? UsualEvents : limits.front().toLongLong();
}
} // namespace

std::optional<GapQuestion> GapQuestion::of(QByteArrayView method, const QByteArray &target, const QByteArray &body)
{
    const auto segments = matrix::pathSegments(target);
    if (segments.size() != 5 || segments[0] != "_matrix" || segments[1] != "federation" || segments[2] != "v1")
        return {};
    const auto subject = matrix::decodeSegment(segments[4]);
    if (!subject || subject->isEmpty())
        return {};
    const QByteArrayView what = segments[3];
    GapQuestion question;
    if (method == "GET" && what == "event") {
        question.kind = Kind::Event;
        question.latest = {*subject};
        question.limit = 1;
        return question;
    }
    question.room = QString::fromUtf8(*subject);
    if (method == "POST" && what == "get_missing_events") {
        if (!readMissingEvents(body, &question))
            return {};
    } else if (method == "GET" && what == "backfill") {
        readBackfill(target, &question);
    } else if (method != "GET" || (what != "state" && what != "state_ids")) {
        return {};
    }
    question.limit = std::clamp<qint64>(question.limit, 1, MostEvents);
    return question;
}

} // namespace restante::sites
