// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/stateindicator.h"

#include "ui/widgets/shapes.h"
#include "ui/widgets/tones.h"

#include <QtCore/QCoreApplication>
#include <QtGui/QPainter>

#include <algorithm>

namespace restante::ui
{

using State = control::ApplianceStatus::State;

namespace
{
struct StateWords {
    Q_DECLARE_TR_FUNCTIONS(StateWords)
};

Shape shapeOf(State state)
{
    switch (state) {
    case State::Running:
        return Shape::Disc;
    case State::Paused:
        return Shape::Bars;
    case State::Degraded:
        return Shape::Triangle;
    case State::Stopped:
        break;
    }
    return Shape::Cross;
}
} // namespace

bool canPause(const control::ApplianceStatus &status)
{
    return status.state != State::Stopped &&
           std::none_of(status.reasons.begin(), status.reasons.end(),
                        [](const Error &reason) { return reason.code == Errc::RelayingOff; });
}

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

StateIndicator::StateIndicator(int side, QWidget *parent)
    : QWidget(parent)
    , m_side(side)
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
    const int side = m_side > 0 ? m_side : fontMetrics().height();
    return {side, side};
}

void StateIndicator::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    constexpr int onDisc = 32;
    const bool stands = m_side >= onDisc;
    if (stands) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(mixed(palette().color(QPalette::Base), palette().color(QPalette::Highlight), 0.16));
        painter.drawEllipse(rect());
    }
    const qreal side = std::min(width(), height()) * (stands ? 0.4 : 0.72);
    const QRectF area((width() - side) / 2, (height() - side) / 2, side, side);
    // Running in the accent colour; what asks for attention in the strongest contrast that the palette has.
    const auto role = m_state == State::Running ? QPalette::Highlight : QPalette::WindowText;
    painter.setPen(QPen(palette().color(QPalette::WindowText), 1));
    painter.setBrush(palette().color(role));
    painter.drawPath(shapePath(shapeOf(m_state), area));
}

} // namespace restante::ui
