// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/statusline.h"

#include "queue/mailboxboard.h"
#include "ui/widgets/elidedlabel.h"
#include "ui/widgets/format.h"
#include "ui/widgets/servernames.h"
#include "ui/widgets/stateindicator.h"

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
QToolButton *copyButton(const QString &name)
{
    auto *button = new QToolButton;
    button->setText(StatusLine::tr("Copy"));
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}
} // namespace

StatusLine::StatusLine(QWidget *parent)
    : QWidget(parent)
    , m_indicator(new StateIndicator)
    , m_state(new QLabel)
    , m_figures(new ElidedLabel)
    , m_pause(new QPushButton)
    , m_identity(new ElidedLabel)
    , m_copyIdentity(copyButton(tr("Copy the server name")))
    , m_addresses(new ElidedLabel)
    , m_copyAddress(copyButton(tr("Copy the address")))
{
    QFont bold = m_state->font();
    bold.setBold(true);
    m_state->setFont(bold);
    m_pause->setObjectName(QStringLiteral("pause"));
    m_figures->setObjectName(QStringLiteral("figures"));
    m_identity->setObjectName(QStringLiteral("identity"));
    m_copyIdentity->setObjectName(QStringLiteral("copyIdentity"));
    m_addresses->setObjectName(QStringLiteral("addresses"));
    m_copyAddress->setObjectName(QStringLiteral("copyAddress"));
    m_state->setObjectName(QStringLiteral("state"));

    auto *first = new QHBoxLayout;
    first->addWidget(m_indicator);
    first->addWidget(m_state);
    first->addSpacing(8);
    first->addWidget(m_figures, 1);
    first->addWidget(m_pause);
    auto *second = new QHBoxLayout;
    second->addWidget(m_identity);
    second->addWidget(m_copyIdentity);
    second->addSpacing(16);
    second->addWidget(m_addresses);
    second->addWidget(m_copyAddress);
    second->addStretch(1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(first);
    layout->addLayout(second);

    connect(m_pause, &QPushButton::clicked, this, [this] { Q_EMIT pauseToggled(!m_paused); });
    connect(m_copyIdentity, &QToolButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_serverName); });
    connect(m_copyAddress, &QToolButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_addressText); });
}

QString StatusLine::figures(const control::ApplianceStatus &status, qint64 nowMs) const
{
    QStringList parts;
    parts.append(tr("%Ln friend(s) served", nullptr, status.served));
    if (status.openRelay)
        parts.append(tr("open to everyone"));
    //: A number of pieces of mail and their size
    parts.append(tr("%1 held (%2)").arg(countText(status.heldEntries), sizeText(status.heldBytes)));
    if (status.fillPercent >= queue::MailboxBoard::WarnPercent) {
        //: A share in percent of what may be held in all
        parts.append(tr("%1 full").arg(percentText(status.fillPercent)));
    }
    if (status.node) {
        parts.append(tr("%Ln in the inbox", nullptr, pluralOf(status.inboxEntries)));
        if (status.offlineDestinations > 0)
            parts.append(tr("%Ln destination(s) offline", nullptr, status.offlineDestinations));
    }
    parts.append(status.lastContactMs == 0 ? tr("no contact since the start")
                                           : tr("last contact %1").arg(relativeTime(status.lastContactMs, nowMs)));
    return parts.join(QStringLiteral(" · "));
}

void StatusLine::setStatus(const control::ApplianceStatus &status, bool paused, qint64 nowMs)
{
    m_paused = paused;
    m_indicator->setState(status.state);
    m_state->setText(stateText(status.state));
    m_figures->setText(figures(status, nowMs));
    m_figures->setToolTip(status.lastContactMs == 0 ? QString()
                                                    : tr("Last contact: %1").arg(exactTime(status.lastContactMs)));
    m_pause->setText(paused ? tr("&Resume") : tr("&Pause"));
    m_pause->setToolTip(paused ? tr("Take in mail again")
                               : tr("Take in no more mail for now; friends can still collect what is held"));
    m_pause->setEnabled(canPause(status));

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
