// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/wizard.h"

#include "card/card.h"
#include "ui/cards/sentencelabel.h"
#include "ui/widgets/firstsize.h"
#include "ui/wizard/identitypage.h"
#include "ui/wizard/lastpage.h"
#include "ui/wizard/peoplepage.h"
#include "ui/wizard/purposepage.h"
#include "ui/wizard/reachpage.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QVBoxLayout>

#include <utility>

namespace restante::ui
{

namespace
{
using Purpose = Setup::Purpose;

/// What is in force, or what the card is for.
Setup firstSetup(Installation &installation, const QString &link)
{
    Setup setup;
    setup.link = link;
    if (const auto *running = installation.operations(); running && running->settings().nodeEnabled)
        setup.purpose = running->settings().served.isEmpty() ? Purpose::Collect : Purpose::Both;
    card::Card opened;
    if (!link.isEmpty() && !card::parse(link, opened)) {
        const bool isRelay = opened.kind == card::Card::Kind::Relay;
        if (!(isRelay ? setup.collects() : setup.holds()))
            setup.purpose = installation.operations() ? Purpose::Both : isRelay ? Purpose::Collect : Purpose::Hold;
    }
    return setup;
}
} // namespace

Wizard::Wizard(Installation &installation, std::unique_ptr<Autostart> autostart, const QString &link, QWidget *parent)
    : QDialog(parent)
    , m_setup(firstSetup(installation, link))
    , m_purpose(new PurposePage(installation, m_setup))
    , m_identity(new IdentityPage(installation, m_setup))
    , m_reach(new ReachPage(installation, m_setup))
    , m_people(new PeoplePage(installation, m_setup))
    , m_last(new LastPage(installation, m_setup, std::move(autostart)))
    , m_heading(sentenceLabel(QStringLiteral("heading")))
    , m_explanation(sentenceLabel(QStringLiteral("explanation")))
    , m_stack(new QStackedWidget)
    , m_step(new QLabel)
    , m_back(new QPushButton(tr("&Back")))
    , m_notNow(new QPushButton(tr("N&ot now")))
    , m_next(new QPushButton)
{
    setWindowTitle(tr("Set up Restante"));
    setObjectName(QStringLiteral("wizard"));
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.7);
    large.setWeight(QFont::DemiBold);
    m_heading->setFont(large);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(32, 26, 32, 22);
    layout->setSpacing(12);
    layout->addWidget(m_heading);
    layout->addWidget(m_explanation);
    layout->addWidget(m_stack, 1);
    layout->addLayout(buildButtons());
    for (WizardPage *page : {m_purpose, m_identity, m_reach, m_people, m_last}) {
        auto *scrolling = new ScrollingContents(page);
        scrolling->setFrameShape(QFrame::NoFrame);
        m_stack->addWidget(scrolling);
        connect(page, &WizardPage::changed, this, &Wizard::update);
        connect(page, &WizardPage::confirmed, this, [this, page] {
            if (page == m_current)
                go(1);
        });
    }
    setFirstSize(*this, {720, 560});
    showPage(m_purpose);
}

QLayout *Wizard::buildButtons()
{
    m_step->setObjectName(QStringLiteral("step"));
    m_back->setObjectName(QStringLiteral("back"));
    m_notNow->setObjectName(QStringLiteral("notNow"));
    m_next->setObjectName(QStringLiteral("next"));
    m_back->setAutoDefault(false);
    m_notNow->setAutoDefault(false);
    m_notNow->setFlat(true);
    m_next->setDefault(true);
    connect(m_back, &QPushButton::clicked, this, [this] { go(-1); });
    connect(m_notNow, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_next, &QPushButton::clicked, this, [this] { m_current->confirm(); });
    auto *row = new QHBoxLayout;
    row->addWidget(m_step, 1);
    row->addWidget(m_notNow);
    row->addWidget(m_back);
    row->addWidget(m_next);
    return row;
}

QList<WizardPage *> Wizard::pages() const
{
    QList<WizardPage *> pages{m_purpose};
    if (m_setup.collects())
        pages.append(m_identity);
    if (m_setup.holds())
        pages.append(m_reach);
    return pages << m_people << m_last;
}

void Wizard::go(int steps)
{
    const auto all = pages();
    const auto next = all.indexOf(m_current) + steps;
    if (next >= all.size())
        return accept();
    showPage(all.value(next, m_purpose));
}

void Wizard::showPage(WizardPage *page)
{
    m_current = page;
    m_stack->setCurrentIndex(int(QList<WizardPage *>{m_purpose, m_identity, m_reach, m_people, m_last}.indexOf(page)));
    page->enter();
    m_heading->setText(page->heading());
    m_explanation->setText(page->explanation());
    update();
    page->setFocus();
}

void Wizard::update()
{
    const auto all = pages();
    m_step->setText(tr("Step %1 of %2 · you can change all of this later")
                        .arg(QString::number(all.indexOf(m_current) + 1), QString::number(all.size())));
    m_back->setVisible(m_current != m_purpose);
    m_notNow->setVisible(m_current != m_last);
    m_next->setText(m_current->nextText());
    m_next->setEnabled(m_current->canGoOn());
}

} // namespace restante::ui
