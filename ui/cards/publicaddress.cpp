// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cards/publicaddress.h"

#include "card/card.h"
#include "card/ownaddresses.h"
#include "settings/cardtext.h"
#include "ui/cards/sentencelabel.h"
#include "ui/widgets/complaintwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/format.h"

#include <QtCore/QSignalBlocker>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>
#include <utility>

namespace restante::ui
{

PublicAddress::PublicAddress(const control::Operations *operations, QWidget *parent)
    : QWidget(parent)
    , m_operations(operations)
    , m_field(new QComboBox)
    , m_error(new FieldError(m_field))
    , m_meaning(sentenceLabel(QStringLiteral("publicAddressMeaning")))
    , m_last(sentenceLabel(QStringLiteral("lastOutside")))
{
    m_field->setObjectName(QStringLiteral("publicAddress"));
    m_field->setAccessibleName(tr("Public address"));
    m_field->setEditable(true);
    m_field->setInsertPolicy(QComboBox::NoInsert);
    m_field->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_field->setMinimumContentsLength(24);
    m_field->lineEdit()->setPlaceholderText(QStringLiteral("https://relay.example.org:8449"));
    m_field->setLayoutDirection(Qt::LeftToRight); // a URL
    m_field->setToolTip(tr("Where friends reach this relay, as https://host:port; several are separated by spaces. It "
                           "stands on the relay card."));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    for (QWidget *part : {static_cast<QWidget *>(m_field), static_cast<QWidget *>(m_error),
                          static_cast<QWidget *>(m_meaning), static_cast<QWidget *>(m_last)})
        layout->addWidget(part);
    setFocusProxy(m_field);
    connect(m_field, &QComboBox::editTextChanged, this, [this] {
        explain();
        Q_EMIT edited();
    });
    connect(&m_look, &QTimer::timeout, this, &PublicAddress::showLast);
    card::lookUpOwnName(this, [this](const QString &name) {
        m_name = name;
        offer();
    });
    m_last->setVisible(m_operations);
    explain();
}

void PublicAddress::setPort(quint16 port, bool encrypted)
{
    if (port == m_port && encrypted == m_encrypted)
        return;
    const auto before = m_field->findText(addresses());
    m_port = port;
    m_encrypted = encrypted;
    offer();
    if (before >= 0 && before < m_field->count())
        m_field->setEditText(m_field->itemText(before));
}

/// The text stays as it is.
void PublicAddress::offer()
{
    const QString text = m_field->currentText();
    {
        const QSignalBlocker quiet(m_field);
        m_field->clear();
        auto urls = card::addressesToOffer(card::interfaceAddresses(), m_port);
        if (!m_name.isEmpty())
            urls.append(card::cardAddress(m_name, m_port));
        for (const settings::RelayUrl &url : std::as_const(urls)) {
            if (m_encrypted && !url.isNull()) // who encrypts in its place has an address of its own
                m_field->addItem(url.toString());
        }
        m_field->setEditText(text);
    }
    explain();
}

QString PublicAddress::addresses() const
{
    return m_field->currentText().simplified();
}

void PublicAddress::setAddresses(const QString &addresses)
{
    m_field->setEditText(addresses);
}

void PublicAddress::chooseFirst()
{
    if (addresses().isEmpty() && m_field->count() > 0)
        m_field->setEditText(m_field->itemText(0));
}

QString PublicAddress::validate()
{
    QList<settings::RelayUrl> urls;
    const auto wrong = settings::parseCardAddresses(addresses(), urls);
    return m_error->setText(wrong ? complaintText(*wrong) : QString());
}

void PublicAddress::sayProblem(const QString &problem)
{
    m_error->setText(problem);
}

void PublicAddress::explain()
{
    QList<settings::RelayUrl> urls;
    if (addresses().isEmpty() || settings::parseCardAddresses(addresses(), urls)) {
        m_meaning->setText(tr("Choose where friends reach this relay: one of the addresses of this computer, that of "
                              "your router, or a name that leads to it."));
        return;
    }
    const bool isPublic = std::any_of(urls.begin(), urls.end(), [](const settings::RelayUrl &url) {
        return card::reachOf(url) == card::Reach::Anywhere;
    });
    m_meaning->setText(isPublic
                           ? tr("From anywhere, if your router lets it through to this computer.")
                           : tr("Only from your own network. For friends elsewhere enter the address of your router, "
                                "or a name that leads to it."));
}

void PublicAddress::showLast()
{
    m_last->setText(lastOutsideText(m_operations->status(), m_clock.wallMs()));
}

void PublicAddress::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_operations)
        return;
    showLast();
    m_look.start(LookMs);
}

void PublicAddress::hideEvent(QHideEvent *event)
{
    m_look.stop();
    QWidget::hideEvent(event);
}

QString lastOutsideText(const control::ApplianceStatus &status, qint64 nowMs)
{
    if (status.lastOutsideMs == 0)
        return PublicAddress::tr("No request has come from another computer since the start. That may mean that nobody "
                                 "has tried.");
    return PublicAddress::tr("Last request from another computer: %1").arg(relativeTime(status.lastOutsideMs, nowMs));
}

} // namespace restante::ui
