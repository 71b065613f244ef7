// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/settings/settingspage.h"

#include <memory>

namespace restante::ui
{

class Autostart;
class AutostartField;

/// When the program starts. None of it is a setting of the core.
class StartSettings final : public SettingsPage
{
    Q_OBJECT

public:
    explicit StartSettings(std::unique_ptr<Autostart> autostart, QWidget *parent = nullptr);
    ~StartSettings() override;

    QString title() const override { return tr("Start"); }
    void load(const settings::Settings &settings) override;
    void store(settings::Settings &) const override {}
    QString validate() override { return {}; }
    QString finish() override;

Q_SIGNALS:
    /// The wizard is to set the program up again.
    void setupWanted();

private:
    std::unique_ptr<Autostart> m_autostart;
    AutostartField *m_field;
};

} // namespace restante::ui
