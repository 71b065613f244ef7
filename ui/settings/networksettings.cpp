// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/networksettings.h"

#include "card/ownaddresses.h"
#include "settings/listenaddress.h"
#include "ui/cards/publicaddress.h"
#include "ui/widgets/complaintwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/filefield.h"
#include "ui/widgets/nameslist.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QRadioButton>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QVBoxLayout>

#include <utility>

namespace restante::ui
{

namespace
{
QString thisComputer()
{
    return QStringLiteral("127.0.0.1");
}

constexpr int DefaultPort = 8449;
} // namespace

NetworkSettings::NetworkSettings(const control::Operations &operations, QWidget *parent)
    : SettingsPage(parent)
    , m_thisComputer(new QRadioButton(tr("Only &this computer")))
    , m_network(new QRadioButton(tr("Other computers &in every network this computer is in")))
    , m_custom(new QRadioButton(tr("Th&ese addresses:")))
    , m_port(new QSpinBox)
    , m_portLabel(new QLabel(tr("&Port:")))
    , m_listen(new QPlainTextEdit)
    , m_listenError(new FieldError(m_listen))
    , m_address(new PublicAddress(&operations))
    , m_certificate(new FileField(QStringLiteral("certificate"), tr("&Browse…")))
    , m_key(new FileField(QStringLiteral("key"), tr("B&rowse…")))
    , m_plain(new QCheckBox(tr("A proxy or an encr&ypted network encrypts instead")))
    , m_proxy(new QLineEdit)
    , m_proxyError(new FieldError(m_proxy))
{
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(buildReach());
    layout->addWidget(buildTls());
    auto *proxy = new QGroupBox(tr("Proxy"));
    auto *form = new QFormLayout(proxy);
    m_proxy->setObjectName(QStringLiteral("proxy"));
    m_proxy->setPlaceholderText(tr("none"));
    m_proxy->setToolTip(tr("The address of a reverse proxy whose X-Forwarded-For header may be believed"));
    form->addRow(tr("Trusted pro&xy:"), m_proxy);
    form->addRow(QString(), m_proxyError);
    layout->addWidget(proxy);
    layout->addStretch(1);

    for (auto *radio : {m_thisComputer, m_network, m_custom}) {
        connect(radio, &QRadioButton::toggled, this, [this](bool on) {
            if (on)
                onReachChanged();
        });
    }
    connect(m_port, &QSpinBox::valueChanged, this, [this] {
        updateAddress();
        Q_EMIT edited();
    });
    connect(m_network, &QRadioButton::clicked, m_address, &PublicAddress::chooseFirst);
    connect(m_address, &PublicAddress::edited, this, &SettingsPage::edited);
    connect(m_listen, &QPlainTextEdit::textChanged, this, &SettingsPage::edited);
    for (auto *field : {m_certificate, m_key})
        connect(field, &FileField::edited, this, &SettingsPage::edited);
    connect(m_plain, &QCheckBox::toggled, this, [this] {
        updateAddress();
        Q_EMIT edited();
    });
    connect(m_proxy, &QLineEdit::textChanged, this, &SettingsPage::edited);
}

QWidget *NetworkSettings::buildReach()
{
    m_thisComputer->setObjectName(QStringLiteral("thisComputer"));
    m_network->setObjectName(QStringLiteral("network"));
    m_custom->setObjectName(QStringLiteral("custom"));
    m_port->setObjectName(QStringLiteral("port"));
    m_port->setRange(1, 65535);
    m_portLabel->setBuddy(m_port);
    m_listen->setObjectName(QStringLiteral("listen"));
    m_listen->setAccessibleName(tr("Addresses to listen on, one a line"));
    m_listen->setTabChangesFocus(true);
    m_listen->setMinimumHeight(fontMetrics().lineSpacing() * 4);
    m_listen->setMaximumHeight(fontMetrics().lineSpacing() * 5);
    m_listen->setPlaceholderText(QStringLiteral("192.0.2.7:8449\n[2001:db8::7]:8449"));
    auto *box = new QGroupBox(tr("Who can reach the relay"));
    auto *layout = new QVBoxLayout(box);
    layout->addWidget(m_thisComputer);
    layout->addWidget(m_network);
    auto *port = new QHBoxLayout;
    port->addSpacing(fontMetrics().averageCharWidth() * 4);
    port->addWidget(m_portLabel);
    port->addWidget(m_port);
    port->addStretch(1);
    layout->addLayout(port);
    layout->addWidget(m_custom);
    layout->addWidget(m_listen);
    layout->addWidget(m_listenError);
    auto *label = new QLabel(tr("P&ublic address:"));
    label->setBuddy(m_address->field());
    layout->addWidget(label);
    layout->addWidget(m_address);
    return box;
}

QWidget *NetworkSettings::buildTls()
{
    auto *box = new QGroupBox(tr("Encryption (TLS)"));
    auto *form = new QFormLayout(box);
    auto *note =
        new QLabel(tr("Without a certificate of yours the relay makes one for itself. Friends know it by its pin, "
                      "which stands on the relay card."));
    note->setWordWrap(true);
    form->addRow(note);
    m_certificate->addTo(form, tr("&Certificate:"));
    m_key->addTo(form, tr("Private &key:"));
    m_plain->setObjectName(QStringLiteral("plainHttp"));
    m_plain->setToolTip(tr("Other computers then reach this relay without encryption of its own."));
    form->addRow(m_plain);
    return box;
}

void NetworkSettings::onReachChanged()
{
    const bool custom = m_custom->isChecked();
    m_port->setEnabled(!custom);
    m_portLabel->setEnabled(!custom);
    m_listen->setEnabled(custom);
    m_address->setEnabled(!m_thisComputer->isChecked());
    Q_EMIT edited();
}

void NetworkSettings::load(const settings::Settings &settings)
{
    m_loaded = settings.listen;
    const auto only = settings.listen.value(0);
    const bool everywhere = settings::isEveryNetwork(settings.listen);
    const bool simple = (settings.listen.size() == 1 || everywhere) && only.port != 0;
    m_port->setValue(simple ? only.port : DefaultPort);
    m_listen->setPlainText(linesOf(settings.listen).join(u'\n'));
    if (simple && only.address.toString() == thisComputer())
        m_thisComputer->setChecked(true);
    else if (simple && everywhere)
        m_network->setChecked(true);
    else
        m_custom->setChecked(true);
    onReachChanged();
    m_certificate->setFile(settings.tlsCertificate);
    m_key->setFile(settings.tlsKey);
    m_plain->setChecked(settings.plainHttp);
    updateAddress();
    m_address->setAddresses(settings.cardAddresses);
    m_proxy->setText(settings.trustedProxy ? settings.trustedProxy->toString() : QString());
}

void NetworkSettings::updateAddress()
{
    m_address->setPort(quint16(m_port->value()), !m_plain->isChecked());
}

QStringList NetworkSettings::listenList() const
{
    if (m_network->isChecked()) {
        // What listens already stays as it is.
        const bool isAsLoaded = settings::isEveryNetwork(m_loaded) && m_loaded.constFirst().port == m_port->value();
        return linesOf(isAsLoaded ? m_loaded : settings::everyNetwork(quint16(m_port->value()), card::hasIPv6()));
    }
    if (m_thisComputer->isChecked())
        return {QStringLiteral("%1:%2").arg(thisComputer()).arg(m_port->value())};
    QStringList list;
    const auto lines = m_listen->toPlainText().split(u'\n');
    for (const auto &line : lines) {
        if (!line.trimmed().isEmpty())
            list.append(line.trimmed());
    }
    return list;
}

void NetworkSettings::store(settings::Settings &settings) const
{
    settings.listen = valuesIn<settings::ListenAddress>(listenList());
    settings.tlsCertificate = m_certificate->file();
    settings.tlsKey = m_key->file();
    settings.plainHttp = m_plain->isChecked();
    if (!m_thisComputer->isChecked())
        settings.cardAddresses = m_address->addresses();
    settings.trustedProxy = settings::parseAddress(m_proxy->text().trimmed());
}

QString NetworkSettings::listenProblem() const
{
    if (!m_custom->isChecked())
        return {};
    const auto list = listenList();
    if (list.isEmpty())
        return tr("Enter at least one address.");
    for (const auto &text : list) {
        settings::ListenAddress address;
        if (const auto wrong = parse(text, address))
            return complaintText(*wrong);
        if (list.count(text) > 1)
            return complaintText({settings::ComplaintCode::ListedTwice, {text}});
    }
    return {};
}

QString NetworkSettings::validate()
{
    std::optional<QHostAddress> proxy;
    const auto wrongProxy = settings::parse(m_proxy->text().trimmed(), proxy);
    QStringList problems;
    problems << m_listenError->setText(listenProblem());
    problems << (m_thisComputer->isChecked() ? QString() : m_address->validate());
    problems << validatePair(*m_certificate, *m_key);
    problems << m_proxyError->setText(wrongProxy ? complaintText(*wrongProxy) : QString());
    problems.removeAll(QString());
    return problems.value(0);
}

} // namespace restante::ui
