// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizard/wizardpage.h"

class QSpinBox;

namespace restante::ui
{

class FieldError;
class PublicAddress;

/// How other computers reach this relay: its public address and its port. Confirming it opens the relay to the network.
class ReachPage final : public WizardPage
{
    Q_OBJECT

public:
    ReachPage(Installation &installation, Setup &setup, QWidget *parent = nullptr);

    QString heading() const override { return tr("How it is reached"); }
    QString explanation() const override
    {
        return tr(
            "Friends’ servers leave and collect mail at this address. Everything is encrypted; this computer makes "
            "itself a certificate.");
    }
    bool canGoOn() const override;
    void enter() override;
    void confirm() override;

private:
    void takeAnswer(const Result<bool> &applied);

    PublicAddress *m_address;
    QSpinBox *m_port;
    FieldError *m_portError;
    bool m_keepsListening = false; ///< the operator chose the listeners one by one: they stay
    bool m_asking = false;
};

} // namespace restante::ui
