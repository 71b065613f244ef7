// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/cards.h"
#include "ui/wizard/wizardpage.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace restante::ui
{

class FieldError;

/// For whom, or where: one link or server name, pasted or typed.
class PeoplePage final : public WizardPage
{
    Q_OBJECT

public:
    PeoplePage(Installation &installation, Setup &setup, QWidget *parent = nullptr);

    QString heading() const override;
    QString explanation() const override;
    QString nextText() const override;
    bool canGoOn() const override { return !m_asking && (m_isEmpty || m_readable); }
    void enter() override;
    void confirm() override;

private:
    void paste();
    void read();
    QString problem(const QString &text);
    void showEffect();

    QLineEdit *m_text;
    QPushButton *m_paste;
    FieldError *m_error;
    QLabel *m_effect;
    card::Card m_card; ///< also of a server name that was entered
    control::CardUse m_use;
    bool m_isEmpty = true;
    bool m_readable = false;
    bool m_asking = false;
};

} // namespace restante::ui
