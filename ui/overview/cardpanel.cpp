// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/overview/cardpanel.h"

#include "control/cards.h"
#include "ui/cards/qrview.h"
#include "ui/widgets/lineicon.h"
#include "ui/widgets/tones.h"

#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

CardPanel::CardPanel(control::Operations &operations, QWidget *parent)
    : CardFrame(parent)
    , m_operations(operations)
    , m_title(new QLabel)
    , m_picture(new QrView)
    , m_told(new DimLabel)
    , m_copy(new QPushButton(lineIcon(Line::Copy), tr("&Copy link")))
    , m_more(new QPushButton)
{
    setObjectName(QStringLiteral("cardPanel"));
    m_title->setObjectName(QStringLiteral("cardPanelTitle"));
    m_told->setObjectName(QStringLiteral("cardPanelTold"));
    m_copy->setObjectName(QStringLiteral("cardPanelCopy"));
    m_more->setObjectName(QStringLiteral("cardPanelMore"));
    makeHeading(*m_title, 1.1);
    m_told->setWordWrap(true);
    m_told->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_picture->setFixedHeight(fontMetrics().averageCharWidth() * 26); // the whole card is one click away
    m_picture->setAccessibleName(tr("The card as a QR code"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::Edge, space::Apart, space::Edge, space::Apart);
    layout->setSpacing(space::Near);
    layout->addWidget(m_title);
    layout->addWidget(m_picture);
    layout->addWidget(m_told);
    layout->addStretch(1);
    layout->addWidget(m_copy);
    layout->addWidget(m_more);
    connect(m_copy, &QPushButton::clicked, this, &CardPanel::copy);
    connect(m_more, &QPushButton::clicked, this, &CardPanel::cardWanted);
    connect(QGuiApplication::clipboard(), &QClipboard::dataChanged, this, &CardPanel::updateCopy);
}

void CardPanel::showCard(bool holds)
{
    const auto settings = m_operations.settings();
    const auto card = holds ? control::relayCard(settings, m_operations.status())
                            : control::friendCard(settings, m_operations.identity().serverName);
    m_title->setText(holds ? tr("Your relay card") : tr("Your card for relays"));
    m_more->setText(holds && !card ? tr("&Enter the address…") : tr("Sho&w the card…"));
    const QString link = card ? card::textOf(*card) : QString();
    m_picture->setVisible(card.ok());
    m_copy->setVisible(card.ok());
    m_more->setVisible(card.ok() || (holds && settings.relayEnabled));
    if (card)
        m_told->setText(holds ? tr("Friends scan it or open it.")
                              : tr("Whoever holds mail for you scans it or opens it."));
    else if (!holds)
        m_told->setText(tr("This computer collects no mail yet, so nobody can hold it."));
    else if (!settings.relayEnabled)
        m_told->setText(tr("Holding mail is switched off, so there is nothing to hand out."));
    else
        m_told->setText(tr("There is no card yet: Restante does not know at which address others reach this "
                           "computer."));
    if (link == m_link)
        return;
    m_link = link;
    m_picture->setCode(QrCode(link.toLatin1()));
    updateCopy();
}

void CardPanel::updateCopy()
{
    const bool isHere = !m_link.isEmpty() && QGuiApplication::clipboard()->text() == m_link;
    m_copy->setText(isHere ? tr("Link &copied") : tr("&Copy link"));
}

void CardPanel::copy()
{
    QGuiApplication::clipboard()->setText(m_link);
    updateCopy();
}

} // namespace restante::ui
