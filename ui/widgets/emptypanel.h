// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

class QLabel;
class QPushButton;

namespace restante::ui
{

/// What a page shows if it has nothing to list: what it is for, and the first step.
class EmptyPanel final : public QWidget
{
    Q_OBJECT

public:
    /// The text is named `name`Text and the button `name`Button.
    explicit EmptyPanel(const QString &name, QWidget *parent = nullptr);

    /// Without a text for it there is no button.
    void setContents(const QString &text, const QString &button = {});

Q_SIGNALS:
    void clicked();

private:
    QLabel *m_text;
    QPushButton *m_button;
};

} // namespace restante::ui
