// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/federationsettings.h"

#include "ui/widgets/complaintwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/filefield.h"
#include "ui/widgets/nameslist.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

namespace
{
QString networkProblem(const QString &text)
{
    settings::Network network;
    const auto wrong = parse(text, network);
    return wrong ? complaintText(*wrong) : QString();
}

/// A label above a list, the list, and what is wrong with it.
void addList(QVBoxLayout *layout, const QString &label, NamesList *list, FieldError *error)
{
    auto *text = new QLabel(label);
    text->setWordWrap(true);
    text->setBuddy(list);
    layout->addWidget(text);
    layout->addWidget(list);
    layout->addWidget(error);
}
} // namespace

FederationSettings::FederationSettings(QWidget *parent)
    : SettingsPage(parent)
    , m_fetchKeys(new QCheckBox(tr("As&k other servers for their keys")))
    , m_notaries(new NamesList)
    , m_notariesError(new FieldError(m_notaries))
    , m_networks(new NamesList(networkProblem))
    , m_networksError(new FieldError(m_networks))
    , m_caFile(new FileField(QStringLiteral("caFile"), tr("&Browse…")))
{
    m_fetchKeys->setObjectName(QStringLiteral("fetchKeys"));
    m_notaries->setObjectName(QStringLiteral("notaries"));
    m_networks->setObjectName(QStringLiteral("allowedNetworks"));
    m_networks->setPlaceholderText(tr("one network a line, such as 192.168.0.0/16"));
    auto *note = new QLabel(tr("These settings take effect at the next start."));
    note->setWordWrap(true);

    auto *keys = new QGroupBox(tr("Keys"));
    auto *keysLayout = new QVBoxLayout(keys);
    keysLayout->addWidget(m_fetchKeys);
    addList(keysLayout, tr("Where a server does not answer, ask t&hese for its key:"), m_notaries, m_notariesError);
    auto *networks = new QGroupBox(tr("Networks"));
    auto *networksLayout = new QVBoxLayout(networks);
    addList(networksLayout,
            tr("Servers are not looked for in private networks, except in thes&e (a home network, a VPN):"), m_networks,
            m_networksError);
    auto *certificates = new QGroupBox(tr("Certificates"));
    m_caFile->addTo(new QFormLayout(certificates), tr("&Further authorities:"));

    auto *layout = new QVBoxLayout(this);
    layout->addWidget(note);
    layout->addWidget(keys);
    layout->addWidget(networks);
    layout->addWidget(certificates);
    layout->addStretch(1);
    connect(m_fetchKeys, &QCheckBox::toggled, this, &SettingsPage::edited);
    for (auto *list : {m_notaries, m_networks})
        connect(list, &QPlainTextEdit::textChanged, this, &SettingsPage::edited);
    connect(m_caFile, &FileField::edited, this, &SettingsPage::edited);
}

void FederationSettings::load(const settings::Settings &settings)
{
    m_fetchKeys->setChecked(settings.fetchKeys);
    m_notaries->setNames(linesOf(settings.notaries));
    m_networks->setNames(linesOf(settings.allowedNetworks));
    m_caFile->setFile(settings.caFile);
}

void FederationSettings::store(settings::Settings &settings) const
{
    settings.fetchKeys = m_fetchKeys->isChecked();
    settings.notaries = valuesIn<matrix::ServerName>(m_notaries->names());
    settings.allowedNetworks = valuesIn<settings::Network>(m_networks->names());
    settings.caFile = m_caFile->file();
}

QString FederationSettings::validate()
{
    QStringList problems;
    problems << m_notariesError->setText(m_notaries->problem());
    problems << m_networksError->setText(m_networks->problem());
    problems << m_caFile->validate();
    problems.removeAll(QString());
    return problems.value(0);
}

} // namespace restante::ui
