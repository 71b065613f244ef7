// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/overview/friendrow.h"

#include "queue/mailboxboard.h"
#include "ui/widgets/avatar.h"
#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"
#include "ui/widgets/tones.h"

#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QStyle>
#include <QtWidgets/QStyleOptionFocusRect>

namespace restante::ui
{

namespace
{
constexpr int AvatarSide = 30;
constexpr int FillHeight = 6;
} // namespace

FriendRow::FriendRow(QWidget *parent)
    : QAbstractButton(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setBackgroundRole(QPalette::Base);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FriendRow::setContents(const Contents &contents)
{
    if (contents == m_contents)
        return;
    m_contents = contents;
    const QString who = contents.petname.isEmpty() ? contents.shortName : contents.petname;
    //: Read aloud: a friend's name, what is held, how full the mailbox is, when it was collected last
    setAccessibleName(
        tr("%1: %2, %3 full, %4").arg(who, contents.held, percentText(contents.fillPercent), contents.collected));
    setToolTip(plainTip(contents.tip));
    update();
}

QSize FriendRow::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 80, std::max(AvatarSide, fontMetrics().height()) + space::Near};
}

QSize FriendRow::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 40, sizeHint().height()};
}

void FriendRow::paintName(QPainter &painter, const QRect &area) const
{
    const auto alignment = QStyle::visualAlignment(layoutDirection(), Qt::AlignLeft | Qt::AlignVCenter);
    const QString called = m_contents.petname.isEmpty() ? m_contents.shortName : m_contents.petname;
    QFont bold = font();
    bold.setBold(true);
    const QString shown = QFontMetrics(bold, this).elidedText(called, Qt::ElideRight, area.width());
    painter.setFont(bold);
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(area, int(alignment | Qt::TextSingleLine), shown);
    painter.setFont(font());
    const int used = QFontMetrics(bold, this).horizontalAdvance(shown) + space::Near;
    if (m_contents.petname.isEmpty() || used >= area.width())
        return;
    const QRect rest = isRightToLeft() ? area.adjusted(0, 0, -used, 0) : area.adjusted(used, 0, 0, 0);
    painter.setPen(dimText(palette()));
    painter.drawText(rest, int(alignment | Qt::TextSingleLine),
                     fontMetrics().elidedText(m_contents.shortName, Qt::ElideMiddle, rest.width()));
}

void FriendRow::paintFill(QPainter &painter, const QRect &area) const
{
    const QRectF bar(area.x(), area.center().y() - FillHeight / 2.0, area.width(), FillHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(hairLine(palette()));
    painter.drawRoundedRect(bar, FillHeight / 2.0, FillHeight / 2.0);
    if (m_contents.fillPercent <= 0)
        return;
    // Nearly full in the strongest contrast that the palette has, as what asks for attention elsewhere.
    const bool nearlyFull = m_contents.fillPercent >= queue::MailboxBoard::WarnPercent;
    painter.setBrush(palette().color(nearlyFull ? QPalette::Text : QPalette::Highlight));
    const qreal wide = std::max<qreal>(FillHeight, bar.width() * std::min(100, m_contents.fillPercent) / 100);
    const qreal x = isRightToLeft() ? bar.right() - wide : bar.x();
    painter.drawRoundedRect(QRectF(x, bar.y(), wide, FillHeight), FillHeight / 2.0, FillHeight / 2.0);
}

void FriendRow::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (underMouse() || isDown()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(mixed(palette().color(QPalette::Base), palette().color(QPalette::Highlight), 0.1));
        painter.drawRoundedRect(rect(), 6, 6);
    }
    const auto mirrored = [this](const QRect &place) { return QStyle::visualRect(layoutDirection(), rect(), place); };
    const QString called = m_contents.petname.isEmpty() ? m_contents.server : m_contents.petname;
    const QRect avatar(space::Near, (height() - AvatarSide) / 2, AvatarSide, AvatarSide);
    drawAvatar(painter, mirrored(avatar), palette(), m_contents.server, called);

    // From the other end: when, how full, how much; the name has what is left.
    const int letter = fontMetrics().averageCharWidth();
    int end = width() - space::Near;
    const auto take = [&end, this](int wide) {
        end -= wide;
        const QRect place(end, 0, wide, height());
        end -= space::Edge;
        return place;
    };
    const QRect collected = mirrored(take(std::min(letter * 22, width() / 4)));
    const QRect fill = mirrored(take(std::min(letter * 14, width() / 8)));
    const QRect held = mirrored(take(std::min(letter * 30, width() / 3)));
    const int start = avatar.right() + space::Apart;
    const auto near = QStyle::visualAlignment(layoutDirection(), Qt::AlignLeft | Qt::AlignVCenter);
    const auto far = QStyle::visualAlignment(layoutDirection(), Qt::AlignRight | Qt::AlignVCenter);
    painter.setPen(dimText(palette()));
    painter.drawText(collected, int(near | Qt::TextSingleLine),
                     fontMetrics().elidedText(m_contents.collected, Qt::ElideRight, collected.width()));
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(held, int(far | Qt::TextSingleLine),
                     fontMetrics().elidedText(m_contents.held, Qt::ElideRight, held.width()));
    paintFill(painter, fill);
    paintName(painter, mirrored(QRect(start, 0, std::max(0, end - start), height())));
    if (hasFocus()) {
        QStyleOptionFocusRect option;
        option.initFrom(this);
        option.backgroundColor = palette().color(QPalette::Base);
        style()->drawPrimitive(QStyle::PE_FrameFocusRect, &option, &painter, this);
    }
}

void FriendRow::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        click();
    else
        QAbstractButton::keyPressEvent(event); // the space bar
}

void FriendRow::enterEvent(QEnterEvent *event)
{
    QAbstractButton::enterEvent(event);
    update();
}

void FriendRow::leaveEvent(QEvent *event)
{
    QAbstractButton::leaveEvent(event);
    update();
}

} // namespace restante::ui
