// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/relays/sweepbar.h"

#include "ui/relays/relaywords.h"
#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStyle>

#include <algorithm>

namespace restante::ui
{

namespace
{
/// The first lines of a text that may name any number of relays, each with what it answered.
QString firstLines(const QString &text)
{
    constexpr qsizetype mostLines = 3;
    constexpr qsizetype mostCharacters = 160;
    QStringList lines = text.split(u'\n');
    const qsizetype left = lines.size() - mostLines;
    if (left > 0)
        lines = lines.first(mostLines);
    for (QString &line : lines) {
        if (line.size() > mostCharacters)
            line = line.first(mostCharacters - 1) + QChar(0x2026);
    }
    if (left > 0)
        //: Under a list of relays that failed
        lines.last() += u' ' + SweepBar::tr("And %Ln more.", nullptr, pluralOf(left));
    return lines.join(u'\n');
}
} // namespace

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
        const QString text = tr("Last retrieved %1. %2").arg(relativeTime(sweep.endedMs, nowMs), result);
        m_text->setText(firstLines(text));
        const QString when = exactTime(sweep.endedMs);
        m_text->setToolTip(plainTip(m_text->text() == text ? when : when + u'\n' + text));
    }
    setVisible(sweep.running || sweep.startedMs != 0);
}

} // namespace restante::ui
