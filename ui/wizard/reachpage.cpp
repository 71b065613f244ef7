// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/reachpage.h"

#include "card/ownaddresses.h"
#include "ui/cards/publicaddress.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/fielderror.h"

#include <QtWidgets/QComboBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSpinBox>

#include <algorithm>

namespace restante::ui
{

namespace
{
/// Why the relay does not listen although it should; empty if it does.
QString listenTrouble(const control::ApplianceStatus &status)
{
    const auto trouble = std::find_if(status.reasons.begin(), status.reasons.end(),
                                      [](const Error &reason) { return reason.code == Errc::Io; });
    return status.addresses.isEmpty() && trouble != status.reasons.end() ? trouble->detail : QString();
}
} // namespace

ReachPage::ReachPage(Installation &installation, Setup &setup, QWidget *parent)
    : WizardPage(installation, setup, parent)
    , m_address(new PublicAddress(nullptr))
    , m_port(new QSpinBox)
    , m_portError(new FieldError(m_port))
{
    m_port->setObjectName(QStringLiteral("port"));
    m_port->setRange(1, 65535);
    m_portError->setObjectName(QStringLiteral("portProblem"));
    auto *form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    auto *label = new QLabel(tr("Public &address:"));
    label->setBuddy(m_address->field());
    form->addRow(label, m_address);
    form->addRow(tr("&Port:"), m_port);
    form->addRow(QString(), m_portError);
    connect(m_port, &QSpinBox::valueChanged, this, [this](int port) {
        m_portError->setText({});
        m_address->setPort(quint16(port), true);
    });
    connect(m_address, &PublicAddress::edited, this, [this] {
        m_address->validate();
        Q_EMIT changed();
    });
}

bool ReachPage::canGoOn() const
{
    return !m_asking && !m_address->addresses().isEmpty();
}

void ReachPage::enter()
{
    const auto *running = m_installation.operations();
    const auto settings = running ? running->settings() : settings::Settings();
    const auto &listen = settings.listen;
    m_keepsListening =
        !settings::isEveryNetwork(listen) &&
        std::any_of(listen.begin(), listen.end(), [](const auto &each) { return !each.address.isLoopback(); });
    const quint16 port = listen.value(0).port;
    m_port->setValue(port == 0 ? settings::Settings().listen.value(0).port : port);
    m_port->setEnabled(!m_keepsListening);
    m_address->setPort(quint16(m_port->value()), true);
    if (m_address->addresses().isEmpty())
        m_address->setAddresses(settings.cardAddresses);
    m_address->chooseFirst();
    setFocusProxy(m_address);
}

void ReachPage::confirm()
{
    if (!m_address->validate().isEmpty())
        return;
    Installation::Beginning beginning;
    beginning.collects = m_setup.collects();
    if (const auto begun = m_installation.begin(beginning); !begun) {
        m_address->sayProblem(sentence(begun.error()) + u'\n' + begun.error().detail);
        return;
    }
    control::Operations &operations = *m_installation.operations();
    auto edited = operations.settings();
    edited.relayEnabled = true;
    edited.cardAddresses = m_address->addresses();
    const auto wanted = settings::everyNetwork(quint16(m_port->value()), card::hasIPv6());
    const bool isOpen = settings::isEveryNetwork(edited.listen) && edited.listen.value(0).port == m_port->value();
    if (!m_keepsListening && !isOpen)
        edited.listen = wanted;
    m_asking = true;
    Q_EMIT changed();
    operations.applySettings(edited, this, [this](const Result<bool> &applied) { takeAnswer(applied); });
}

/// An address that is taken is found out before anything is given up, or, where nothing listened yet, by the status.
void ReachPage::takeAnswer(const Result<bool> &applied)
{
    m_asking = false;
    Q_EMIT changed();
    QString trouble;
    if (applied)
        trouble = listenTrouble(m_installation.operations()->status());
    else
        trouble = applied.error().detail.isEmpty() ? sentence(applied.error()) : applied.error().detail;
    if (trouble.isEmpty())
        return Q_EMIT confirmed();
    m_portError->setText(
        tr("The relay cannot listen there. Choose another port, or end the program that uses this one.") + u'\n' +
        trouble);
    m_port->setFocus();
}

} // namespace restante::ui
