// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/settings/settingspage.h"

class QCheckBox;
class QLineEdit;
class QSpinBox;

namespace restante::ui
{

class EditableList;
class FieldError;
class SizeField;

/// Whether and how Restante works beside a homeserver, and with which relays.
class NodeSettings final : public SettingsPage
{
    Q_OBJECT

public:
    /// `operations` makes trial requests; nothing else is asked of it.
    explicit NodeSettings(control::Operations &operations, QWidget *parent = nullptr);

    QString title() const override { return tr("Relays and node"); }
    void load(const settings::Settings &settings) override;
    void store(settings::Settings &settings) const override;
    QString validate() override;

private:
    QWidget *buildRelays();
    QWidget *buildOwnRelays();
    QWidget *buildCollecting();
    /// `relays` is m_relays or m_ownRelays.
    void showRelays(const QList<settings::RelayEntry> &relays);
    void openRelayDialog(QList<settings::RelayEntry> &relays, int row);
    void removeRelay(QList<settings::RelayEntry> &relays, int row);

    control::Operations &m_operations;
    QCheckBox *m_enabled;
    QLineEdit *m_listen;
    FieldError *m_listenError;
    QSpinBox *m_failures;
    EditableList *m_relayList;
    EditableList *m_ownRelayList;
    QSpinBox *m_interval;
    QSpinBox *m_entries;
    SizeField *m_bytes;
    FieldError *m_bytesError;
    settings::ListenAddress m_loadedListen;
    QList<settings::RelayEntry> m_relays;
    QList<settings::RelayEntry> m_ownRelays; ///< that send for this node
};

} // namespace restante::ui
