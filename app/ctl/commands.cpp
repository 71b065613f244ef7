// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/commands.h"

#include "ctl/show.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
using Kind = Parameter::Kind;

Parameter destination()
{
    return {"DEST"_L1, "destination"_L1, Kind::Text, true};
}
Parameter word(QLatin1String name, QLatin1String key)
{
    return {name, key, Kind::Text, true};
}
Parameter entries()
{
    return {"ENTRY"_L1, "ids"_L1, Kind::Numbers};
}
Parameter all()
{
    return {"--all"_L1, "all"_L1, Kind::Flag, false, {}, "everything"_L1};
}
Parameter file()
{
    return {"FILE"_L1, "file"_L1, Kind::File, true};
}
Parameter after()
{
    return {"--after"_L1, "after"_L1, Kind::Number, false, "ENTRY"_L1, "start behind this entry"_L1};
}
Parameter limit()
{
    return {"--limit"_L1, "limit"_L1, Kind::Number, false, "N"_L1, "list at most so many"_L1};
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
Parameter forWhom()
{
    return {"--for"_L1, "destination"_L1, Kind::Text,
            false,      "DEST"_L1,        "whose mail it holds (default: this node's)"_L1};
}
Parameter noOverlay()
{
    return {"--no-overlay"_L1, "no_overlay"_L1, Kind::Flag, false, {}, "the network in between is not encrypted"_L1};
}
Parameter passphraseFile()
{
    return {"--passphrase-file"_L1,
            "passphrase_file"_L1,
            Kind::Text,
            false,
            "PASSFILE"_L1,
            "its first line is the passphrase (\"-\": standard input's; default: ask)"_L1};
}
Parameter petname()
{
    return {"--name"_L1, "petname"_L1, Kind::Text, false, "PETNAME"_L1, "your own name for it"_L1};
}
Parameter known()
{
    return {"--known"_L1, "known_origins"_L1, Kind::Texts,
            false,        "SENDER"_L1,        "a known sender: half of the mailbox is kept for these; repeatable"_L1};
}
/// The same option where something has been said before: an empty value takes that away.
Parameter changed(Parameter option, QLatin1String help)
{
    option.help = help;
    option.mayBeEmpty = true;
    return option;
}

QList<Command> makeTable()
{
    return {
        {"status"_L1, "How the program is doing"_L1, {}, showStatus},
        {"queues"_L1,
         "For whom something is held"_L1,
         {{"--users"_L1, "users"_L1, Kind::Flag, false, {}, "with the users that it is for"_L1}},
         showQueues},
        {"entries"_L1,
         "What is held for one server"_L1,
         {destination(), after(), limit()},
         showEntries,
         nullptr,
         "entry_id"_L1},
        {"entry"_L1,
         "Show one held entry as JSON"_L1,
         {destination(), {"ENTRY"_L1, "entry_id"_L1, Kind::Number, true}},
         showLine},
        {"discard"_L1,
         "Throw away held entries"_L1,
         {destination(), entries(), all()},
         showDiscarded,
         nullptr,
         {},
         true},
        {"export"_L1,
         "Write held entries to a file, one JSON object a line"_L1,
         {destination(), file(), entries()},
         showWritten},
        {"serve list"_L1, "For whom this relay holds mail"_L1, {}, showServed},
        {"serve add"_L1, "Hold mail for a server"_L1, {word("NAME"_L1, "name"_L1), petname(), known()}, showChanged},
        {"serve edit"_L1,
         "Change what is said about a server that mail is held for; the rest stays"_L1,
         {word("NAME"_L1, "name"_L1), changed(petname(), "your own name for it (\"\": none)"_L1),
          changed(known(), "a known sender, instead of those so far; repeatable (\"\": none)"_L1)},
         showChanged},
        {"serve remove"_L1,
         "Hold no more mail for a server; what is held stays"_L1,
         {word("NAME"_L1, "name"_L1)},
         showChanged},
        {"relay list"_L1, "Relays that hold mail for this node or its contacts"_L1, {}, showRelays},
        {"relay add"_L1,
         "Use a relay"_L1,
         {word("RELAY"_L1, "relay"_L1), url(), pin(), forWhom(), petname(), overlay()},
         showChanged},
        {"relay edit"_L1,
         "Change what is said about a relay; the rest stays"_L1,
         {word("RELAY"_L1, "relay"_L1), changed(url(), "where it is (\"\": found by its name)"_L1),
          changed(pin(), "of its certificate's public key (\"\": ordinary certificate check)"_L1), forWhom(),
          changed(petname(), "your own name for it (\"\": none)"_L1), overlay(), noOverlay()},
         showChanged},
        {"relay remove"_L1, "Use a relay no more"_L1, {word("RELAY"_L1, "relay"_L1), forWhom()}, showChanged},
        {"relay test"_L1,
         "Ask a relay whether it works for this node"_L1,
         {word("RELAY"_L1, "relay"_L1),
          changed(url(), "where it is (default: as relay list says)"_L1),
          changed(pin(), "of its certificate's public key (\"\": ordinary certificate check)"_L1),
          {"--for"_L1, "destination"_L1, Kind::Text, false, "DEST"_L1,
           "take what is known of it as this server's relay (default: as this node's)"_L1},
          overlay(),
          noOverlay()},
         showTested,
         testFailures},
        {"retrieve"_L1,
         "Collect now from all of this node's relays, or from one"_L1,
         {{"RELAY"_L1, "relay"_L1},
          {"--cancel"_L1, "cancel"_L1, Kind::Flag, false, {}, "end the retrieval under way, whoever began it"_L1}},
         showSweep,
         sweepFailures},
        {"outbox"_L1, "The servers that this node sends to"_L1, {}, showOutbox},
        {"outbox forget"_L1, "Try a server directly again that counts as offline"_L1, {destination()}, showForgotten},
        {"inbox list"_L1, "What was collected"_L1, {after(), limit()}, showInbox, nullptr, "id"_L1},
        {"inbox show"_L1, "Show one collected entry as JSON"_L1, {{"ENTRY"_L1, "id"_L1, Kind::Number, true}}, showLine},
        {"inbox next"_L1,
         "Print the oldest collected entry as one line of JSON, nothing where there is none"_L1,
         {},
         showRawLine,
         damagedEntries},
        {"inbox export"_L1,
         "Write collected entries to a file, one JSON object a line"_L1,
         {file(), entries()},
         showWritten,
         damagedEntries},
        {"inbox discard"_L1, "Throw away collected entries"_L1, {entries(), all()}, showDiscarded, nullptr, {}, true},
        {"send"_L1,
         "Send the transaction in a file (\"-\" for standard input) to a server"_L1,
         {{"FILE"_L1, "body"_L1, Kind::Content, true}, destination()},
         showSent,
         sendFailures},
        {"pause"_L1, "Take in nothing more"_L1, {}, showChanged},
        {"resume"_L1, "Take in again"_L1, {}, showChanged},
        {"identity show"_L1, "This installation's name and public key"_L1, {}, showIdentity},
        {"identity export"_L1,
         "Write this installation's identity to a file that a passphrase opens"_L1,
         {file(), passphraseFile()},
         showExported},
        {"identity import"_L1,
         "Take over an exported identity, or a homeserver's key, in a data folder whose own was not used yet"_L1,
         {file(),
          passphraseFile(),
          {"--server-name"_L1, "server_name"_L1, Kind::Text, false, "NAME"_L1,
           "FILE is a homeserver's key (Synapse or Dendrite); this is its name"_L1}},
         showIdentity},
        {"backup"_L1,
         "Write everything in the data folder to one file that a passphrase opens"_L1,
         {file(), passphraseFile()},
         showBackup},
        {"restore"_L1, "Fill an empty data folder from a backup"_L1, {file(), passphraseFile()}, showBackup},
        {"log"_L1,
         "The last lines of the log; works without a running program"_L1,
         {{"-n"_L1, "lines"_L1, Kind::Number, false, "N"_L1, "so many lines (default: 50)"_L1}},
         showLog},
        {"key list"_L1,
         "The keys of other servers, which ones were refused, and whose could not be fetched"_L1,
         {{"SERVER"_L1, "server"_L1}},
         showKeys},
        {"key pin"_L1,
         "Trust this key of a server from now on, instead of the one that is held under its id"_L1,
         {word("SERVER"_L1, "server"_L1), word("KEYID"_L1, "key_id"_L1), word("KEY"_L1, "key"_L1)},
         showPinned},
        {"key forget"_L1,
         "Forget the keys of a server, or one; the next request has them fetched anew"_L1,
         {word("SERVER"_L1, "server"_L1), {"KEYID"_L1, "key_id"_L1}},
         showForgottenKeys},
        {"settings list"_L1, "All settings"_L1, {}, showSettings},
        {"settings get"_L1, "One setting"_L1, {word("KEY"_L1, "key"_L1)}, showSetting},
        {"settings set"_L1,
         "Change settings, all together or none"_L1,
         {{"KEY VALUE"_L1, "changes"_L1, Kind::Pairs, true}},
         showChanged},
        {"raise"_L1, "Show the window in front of others"_L1, {}, showNothing},
        {"help"_L1, "Explain a command"_L1, {{"COMMAND"_L1, "command"_L1}}, showNothing},
    };
}

QString row(const QString &left, const QString &right)
{
    constexpr int width = 40;
    const QString gap = left.size() < width - 1 ? QString() : u"\n  "_s + QString(width, u' ');
    return u"  "_s + (gap.isEmpty() ? left.leftJustified(width) : left + gap) + right + u'\n';
}

const char Globals[] = "\nOptions:\n"
                       "  --data-dir DIR    the installation's folder (default: as restante and restanted)\n"
                       "  --json            print the answer as JSON\n"
                       "  -h, --help        show this text, or that of a command\n"
                       "  -v, --version     show the version\n";
} // namespace

