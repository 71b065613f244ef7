// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QPlainTextEdit>

namespace restante::ui
{

/// Server names, one a line.
class NamesList final : public QPlainTextEdit
{
    Q_OBJECT

public:
    explicit NamesList(QWidget *parent = nullptr);

    void setNames(const QStringList &names);
    QStringList names() const;
    /// What is wrong with the first name that cannot be used; empty where all can.
    QString problem() const;
};

/// What is wrong with `name` as a server name; empty where it is valid.
QString serverNameProblem(const QString &name);

} // namespace restante::ui
