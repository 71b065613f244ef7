// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/avatar.h"

#include "ui/widgets/tones.h"

#include <QtCore/QTextBoundaryFinder>
#include <QtGui/QPainter>
#include <QtGui/QPalette>

namespace restante::ui
{

void drawAvatar(QPainter &painter, const QRectF &area, const QPalette &palette, const QString &server,
                const QString &called)
{
    // What people see as one letter may be several characters.
    QTextBoundaryFinder letters(QTextBoundaryFinder::Grapheme, called);
    const qsizetype end = std::max<qsizetype>(0, letters.toNextBoundary());
    const QColor color = nameColor(palette, server);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(mixed(palette.color(QPalette::Base), color, 0.2));
    painter.drawEllipse(area);
    QFont font = painter.font();
    font.setPixelSize(std::max(1, int(area.height() * 0.44)));
    font.setBold(true);
    painter.setFont(font);
    painter.setPen(color);
    painter.drawText(area, Qt::AlignCenter, called.left(end).toUpper());
    painter.restore();
}

} // namespace restante::ui