QString Parameter::synopsis() const
{
    if (kind == Kind::Numbers || kind == Kind::Pairs)
        return name + "..."_L1;
    return value.isEmpty() ? QString(name) : u"%1 %2"_s.arg(name, value);
}

QString Command::usage() const
{
    QString text = words;
    QStringList alternatives;
    for (const Parameter &parameter : parameters) {
        if (either && (parameter.kind == Kind::Numbers || parameter.kind == Kind::Flag))
            alternatives.append(parameter.synopsis());
        else
            text += (parameter.required ? u" %1"_s : u" [%1]"_s).arg(parameter.synopsis()) +
                    (parameter.kind == Kind::Texts ? u"..."_s : QString());
    }
    return alternatives.isEmpty() ? text : text + u' ' + alternatives.join(" | "_L1);
}

const QList<Command> &commands()
{
    static const QList<Command> table = makeTable();
    return table;
}

const Command *findCommand(const QString &words)
{
    const auto found = std::find_if(commands().cbegin(), commands().cend(),
                                    [&words](const Command &command) { return command.words == words; });
    return found == commands().cend() ? nullptr : &*found;
}

QString overview()
{
    QString text = u"Talks to the restante or restanted that runs with a data folder.\n\n"
                   "Usage: restantectl [OPTIONS] COMMAND\n\nCommands:\n"_s;
    for (const Command &command : commands())
        text += row(command.usage(), command.help);
    return text + QString::fromLatin1(Globals) +
           u"\nExit status: 0 done, 1 failed, 2 wrong usage, 3 no program runs with this data folder\n"_s;
}

QString helpOn(const Command &command)
{
    QString text = u"%1.\n\nUsage: restantectl %2\n"_s.arg(command.help, command.usage());
    bool first = true;
    for (const Parameter &parameter : command.parameters) {
        if (parameter.help.isEmpty())
            continue;
        text += (first ? u"\n"_s : QString()) + row(parameter.synopsis(), parameter.help);
        first = false;
    }
    return text;
}

} // namespace restante::ctl
