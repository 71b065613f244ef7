// SPDX-License-Identifier: GPL-3.0-or-later
// What this relay sends by itself.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
void tellSendings(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    request.finish(QJsonObject{
        {u"destinations"_s, arrayOf(request.operations().sendings(), [](const auto &row) { return jsonOf(row); })}});
}

void retrySending(Request &request)
{
    Arguments arguments(request.arguments());
    const auto destination = arguments.optionalServerName("destination"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().retrySending(destination, &request, request.answer<qint64>([](qint64 count) {
        return QJsonObject{{u"retried"_s, count}};
    }));
}
} // namespace

QList<Command> sendingCommands()
{
    return {
        {"sending list"_L1,
         "The servers that this relay has mail to send to, and how that stands"_L1,
         {},
         Answer::Sendings,
         tellSendings},
        {"sending retry"_L1,
         "Try at once what waits to be sent from here, parked mail included; without DEST all of it"_L1,
         {{"DEST"_L1, "destination"_L1}},
         Answer::Retried,
         retrySending},
    };
}

} // namespace restante::control
