// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/cardframe.h"

#include "ui/widgets/tones.h"

#include <QtCore/QEvent>
#include <QtGui/QGuiApplication>
#include <QtGui/QPainter>

namespace restante::ui
{

namespace
{
void takeDimColor(QLabel &label)
{
    const QColor wanted = dimText(QGuiApplication::palette());
    if (label.palette().color(label.foregroundRole()) == wanted)
        return;
    QPalette palette = label.palette();
    palette.setColor(label.foregroundRole(), wanted);
    label.setPalette(palette);
}
} // namespace

CardFrame::CardFrame(QWidget *parent)
    : QFrame(parent)
{
    setBackgroundRole(QPalette::Base); // and so text in the colour that belongs to it
    setFrameShape(QFrame::NoFrame);
}

void CardFrame::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    paintPanel(painter, *this, QPalette::Base, QPalette::Text);
}

DimLabel::DimLabel(QWidget *parent)
    : QLabel(parent)
{
    setForegroundRole(QPalette::Text);
    setTextFormat(Qt::PlainText);
    takeDimColor(*this);
}

void DimLabel::changeEvent(QEvent *event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        takeDimColor(*this);
}

void paintPanel(QPainter &painter, const QWidget &widget, QPalette::ColorRole ground, QPalette::ColorRole text)
{
    constexpr qreal radius = 8;
    const QColor color = widget.palette().color(ground);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(mixed(color, widget.palette().color(text), 0.16), 1));
    painter.setBrush(color);
    painter.drawRoundedRect(QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

void makeHeading(QLabel &label, qreal factor)
{
    QFont font = QGuiApplication::font();
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * factor);
    else // it was set in pixels
        font.setPixelSize(int(font.pixelSize() * factor));
    font.setBold(true);
    label.setFont(font);
}

} // namespace restante::ui
