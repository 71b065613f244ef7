// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/lastpage.h"

#include "control/cards.h"
#include "ui/cards/qrview.h"
#include "ui/cards/sentencelabel.h"
#include "ui/settings/autostart.h"
#include "ui/settings/autostartfield.h"
#include "ui/widgets/errorwords.h"

#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

#include <utility>

namespace restante::ui
{

LastPage::LastPage(Installation &installation, Setup &setup, std::unique_ptr<Autostart> autostart, QWidget *parent)
    : WizardPage(installation, setup, parent)
    , m_autostart(std::move(autostart))
    , m_next(sentenceLabel(QStringLiteral("whatNext")))
    , m_picture(new QrView)
    , m_link(new QLineEdit)
    , m_copy(new QPushButton(tr("&Copy link")))
    , m_atLogin(new AutostartField(*m_autostart))
{
    m_picture->setAccessibleName(tr("The card as a QR code"));
    m_link->setObjectName(QStringLiteral("cardLink"));
    m_link->setAccessibleName(tr("The card as a link"));
    m_link->setReadOnly(true);
    m_link->setLayoutDirection(Qt::LeftToRight);
    m_copy->setObjectName(QStringLiteral("cardCopy"));
    m_copy->setAutoDefault(false);
    auto *row = new QHBoxLayout;
    row->addWidget(m_link, 1);
    row->addWidget(m_copy);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_next);
    layout->addWidget(m_picture, 1);
    layout->addLayout(row);
    layout->addWidget(m_atLogin);
    setFocusProxy(m_copy);
    connect(m_copy, &QPushButton::clicked, this, &LastPage::copy);
}

LastPage::~LastPage() = default;

QString LastPage::explanation() const
{
    if (m_setup.called.isEmpty())
        return m_setup.holds() ? tr("The relay runs. Nobody’s mail is held yet.") : tr("No relay holds your mail yet.");
    return m_setup.addedRelay ? tr("Mail is collected from %1 from now on.").arg(m_setup.called)
                              : tr("Mail for %1 is held here from now on.").arg(m_setup.called);
}

void LastPage::enter()
{
    const control::Operations &operations = *m_installation.operations();
    const auto settings = operations.settings();
    const auto card = isRelayCard() ? control::relayCard(settings, operations.status())
                                    : control::friendCard(settings, operations.identity().serverName);
    const QString link = card ? card::textOf(*card) : QString();
    m_link->setText(link);
    m_link->setCursorPosition(0);
    m_picture->setCode(QrCode(link.toLatin1()));
    for (QWidget *part :
         {static_cast<QWidget *>(m_link), static_cast<QWidget *>(m_copy), static_cast<QWidget *>(m_picture)})
        part->setVisible(!link.isEmpty());
    if (!card)
        m_next->setText(tr("There is no card yet: %1").arg(sentence(card.error())));
    else if (isRelayCard())
        m_next->setText(tr("Send this card to your friends: opening it adds this relay to theirs. It stays under "
                           "“Cards”."));
    else
        m_next->setText(
            tr("Send this card to the friend with the relay: once they have opened it, mail for you is held "
               "there. It stays under “Cards”."));
    m_copy->setText(tr("&Copy link"));
    m_atLogin->load();
    if (!std::exchange(m_proposed, true))
        m_atLogin->propose();
}

void LastPage::copy()
{
    QGuiApplication::clipboard()->setText(m_link->text());
    m_copy->setText(tr("&Copied"));
}

void LastPage::confirm()
{
    if (m_atLogin->apply().isEmpty())
        Q_EMIT confirmed();
}

} // namespace restante::ui
