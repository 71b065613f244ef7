// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/settings.h"

#include <QtWidgets/QWidget>

namespace restante::ui
{

/// One page of the settings dialog. Shows a part of the settings; the dialog owns the copy that is edited.
class SettingsPage : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;

    virtual QString title() const = 0;
    virtual void load(const settings::Settings &settings) = 0;
    /// Writes this page's part; everything else is left as it is.
    virtual void store(settings::Settings &settings) const = 0;
    /// Shows what is wrong beside each field. Returns the first of it; empty if all can be used.
    virtual QString validate() = 0;
    /// The settings are in force: does what is no setting. Returns what went wrong; empty if nothing did.
    virtual QString finish() { return {}; }

Q_SIGNALS:
    /// The operator changed something.
    void edited();
};

} // namespace restante::ui
