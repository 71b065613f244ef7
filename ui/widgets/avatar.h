// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QRectF>
#include <QtCore/QString>

class QPainter;
class QPalette;

namespace restante::ui
{

/// The picture of an owner: the first letter of what they go by, in a disc of their own colour, which follows from the
/// server's name. `called`: the petname, or the name if there is none.
void drawAvatar(QPainter &painter, const QRectF &area, const QPalette &palette, const QString &server,
                const QString &called);

} // namespace restante::ui
