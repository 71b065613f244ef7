// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/edu.h"
#include "matrix/jsonpass.h"
#include "matrix/transaction.h"

#include <initializer_list>

namespace restante::matrix
{

namespace
{

/// The specification's limit for types and ids; longer ones are shown cut.
constexpr qsizetype MaxShown = 255;

QString shownText(const JsonSlice &object, std::initializer_list<QByteArrayView> names)
{
    for (const QByteArrayView name : names) {
        JsonWalk walk(object);
        JsonRawMember member;
        while (walk.next(&member)) {
            if (member.value.kind == JsonKind::String && member.isCalled(name))
                return QString::fromUtf8(member.value.toText().value_or(QByteArray())).left(MaxShown);
        }
    }
    return {};
}

/// The text as a slice of an array; nothing if it has been damaged.
std::optional<JsonSlice> heldArray(QByteArrayView text)
{
    JsonPass pass(text, NumberRule::Lenient);
    if (pass.run() != JsonFault::None)
        return std::nullopt;
    return sliceAt(pass.root(), pass.rootEnd());
}

} // namespace

std::vector<EventSummary> summarise(QByteArrayView pdus, QByteArrayView edus, int limit)
{
    std::vector<EventSummary> summaries;
    const auto full = [&summaries, limit] { return static_cast<qsizetype>(summaries.size()) >= limit; };
    for (const bool edu : {false, true}) {
        const auto array = heldArray(edu ? edus : pdus);
        if (!array || array->kind != JsonKind::Array)
            continue;
        JsonWalk walk(*array);
        JsonSlice event;
        while (!full() && walk.next(&event)) {
            if (event.kind != JsonKind::Object)
                continue;
            JsonSlice about = event;
            JsonWalk members(event);
            JsonRawMember member;
            while (edu && members.next(&member)) {
                if (member.isCalled("content"))
                    about = member.value;
            }
            summaries.push_back({edu, shownText(event, {edu ? "edu_type" : "type"}),
                                 shownText(about, {"sender", "user_id"}), shownText(about, {"room_id"})});
        }
    }
    return summaries;
}

} // namespace restante::matrix
