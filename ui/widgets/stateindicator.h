// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

#include <QtWidgets/QWidget>

namespace restante::ui
{

/// The state of the appliance as one word, translated.
QString stateText(control::ApplianceStatus::State state);
/// Whether pausing or resuming would change anything.
bool canPause(const control::ApplianceStatus &status);

/// The state of the appliance as a shape: disc, two bars, triangle, cross. The colours come from the palette; the shape
/// alone tells the states apart.
class StateIndicator final : public QWidget
{
    Q_OBJECT

public:
    /// `side` in pixels; 0: as high as a line of text. From 32 on the shape stands on a disc.
    explicit StateIndicator(int side = 0, QWidget *parent = nullptr);

    void setState(control::ApplianceStatus::State state);
    control::ApplianceStatus::State state() const { return m_state; }

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const int m_side;
    control::ApplianceStatus::State m_state = control::ApplianceStatus::State::Stopped;
};

} // namespace restante::ui
