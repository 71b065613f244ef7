// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/nameslist.h"

#include "ui/widgets/complaintwords.h"

namespace restante::ui
{

QString serverNameProblem(const QString &name)
{
    if (name.isEmpty())
        return NamesList::tr("Enter a server name, such as matrix.example.org.");
    matrix::ServerName parsed;
    const auto wrong = settings::parseEntered(name, parsed);
    return wrong ? complaintText(*wrong) : QString();
}

NamesList::NamesList(Check check, QWidget *parent)
    : QPlainTextEdit(parent)
    , m_check(check)
{
    setTabChangesFocus(true);
    setLineWrapMode(NoWrap);
    setPlaceholderText(tr("one server name a line"));
    setMinimumHeight(fontMetrics().lineSpacing() * 4);
    setMaximumHeight(fontMetrics().lineSpacing() * 6);
}

void NamesList::setNames(const QStringList &names)
{
    setPlainText(names.join(u'\n'));
}

QStringList NamesList::names() const
{
    QStringList names;
    const auto lines = toPlainText().split(u'\n');
    for (const auto &line : lines) {
        if (!line.trimmed().isEmpty())
            names.append(settings::tidiedName(line));
    }
    names.removeDuplicates();
    return names;
}

QString NamesList::problem() const
{
    const auto all = names();
    for (const auto &name : all) {
        if (QString problem = m_check(name); !problem.isEmpty())
            return problem;
    }
    return {};
}

} // namespace restante::ui
