// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/warnings.h"

#include <QtWidgets/QScrollArea>

class QVBoxLayout;

namespace restante::ui
{

/// What needs attention, one bar each, under the state of the program. As high as the bars need, up to a bound; beyond
/// that it scrolls, so that no sentence is cut and no page is pushed off a small screen.
class WarningArea final : public QScrollArea
{
    Q_OBJECT

public:
    explicit WarningArea(QWidget *parent = nullptr);

    /// Hidden if there are none. The same ones again change nothing: the keyboard may be on one of the buttons.
    void setWarnings(const QList<Warning> &warnings);
    /// In pixels; 0 (at first) is no bound.
    void setMostHeight(int height);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// The button of one was pressed.
    void remedyWanted(const restante::ui::Warning &warning);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    int neededHeight() const;

    QVBoxLayout *m_bars;
    QList<Warning> m_warnings;
    int m_mostHeight = 0;
};

} // namespace restante::ui
