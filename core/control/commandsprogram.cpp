// SPDX-License-Identifier: GPL-3.0-or-later
// The installation as a whole. What has no function here is done by restantectl itself, without the program.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

Parameter passphraseFile()
{
    return {"--passphrase-file"_L1,
            "passphrase_file"_L1,
            Kind::Text,
            false,
            "PASSFILE"_L1,
            "its first line is the passphrase (\"-\": standard input's; default: ask)"_L1};
}

void tellIdentity(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    request.finish(jsonOf(request.operations().identity()));
}

void raiseWindow(Request &request)
{
    if (request.desk().raiseWindow())
        request.finish(QJsonObject());
    else
        request.finish(Error{Errc::NotFound, u"This program has no window"_s, 0});
}
} // namespace

QList<Command> programCommands()
{
    return {
        {"identity show"_L1, "This installation's name and public key"_L1, {}, Answer::Identity, tellIdentity},
        {"identity export"_L1,
         "Write this installation's identity to a file that a passphrase opens"_L1,
         {file(), passphraseFile()},
         Answer::Exported},
        {"identity import"_L1,
         "Take over an exported identity, or a homeserver's key, in a data folder whose own has not been used yet"_L1,
         {file(),
          passphraseFile(),
          {"--server-name"_L1, "server_name"_L1, Kind::Text, false, "NAME"_L1,
           "FILE is a homeserver's key (Synapse or Dendrite); this is its name"_L1}},
         Answer::Identity},
        {"backup"_L1,
         "Write everything in the data folder to one file that a passphrase opens"_L1,
         {file(), passphraseFile()},
         Answer::Backup},
        {"restore"_L1, "Fill an empty data folder from a backup"_L1, {file(), passphraseFile()}, Answer::Backup},
        {"log"_L1,
         "The last lines of the log; works without a running program"_L1,
         {{"-n"_L1, "lines"_L1, Kind::Number, false, "N"_L1, "show the last N lines (default: 50)"_L1}},
         Answer::Log},
        {"check"_L1, "Read all that is kept and say what is wrong with it; changes nothing"_L1, {}, Answer::Checked},
        {"raise"_L1, "Show the window in front of others"_L1, {}, Answer::Nothing, raiseWindow},
        {"help"_L1, "Explain a command"_L1, {{"COMMAND"_L1, "command"_L1}}, Answer::Nothing},
    };
}

} // namespace restante::control
