// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

class QLabel;

namespace restante::ui
{

/// What is wrong with the field above it; takes no room while nothing is.
class FieldError final : public QWidget
{
    Q_OBJECT

public:
    /// `field` gets the text as its accessible description.
    explicit FieldError(QWidget *field, QWidget *parent = nullptr);

    /// An empty text means that all is well. Returns the text.
    QString setText(const QString &text);
    QString text() const;

private:
    QWidget *m_field;
    QLabel *m_text;
};

} // namespace restante::ui
