// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/settingspage.h"

class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QRadioButton;
class QSpinBox;

namespace restante::ui
{

class FieldError;

/// Where the relay listens, with which certificate, and behind which proxy.
class NetworkPage final : public SettingsPage
{
    Q_OBJECT

public:
    explicit NetworkPage(QWidget *parent = nullptr);

    QString title() const override { return tr("Network"); }
    void load(const settings::Settings &settings) override;
    void store(settings::Settings &settings) const override;
    QString validate() override;

private:
    QWidget *buildReach();
    QWidget *buildTls();
    void addFileRow(QFormLayout *form, const QString &label, QLineEdit *field, const QString &browse,
                    FieldError *error);
    void browse(QLineEdit *field);
    void onReachChanged();
    QStringList listenList() const;
    QString listenProblem() const;
    QString fileProblem(const QLineEdit *field, const QLineEdit *other, const QString &missing) const;

    QRadioButton *m_thisComputer;
    QRadioButton *m_network;
    QRadioButton *m_custom;
    QSpinBox *m_port;
    QLabel *m_portLabel;
    QPlainTextEdit *m_listen;
    FieldError *m_listenError;
    QLineEdit *m_certificate;
    FieldError *m_certificateError;
    QLineEdit *m_key;
    FieldError *m_keyError;
    QLineEdit *m_proxy;
    FieldError *m_proxyError;
};

} // namespace restante::ui
