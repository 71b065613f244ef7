// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "telemetry/traffic.h"

#include <QtWidgets/QWidget>

namespace restante::ui
{

/// How much mail came and went, two bars for each stretch of time. Painted in the palette's colours; hovering, or the
/// arrow keys, tell the figures of one stretch.
class TrafficChart final : public QWidget
{
    Q_OBJECT

public:
    explicit TrafficChart(QWidget *parent = nullptr);

    /// What the bars show.
    enum class Kind {
        Holding,    ///< taken in, handed over
        Collecting, ///< collected from relays, delivered to the homeserver
    };
    /// The same again changes nothing.
    void setReport(const telemetry::TrafficReport &report, Kind kind);

    /// What the colours mean, in the language of the program.
    QString firstName() const;
    QString secondName() const;
    /// The figures of one stretch: "14:00 – 15:00: 12 taken in, 4 handed over".
    QString figures(qsizetype bucket) const;
    /// All of it in a sentence, for those who cannot see it; says so if there is nothing.
    QString summary() const;
    /// The stretch that is pointed at; -1 for none.
    qsizetype pointedAt() const { return m_pointed; }
    /// The largest figure of the axis, and how many steps lead to it, for a largest bar of `most`.
    struct Axis {
        qint64 top = 0;
        int steps = 0;
    };
    static Axis axisFor(qint64 most);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    qint64 first(const telemetry::Traffic &traffic) const;
    qint64 second(const telemetry::Traffic &traffic) const;
    bool isEmpty() const;
    qint64 most() const;
    QRectF plot() const;
    /// The column of one stretch, mirrored if the window is.
    QRectF column(qsizetype bucket) const;
    QString label(qsizetype bucket) const;
    void point(qsizetype bucket);
    void paintAxis(QPainter &painter, const QRectF &area) const;
    void paintTimes(QPainter &painter, const QRectF &area) const;
    void paintBars(QPainter &painter, const QRectF &area) const;

    telemetry::TrafficReport m_report;
    Kind m_kind = Kind::Holding;
    qsizetype m_pointed = -1;
};

} // namespace restante::ui
