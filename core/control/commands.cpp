// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/commands.h"

#include <algorithm>
#include <iterator>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
void raiseWindow(Request &request)
{
    if (request.desk().raiseWindow())
        request.finish(QJsonObject());
    else
        request.finish(Error{Errc::NotFound, u"This program has no window"_s, 0});
}

constexpr Command Table[] = {
    {"status"_L1, tellStatus},
    {"queues"_L1, tellQueues},
    {"entries"_L1, tellEntries},
    {"entry"_L1, tellEntry},
    {"discard"_L1, discardEntries},
    {"export"_L1, exportEntries},
    {"serve add"_L1, addServed},
    {"serve edit"_L1, editServed},
    {"serve remove"_L1, removeServed},
    {"serve list"_L1, tellServed},
    {"relay list"_L1, tellRelays},
    {"relay add"_L1, addRelay},
    {"relay edit"_L1, editRelay},
    {"relay remove"_L1, removeRelay},
    {"relay test"_L1, testRelay},
    {"retrieve"_L1, retrieve},
    {"outbox"_L1, tellOutbox},
    {"outbox forget"_L1, forgetFailures},
    {"inbox list"_L1, tellInbox},
    {"inbox show"_L1, tellInboxEntry},
    {"inbox next"_L1, tellNextInboxEntry},
    {"inbox export"_L1, exportInbox},
    {"inbox discard"_L1, discardInbox},
    {"send"_L1, sendTransaction},
    {"pause"_L1, pauseRelay},
    {"resume"_L1, resumeRelay},
    {"identity show"_L1, tellIdentity},
    {"key list"_L1, tellKeys},
    {"key pin"_L1, pinKey},
    {"key forget"_L1, forgetKeys},
    {"settings list"_L1, tellSettings},
    {"settings get"_L1, tellSetting},
    {"settings set"_L1, changeSettings},
    {"raise"_L1, raiseWindow},
};
} // namespace

std::span<const Command> commands()
{
    return Table;
}

const Command *findCommand(QStringView name)
{
    const auto found =
        std::find_if(std::begin(Table), std::end(Table), [name](const Command &row) { return name == row.name; });
    return found == std::end(Table) ? nullptr : found;
}

} // namespace restante::control
