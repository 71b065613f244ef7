// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/choicecard.h"

#include "ui/widgets/tones.h"

#include <QtGui/QPainter>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

namespace
{
constexpr qreal Radius = 10;
} // namespace

ChoiceCard::ChoiceCard(const QString &title, const QString &meaning, QWidget *parent)
    : QAbstractButton(parent)
{
    setCheckable(true);
    setAutoExclusive(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(title);
    setAccessibleDescription(meaning);
    auto *name = new QLabel(title);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.2);
    large.setWeight(QFont::DemiBold);
    name->setFont(large);
    auto *text = new QLabel(meaning);
    for (QLabel *label : {name, text}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(18, 14, 18, 14);
    layout->setSpacing(3);
    layout->addWidget(name);
    layout->addWidget(text);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

int ChoiceCard::heightForWidth(int width) const
{
    return layout()->heightForWidth(width);
}

QSize ChoiceCard::sizeHint() const
{
    return layout()->sizeHint();
}

QSize ChoiceCard::minimumSizeHint() const
{
    return layout()->minimumSize();
}

void ChoiceCard::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette &colours = palette();
    const QColor accent = colours.color(QPalette::Highlight);
    const QColor base = colours.color(QPalette::Base);
    // Chosen is told by the thicker frame, too.
    const qreal width = isChecked() ? 2 : 1;
    painter.setPen(QPen(isChecked() ? accent : mixed(base, colours.color(QPalette::WindowText), 0.25), width));
    painter.setBrush(isChecked() ? mixed(base, accent, 0.1) : base);
    const QRectF frame = QRectF(rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2);
    painter.drawRoundedRect(frame, Radius, Radius);
    if (!hasFocus())
        return;
    painter.setPen(QPen(colours.color(QPalette::WindowText), 1, Qt::DotLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(frame.adjusted(4, 4, -4, -4), Radius - 4, Radius - 4);
}

} // namespace restante::ui
