// SPDX-License-Identifier: GPL-3.0-or-later
// States as shapes, which tell them apart without any colour.
#pragma once

#include <QtGui/QIcon>
#include <QtGui/QPainterPath>

namespace restante::ui
{

enum class Shape {
    Disc,     ///< all is well
    Ring,     ///< not known yet
    Arrows,   ///< being asked
    Triangle, ///< needs attention
    Cross,    ///< does not work
    Bars,     ///< paused
    Square,   ///< nothing to be said of it
};

/// The outline of a shape that fills `area`.
QPainterPath shapePath(Shape shape, const QRectF &area);
/// A shape for a table cell, sharp at every scale, in the text colour of the palette at the time of painting.
QIcon shapeIcon(Shape shape);

} // namespace restante::ui
