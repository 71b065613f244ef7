// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/settings/settingspage.h"

class QLabel;
class QCheckBox;
class QLineEdit;
class QPlainTextEdit;
class QRadioButton;
class QSpinBox;

namespace restante::ui
{

class FieldError;
class FileField;
class PublicAddress;

/// Where the relay listens, with which certificate, and behind which proxy.
class NetworkSettings final : public SettingsPage
{
    Q_OBJECT

public:
    /// Of `operations` only the status is read.
    explicit NetworkSettings(const control::Operations &operations, QWidget *parent = nullptr);

    QString title() const override { return tr("Network"); }
    void load(const settings::Settings &settings) override;
    void store(settings::Settings &settings) const override;
    QString validate() override;

private:
    QWidget *buildReach();
    QWidget *buildTls();
    void onReachChanged();
    void updateAddress();
    QStringList listenList() const;
    QString listenProblem() const;

    QRadioButton *m_thisComputer;
    QRadioButton *m_network;
    QRadioButton *m_custom;
    QSpinBox *m_port;
    QLabel *m_portLabel;
    QList<settings::ListenAddress> m_loaded;
    QPlainTextEdit *m_listen;
    FieldError *m_listenError;
    PublicAddress *m_address;
    FileField *m_certificate;
    FileField *m_key;
    QCheckBox *m_plain;
    QLineEdit *m_proxy;
    FieldError *m_proxyError;
};

} // namespace restante::ui
