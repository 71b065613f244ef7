// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/warningarea.h"

#include "ui/widgets/noticebar.h"

#include <QtGui/QResizeEvent>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

namespace restante::ui
{

WarningArea::WarningArea(QWidget *parent)
    : QScrollArea(parent)
{
    auto *contents = new QWidget;
    m_bars = new QVBoxLayout(contents);
    m_bars->setContentsMargins(0, 0, 0, 0);
    setObjectName(QStringLiteral("warnings"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    setWidgetResizable(true);
    setWidget(contents);
    hide();
}

void WarningArea::setWarnings(const QList<Warning> &warnings)
{
    if (warnings == m_warnings)
        return;
    m_warnings = warnings;
    while (auto *item = m_bars->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const auto &warning : warnings) {
        auto *bar = new NoticeBar;
        bar->setObjectName(QStringLiteral("warning"));
        bar->setNotice(NoticeBar::Kind::Warning, warning.text, warning.button, warning.detail);
        connect(bar->button(), &QPushButton::clicked, this, [this, warning] { Q_EMIT remedyWanted(warning); });
        m_bars->addWidget(bar);
    }
    setVisible(!warnings.isEmpty());
    updateGeometry();
}

void WarningArea::setMostHeight(int height)
{
    if (height == m_mostHeight)
        return;
    m_mostHeight = height;
    updateGeometry();
}

/// By all bars, in the width that there is now.
int WarningArea::neededHeight() const
{
    const int width = viewport()->width();
    return m_bars->hasHeightForWidth() ? m_bars->heightForWidth(width) : m_bars->sizeHint().height();
}

QSize WarningArea::sizeHint() const
{
    const int needed = neededHeight();
    return {widget()->sizeHint().width(), m_mostHeight > 0 ? std::min(needed, m_mostHeight) : needed};
}

QSize WarningArea::minimumSizeHint() const
{
    constexpr int lines = 3;
    return {widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width(),
            std::min(sizeHint().height(), lines * fontMetrics().height())};
}

void WarningArea::resizeEvent(QResizeEvent *event)
{
    QScrollArea::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        updateGeometry(); // other lines may wrap
}

} // namespace restante::ui
