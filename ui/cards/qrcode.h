// SPDX-License-Identifier: GPL-3.0-or-later
// QR codes: made by libqrencode, read by ZXing.
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtGui/QImage>

#include <vector>

namespace restante::ui
{

/// The black and white squares of one code. A value type.
class QrCode
{
public:
    /// With an error correction that survives a bad print. Null for an empty text, and for one that no code can hold
    /// (more than 2,331 bytes).
    explicit QrCode(const QByteArray &text = {});

    bool isNull() const { return m_side == 0; }
    /// Squares in a row, without the white margin that readers need.
    int side() const { return m_side; }
    bool isBlack(int x, int y) const { return m_black[size_t(y) * size_t(m_side) + size_t(x)]; }
    /// Black on white with its margin, each square `pixels` wide.
    QImage image(int pixels) const;
    /// The same as SVG, one unit for each square; `description` goes along as text that programs can find.
    QByteArray svg(const QString &description) const;

    static constexpr int Margin = 4; ///< squares, as the standard asks for

private:
    int m_side = 0;
    std::vector<bool> m_black;
};

/// What the QR codes in a picture say, those that could be read. Takes some 100 ms for a large picture.
QList<QByteArray> textsInPicture(const QImage &picture);

} // namespace restante::ui
