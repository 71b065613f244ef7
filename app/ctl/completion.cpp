// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/completion.h"

#include "control/commands.h"
#include "settings/fieldtable.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
using control::Command;
using control::Parameter;
using Kind = Parameter::Kind;

const QStringList Files{u":files"_s};
const QStringList Folders{u":folders"_s};

/// What stands before the word that is asked for.
struct Before {
    QStringList words; ///< neither options nor their values
    QString option;    ///< whose value is asked for; empty: none
};

/// All commands agree on which options take a value.
bool takesValue(const QString &option)
{
    if (option == "--data-dir"_L1)
        return true;
    for (const Command &command : control::commands()) {
        for (const Parameter &parameter : command.parameters) {
            if (parameter.name == option)
                return parameter.kind != Kind::Flag;
        }
    }
    return false;
}

Before read(const QStringList &words)
{
    Before before;
    for (const QString &word : words) {
        if (!before.option.isEmpty())
            before.option.clear();
        else if (!word.startsWith(u'-'))
            before.words.append(word);
        else if (takesValue(word))
            before.option = word;
    }
    return before;
}

/// The command that the first words are, and which of its words comes next.
const Command *commandOf(const QStringList &words, qsizetype &next)
{
    next = 2;
    if (const auto *both = control::findCommand(QString(words.value(0) + u' ' + words.value(1))))
        return both;
    next = 1;
    return control::findCommand(words.value(0));
}

/// The first words of commands, or the second ones of those that begin with `first`.
QStringList wordsOfCommands(const QString &first)
{
    QStringList found;
    for (const Command &command : control::commands()) {
        const QStringList words = QString(command.words).split(u' ');
        if (first.isEmpty())
            found.append(words.first());
        else if (words.size() > 1 && words.first() == first)
            found.append(words.at(1));
    }
    found.removeDuplicates();
    return found;
}

QStringList options(const Command *command)
{
    QStringList found{u"--data-dir"_s, u"--json"_s, u"--help"_s};
    if (!command)
        return found << u"--version"_s;
    for (const Parameter &parameter : command->parameters) {
        if (parameter.isOption())
            found.append(parameter.name);
    }
    return found;
}

QStringList settingKeys()
{
    QStringList keys;
    for (const settings::Field &field : settings::fields())
        keys.append(QString(field.key));
    return keys;
}

/// For the word with this number of a command.
QStringList valuesOf(const Command &command, qsizetype number)
{
    for (const Parameter &parameter : command.parameters) {
        if (parameter.isOption())
            continue;
        if (parameter.kind == Kind::Pairs)
            return number % 2 == 0 ? settingKeys() : QStringList();
        if (number-- > 0)
            continue;
        if (parameter.kind == Kind::File || parameter.kind == Kind::Content)
            return Files;
        if (command.words == "settings get"_L1)
            return settingKeys();
        if (command.words == "help"_L1)
            return wordsOfCommands({});
    }
    return {};
}

QStringList candidates(const Before &before, const QString &current)
{
    if (before.option == "--data-dir"_L1)
        return Folders;
    if (before.option == "--passphrase-file"_L1)
        return Files;
    if (!before.option.isEmpty())
        return {};
    qsizetype next = 0;
    const Command *command = commandOf(before.words, next);
    if (current.startsWith(u'-'))
        return options(before.words.isEmpty() ? nullptr : command);
    if (before.words.isEmpty())
        return wordsOfCommands({});
    QStringList found = before.words.size() == 1 ? wordsOfCommands(before.words.first()) : QStringList();
    if (command)
        found += valuesOf(*command, before.words.size() - next);
    return found;
}
} // namespace

QStringList completions(const QStringList &words)
{
    const QString current = words.isEmpty() ? QString() : words.last();
    QStringList found = candidates(read(words.first(std::max<qsizetype>(0, words.size() - 1))), current);
    if (found != Files && found != Folders)
        found.removeIf([&current](const QString &each) { return !each.startsWith(current); });
    return found;
}

} // namespace restante::ctl
