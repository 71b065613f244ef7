// SPDX-License-Identifier: GPL-3.0-or-later
// The relays that this node collects from and leaves mail at.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

Parameter relay()
{
    return word("RELAY"_L1, "relay"_L1);
}

Parameter url()
{
    return {"--url"_L1, "url"_L1, Kind::Text,
            false,      "URL"_L1, "where it is, https://host:port (default: found by its name)"_L1};
}

Parameter pin()
{
    return {"--pin"_L1, "pin"_L1,    Kind::Text,
            false,      "SHA256"_L1, "of its certificate's public key, 64 hexadecimal digits"_L1};
}

Parameter overlay()
{
    return {"--overlay"_L1, "overlay"_L1, Kind::Flag,
            false,          {},           "the network in between is encrypted, http:// will do"_L1};
}

Parameter noOverlay()
{
    return {"--no-overlay"_L1, "no_overlay"_L1, Kind::Flag, false, {}, "the network in between is not encrypted"_L1};
}

Parameter forWhom()
{
    return {"--for"_L1, "destination"_L1, Kind::Text,
            false,      "DEST"_L1,        "whose mail it holds (default: this node's)"_L1};
}

Error noRelayFor(const settings::RelayEntry &relay)
{
    const QString whose = relay.destination.isNull() ? u"this node"_s : relay.destination.toString();
    return {Errc::NotFound, u"%1 is not a relay for %2"_s.arg(relay.relay.toString(), whose), 0};
}

/// The association that a request names, with what the request says over what the settings say. If several are with
/// that relay: the one for `destination`, or without it our own, or any.
settings::RelayEntry relayToTest(Arguments &arguments, const settings::Settings &settings)
{
    settings::RelayEntry asked = relayNamed(arguments);
    const RelayOptions options(arguments);
    const auto find = [&settings](auto matches) {
        return std::find_if(settings.relays.cbegin(), settings.relays.cend(), matches);
    };
    auto known = find([&asked](const auto &entry) { return entry.key() == asked.key(); });
    if (known == settings.relays.cend() && asked.destination.isNull())
        known = find([&asked](const auto &entry) { return entry.relay == asked.relay; });
    if (known != settings.relays.cend())
        asked = *known;
    else if (!asked.destination.isNull() && !options.hasUrl())
        arguments.refuse(noRelayFor(asked).detail);
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

void tellRelays(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    // One for each association; if the node role is off there is nothing to tell but what the settings say.
    const QList<node::RelayStatus> statuses = request.operations().relays();
    const QList<settings::RelayEntry> relays = request.operations().settings().relays;
    QJsonArray list;
    for (const settings::RelayEntry &relay : relays) {
        // While a change of the settings is on its way to the node, it tells of others.
        const auto status = std::find_if(statuses.begin(), statuses.end(), [&relay](const auto &each) {
            return each.relay == relay.relay.toString() && each.destination == relay.destination.toString();
        });
        list.append(jsonOf(status == statuses.end() ? node::RelayStatus() : *status, relay));
    }
    request.finish(QJsonObject{{u"node"_s, request.operations().status().node}, {u"relays"_s, list}});
}

void addRelay(Request &request)
{
    Arguments arguments(request.arguments());
    settings::RelayEntry relay = relayNamed(arguments);
    relay.petname = arguments.optionalText("petname"_L1);
    RelayOptions(arguments).applyTo(relay);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [relay](settings::Settings &settings) -> Result<void> {
        settings.relays.append(relay);
        return {};
    });
}

void editRelay(Request &request)
{
    Arguments arguments(request.arguments());
    const settings::RelayEntry relay = relayNamed(arguments);
    const auto petname = arguments.givenText("petname"_L1);
    const RelayOptions options(arguments);
    if (!petname && !options.isGiven())
        arguments.refuse(u"there is nothing to change"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [relay, petname, options](settings::Settings &settings) -> Result<void> {
        const auto entry = std::find_if(settings.relays.begin(), settings.relays.end(),
                                        [&relay](const auto &each) { return each.key() == relay.key(); });
        if (entry == settings.relays.end())
            return noRelayFor(relay);
        options.applyTo(*entry);
        entry->petname = petname.value_or(entry->petname);
        return {};
    });
}

void removeRelay(Request &request)
{
    Arguments arguments(request.arguments());
    const settings::RelayEntry relay = relayNamed(arguments);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    edit(request, [relay](settings::Settings &settings) -> Result<void> {
        if (settings.relays.removeIf([&relay](const auto &entry) { return entry.key() == relay.key(); }) > 0)
            return {};
        return noRelayFor(relay);
    });
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
                                       answer.insert(u"relay"_s, relay.relay.toString());
                                       return answer;
                                   }));
}

void retrieve(Request &request)
{
    Arguments arguments(request.arguments());
    const QString relay = arguments.optionalServerName("relay"_L1).toString();
    const bool cancel = arguments.flag("cancel"_L1);
    if (cancel && !relay.isEmpty())
        arguments.refuse(u"cancel: a retrieval is cancelled as a whole, not for one relay"_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    if (cancel)
        return cancelRetrieval(request);
    Operations &operations = request.operations();
    // A caller that joined the sweep of another does not end it by leaving.
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
} // namespace

QList<Command> relayCommands()
{
    return {
        {"relay list"_L1, "Relays that hold mail for this node or its contacts"_L1, {}, Answer::Relays, tellRelays},
        {"relay add"_L1,
         "Use a relay"_L1,
         {relay(), url(), pin(), forWhom(), petname(), overlay()},
         Answer::Changed,
         addRelay},
        {"relay edit"_L1,
         "Change what is said about a relay; the rest stays"_L1,
         {relay(), changed(url(), "where it is (\"\": found by its name)"_L1),
          changed(pin(), "of its certificate's public key (\"\": ordinary certificate check)"_L1), forWhom(),
          changed(petname(), "your own name for it (\"\": none)"_L1), overlay(), noOverlay()},
         Answer::Changed,
         editRelay},
        {"relay remove"_L1, "Stop using a relay"_L1, {relay(), forWhom()}, Answer::Changed, removeRelay},
        {"relay test"_L1,
         "Ask a relay whether it works for this node"_L1,
         {relay(),
          changed(url(), "where it is (default: as relay list says)"_L1),
          changed(pin(), "of its certificate's public key (\"\": ordinary certificate check)"_L1),
          {"--for"_L1, "destination"_L1, Kind::Text, false, "DEST"_L1,
           "take what is known of it as this server's relay (default: as this node's)"_L1},
          overlay(),
          noOverlay()},
         Answer::RelayTested,
         testRelay},
        {"retrieve"_L1,
         "Collect now from all of this node's relays, or from one"_L1,
         {{"RELAY"_L1, "relay"_L1},
          {"--cancel"_L1, "cancel"_L1, Kind::Flag, false, {}, "end the retrieval under way, wherever it was begun"_L1}},
         Answer::Sweep,
         retrieve},
    };
}

} // namespace restante::control
