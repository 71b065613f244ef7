// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/relays/sweepbar.h"

#include "ui/relays/relaywords.h"
#include "ui/widgets/format.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStyle>

#include <algorithm>

namespace restante::ui
{

SweepBar::SweepBar(QWidget *parent)
    : QWidget(parent)
    , m_icon(new QLabel)
    , m_text(new QLabel)
    , m_bar(new QProgressBar)
    , m_cancel(new QPushButton(tr("Cance&l")))
{
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    m_icon->setPixmap(style()->standardIcon(QStyle::SP_MessageBoxWarning, nullptr, this).pixmap(side));
    m_text->setObjectName(QStringLiteral("sweepText"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_bar->setObjectName(QStringLiteral("sweepBar"));
    m_bar->setAccessibleName(tr("Relays that are done"));
    m_bar->setTextVisible(false);
    m_bar->setMaximumWidth(fontMetrics().averageCharWidth() * 24);
    m_cancel->setObjectName(QStringLiteral("cancelRetrieve"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_bar);
    layout->addWidget(m_cancel);
    connect(m_cancel, &QPushButton::clicked, this, &SweepBar::cancelWanted);
    hide();
}

void SweepBar::show(const node::Sweep &sweep, const PetNames &names, qint64 nowMs)
{
    const auto done = std::count_if(sweep.relays.begin(), sweep.relays.end(), [](const node::RelayProgress &relay) {
        return relay.state != node::RelayProgress::State::Asking;
    });
    m_bar->setMaximum(int(std::max<qsizetype>(sweep.relays.size(), 1)));
    m_bar->setValue(int(done));
    m_bar->setVisible(sweep.running);
    m_cancel->setVisible(sweep.running);
    m_icon->setVisible(!sweep.running && sweep.failed());
    if (sweep.running) {
        m_text->setText(progressText(sweep, names));
        m_text->setToolTip({});
    } else if (const QString result = resultText(sweep, names); !result.isEmpty()) {
        //: A relative time such as "5 min ago", then what came of it
        m_text->setText(tr("Last retrieved %1. %2").arg(relativeTime(sweep.endedMs, nowMs), result));
        m_text->setToolTip(exactTime(sweep.endedMs));
    }
    setVisible(sweep.running || sweep.startedMs != 0);
}

} // namespace restante::ui
