// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/overview/trafficchart.h"

#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"
#include "ui/widgets/tones.h"

#include <QtCore/QDateTime>
#include <QtCore/QLocale>
#include <QtGui/QKeyEvent>
#include <QtGui/QMouseEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QStyle>
#include <QtWidgets/QStyleOptionFocusRect>
#include <QtWidgets/QToolTip>

#include <algorithm>
#include <array>

namespace restante::ui
{

using telemetry::Traffic;
using telemetry::TrafficSpan;

namespace
{
QString clockText(qint64 ms)
{
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(ms).time(), QLocale::ShortFormat);
}

QString dayText(qint64 ms)
{
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(ms).date(), QLocale::ShortFormat);
}
} // namespace

TrafficChart::TrafficChart(QWidget *parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setBackgroundRole(QPalette::Base);
    setAccessibleName(tr("Chart of the mail that came and went"));
}

void TrafficChart::setReport(const telemetry::TrafficReport &report, Kind kind)
{
    if (report == m_report && kind == m_kind)
        return;
    if (report.span != m_report.span)
        m_pointed = -1;
    m_report = report;
    m_kind = kind;
    setAccessibleDescription(summary());
    updateGeometry();
    update();
}

qint64 TrafficChart::first(const Traffic &traffic) const
{
    return m_kind == Kind::Holding ? traffic.takenIn : traffic.collected;
}

qint64 TrafficChart::second(const Traffic &traffic) const
{
    return m_kind == Kind::Holding ? traffic.handedOver : traffic.delivered;
}

QString TrafficChart::firstName() const
{
    return m_kind == Kind::Holding ? tr("taken in") : tr("collected");
}

QString TrafficChart::secondName() const
{
    return m_kind == Kind::Holding ? tr("handed over") : tr("delivered");
}

qint64 TrafficChart::most() const
{
    qint64 most = 0;
    for (const auto &bucket : m_report.buckets)
        most = std::max({most, first(bucket.traffic), second(bucket.traffic)});
    return most;
}

bool TrafficChart::isEmpty() const
{
    return most() == 0;
}

QString TrafficChart::figures(qsizetype bucket) const
{
    const auto &[startMs, traffic] = m_report.buckets.at(bucket);
    QString when = clockText(startMs);
    if (m_report.span == TrafficSpan::Month) {
        when = dayText(startMs);
    } else if (m_report.span == TrafficSpan::Day) {
        constexpr qint64 hourMs = 3'600'000;
        //: From one time of the day to another
        when = tr("%1 – %2").arg(clockText(startMs), clockText(startMs + hourMs));
    }
    //: A stretch of time, then a number and a word for each bar: "14:00 – 15:00: 12 taken in, 4 handed over"
    return tr("%1: %2 %3, %4 %5")
        .arg(when, countText(first(traffic)), firstName(), countText(second(traffic)), secondName());
}

QString TrafficChart::summary() const
{
    if (isEmpty()) {
        switch (m_report.span) {
        case TrafficSpan::Hour:
            return tr("No mail came or went in the last hour.");
        case TrafficSpan::Day:
            return tr("No mail came or went in the last 24 hours.");
        case TrafficSpan::Month:
            return tr("No mail came or went in the last 30 days.");
        }
    }
    Traffic all;
    qsizetype busiest = 0;
    for (qsizetype i = 0; i < m_report.buckets.size(); ++i) {
        const Traffic &traffic = m_report.buckets.at(i).traffic;
        all += traffic;
        const Traffic &most = m_report.buckets.at(busiest).traffic;
        if (first(traffic) + second(traffic) > first(most) + second(most))
            busiest = i;
    }
    //: All of the chart: a number and a word for each colour; then the figures of its busiest stretch
    return tr("%1 %2, %3 %4 in all. Most of it: %5")
        .arg(countText(first(all)), firstName(), countText(second(all)), secondName(), figures(busiest));
}

/// Steps of 1, 2 or 5 with noughts, as people count.
TrafficChart::Axis TrafficChart::axisFor(qint64 most)
{
    constexpr int wanted = 4;
    qint64 step = 1;
    for (qint64 ten = 1; step * wanted < most; ten *= 10) {
        for (const qint64 factor : {1, 2, 5}) {
            step = ten * factor;
            if (step * wanted >= most)
                break;
        }
    }
    const int steps = std::max(1, int((most + step - 1) / step));
    return {step * steps, steps};
}

QSize TrafficChart::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 70, fontMetrics().height() * 10};
}

QSize TrafficChart::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 32, fontMetrics().height() * 7};
}

QRectF TrafficChart::plot() const
{
    const Axis axis = axisFor(most());
    const qreal left = fontMetrics().horizontalAdvance(countText(axis.top)) + space::Near;
    const qreal top = fontMetrics().height() / 2.0;
    const qreal bottom = fontMetrics().height() + space::Tight;
    const QRectF area(left, top, width() - left, height() - top - bottom);
    return isRightToLeft() ? area.translated(-left, 0) : area;
}

QRectF TrafficChart::column(qsizetype bucket) const
{
    const QRectF area = plot();
    const qreal wide = area.width() / qreal(std::max<qsizetype>(1, m_report.buckets.size()));
    const qreal x = area.left() + qreal(isRightToLeft() ? m_report.buckets.size() - 1 - bucket : bucket) * wide;
    return {x, area.top(), wide, area.height()};
}

QString TrafficChart::label(qsizetype bucket) const
{
    const qint64 startMs = m_report.buckets.at(bucket).startMs;
    if (m_report.span != TrafficSpan::Month)
        return clockText(startMs);
    //: Day and month on the axis of a chart, as QLocale::toString writes them: "d MMM" gives "20 Sep"
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(startMs).date(), tr("d MMM"));
}

