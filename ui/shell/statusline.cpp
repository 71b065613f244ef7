// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/statusline.h"

#include "queue/mailboxboard.h"
#include "ui/widgets/elidedlabel.h"
#include "ui/widgets/format.h"
#include "ui/widgets/holding.h"
#include "ui/widgets/lineicon.h"
#include "ui/widgets/servernames.h"
#include "ui/widgets/stateindicator.h"
#include "ui/widgets/tones.h"

#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QToolButton>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

using State = control::ApplianceStatus::State;

namespace
{
constexpr int IndicatorSide = 48;

QToolButton *copyButton(const QString &name)
{
    auto *button = new QToolButton;
    button->setIcon(lineIcon(Line::Copy));
    button->setAutoRaise(true);
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}
} // namespace

StatusLine::StatusLine(QWidget *parent)
    : CardFrame(parent)
    , m_indicator(new StateIndicator(IndicatorSide))
    , m_sentence(new QLabel)
    , m_state(new DimLabel)
    , m_figures(new ElidedLabel)
    , m_pause(new QPushButton)
    , m_addFriend(new QPushButton(lineIcon(Line::Plus), tr("Add a fr&iend…")))
    , m_identity(new ElidedLabel)
    , m_copyIdentity(copyButton(tr("Copy the server name")))
    , m_addresses(new ElidedLabel)
    , m_copyAddress(copyButton(tr("Copy the address")))
{
    makeHeading(*m_sentence, 1.4);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setWordWrap(true);
    m_sentence->setObjectName(QStringLiteral("sentence"));
    m_pause->setObjectName(QStringLiteral("pause"));
    m_addFriend->setObjectName(QStringLiteral("addFriend"));
    m_figures->setObjectName(QStringLiteral("figures"));
    m_identity->setObjectName(QStringLiteral("identity"));
    m_copyIdentity->setObjectName(QStringLiteral("copyIdentity"));
    m_addresses->setObjectName(QStringLiteral("addresses"));
    m_copyAddress->setObjectName(QStringLiteral("copyAddress"));
    m_state->setObjectName(QStringLiteral("state"));

    auto *figures = new QHBoxLayout;
    figures->setSpacing(space::Tight);
    figures->addWidget(m_state);
    auto *dot = new DimLabel;
    dot->setText(QStringLiteral("·"));
    figures->addWidget(dot);
    figures->addWidget(m_figures, 1);
    auto *names = new QHBoxLayout;
    names->setSpacing(space::Tight);
    names->addWidget(m_identity);
    names->addWidget(m_copyIdentity);
    names->addSpacing(space::Apart);
    names->addWidget(m_addresses);
    names->addWidget(m_copyAddress);
    names->addStretch(1);
    auto *words = new QVBoxLayout;
    words->setSpacing(space::Tight);
    words->addWidget(m_sentence);
    words->addLayout(figures);
    words->addLayout(names);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::Edge, space::Apart, space::Edge, space::Apart);
    layout->setSpacing(space::Edge);
    layout->addWidget(m_indicator);
    layout->addLayout(words, 1);
    layout->addWidget(m_pause);
    layout->addWidget(m_addFriend);

    connect(m_pause, &QPushButton::clicked, this, [this] { Q_EMIT pauseToggled(!m_paused); });
    connect(m_addFriend, &QPushButton::clicked, this, &StatusLine::friendWanted);
    connect(m_copyIdentity, &QToolButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_serverName); });
    connect(m_copyAddress, &QToolButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_addressText); });
}

/// What is so, and nothing that was not observed.
QString StatusLine::sentence(const control::ApplianceStatus &status, bool paused) const
{
    const bool holds = holdsMail(status);
    if (status.state == State::Stopped)
        return tr("Nobody can leave or collect mail here");
    if (!status.reasons.isEmpty() && status.state == State::Degraded)
        return tr("Something needs your attention");
    if (holds && !canPause(status))
        return tr("Holding mail for others is switched off");
    if (holds && paused)
        return tr("Paused: no more mail is taken in");
    if (holds && status.served > 0)
        return tr("Holding mail for %Ln friend(s)", nullptr, status.served);
    if (holds && status.openRelay)
        return tr("Holding mail for everyone");
    if (holds)
        return tr("Ready to hold mail for your friends");
    if (status.myRelays > 0)
        return tr("Collecting mail from %Ln relay(s)", nullptr, status.myRelays);
    return tr("Ready to collect mail from your relays");
}

QString StatusLine::figures(const control::ApplianceStatus &status, qint64 nowMs) const
{
    QStringList parts;
    if (status.openRelay)
        parts.append(tr("open to everyone"));
    if (holdsMail(status) || status.heldEntries > 0) {
        //: A number of pieces of mail and their size
        parts.append(tr("%1 held (%2)").arg(countText(status.heldEntries), sizeText(status.heldBytes)));
    }
    if (status.fillPercent >= queue::MailboxBoard::WarnPercent) {
        //: A share in percent of what may be held in all
        parts.append(tr("%1 full").arg(percentText(status.fillPercent)));
    }
    if (status.node) {
        parts.append(tr("%Ln in the inbox", nullptr, pluralOf(status.inboxEntries)));
        if (status.offlineDestinations > 0)
            parts.append(tr("%Ln server(s) offline", nullptr, status.offlineDestinations));
    }
    parts.append(status.lastContactMs == 0 ? tr("no contact since the start")
                                           : tr("last contact %1").arg(relativeTime(status.lastContactMs, nowMs)));
    return parts.join(QStringLiteral(" · "));
}

void StatusLine::setStatus(const control::ApplianceStatus &status, bool paused, qint64 nowMs)
{
    m_paused = paused;
    m_indicator->setState(status.state);
    m_sentence->setText(sentence(status, paused));
    m_state->setText(stateText(status.state));
    m_figures->setText(figures(status, nowMs));
    m_figures->setToolTip(status.lastContactMs == 0 ? QString()
                                                    : tr("Last contact: %1").arg(exactTime(status.lastContactMs)));
    m_pause->setText(paused ? tr("&Resume") : tr("&Pause"));
    m_pause->setIcon(lineIcon(paused ? Line::Resume : Line::Pause));
    m_pause->setToolTip(paused ? tr("Take in mail again")
                               : tr("Take in no more mail for now; friends can still collect what is held"));
    m_pause->setEnabled(canPause(status));
    m_pause->setVisible(holdsMail(status));

    m_serverName = status.serverName;
    m_identity->setText(tr("Server name: %1").arg(shortName(m_serverName)));
    m_identity->setToolTip(m_serverName);
    m_identity->setVisible(!m_serverName.isEmpty());
    m_copyIdentity->setVisible(!m_serverName.isEmpty());
    m_addressText = status.addresses.join(u' ');
    m_addresses->setText(tr("Address: %1").arg(status.addresses.join(QStringLiteral(", "))));
    m_addresses->setToolTip(status.nodeAddress.isEmpty() ? QString()
                                                         : tr("For the homeserver: %1").arg(status.nodeAddress));
    m_addresses->setVisible(!status.addresses.isEmpty());
    m_copyAddress->setVisible(!status.addresses.isEmpty());
}

} // namespace restante::ui
