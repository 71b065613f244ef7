// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/settings/autostart.h"
#include "ui/wizard/wizardpage.h"

#include <QtWidgets/QDialog>

#include <memory>

class QLabel;
class QPushButton;
class QStackedWidget;

namespace restante::ui
{

/// Sets the program up, page by page, from "what shall it do" to the card to hand on. Each page is put in force when it
/// is confirmed; whoever leaves keeps what was confirmed until then, and the next wizard begins with that.
class Wizard final : public QDialog
{
    Q_OBJECT

public:
    /// `link`: of a card with which the program was started; may be empty. `installation` outlives the wizard.
    Wizard(Installation &installation, std::unique_ptr<Autostart> autostart, const QString &link = {},
           QWidget *parent = nullptr);

private:
    QLayout *buildButtons();
    QList<WizardPage *> pages() const;
    WizardPage *current() const { return m_current; }
    void go(int steps);
    void showPage(WizardPage *page);
    void update();

    Setup m_setup;
    WizardPage *m_purpose;
    WizardPage *m_identity;
    WizardPage *m_reach;
    WizardPage *m_people;
    WizardPage *m_last;
    WizardPage *m_current = nullptr;
    QLabel *m_heading;
    QLabel *m_explanation;
    QStackedWidget *m_stack;
    QLabel *m_step;
    QPushButton *m_back;
    QPushButton *m_notNow;
    QPushButton *m_next;
};

} // namespace restante::ui
