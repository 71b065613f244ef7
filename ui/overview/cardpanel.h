// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/cards/qrcode.h"
#include "ui/widgets/cardframe.h"

class QPushButton;

namespace restante::ui
{

class QrView;

/// This installation's card as a QR code, with its link to copy: the relay's if mail is held here for others, else the
/// one with which others hold mail for this server. If there is no such card yet it says what is missing.
class CardPanel final : public CardFrame
{
    Q_OBJECT

public:
    explicit CardPanel(control::Operations &operations, QWidget *parent = nullptr);

    /// `holds`: mail is held here for others. Looks at settings and status anew.
    void showCard(bool holds);

Q_SIGNALS:
    /// The whole card is wanted: with its name and address, to be edited, printed and saved.
    void cardWanted();

private:
    void copy();
    void updateCopy();

    control::Operations &m_operations;
    QLabel *m_title;
    QrView *m_picture;
    DimLabel *m_told;
    QPushButton *m_copy;
    QPushButton *m_more;
    QString m_link; ///< empty if there is no card
};

} // namespace restante::ui
