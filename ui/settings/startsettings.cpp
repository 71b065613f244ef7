// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/startsettings.h"

#include "ui/cards/sentencelabel.h"
#include "ui/settings/autostart.h"
#include "ui/settings/autostartfield.h"

#include <QtWidgets/QGroupBox>
#include <QtWidgets/QPushButton>
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
    auto *again = new QGroupBox(tr("Setting up"));
    auto *steps = new QVBoxLayout(again);
    auto *note = sentenceLabel(QStringLiteral("setupNote"));
    note->setText(tr("What this computer does, how it is reached and for whom, step by step. Nothing that is held, and "
                     "no identity, is lost by it."));
    steps->addWidget(note);
    auto *begin = new QPushButton(tr("Set &up again…"));
    begin->setObjectName(QStringLiteral("setUpAgain"));
    begin->setAutoDefault(false);
    steps->addWidget(begin, 0, Qt::AlignLeft);
    connect(begin, &QPushButton::clicked, this, &StartSettings::setupWanted);
    layout->addWidget(again);
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
