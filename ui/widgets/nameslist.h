// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QPlainTextEdit>

namespace restante::ui
{

/// What is wrong with `name` as a server name; empty where it is valid.
QString serverNameProblem(const QString &name);

/// Server names, or other short texts, one a line.
class NamesList final : public QPlainTextEdit
{
    Q_OBJECT

public:
    /// What is wrong with one line; empty where nothing is.
    using Check = QString (*)(const QString &line);

    explicit NamesList(Check check = serverNameProblem, QWidget *parent = nullptr);

    void setNames(const QStringList &names);
    QStringList names() const;
    /// What is wrong with the first name that cannot be used; empty where all can.
    QString problem() const;

private:
    Check m_check;
};

} // namespace restante::ui
