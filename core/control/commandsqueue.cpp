// SPDX-License-Identifier: GPL-3.0-or-later
// What is held for others.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"
#include "queue/entryexport.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

void tellStatus(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    request.finish(jsonOf(request.operations().status()));
}

void tellTraffic(Request &request)
{
    using telemetry::TrafficSpan;
    Arguments arguments(request.arguments());
    const QString wanted = arguments.givenText("span"_L1).value_or(spanName(TrafficSpan::Day));
    auto span = TrafficSpan::Day;
    for (const TrafficSpan each : {TrafficSpan::Hour, TrafficSpan::Month}) {
        if (spanName(each) == wanted)
            span = each;
    }
    if (spanName(span) != wanted)
        arguments.refuse(u"\"span\" is hour, day or month"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    const auto tell = [](const telemetry::TrafficReport &report) { return jsonOf(report); };
    request.operations().fetchTraffic(span, &request, request.answer<telemetry::TrafficReport>(tell));
}

void tellQueues(Request &request)
{
    Arguments arguments(request.arguments());
    const bool users = arguments.flag("users"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().fetchTotals(&request, request.answer<queue::Totals>([users](const queue::Totals &totals) {
        return jsonOf(totals, users);
    }));
}

void tellEntries(Request &request)
{
    Arguments arguments(request.arguments());
    const auto destination = arguments.serverName("destination"_L1);
    const qint64 after = arguments.number("after"_L1, 0, 0, matrix::EntryId::Largest);
    const qint64 limit = arguments.rows();
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().fetchEntries(
        destination, {after}, int(limit), &request,
        request.answer<queue::EntryPage>([](const queue::EntryPage &page) { return jsonOf(page); }));
}

void tellEntry(Request &request)
{
    Arguments arguments(request.arguments());
    const auto destination = arguments.serverName("destination"_L1);
    const qint64 id = arguments.id("entry_id"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    const auto tell = [destination](const queue::HeldEntry &entry) {
        QByteArray line = queue::exportLine(destination, entry).trimmed();
        line.replace('\n', ' ').replace('\r', ' '); // white space between tokens
        return lineAnswer(line);
    };
    request.operations().fetchEntry(destination, {id}, &request, request.answer<queue::HeldEntry>(tell));
}

void discardEntries(Request &request)
{
    Arguments arguments(request.arguments());
    const auto destination = arguments.serverName("destination"_L1);
    const QList<qint64> ids = arguments.ids("ids"_L1);
    const bool all = arguments.flag("all"_L1);
    if (all == !ids.isEmpty())
        arguments.refuse(u"Give either the numbers of entries or \"all\""_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    const auto done = request.answer<qint64>([](qint64 count) { return QJsonObject{{u"discarded"_s, count}}; });
    if (all)
        request.operations().discardAll(destination, &request, done);
    else
        request.operations().discard(destination, entryIds(ids), &request, done);
}

void exportEntries(Request &request)
{
    Arguments arguments(request.arguments());
    const auto destination = arguments.serverName("destination"_L1);
    const QString file = arguments.file("file"_L1);
    const QList<qint64> ids = arguments.ids("ids"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().exportEntries(destination, entryIds(ids), file, &request,
                                       request.answer<qint64>([](qint64 count) {
                                           return QJsonObject{{u"written"_s, count}};
                                       }));
}
} // namespace

QList<Command> queueCommands()
{
    return {
        {"status"_L1, "How the program is doing"_L1, {}, Answer::Status, tellStatus},
        {"traffic"_L1,
         "How much mail came and went"_L1,
         {{"--span"_L1, "span"_L1, Kind::Text, false, "SPAN"_L1,
           "the last hour, day or month: its minutes, hours or days (default: day)"_L1}},
         Answer::Traffic,
         tellTraffic},
        {"queues"_L1,
         "For whom something is held"_L1,
         {{"--users"_L1, "users"_L1, Kind::Flag, false, {}, "with the users that it is for"_L1}},
         Answer::Queues,
         tellQueues},
        {"entries"_L1,
         "What is held for one server"_L1,
         {destination(), after(), limit()},
         Answer::Entries,
         tellEntries,
         "entry_id"_L1},
        {"entry"_L1,
         "Show one held entry as JSON"_L1,
         {destination(), {"ENTRY"_L1, "entry_id"_L1, Kind::Number, true}},
         Answer::Line,
         tellEntry},
        {"discard"_L1,
         "Throw away held entries"_L1,
         {destination(), entries(), all()},
         Answer::Discarded,
         discardEntries,
         {},
         true},
        {"export"_L1,
         "Write held entries to a file, one JSON object a line"_L1,
         {destination(), file(), entries()},
         Answer::Written,
         exportEntries},
    };
}

} // namespace restante::control
