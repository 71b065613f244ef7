// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizard/wizardpage.h"

#include <memory>

class QLabel;
class QLineEdit;
class QPushButton;

namespace restante::ui
{

class Autostart;
class AutostartField;
class QrView;

/// What there is now, the card to hand on, and whether all of it starts at login.
class LastPage final : public WizardPage
{
    Q_OBJECT

public:
    LastPage(Installation &installation, Setup &setup, std::unique_ptr<Autostart> autostart, QWidget *parent = nullptr);
    ~LastPage() override;

    QString heading() const override { return tr("Ready"); }
    QString explanation() const override;
    QString nextText() const override { return tr("&Finish"); }
    void enter() override;
    void confirm() override;

private:
    bool isRelayCard() const { return m_setup.holds() && !m_setup.addedRelay; }
    void copy();

    std::unique_ptr<Autostart> m_autostart;
    QLabel *m_next; ///< what to do with the card, or why there is none
    QrView *m_picture;
    QLineEdit *m_link;
    QPushButton *m_copy;
    AutostartField *m_atLogin;
    bool m_proposed = false;
};

} // namespace restante::ui
