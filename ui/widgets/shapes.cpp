// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/shapes.h"

#include <QtGui/QGuiApplication>
#include <QtGui/QIconEngine>
#include <QtGui/QPainter>
#include <QtGui/QPalette>

namespace restante::ui
{

namespace
{
QPainterPath crossPath(const QRectF &area)
{
    QPainterPath stroke;
    stroke.moveTo(area.topLeft());
    stroke.lineTo(area.bottomRight());
    stroke.moveTo(area.topRight());
    stroke.lineTo(area.bottomLeft());
    QPainterPathStroker pen;
    pen.setWidth(area.width() * 0.3);
    return pen.createStroke(stroke).simplified();
}

/// Two triangles side by side, as on the key for "fast forward".
QPainterPath arrowsPath(const QRectF &area)
{
    QPainterPath path;
    for (const qreal left : {area.left(), area.center().x()}) {
        path.moveTo(left, area.top());
        path.lineTo(left + area.width() / 2, area.center().y());
        path.lineTo(left, area.bottom());
        path.closeSubpath();
    }
    return path;
}

class ShapeEngine final : public QIconEngine
{
public:
    explicit ShapeEngine(Shape shape)
        : m_shape(shape)
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State /*state*/) override
    {
        const QPalette palette = QGuiApplication::palette();
        const auto group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
        const auto role = mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::Text;
        const qreal side = std::min(rect.width(), rect.height()) * 0.7;
        const QRectF area(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, side, side);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->fillPath(shapePath(m_shape, area), palette.color(group, role));
        painter->restore();
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new ShapeEngine(m_shape); }

private:
    Shape m_shape;
};
} // namespace

QPainterPath shapePath(Shape shape, const QRectF &area)
{
    const qreal w = area.width();
    QPainterPath path;
    switch (shape) {
    case Shape::Disc:
        path.addEllipse(area);
        break;
    case Shape::Ring: {
        path.addEllipse(area);
        QPainterPath hole;
        hole.addEllipse(area.adjusted(w * 0.2, w * 0.2, -w * 0.2, -w * 0.2));
        return path.subtracted(hole);
    }
    case Shape::Arrows:
        return arrowsPath(area);
    case Shape::Triangle:
        path.moveTo(area.center().x(), area.top());
        path.lineTo(area.bottomRight());
        path.lineTo(area.bottomLeft());
        path.closeSubpath();
        break;
    case Shape::Cross:
        return crossPath(area);
    case Shape::Bars:
        path.addRect(area.x() + w * 0.1, area.y(), w * 0.3, area.height());
        path.addRect(area.x() + w * 0.6, area.y(), w * 0.3, area.height());
        break;
    case Shape::Square:
        path.addRect(area.adjusted(w * 0.1, w * 0.1, -w * 0.1, -w * 0.1));
        break;
    }
    return path;
}

QIcon shapeIcon(Shape shape)
{
    return QIcon(new ShapeEngine(shape));
}

} // namespace restante::ui
