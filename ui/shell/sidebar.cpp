// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/sidebar.h"

#include "ui/widgets/tones.h"

#include <QtGui/QIcon>
#include <QtGui/QPainter>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QStyleOptionFocusRect>
#include <QtWidgets/QStyledItemDelegate>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

namespace restante::ui
{

namespace
{
constexpr int IconSide = 18;
constexpr int BadgeRole = Qt::UserRole;
constexpr int IconRole = Qt::UserRole + 1;

/// One line of the sidebar, as it is to be drawn.
struct SideRow {
    Line icon = Line::Overview;
    QString text; ///< may have a mnemonic
    QString badge;
    bool isChosen = false;
    bool isHovered = false;
    bool hasFocus = false;
};

QSize sideRowSize(const QFontMetrics &metrics, const QString &text, const QString &badge)
{
    QString plain = text;
    plain.remove(u'&');
    int wide = space::Apart + IconSide + space::Apart + metrics.horizontalAdvance(plain) + space::Apart;
    if (!badge.isEmpty())
        wide += space::Apart + metrics.horizontalAdvance(badge);
    return {wide + metrics.averageCharWidth(), std::max(IconSide, metrics.height()) + 2 * space::Near};
}

void paintSideRow(QPainter &painter, const QWidget &widget, const QRect &place, const SideRow &row)
{
    const QPalette palette = widget.palette();
    const auto direction = widget.layoutDirection();
    const auto mirrored = [&](const QRect &part) { return QStyle::visualRect(direction, place, part); };
    const QRect inner = place.adjusted(0, 1, 0, -1);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    if (row.isChosen || row.isHovered) {
        painter.setBrush(tint(palette, row.isChosen ? 0.2 : 0.08));
        painter.drawRoundedRect(inner, 6, 6);
    }
    if (row.isChosen) { // told by more than a shade
        painter.setBrush(palette.color(QPalette::Highlight));
        painter.drawRoundedRect(mirrored({inner.x(), inner.y() + space::Near, 3, inner.height() - 2 * space::Near}),
                                1.5, 1.5);
    }
    const QColor text = palette.color(QPalette::WindowText);
    const QColor dim = mixed(palette.color(QPalette::Window), text, 0.7);
    const QRect icon(place.x() + space::Apart, place.y() + (place.height() - IconSide) / 2, IconSide, IconSide);
    drawLine(painter, row.icon, mirrored(icon), row.isChosen ? text : dim);
    const int start = icon.right() + space::Apart;
    const QRect rest(start, place.y(), place.right() - space::Apart - start, place.height());
    painter.setPen(dim);
    painter.drawText(mirrored(rest), int(QStyle::visualAlignment(direction, Qt::AlignRight | Qt::AlignVCenter)),
                     row.badge);
    QFont font = widget.font();
    font.setBold(row.isChosen);
    painter.setFont(font);
    painter.setPen(text);
    painter.drawText(mirrored(rest),
                     int(QStyle::visualAlignment(direction, Qt::AlignLeft | Qt::AlignVCenter)) | Qt::TextShowMnemonic,
                     row.text);
    painter.restore();
    if (row.hasFocus) {
        QStyleOptionFocusRect option;
        option.initFrom(&widget);
        option.rect = inner;
        option.backgroundColor = palette.color(QPalette::Window);
        widget.style()->drawPrimitive(QStyle::PE_FrameFocusRect, &option, &painter, &widget);
    }
}

class PageDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        SideRow row;
        row.icon = Line(index.data(IconRole).toInt());
        row.text = index.data().toString().replace(u'&', QStringLiteral("&&"));
        row.badge = index.data(BadgeRole).toString();
        row.isChosen = option.state & QStyle::State_Selected;
        row.isHovered = option.state & QStyle::State_MouseOver;
        row.hasFocus = option.state & QStyle::State_HasFocus;
        paintSideRow(*painter, *option.widget, option.rect, row);
    }
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QFont bold = option.font;
        bold.setBold(true);
        return sideRowSize(QFontMetrics(bold), index.data().toString(), index.data(BadgeRole).toString());
    }
};

class SideButton final : public QPushButton
{
public:
    SideButton(Line icon, const QString &text, QWidget *parent)
        : QPushButton(text, parent)
        , m_icon(icon)
    {
        setAttribute(Qt::WA_Hover);
    }
    QSize sizeHint() const override { return sideRowSize(fontMetrics(), text(), {}); }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent * /*event*/) override
    {
        QPainter painter(this);
        SideRow row;
        row.icon = m_icon;
        row.text = text();
        row.isHovered = underMouse() || isDown();
        row.hasFocus = hasFocus();
        paintSideRow(painter, *this, rect(), row);
    }

private:
    const Line m_icon;
};
} // namespace

Sidebar::Sidebar(QWidget *parent)
    : QWidget(parent)
    , m_pages(new QListWidget)
    , m_layout(new QVBoxLayout(this))
{
    m_pages->setObjectName(QStringLiteral("pages"));
    m_pages->setAccessibleName(tr("Pages"));
    m_pages->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_pages->setFrameShape(QFrame::NoFrame);
    m_pages->setMouseTracking(true);
    m_pages->viewport()->setAutoFillBackground(false);
    m_pages->setItemDelegate(new PageDelegate(m_pages));
    auto *sign = new QLabel;
    sign->setPixmap(QIcon(QStringLiteral(":/icons/app-48.png")).pixmap(22, 22));
    auto *name = new QLabel(tr("Restante"));
    QFont bold = name->font();
    bold.setBold(true);
    name->setFont(bold);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(space::Near, 0, 0, space::Near);
    head->setSpacing(space::Near);
    head->addWidget(sign);
    head->addWidget(name);
    head->addStretch(1);
    m_layout->setContentsMargins(space::Near, space::Edge, space::Near, space::Near);
    m_layout->setSpacing(0);
    m_layout->addLayout(head);
    m_layout->addWidget(m_pages, 1);
}

void Sidebar::addPage(Line icon)
{
    auto *item = new QListWidgetItem(m_pages);
    item->setData(IconRole, int(icon));
}

void Sidebar::setPage(int row, const QString &title, const QString &badge)
{
    auto *item = m_pages->item(row);
    item->setText(title);
    item->setData(BadgeRole, badge);
    //: Read aloud: a page's name in the list and a number
    item->setData(Qt::AccessibleTextRole, badge.isEmpty() ? title : tr("%1 (%2)").arg(title, badge));
    // Narrow, but wide enough for every name; it only grows, so that figures that change do not move the page.
    const int wanted = std::max(m_pages->sizeHintForColumn(0), fontMetrics().averageCharWidth() * 20);
    if (wanted > m_pages->minimumWidth())
        m_pages->setFixedWidth(wanted);
}

QPushButton *Sidebar::addButton(Line icon, const QString &text, const QString &name)
{
    auto *button = new SideButton(icon, text, this);
    button->setObjectName(name);
    m_layout->addWidget(button);
    return button;
}

void Sidebar::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    const QColor ground = palette().color(QPalette::Window);
    painter.fillRect(rect(), mixed(ground, palette().color(QPalette::WindowText), 0.05));
}

} // namespace restante::ui
