// SPDX-License-Identifier: GPL-3.0-or-later
// What restantectl can be told: one table that the command line is read by, help is printed from and answers are shown
// with; the completion is checked against it.
#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QLatin1String>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::ctl
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
    /// As it is in a usage line, without brackets.
    QString synopsis() const;
};

struct Command {
    QLatin1String words; ///< also the name of the request
    QLatin1String help;
    QList<Parameter> parameters = {};
    /// The answer as text for people, with its line feeds.
    QString (*show)(const QJsonObject &value) = nullptr;
    /// What went wrong although there is an answer, a line each; the exit status is 1 then.
    QStringList (*failures)(const QJsonObject &value) = nullptr;
    QLatin1String rowId = {}; ///< of an answer that comes in pages: the member that the next page goes on after
    bool either = false;      ///< exactly one of the Numbers and the Flag among the parameters is needed

    /// "discard DEST ENTRY... | --all"
    QString usage() const;
};

/// All commands, in the order in which help lists them.
const QList<Command> &commands();
/// By all its words; null for one that does not exist.
const Command *findCommand(const QString &words);
/// What `restantectl --help` prints.
QString overview();
/// What `restantectl help COMMAND` prints.
QString helpOn(const Command &command);

} // namespace restante::ctl
