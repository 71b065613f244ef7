// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/help.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
using Kind = control::Parameter::Kind;

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

QString synopsisOf(const Parameter &parameter)
{
    if (parameter.kind == Kind::Numbers || parameter.kind == Kind::Pairs)
        return parameter.name + "..."_L1;
    return parameter.value.isEmpty() ? QString(parameter.name) : u"%1 %2"_s.arg(parameter.name, parameter.value);
}

QString usageOf(const Command &command)
{
    QString text = command.words;
    QStringList alternatives;
    for (const Parameter &parameter : command.parameters) {
        if (command.either && (parameter.kind == Kind::Numbers || parameter.kind == Kind::Flag))
            alternatives.append(synopsisOf(parameter));
        else
            text += (parameter.required ? u" %1"_s : u" [%1]"_s).arg(synopsisOf(parameter)) +
                    (parameter.kind == Kind::Texts ? u"..."_s : QString());
    }
    return alternatives.isEmpty() ? text : text + u' ' + alternatives.join(" | "_L1);
}

QString overview()
{
    QString text = u"Talks to the restante or restanted that runs with a data folder.\n\n"
                   "Usage: restantectl [OPTIONS] COMMAND\n\nCommands:\n"_s;
    for (const Command &command : control::commands())
        text += row(usageOf(command), command.help);
    return text + QString::fromLatin1(Globals) +
           u"\nExit status: 0 done, 1 failed, 2 wrong usage, 3 no program runs with this data folder\n"_s;
}

QString helpOn(const Command &command)
{
    QString text = u"%1.\n\nUsage: restantectl %2\n"_s.arg(command.help, usageOf(command));
    bool first = true;
    for (const Parameter &parameter : command.parameters) {
        if (parameter.help.isEmpty())
            continue;
        text += (first ? u"\n"_s : QString()) + row(synopsisOf(parameter), parameter.help);
        first = false;
    }
    return text;
}

} // namespace restante::ctl
