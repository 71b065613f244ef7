// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/settings/settingspage.h"

class QCheckBox;
class QLabel;
class QSpinBox;

namespace restante::ui
{

class EditableList;
class FieldError;
class NamesList;
class SizeField;

/// The servers that mail is held for and refused from, how much of it and how long.
class RelayingSettings final : public SettingsPage
{
    Q_OBJECT

public:
    explicit RelayingSettings(QWidget *parent = nullptr);

    QString title() const override { return tr("Relaying"); }
    void load(const settings::Settings &settings) override;
    void store(settings::Settings &settings) const override;
    QString validate() override;

private:
    QWidget *buildServed();
    QWidget *buildLimits();
    QWidget *buildNames(const QString &title, const QString &label, NamesList *names, FieldError *error);
    void showServed();
    void openServedDialog(int row);

    settings::Settings m_loaded;
    QCheckBox *m_enabled;
    QCheckBox *m_open;
    QLabel *m_openWarning;
    EditableList *m_servedList;
    NamesList *m_blocked;
    FieldError *m_blockedError;
    NamesList *m_sendsFor;
    FieldError *m_sendsForError;
    QSpinBox *m_destinationEntries;
    SizeField *m_destinationBytes;
    QSpinBox *m_originEntries;
    FieldError *m_originEntriesError;
    SizeField *m_originBytes;
    FieldError *m_originBytesError;
    QSpinBox *m_expiry;
    QList<settings::ServedEntry> m_served;
};

} // namespace restante::ui
