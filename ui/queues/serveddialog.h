// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/settings.h"

#include <QtWidgets/QDialog>

class QDialogButtonBox;
class QLineEdit;

namespace restante::ui
{

class FieldError;
class FileField;
class NamesList;

/// One friend whose mail is held: server name, petname, the senders known to them, and their front door here.
class ServedDialog final : public QDialog
{
    Q_OBJECT

public:
    /// `taken` are the names of the other friends, which cannot be used again.
    ServedDialog(const settings::ServedEntry &entry, QStringList taken, QWidget *parent = nullptr);

    settings::ServedEntry entry() const;

private:
    void validate();

    const settings::ServedEntry m_before;
    QStringList m_taken;
    QLineEdit *m_name;
    FieldError *m_nameError;
    QLineEdit *m_petname;
    NamesList *m_origins;
    FieldError *m_originsError;
    QLineEdit *m_front;
    FieldError *m_frontError;
    FileField *m_certificate; ///< of the front door alone
    FileField *m_key;
    QDialogButtonBox *m_buttons;
};

} // namespace restante::ui
