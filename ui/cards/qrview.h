// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/cards/qrcode.h"

#include <QtWidgets/QWidget>

namespace restante::ui
{

/// Draws a QR code as large as it has room for, in whole pixels: black on white in every theme, because readers need
/// that.
class QrView final : public QWidget
{
    Q_OBJECT

public:
    explicit QrView(QWidget *parent = nullptr);

    void setCode(const QrCode &code);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QrCode m_code;
};

} // namespace restante::ui
