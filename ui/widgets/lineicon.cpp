// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/lineicon.h"

#include <QtCore/QFile>
#include <QtCore/QRegularExpression>
#include <QtCore/QXmlStreamReader>
#include <QtGui/QGuiApplication>
#include <QtGui/QIconEngine>
#include <QtGui/QPainter>
#include <QtGui/QPalette>

#include <array>
#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::ui
{

namespace
{
constexpr qreal Grid = 24;
constexpr qreal StrokeWidth = 1.75; // of the grid

QString nameOf(Line line)
{
    constexpr std::array names{"overview"_L1, "queues"_L1, "relays"_L1, "inbox"_L1,  "outbox"_L1, "settings"_L1,
                               "cards"_L1,    "plus"_L1,   "pause"_L1,  "resume"_L1, "copy"_L1,   "refused"_L1};
    static_assert(names.size() == LineCount);
    return names.at(size_t(line));
}

/// One command of a path with its numbers.
bool follow(QPainterPath &path, QChar command, const QList<qreal> &n)
{
    const QPointF here = path.currentPosition();
    if (command == u'M' && n.size() == 2)
        path.moveTo(n[0], n[1]);
    else if (command == u'L' && n.size() == 2)
        path.lineTo(n[0], n[1]);
    else if (command == u'H' && n.size() == 1)
        path.lineTo(n[0], here.y());
    else if (command == u'V' && n.size() == 1)
        path.lineTo(here.x(), n[0]);
    else if (command == u'C' && n.size() == 6)
        path.cubicTo(n[0], n[1], n[2], n[3], n[4], n[5]);
    else if (command == u'Z' && n.isEmpty())
        path.closeSubpath();
    else
        return false;
    return true;
}

bool addPath(QPainterPath &path, const QString &data)
{
    static const QRegularExpression step(u"([A-Za-z])([^A-Za-z]*)"_s);
    static const QRegularExpression blanks(u"[ ,]+"_s);
    bool understood = true;
    for (auto steps = step.globalMatch(data); steps.hasNext();) {
        const auto match = steps.next();
        QList<qreal> numbers;
        for (const QString &text : match.captured(2).split(blanks, Qt::SkipEmptyParts)) {
            bool isNumber = false;
            numbers.append(text.toDouble(&isNumber));
            understood = understood && isNumber;
        }
        understood = understood && follow(path, match.captured(1).front(), numbers);
    }
    return understood;
}

/// Of one element; false for what is not understood.
bool addElement(QPainterPath &path, const QXmlStreamReader &xml)
{
    const auto number = [&xml](QLatin1String name) { return xml.attributes().value(name).toDouble(); };
    if (xml.name() == "path"_L1)
        return addPath(path, xml.attributes().value("d"_L1).toString());
    if (xml.name() == "circle"_L1)
        path.addEllipse(QPointF(number("cx"_L1), number("cy"_L1)), number("r"_L1), number("r"_L1));
    else if (xml.name() == "rect"_L1)
        path.addRoundedRect(QRectF(number("x"_L1), number("y"_L1), number("width"_L1), number("height"_L1)),
                            number("rx"_L1), number("rx"_L1));
    else
        return xml.name() == "svg"_L1;
    return true;
}

QPainterPath read(Line line)
{
    QFile file(u":/icons/line/%1.svg"_s.arg(nameOf(line)));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QPainterPath path;
    QXmlStreamReader xml(&file);
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && !addElement(path, xml))
            return {};
    }
    return xml.hasError() ? QPainterPath() : path;
}

class LineEngine final : public QIconEngine
{
public:
    explicit LineEngine(Line line)
        : m_line(line)
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State /*state*/) override
    {
        const QPalette palette = QGuiApplication::palette();
        const auto group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
        const auto role = mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::ButtonText;
        drawLine(*painter, m_line, rect, palette.color(group, role));
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new LineEngine(m_line); }

private:
    Line m_line;
};
} // namespace

const QPainterPath &linePath(Line line)
{
    static std::array<std::optional<QPainterPath>, LineCount> paths;
    auto &path = paths.at(size_t(line));
    if (!path)
        path = read(line);
    return *path;
}

void drawLine(QPainter &painter, Line line, const QRectF &area, const QColor &color)
{
    const qreal scale = std::min(area.width(), area.height()) / Grid;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(area.center());
    painter.scale(scale, scale);
    painter.translate(-Grid / 2, -Grid / 2);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, StrokeWidth, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(linePath(line));
    painter.restore();
}

QIcon lineIcon(Line line)
{
    return QIcon(new LineEngine(line));
}

} // namespace restante::ui
