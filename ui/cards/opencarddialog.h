// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/cards.h"
#include "ui/cards/cardsource.h"

#include <QtWidgets/QDialog>

class QComboBox;
class QDialogButtonBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace restante::ui
{

/// A card of somebody else: as it was clicked, pasted, dropped, or found in a file. Says what adding it would do, and
/// does that after one confirmation.
class OpenCardDialog final : public QDialog
{
    Q_OBJECT

public:
    explicit OpenCardDialog(control::Operations &operations, QWidget *parent = nullptr);

    /// Shows it in the place of what was there.
    void open(const FoundCard &found);
    using QDialog::open;

Q_SIGNALS:
    /// It was added, and the dialog is closed. `called`: how its owner is called here from now on.
    void added(restante::card::Card::Kind kind, const QString &called);

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void build();
    QLayout *buildSources();
    void paste();
    void chooseFile();
    void read();
    void showCard();
    void updateCautions();
    void say(const QString &text);
    void add();
    settings::RelayUrl address() const;
    QString called() const;

    control::Operations &m_operations;
    QPlainTextEdit *m_link;
    QPushButton *m_paste;
    QPushButton *m_file;
    QLabel *m_effect; ///< what it would do, or why it is none
    QFormLayout *m_form;
    QLineEdit *m_server;
    QComboBox *m_address;
    QLineEdit *m_pin;
    QLineEdit *m_petname;
    QLabel *m_cautions;
    QDialogButtonBox *m_buttons;
    QPushButton *m_add;
    card::Card m_card;
    control::CardUse m_use;
    bool m_readable = false; ///< m_card and m_use are of what is in m_link
};

} // namespace restante::ui
