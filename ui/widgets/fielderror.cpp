// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/fielderror.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QStyle>

namespace restante::ui
{

FieldError::FieldError(QWidget *field, QWidget *parent)
    : QWidget(parent)
    , m_field(field)
    , m_text(new QLabel)
{
    auto *icon = new QLabel;
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    icon->setPixmap(style()->standardIcon(QStyle::SP_MessageBoxWarning, nullptr, this).pixmap(side));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(icon, 0, Qt::AlignTop);
    layout->addWidget(m_text, 1);
    hide();
}

QString FieldError::setText(const QString &text)
{
    m_text->setText(text);
    m_field->setAccessibleDescription(text);
    setVisible(!text.isEmpty());
    return text;
}

QString FieldError::text() const
{
    return m_text->text();
}

} // namespace restante::ui
