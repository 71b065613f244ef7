// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/firstsize.h"

#include <QtGui/QScreen>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QStyle>

#include <algorithm>

namespace restante::ui
{

QSize roomFor(const QWidget &window, QSize available)
{
    // The window manager draws the frame, whose size is not known yet; a title bar of the style's size comes near.
    const int title = window.style()->pixelMetric(QStyle::PM_TitleBarHeight, nullptr, &window);
    const int border = window.style()->pixelMetric(QStyle::PM_MdiSubWindowFrameWidth, nullptr, &window);
    return available - QSize(2 * border, title + 2 * border);
}

void setFirstSize(QWidget &window, QSize wanted)
{
    const auto *screen = window.parentWidget() ? window.parentWidget()->screen() : window.screen();
    window.resize(wanted.boundedTo(roomFor(window, screen->availableGeometry().size())));
}

void keepOnScreen(QWidget &window)
{
    if (window.isMaximized() || window.isFullScreen())
        return;
    const QRect available = window.screen()->availableGeometry();
    const QSize room = roomFor(window, available.size());
    window.resize(window.size().boundedTo(room));
    const QSize frame = available.size() - room;
    const QPoint most =
        available.bottomRight() - QPoint(window.width() + frame.width(), window.height() + frame.height());
    const QPoint place = window.pos();
    const QPoint kept(std::max(available.left(), std::min(place.x(), most.x())),
                      std::max(available.top(), std::min(place.y(), most.y())));
    if (kept != place)
        window.move(kept);
}

ScrollingContents::ScrollingContents(QWidget *contents, QWidget *parent)
    : QScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setFocusPolicy(Qt::NoFocus);
    setWidget(contents);
}

QSize ScrollingContents::sizeHint() const
{
    return widget()->sizeHint() + QSize(verticalScrollBar()->sizeHint().width(), 0);
}

} // namespace restante::ui
