// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizard/wizardpage.h"

namespace restante::ui
{

/// What this computer shall do.
class PurposePage final : public WizardPage
{
    Q_OBJECT

public:
    PurposePage(Installation &installation, Setup &setup, QWidget *parent = nullptr);

    QString heading() const override { return tr("Welcome to Restante"); }
    QString explanation() const override
    {
        return tr("A post office for Matrix servers that are not always online. What shall this computer do?");
    }
};

} // namespace restante::ui
