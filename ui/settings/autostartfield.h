// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/settings/autostart.h"

#include <QtWidgets/QWidget>

class QCheckBox;
class QLabel;

namespace restante::ui
{

class FieldError;

/// Whether the program starts at login: a box to tick, and what is odd about the entry that is there.
class AutostartField final : public QWidget
{
    Q_OBJECT

public:
    /// `autostart` outlives it.
    explicit AutostartField(Autostart &autostart, QWidget *parent = nullptr);

    /// Shows what is in force.
    void load();
    /// Proposes to start at login, if that is possible and nobody switched it off.
    void propose();
    /// Puts in force what is ticked. Returns what went wrong, which is shown, too; empty if nothing did.
    QString apply();

Q_SIGNALS:
    void edited();

private:
    Autostart &m_autostart;
    QCheckBox *m_box;
    QLabel *m_note;
    FieldError *m_error;
};

} // namespace restante::ui
