// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/overview/tile.h"

#include "ui/widgets/plaintip.h"
#include "ui/widgets/tones.h"

#include <QtCore/QEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QStyle>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

namespace
{
constexpr int PictureSide = 20;
} // namespace

Tile::Tile(const QString &name, QWidget *parent)
    : CardFrame(parent)
    , m_title(new DimLabel)
    , m_figure(new QLabel)
    , m_note(new DimLabel)
{
    setObjectName(name);
    m_title->setObjectName(name + QStringLiteral("Title"));
    m_figure->setObjectName(name + QStringLiteral("Figure"));
    m_note->setObjectName(name + QStringLiteral("Note"));
    makeHeading(*m_figure, 1.8);
    m_figure->setTextFormat(Qt::PlainText);
    for (QLabel *label : {static_cast<QLabel *>(m_title), m_figure, static_cast<QLabel *>(m_note)})
        label->setMinimumWidth(1); // four of them share the width of a small screen
    m_title->setWordWrap(true);
    m_note->setWordWrap(true);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::Edge, space::Apart, space::Edge, space::Apart);
    layout->setSpacing(0);
    layout->addWidget(m_title);
    layout->addWidget(m_figure);
    layout->addWidget(m_note);
    layout->addStretch(1);
    align();
}

/// A label goes by the direction of its text, and a figure has none.
void Tile::align()
{
    const auto side = (isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignAbsolute | Qt::AlignVCenter;
    for (QLabel *label : {static_cast<QLabel *>(m_title), m_figure, static_cast<QLabel *>(m_note)})
        label->setAlignment(side);
    m_title->setContentsMargins(isRightToLeft() ? PictureSide + space::Tight : 0, 0,
                                isRightToLeft() ? 0 : PictureSide + space::Tight, 0);
}

void Tile::changeEvent(QEvent *event)
{
    CardFrame::changeEvent(event);
    if (event->type() == QEvent::LayoutDirectionChange)
        align();
}

void Tile::setContents(const Contents &contents)
{
    m_title->setText(contents.title);
    m_figure->setText(contents.figure);
    m_note->setText(contents.note);
    setToolTip(plainTip(contents.tip));
    //: Read aloud: what it is, how many, and a word about it
    setAccessibleName(tr("%1: %2, %3").arg(contents.title, contents.figure, contents.note));
    m_icon = contents.icon;
    update();
}

void Tile::paintEvent(QPaintEvent *event)
{
    CardFrame::paintEvent(event);
    QPainter painter(this);
    const QRect left(space::Edge, space::Apart, PictureSide, PictureSide);
    const QRect right = QStyle::visualRect(isRightToLeft() ? Qt::LeftToRight : Qt::RightToLeft, rect(), left);
    drawLine(painter, m_icon, right, firstSeries(palette()));
}

} // namespace restante::ui
