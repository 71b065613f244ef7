// SPDX-License-Identifier: GPL-3.0-or-later
// The size that a window has when it is shown first. On a small or a much enlarged screen what does not fit would be
// out of reach, and of a dialog these are the buttons.
#pragma once

#include <QtWidgets/QScrollArea>

namespace restante::ui
{

/// Resizes `window` to `wanted`, or to what the screen has room for beside panels and a frame.
void setFirstSize(QWidget &window, QSize wanted);
/// For a window whose size and place were kept from another day, when the screen was larger or less enlarged: makes it
/// fit, and moves it back inside.
void keepOnScreen(QWidget &window);
/// The greatest size of a window within `available`, which is a screen without its panels.
QSize roomFor(const QWidget &window, QSize available);

/// Contents of a dialog that scroll if there is too little room; as large as these if there is enough.
class ScrollingContents final : public QScrollArea
{
    Q_OBJECT

public:
    /// Takes `contents` over.
    explicit ScrollingContents(QWidget *contents, QWidget *parent = nullptr);

    QSize sizeHint() const override;
};

} // namespace restante::ui