void TrafficChart::paintAxis(QPainter &painter, const QRectF &area) const
{
    const Axis axis = axisFor(most());
    const QColor line = hairLine(palette());
    const qreal gap = space::Near;
    for (int step = 0; step <= axis.steps; ++step) {
        const qreal y = std::round(area.bottom() - area.height() * step / axis.steps) + 0.5;
        painter.setPen(QPen(line, 1));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(dimText(palette()));
        const qreal high = fontMetrics().height();
        const QRectF before(0, y - high / 2, area.left() - gap, high);
        const QRectF behind(area.right() + gap, y - high / 2, width() - area.right() - gap, high);
        painter.drawText(isRightToLeft() ? behind : before,
                         Qt::AlignAbsolute | Qt::AlignVCenter | (isRightToLeft() ? Qt::AlignLeft : Qt::AlignRight),
                         countText(axis.top / axis.steps * step));
    }
}

/// As many times as there is room for, at equal distances, counted back from the stretch that runs.
void TrafficChart::paintTimes(QPainter &painter, const QRectF &area) const
{
    qreal widest = 0;
    for (qsizetype i = 0; i < m_report.buckets.size(); ++i)
        widest = std::max(widest, qreal(fontMetrics().horizontalAdvance(label(i))));
    const qreal wide = area.width() / qreal(m_report.buckets.size());
    constexpr std::array strides{1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30};
    const auto fits =
        std::find_if(strides.begin(), strides.end(), [&](int stride) { return wide * stride >= widest + space::Edge; });
    const int stride = fits == strides.end() ? int(m_report.buckets.size()) : *fits;
    painter.setPen(dimText(palette()));
    for (qsizetype i = m_report.buckets.size() - 1; i >= 0; i -= stride) {
        const qreal middle = column(i).center().x();
        const qreal x = std::clamp(middle - widest / 2, 0.0, std::max(0.0, width() - widest));
        painter.drawText(QRectF(x, area.bottom() + space::Tight, widest, fontMetrics().height()), Qt::AlignCenter,
                         label(i));
    }
}

void TrafficChart::paintBars(QPainter &painter, const QRectF &area) const
{
    const qint64 top = axisFor(most()).top;
    const qreal thick = std::clamp(column(0).width() * 0.38, 1.0, 14.0);
    for (qsizetype i = 0; i < m_report.buckets.size(); ++i) {
        const QRectF place = column(i);
        if (i == m_pointed)
            painter.fillRect(place, mixed(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.08));
        const Traffic &traffic = m_report.buckets.at(i).traffic;
        const auto bar = [&](qint64 count, bool isFirst) {
            if (count <= 0)
                return;
            const qreal high = std::max(1.0, area.height() * qreal(count) / qreal(top)); // one is not nothing
            const qreal middle = place.center().x();
            const qreal x = isFirst != isRightToLeft() ? middle - thick - 0.5 : middle + 0.5;
            const qreal round = std::min(2.0, thick / 3);
            painter.setBrush(isFirst ? firstSeries(palette()) : secondSeries(palette()));
            painter.drawRoundedRect(QRectF(x, area.bottom() - high, thick, high), round, round);
        };
        painter.setPen(Qt::NoPen);
        bar(first(traffic), true);
        bar(second(traffic), false);
    }
}

void TrafficChart::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_report.buckets.isEmpty()) // it has not come yet
        return;
    if (isEmpty()) {
        painter.setPen(dimText(palette()));
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, summary());
    } else {
        const QRectF area = plot();
        paintAxis(painter, area);
        paintBars(painter, area);
        paintTimes(painter, area);
    }
    if (hasFocus()) {
        QStyleOptionFocusRect option;
        option.initFrom(this);
        option.backgroundColor = palette().color(QPalette::Base);
        style()->drawPrimitive(QStyle::PE_FrameFocusRect, &option, &painter, this);
    }
}

void TrafficChart::point(qsizetype bucket)
{
    if (bucket == m_pointed)
        return;
    m_pointed = bucket;
    update();
    if (bucket < 0) {
        QToolTip::hideText();
        return;
    }
    const QRectF place = column(bucket);
    QToolTip::showText(mapToGlobal(QPoint(int(place.center().x()), int(place.top()))), plainTip(figures(bucket)), this);
    setAccessibleDescription(figures(bucket));
}

bool TrafficChart::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) // it is told while the mouse moves
        return true;
    return QWidget::event(event);
}

void TrafficChart::mouseMoveEvent(QMouseEvent *event)
{
    qsizetype found = -1;
    for (qsizetype i = 0; i < m_report.buckets.size() && !isEmpty(); ++i) {
        if (column(i).contains(event->position()))
            found = i;
    }
    point(found);
}

void TrafficChart::leaveEvent(QEvent *event)
{
    QWidget::leaveEvent(event);
    point(-1);
}

void TrafficChart::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    point(-1);
    setAccessibleDescription(summary());
}

void TrafficChart::keyPressEvent(QKeyEvent *event)
{
    const qsizetype last = m_report.buckets.size() - 1;
    const auto towards = [this](int key) { return isRightToLeft() == (key == Qt::Key_Left) ? 1 : -1; };
    if (isEmpty() || (event->key() != Qt::Key_Left && event->key() != Qt::Key_Right))
        return QWidget::keyPressEvent(event);
    const qsizetype from = m_pointed < 0 ? last + 1 : m_pointed;
    point(std::clamp<qsizetype>(from + towards(event->key()), 0, last));
}

} // namespace restante::ui
