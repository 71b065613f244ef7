// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/settings/settingspage.h"

class QCheckBox;

namespace restante::ui
{

class FieldError;
class FileField;
class NamesList;

/// How other servers are asked: for their keys, in which networks, and whose certificates count.
class FederationSettings final : public SettingsPage
{
    Q_OBJECT

public:
    explicit FederationSettings(QWidget *parent = nullptr);

    QString title() const override { return tr("Federation"); }
    void load(const settings::Settings &settings) override;
    void store(settings::Settings &settings) const override;
    QString validate() override;

private:
    QCheckBox *m_fetchKeys;
    NamesList *m_notaries;
    FieldError *m_notariesError;
    NamesList *m_networks;
    FieldError *m_networksError;
    FileField *m_caFile;
};

} // namespace restante::ui
