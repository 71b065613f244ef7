// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/widgets/warnings.h"

#include <QtWidgets/QDialog>

class QDialogButtonBox;
class QListWidget;
class QStackedWidget;

namespace restante::ui
{

class FieldError;
class SettingsPage;

/// Edits a copy of the settings and has it applied. OK is blocked, with the reason beside it, while something cannot be
/// used; what the core refuses is shown, and the dialog stays.
class SettingsDialog final : public QDialog
{
    Q_OBJECT

public:
    SettingsDialog(control::Operations &operations, const QString &dataFolder, QWidget *parent = nullptr);

    /// Shows the page behind a remedy; without one the first.
    void showPage(Remedy where);

    void accept() override;

Q_SIGNALS:
    /// The settings were applied, but some of them wait for the next start.
    void restartNeeded();
    /// The operator wants the wizard instead; the dialog is closed.
    void setupWanted();

private:
    void addPage(SettingsPage *page);
    void validate();
    settings::Settings edited() const;
    QString coreProblem() const;
    QString finish();

    control::Operations &m_operations;
    const settings::Settings m_loaded; ///< as the pages showed them first
    QListWidget *m_list;
    QStackedWidget *m_stack;
    QDialogButtonBox *m_buttons;
    FieldError *m_problem;
    QList<SettingsPage *> m_pages;
    bool m_applying = false;
};

} // namespace restante::ui
