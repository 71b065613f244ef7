// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/identitypage.h"

#include "base/printable.h"
#include "settings/enteredname.h"
#include "ui/cards/sentencelabel.h"
#include "ui/settings/homeserverwords.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/servernames.h"
#include "ui/wizard/choicecard.h"

#include <QtWidgets/QFileDialog>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

IdentityPage::IdentityPage(Installation &installation, Setup &setup, QWidget *parent)
    : WizardPage(installation, setup, parent)
    , m_list(new QVBoxLayout)
    , m_found(sentenceLabel(QStringLiteral("homeserverFound")))
    , m_otherFile(new QPushButton(tr("Another &file…")))
    , m_error(new FieldError(this))
    , m_tested(sentenceLabel(QStringLiteral("homeserverTested")))
{
    m_error->setObjectName(QStringLiteral("identityProblem"));
    m_otherFile->setObjectName(QStringLiteral("otherFile"));
    m_otherFile->setAutoDefault(false);
    m_otherFile->setToolTip(tr("The configuration of a homeserver that is not in one of the usual places"));
    m_list->setSpacing(12);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addLayout(m_list);
    layout->addWidget(m_found);
    layout->addWidget(m_otherFile, 0, Qt::AlignLeft);
    layout->addWidget(m_error);
    layout->addWidget(m_tested);
    layout->addStretch(1);
    connect(m_otherFile, &QPushButton::clicked, this, &IdentityPage::chooseFile);
    m_tested->hide();
}

QString IdentityPage::nextText() const
{
    return m_chosen && m_chosen == m_inForce ? tr("Go on any&way") : WizardPage::nextText();
}

void IdentityPage::enter()
{
    m_inForce.reset();
    if (m_list->isEmpty())
        look({});
}

void IdentityPage::look(const QString &file)
{
    showChoices(m_installation.findHomeservers(file), !file.isEmpty());
}

void IdentityPage::showChoices(const homeserver::Found &found, bool isOneFile)
{
    while (auto *item = m_list->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_chosen.reset();
    control::Operations *running = m_installation.operations();
    const QString own = running ? running->identity().serverName : QString();
    ChoiceCard *first = nullptr;
    int number = 0;
    for (const homeserver::Configuration &each : found.homeservers) {
        auto *choice = addChoice(QStringLiteral("homeserver%1").arg(number++),
                                 //: Synapse or Dendrite, and a server name
                                 tr("%1 of %2").arg(softwareText(each.software), base::printable(each.serverName)),
                                 base::printable(each.file), {each});
        if (!first || (each.serverName == own && !own.isEmpty()))
            first = choice;
    }
    auto *none = addChoice(QStringLiteral("noHomeserver"),
                           own.isEmpty() ? tr("No homeserver: a new name") : tr("As it is: %1").arg(shortName(own)),
                           own.isEmpty() ? tr("This computer gets a name of its own. What it collects stays in the "
                                              "inbox until another program takes it out.")
                                         : tr("The name that this computer has stays, and so does its homeserver."),
                           {});
    QStringList texts;
    if (found.homeservers.isEmpty())
        texts.append(isOneFile ? tr("This file is not a configuration that can be used.")
                               : tr("No configuration of Synapse or Dendrite was found in the usual places."));
    if (const QString unreadable = unreadableText(found.unreadable); !unreadable.isEmpty())
        texts.append(unreadable);
    m_found->setText(texts.join(u'\n'));
    m_found->setVisible(!texts.isEmpty());
    if (!first && !own.isEmpty())
        first = none;
    if (first)
        first->setChecked(true);
    Q_EMIT changed();
}

ChoiceCard *IdentityPage::addChoice(const QString &name, const QString &title, const QString &meaning,
                                    const Choice &choice)
{
    auto *card = new ChoiceCard(title, meaning, this);
    card->setObjectName(name);
    connect(card, &ChoiceCard::toggled, this, [this, choice](bool on) {
        if (on)
            choose(choice);
    });
    m_list->addWidget(card);
    return card;
}

void IdentityPage::choose(const Choice &choice)
{
    m_chosen = choice;
    m_error->setText({});
    m_tested->hide();
    Q_EMIT changed();
}

void IdentityPage::chooseFile()
{
    auto *dialog = new QFileDialog(this, tr("Configuration of the homeserver"));
    dialog->setObjectName(QStringLiteral("homeserverFile"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Configurations (*.yaml *.yml)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, &IdentityPage::look);
    dialog->open();
}

void IdentityPage::sayFailure(const Error &error)
{
    m_error->setText(error.detail.isEmpty() ? sentence(error) : sentence(error) + u'\n' + error.detail);
}

void IdentityPage::confirm()
{
    if (m_chosen == m_inForce)
        return Q_EMIT confirmed();
    m_error->setText({});
    Installation::Beginning beginning;
    beginning.collects = true;
    const homeserver::Configuration &homeserver = m_chosen->homeserver;
    control::Operations *running = m_installation.operations();
    const bool isOwn = running && running->identity().serverName == homeserver.serverName;
    if (!homeserver.file.isEmpty() && !isOwn) {
        if (settings::parseEntered(homeserver.serverName, beginning.serverName) || homeserver.signingKey.isEmpty()) {
            m_error->setText(tr("This configuration does not say under which name the homeserver signs, or where its "
                                "key is, so it cannot be used."));
            return;
        }
        beginning.keyFile = homeserver.signingKey;
    }
    if (const auto begun = m_installation.begin(beginning); !begun)
        return sayFailure(begun.error());
    connectHomeserver();
}

/// Under its name the program runs now.
void IdentityPage::connectHomeserver()
{
    settings::HomeserverUrl place;
    if (settings::parse(m_chosen->homeserver.place, place) || place.isNull()) {
        m_inForce = m_chosen;
        return Q_EMIT confirmed();
    }
    control::Operations &operations = *m_installation.operations();
    auto edited = operations.settings();
    edited.homeserver = place;
    m_asking = true;
    Q_EMIT changed();
    operations.applySettings(edited, this, [this, place](const Result<bool> &applied) {
        m_asking = false;
        Q_EMIT changed();
        if (!applied)
            return sayFailure(applied.error());
        test(place);
    });
}

void IdentityPage::test(const settings::HomeserverUrl &place)
{
    m_asking = true;
    m_tested->setText(tr("Asking the homeserver…"));
    m_tested->show();
    Q_EMIT changed();
    m_installation.operations()->testHomeserver(
        place, this, [this, tested = m_chosen](const Result<homeserver::TrialReport> &report) {
            m_asking = false;
            if (tested == m_chosen)
                m_inForce = tested;
            m_tested->setText(report ? outcomeText(*report) : sentence(report.error()));
            Q_EMIT changed();
            if (tested == m_chosen && report && report->works())
                Q_EMIT confirmed();
        });
}

} // namespace restante::ui
