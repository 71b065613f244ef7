// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/stateindicator.h"

#include <QtCore/QCoreApplication>
#include <QtGui/QPainter>
#include <QtGui/QPainterPath>

namespace restante::ui
{

using State = control::ApplianceStatus::State;

namespace
{
struct StateWords {
    Q_DECLARE_TR_FUNCTIONS(StateWords)
};

QPainterPath shapeOf(State state, const QRectF &area)
{
    QPainterPath path;
    const qreal w = area.width();
    const qreal h = area.height();
    switch (state) {
    case State::Running:
        path.addEllipse(area);
        break;
    case State::Paused:
        path.addRect(area.x() + w * 0.1, area.y(), w * 0.3, h);
        path.addRect(area.x() + w * 0.6, area.y(), w * 0.3, h);
        break;
    case State::Degraded:
        path.moveTo(area.center().x(), area.top());
        path.lineTo(area.bottomRight());
        path.lineTo(area.bottomLeft());
        path.closeSubpath();
        break;
    case State::Stopped: {
        QPainterPath stroke;
        stroke.moveTo(area.topLeft());
        stroke.lineTo(area.bottomRight());
        stroke.moveTo(area.topRight());
        stroke.lineTo(area.bottomLeft());
        QPainterPathStroker pen;
        pen.setWidth(w * 0.3);
        path = pen.createStroke(stroke).simplified();
        break;
    }
    }
    return path;
}
} // namespace

QString stateText(State state)
{
    switch (state) {
    case State::Running:
        return StateWords::tr("Running");
    case State::Paused:
        return StateWords::tr("Paused");
    case State::Degraded:
        return StateWords::tr("Degraded");
    case State::Stopped:
        break;
    }
    return StateWords::tr("Stopped");
}

StateIndicator::StateIndicator(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void StateIndicator::setState(State state)
{
    m_state = state;
    setAccessibleName(stateText(state));
    setToolTip(stateText(state));
    update();
}

QSize StateIndicator::sizeHint() const
{
    const int side = fontMetrics().height();
    return {side, side};
}

void StateIndicator::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const qreal side = std::min(width(), height()) * 0.72;
    const QRectF area((width() - side) / 2, (height() - side) / 2, side, side);
    // Running in the accent colour; what asks for attention in the strongest contrast that the palette has.
    const auto role = m_state == State::Running ? QPalette::Highlight : QPalette::WindowText;
    painter.setPen(QPen(palette().color(QPalette::WindowText), 1));
    painter.setBrush(palette().color(role));
    painter.drawPath(shapeOf(m_state, area));
}

} // namespace restante::ui
