// SPDX-License-Identifier: GPL-3.0-or-later
// What this node sends.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

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
} // namespace

QList<Command> outboxCommands()
{
    return {
        {"outbox"_L1, "The servers that this node sends to"_L1, {}, Answer::Outbox, tellOutbox},
        {"outbox forget"_L1,
         "Try a server directly again that counts as offline"_L1,
         {destination()},
         Answer::Forgotten,
         forgetFailures},
        {"send"_L1,
         "Send the transaction in a file (\"-\" for standard input) to a server"_L1,
         {{"FILE"_L1, "body"_L1, Kind::Content, true}, destination()},
         Answer::Sent,
         sendTransaction},
    };
}

} // namespace restante::control
