// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "settings/relayentry.h"

#include <QtWidgets/QDialog>

class QCheckBox;
class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QRadioButton;

namespace restante::ui
{

class FieldError;

/// One association: which relay, where it is, and whose mail it holds; or a relay that sends for this node. OK is
/// blocked, with the reason beside the field, while something cannot be used; the test tells in words what a trial
/// request showed.
class RelayDialog final : public QDialog
{
    Q_OBJECT

public:
    enum class Purpose {
        HoldsMail,
        SendsForUs, ///< there is no owner to choose
    };

    /// `taken` are the keys of the other associations, which cannot be made again.
    RelayDialog(control::Operations &operations, const settings::RelayEntry &entry, QStringList taken,
                QWidget *parent = nullptr, Purpose purpose = Purpose::HoldsMail);

    /// What the fields say; to be asked when it was accepted.
    settings::RelayEntry entry() const;

private:
    void build(Purpose purpose);
    QWidget *buildOwner();
    QWidget *buildAdvanced();
    settings::RelayTexts texts() const;
    void validate();
    void test();
    void showResult(const QString &text, bool bad);

    control::Operations &m_operations;
    QStringList m_taken;
    QLineEdit *m_relay;
    FieldError *m_relayError;
    QLineEdit *m_url;
    FieldError *m_urlError;
    QRadioButton *m_mine;
    QRadioButton *m_other;
    QLineEdit *m_destination;
    FieldError *m_destinationError;
    QLineEdit *m_petname;
    FieldError *m_petnameError;
    QCheckBox *m_overlay;
    QLineEdit *m_pin;
    FieldError *m_pinError;
    QPushButton *m_test;
    QLabel *m_resultIcon;
    QLabel *m_result;
    QDialogButtonBox *m_buttons;
    quint32 m_testNumber = 0; ///< an answer to an earlier test, or about other fields, is dropped
};

} // namespace restante::ui
