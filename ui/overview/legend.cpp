// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/overview/legend.h"

#include "ui/widgets/tones.h"

#include <QtGui/QPainter>
#include <QtWidgets/QStyle>

namespace restante::ui
{

Legend::Legend(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Legend::setNames(const QString &first, const QString &second)
{
    if (first == m_first && second == m_second)
        return;
    m_first = first;
    m_second = second;
    updateGeometry();
    QWidget::update();
}

int Legend::square() const
{
    return fontMetrics().xHeight() + 2;
}

QSize Legend::sizeHint() const
{
    return {2 * (square() + space::Tight) + fontMetrics().horizontalAdvance(m_first) + space::Apart +
                fontMetrics().horizontalAdvance(m_second),
            fontMetrics().height()};
}

void Legend::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    int x = 0;
    const auto add = [&](const QString &name, const QColor &color) {
        const auto mirrored = [this](const QRect &place) {
            return QStyle::visualRect(layoutDirection(), rect(), place);
        };
        const int wide = fontMetrics().horizontalAdvance(name);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawRoundedRect(mirrored({x, (height() - square()) / 2, square(), square()}), 2, 2);
        painter.setPen(dimText(palette()));
        painter.drawText(mirrored({x + square() + space::Tight, 0, wide, height()}), Qt::AlignCenter, name);
        x += square() + space::Tight + wide + space::Apart;
    };
    add(m_first, firstSeries(palette()));
    add(m_second, secondSeries(palette()));
}

} // namespace restante::ui
