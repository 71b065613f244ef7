// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/noticebar.h"

#include "ui/widgets/cardframe.h"
#include "ui/widgets/plaintip.h"
#include "ui/widgets/tones.h"

#include <QtGui/QPainter>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStyle>

namespace restante::ui
{

NoticeBar::NoticeBar(QWidget *parent)
    : QFrame(parent)
    , m_icon(new QLabel)
    , m_text(new QLabel)
    , m_button(new QPushButton)
{
    setBackgroundRole(QPalette::ToolTipBase);
    m_text->setForegroundRole(QPalette::ToolTipText);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::Apart, space::Tight, space::Near, space::Tight);
    layout->addWidget(m_icon);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_button);
}

void NoticeBar::setNotice(Kind kind, const QString &text, const QString &button, const QString &detail)
{
    const auto icon = kind == Kind::Warning ? QStyle::SP_MessageBoxWarning : QStyle::SP_MessageBoxInformation;
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    m_icon->setPixmap(style()->standardIcon(icon, nullptr, this).pixmap(side));
    m_text->setText(text);
    m_text->setToolTip(plainTip(detail));
    m_button->setText(button);
    m_button->setAccessibleDescription(text);
    setAccessibleName(text);
}

void NoticeBar::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    paintPanel(painter, *this, QPalette::ToolTipBase, QPalette::ToolTipText);
}

QString NoticeBar::text() const
{
    return m_text->text();
}

} // namespace restante::ui
