// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QFrame>
#include <QtWidgets/QLabel>

namespace restante::ui
{

/// A panel with round corners in the colours of lists: the one style of everything that stands on a page as a card.
class CardFrame : public QFrame
{
    Q_OBJECT

public:
    explicit CardFrame(QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;
};

/// A label in the colour of what is of second importance, whatever the palette becomes.
class DimLabel final : public QLabel
{
    Q_OBJECT

public:
    explicit DimLabel(QWidget *parent = nullptr);

protected:
    void changeEvent(QEvent *event) override;
};

/// A panel with round corners as large as `widget`, in the colour `ground`, with a line that `text` is mixed into.
void paintPanel(QPainter &painter, const QWidget &widget, QPalette::ColorRole ground, QPalette::ColorRole text);
/// Gives `label` letters `factor` times as large as those of the program, and bold ones.
void makeHeading(QLabel &label, qreal factor);

} // namespace restante::ui
