// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/settings.h"

#include <QtWidgets/QDialog>

class QDialogButtonBox;
class QLineEdit;

namespace restante::ui
{

class FieldError;
class NamesList;

/// One friend whose mail is held: server name, petname, and the senders known to them.
class ServedDialog final : public QDialog
{
    Q_OBJECT

public:
    /// `taken` are the names of the other friends, which cannot be used again.
    ServedDialog(const settings::ServedEntry &entry, QStringList taken, QWidget *parent = nullptr);

    settings::ServedEntry entry() const;

private:
    void validate();

    QStringList m_taken;
    const matrix::ServerName m_front; ///< stays as it is
    QLineEdit *m_name;
    FieldError *m_nameError;
    QLineEdit *m_petname;
    NamesList *m_origins;
    FieldError *m_originsError;
    QDialogButtonBox *m_buttons;
};

} // namespace restante::ui
