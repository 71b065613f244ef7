// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/settings/settingspage.h"

class QCheckBox;
class QSpinBox;

namespace restante::ui
{

class FieldError;
class SizeField;

/// How much may be kept in all, and how it is deleted.
class StorageSettings final : public SettingsPage
{
    Q_OBJECT

public:
    /// `dataFolder` is shown as the place where everything is kept.
    explicit StorageSettings(const QString &dataFolder, QWidget *parent = nullptr);

    QString title() const override { return tr("Storage"); }
    void load(const settings::Settings &settings) override;
    void store(settings::Settings &settings) const override;
    QString validate() override;

private:
    QSpinBox *m_entries;
    SizeField *m_bytes;
    FieldError *m_bytesError;
    SizeField *m_floor;
    FieldError *m_floorError;
    qint64 m_loadedFloor = 0; ///< a lower choice made elsewhere does not keep other settings from being changed
    QCheckBox *m_secureDelete;
};

} // namespace restante::ui
