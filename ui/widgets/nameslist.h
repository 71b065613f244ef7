// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/enteredname.h"
#include "settings/listenaddress.h"

#include <QtWidgets/QPlainTextEdit>

namespace restante::ui
{

/// What is wrong with `name` as a server name; empty if it is valid.
QString serverNameProblem(const QString &name);

/// Names, addresses or networks as lines.
template <typename T>
QStringList linesOf(const QList<T> &values)
{
    QStringList lines;
    for (const T &value : values)
        lines.append(value.toString());
    return lines;
}

/// The same back, without those that cannot be read.
template <typename T>
QList<T> valuesIn(const QStringList &lines)
{
    QList<T> values;
    for (const QString &line : lines) {
        T value;
        if (!settings::parse(line, value))
            values.append(value);
    }
    return values;
}

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
