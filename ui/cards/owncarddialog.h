// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/cards.h"
#include "ui/cards/qrcode.h"

#include <QtWidgets/QDialog>

class QLabel;
class QLineEdit;
class QPushButton;

namespace restante::ui
{

class FieldError;
class QrView;

/// A card of this installation to hand on: as a link to copy, a QR code, and a file. What it says of its owner can be
/// edited here and is kept in the settings.
class OwnCardDialog final : public QDialog
{
    Q_OBJECT

public:
    /// `answersTo`: who is to get it, as people call them; empty for anybody.
    OwnCardDialog(control::Operations &operations, card::Card::Kind kind, const QString &answersTo,
                  QWidget *parent = nullptr);

    void done(int result) override;

private:
    void build(const QString &answersTo);
    QLayout *buildLink();
    void update();
    void showReason(const QString &reason);
    settings::Settings edited() const;
    void keep();
    void copy();
    void save();
    void write(const QString &file);

    control::Operations &m_operations;
    const card::Card::Kind m_kind;
    QLineEdit *m_name;
    FieldError *m_nameError;
    QLineEdit *m_addresses;
    FieldError *m_addressesError;
    QLabel *m_reason; ///< why there is no card
    QrView *m_picture;
    QLineEdit *m_link;
    QPushButton *m_copy;
    QPushButton *m_save;
    QLabel *m_told; ///< what became of the last thing that was asked for
    QrCode m_code;
};

} // namespace restante::ui
