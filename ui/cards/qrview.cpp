// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cards/qrview.h"

#include <QtGui/QPainter>

#include <algorithm>

namespace restante::ui
{

QrView::QrView(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("qr"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void QrView::setCode(const QrCode &code)
{
    m_code = code;
    updateGeometry();
    update();
}

QSize QrView::sizeHint() const
{
    const int side = 4 * (m_code.side() + 2 * QrCode::Margin);
    return {side, side};
}

QSize QrView::minimumSizeHint() const
{
    const int side = 2 * (m_code.side() + 2 * QrCode::Margin);
    return {side, side};
}

void QrView::paintEvent(QPaintEvent *)
{
    if (m_code.isNull())
        return;
    const int squares = m_code.side() + 2 * QrCode::Margin;
    const qreal ratio = devicePixelRatioF();
    const int pixels = std::max(1, int(std::min(width(), height()) * ratio) / squares);
    QImage image = m_code.image(pixels);
    image.setDevicePixelRatio(ratio);
    const QSizeF size = image.deviceIndependentSize();
    QPainter(this).drawImage(QPointF((width() - size.width()) / 2, (height() - size.height()) / 2), image);
}

} // namespace restante::ui
