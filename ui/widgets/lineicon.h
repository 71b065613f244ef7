// SPDX-License-Identifier: GPL-3.0-or-later
// The line icons of the window: drawn for this program in resources/icons/line, sharp at every scale, in the colours of
// the palette at the time of painting. Qt's SVG module is not needed for strokes on a grid of 24.
#pragma once

#include <QtGui/QIcon>
#include <QtGui/QPainterPath>

class QPainter;

namespace restante::ui
{

/// One of the files, without ".svg".
enum class Line { Overview, Queues, Relays, Inbox, Outbox, Settings, Cards, Plus, Pause, Resume, Copy, Refused };
inline constexpr int LineCount = int(Line::Refused) + 1;

/// What its file draws, on a grid of 24; empty if there is anything in it that is not understood: these are paths of
/// the commands M L H V C Z, circles and rectangles. GUI thread.
const QPainterPath &linePath(Line line);
/// Draws it as large as `area` in one colour.
void drawLine(QPainter &painter, Line line, const QRectF &area, const QColor &color);
/// For buttons and lists, in the text colour of the palette.
QIcon lineIcon(Line line);

} // namespace restante::ui
