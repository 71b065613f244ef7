// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/arguments.h"
#include "control/commands.h"
#include "control/jsonof.h"
#include "matrix/enteredname.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
/// The association that a request names, with what the request says over what the settings say. Where several are with
/// that relay: the one for `destination`, or without it our own, or any.
settings::RelayEntry relayToTest(Arguments &arguments, const settings::Settings &settings)
{
    settings::RelayEntry asked = relayNamed(arguments);
    const RelayOptions options(arguments);
    const auto find = [&settings](auto matches) {
        return std::find_if(settings.relays.cbegin(), settings.relays.cend(), matches);
    };
    auto known = find([&asked](const auto &entry) { return entry.key() == asked.key(); });
    if (known == settings.relays.cend() && asked.destination.isEmpty())
        known = find([&asked](const auto &entry) { return entry.relay == asked.relay; });
    if (known != settings.relays.cend())
        asked = *known;
    else if (!asked.destination.isEmpty() && !options.hasUrl())
        arguments.refuse(u"%1 is no relay for %2"_s.arg(asked.relay, asked.destination));
    options.applyTo(asked);
    return asked;
}

void cancelRetrieval(Request &request)
{
    Operations &operations = request.operations();
    const bool running = operations.sweep().running;
    if (running)
        operations.cancelRetrieve();
    request.finish(QJsonObject{{u"was_running"_s, running}});
}
} // namespace

void tellRelays(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    // One for each association; where the node role is off there is nothing to tell but what the settings say.
    const QList<node::RelayStatus> statuses = request.operations().relays();
    const QList<settings::RelayEntry> relays = request.operations().settings().relays;
    QJsonArray list;
    for (const settings::RelayEntry &relay : relays) {
        // While a change of the settings is on its way to the node, it tells of others.
        const auto status = std::find_if(statuses.begin(), statuses.end(), [&relay](const auto &each) {
            return each.relay == relay.relay && each.destination == relay.destination;
        });
        list.append(jsonOf(status == statuses.end() ? node::RelayStatus() : *status, relay));
    }
    request.finish(QJsonObject{{u"node"_s, request.operations().status().node}, {u"relays"_s, list}});
}

void testRelay(Request &request)
{
    Arguments arguments(request.arguments());
    const settings::RelayEntry relay = relayToTest(arguments, request.operations().settings());
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().testRelay(relay, &request,
                                   request.answer<node::RelayReport>([relay](const node::RelayReport &report) {
                                       QJsonObject answer = jsonOf(report);
                                       answer.insert(u"relay"_s, relay.relay);
                                       return answer;
                                   }));
}

void retrieve(Request &request)
{
    Arguments arguments(request.arguments());
    const QString relay = matrix::tidiedName(arguments.optionalText("relay"_L1));
    const bool cancel = arguments.flag("cancel"_L1);
    if (cancel && !relay.isEmpty())
        arguments.refuse(u"cancel: a retrieval is cancelled as a whole, not for one relay"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    if (cancel)
        return cancelRetrieval(request);
    Operations &operations = request.operations();
    // Who joins a sweep of somebody else does not end it by leaving.
    if (!operations.sweep().running)
        request.whenAbandoned([&operations] { operations.cancelRetrieve(); });
    QObject::connect(&operations, &Operations::sweepChanged, &request, [&request, &operations] {
        const node::Sweep sweep = operations.sweep();
        if (sweep.running)
            request.progress(jsonOf(sweep));
    });
    operations.retrieve(relay, &request,
                        request.answer<node::Sweep>([](const node::Sweep &sweep) { return jsonOf(sweep); }));
}

void tellOutbox(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    const auto tell = [](const QList<node::DestinationRow> &rows) {
        return QJsonObject{{u"destinations"_s, arrayOf(rows, [](const auto &row) { return jsonOf(row); })}};
    };
    request.operations().fetchOutbox(&request, request.answer<QList<node::DestinationRow>>(tell));
}

void forgetFailures(Request &request)
{
    Arguments arguments(request.arguments());
    const auto destination = arguments.serverName("destination"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().forgetFailures(destination, &request, request.answer<bool>([](bool forgotten) {
        return QJsonObject{{u"forgotten"_s, forgotten}};
    }));
}

void sendTransaction(Request &request)
{
    Arguments arguments(request.arguments());
    const auto destination = arguments.serverName("destination"_L1);
    const QString body = arguments.text("body"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().sendTransaction(
        destination, body.toUtf8(), &request,
        request.answer<node::SendReport>([](const node::SendReport &report) { return jsonOf(report); }));
}

void tellIdentity(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    request.finish(jsonOf(request.operations().identity()));
}

} // namespace restante::control
