// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/startsettings.h"

#include "ui/settings/autostart.h"
#include "ui/settings/autostartfield.h"

#include <QtWidgets/QGroupBox>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

StartSettings::StartSettings(std::unique_ptr<Autostart> autostart, QWidget *parent)
    : SettingsPage(parent)
    , m_autostart(std::move(autostart))
    , m_field(new AutostartField(*m_autostart))
{
    auto *login = new QGroupBox(tr("At login"));
    auto *inner = new QVBoxLayout(login);
    inner->addWidget(m_field);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(login);
    layout->addStretch(1);
    connect(m_field, &AutostartField::edited, this, &SettingsPage::edited);
}

StartSettings::~StartSettings() = default;

void StartSettings::load(const settings::Settings &)
{
    m_field->load();
}

QString StartSettings::finish()
{
    return m_field->apply();
}

} // namespace restante::ui
