// SPDX-License-Identifier: GPL-3.0-or-later
// What can be asked for at the control socket and with restantectl: one table that requests are run by, the command
// line is read by, help and completion are made from and answers are shown by.
#pragma once

#include "control/request.h"

#include <QtCore/QLatin1String>
#include <QtCore/QList>

namespace restante::control
{

/// A word of a command, or one of its options.
struct Parameter {
    enum class Kind {
        Text,
        File,    ///< a path, made absolute: the program that writes there has another working folder
        Content, ///< a file, or "-" for standard input, whose text goes along
        Number,  ///< 0 < number
        Numbers, ///< any number of words
        Texts,   ///< an option that may be given several times; an empty value adds nothing
        Pairs,   ///< any number of times two words, a key and its value, which may be empty
        Flag,    ///< an option without a value
    };

    QLatin1String name; ///< "DEST" for a word, "--url" for an option
    QLatin1String key;  ///< the member of the request's arguments
    Kind kind = Kind::Text;
    bool required = false;
    QLatin1String value = {}; ///< what the option takes, as help shows it
    QLatin1String help = {};
    bool mayBeEmpty = false; ///< of an option that takes a value

    bool isOption() const { return name.startsWith(QLatin1Char('-')); }
};

/// What an answer is; jsonof.h makes it, restantectl shows it to people.
enum class Answer {
    Nothing,
    Status,
    Traffic,
    Queues,
    Entries,
    Line,    ///< one entry, to be shown indented
    RawLine, ///< one entry as it is, or none
    Discarded,
    Retried,
    Written,
    InboxWritten, ///< also which entries are damaged and were left out
    Changed,      ///< settings were
    Served,
    Invites,
    Card,
    CardShown,
    CardAdded,
    Relays,
    RelayTested,
    Sweep,
    Sendings,
    Outbox,
    Forgotten,
    Sent,
    Inbox,
    Homeservers,
    HomeserverTested,
    HomeserverLines,
    Keys,
    Pinned,
    ForgottenKeys,
    Settings,
    Setting,
    Identity,
    Exported,
    Backup,
    Log,
    Checked,
};

struct Command {
    QLatin1String words; ///< "relay add"; also the name of the request
    QLatin1String help;
    QList<Parameter> parameters;
    Answer answer = Answer::Nothing;
    /// Calls `finish` of the request once, now or later. Main thread. Null: restantectl does it, and nobody else can.
    void (*run)(Request &request) = nullptr;
    QLatin1String rowId = {}; ///< of an answer that comes in pages: the member that the next page goes on after
    bool either = false;      ///< exactly one of the Numbers and the Flag among the parameters is needed
};

/// All commands, in the order in which help lists them. Any thread.
const QList<Command> &commands();
/// By all its words; null for one that does not exist.
const Command *findCommand(QStringView words);

} // namespace restante::control
