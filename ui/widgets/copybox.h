// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

class QPlainTextEdit;
class QPushButton;

namespace restante::ui
{

/// Lines to be copied, as large as they are, with a button that copies them and says so.
class CopyBox final : public QWidget
{
    Q_OBJECT

public:
    /// `name` begins the object names of its parts; `accessibleName` says what the lines are.
    CopyBox(const QString &name, const QString &accessibleName, const QString &text, QWidget *parent = nullptr);

private:
    void copy();

    QPlainTextEdit *m_text;
    QPushButton *m_copy;
};

} // namespace restante::ui
