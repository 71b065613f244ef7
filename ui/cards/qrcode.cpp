// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cards/qrcode.h"

#include <QtGui/QPainter>

#include <ReadBarcode.h>
#include <qrencode.h>

#include <memory>

namespace restante::ui
{

QrCode::QrCode(const QByteArray &text)
{
    if (text.isEmpty())
        return;
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeData(int(text.size()), reinterpret_cast<const unsigned char *>(text.constData()), 0, QR_ECLEVEL_M),
        &QRcode_free);
    if (!code)
        return;
    m_side = code->width;
    m_black.resize(size_t(m_side) * size_t(m_side));
    for (size_t at = 0; at < m_black.size(); ++at)
        m_black[at] = (code->data[at] & 1) != 0;
}

QImage QrCode::image(int pixels) const
{
    const int side = m_side + 2 * Margin;
    QImage squares(side, side, QImage::Format_Grayscale8);
    squares.fill(Qt::white);
    for (int y = 0; y < m_side; ++y) {
        for (int x = 0; x < m_side; ++x) {
            if (isBlack(x, y))
                squares.scanLine(y + Margin)[x + Margin] = 0;
        }
    }
    return squares.scaled(side * pixels, side * pixels);
}

QByteArray QrCode::svg(const QString &description) const
{
    const QByteArray side = QByteArray::number(m_side + 2 * Margin);
    QByteArray path;
    for (int y = 0; y < m_side; ++y) {
        for (int x = 0; x < m_side; ++x) {
            if (isBlack(x, y))
                path += 'M' + QByteArray::number(x + Margin) + ' ' + QByteArray::number(y + Margin) + "h1v1h-1z";
        }
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
           side + ' ' + side + "\" width=\"" + side + "mm\" height=\"" + side +
           "mm\" shape-rendering=\"crispEdges\">\n<desc>" + description.toHtmlEscaped().toUtf8() +
           "</desc>\n<rect width=\"" + side + "\" height=\"" + side + "\" fill=\"#fff\"/>\n<path d=\"" + path +
           "\"/>\n</svg>\n";
}

QList<QByteArray> textsInPicture(const QImage &picture)
{
    QList<QByteArray> texts;
    if (picture.isNull())
        return texts;
    // What is see-through is white, as a page behind it would be.
    QImage opaque(picture.size(), QImage::Format_RGB32);
    opaque.fill(Qt::white);
    QPainter(&opaque).drawImage(0, 0, picture);
    const QImage grey = opaque.convertToFormat(QImage::Format_Grayscale8);
    const ZXing::ImageView view(grey.constBits(), grey.width(), grey.height(), ZXing::ImageFormat::Lum,
                                int(grey.bytesPerLine()));
    for (const auto &found : ZXing::ReadBarcodes(view)) {
        if (!found.isValid() || found.format() != ZXing::BarcodeFormat::QRCode)
            continue;
        const auto &bytes = found.bytes();
        texts.append(QByteArray(reinterpret_cast<const char *>(bytes.data()), qsizetype(bytes.size())));
    }
    return texts;
}

} // namespace restante::ui
