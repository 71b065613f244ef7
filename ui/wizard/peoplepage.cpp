// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/peoplepage.h"

#include "settings/enteredname.h"
#include "ui/cards/cardsource.h"
#include "ui/cards/cardwords.h"
#include "ui/cards/sentencelabel.h"
#include "ui/widgets/complaintwords.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/servernames.h"

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

using Kind = card::Card::Kind;
using Effect = control::CardUse::Effect;

PeoplePage::PeoplePage(Installation &installation, Setup &setup, QWidget *parent)
    : WizardPage(installation, setup, parent)
    , m_text(new QLineEdit)
    , m_paste(new QPushButton(tr("&Paste")))
    , m_error(new FieldError(m_text))
    , m_effect(sentenceLabel(QStringLiteral("peopleEffect")))
{
    m_text->setObjectName(QStringLiteral("people"));
    m_text->setAccessibleName(tr("A link or a server name"));
    m_text->setLayoutDirection(Qt::LeftToRight); // a link
    m_text->setPlaceholderText(QStringLiteral("restante:1/…   home.example.org"));
    m_paste->setObjectName(QStringLiteral("paste"));
    m_paste->setAutoDefault(false);
    m_error->setObjectName(QStringLiteral("peopleProblem"));
    auto *row = new QHBoxLayout;
    row->addWidget(m_text, 1);
    row->addWidget(m_paste);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(row);
    layout->addWidget(m_error);
    layout->addWidget(m_effect);
    layout->addStretch(1);
    setFocusProxy(m_text);
    connect(m_text, &QLineEdit::textChanged, this, &PeoplePage::read);
    connect(m_paste, &QPushButton::clicked, this, &PeoplePage::paste);
}

QString PeoplePage::heading() const
{
    return m_setup.holds() ? tr("For whom") : tr("Where your mail waits");
}

QString PeoplePage::explanation() const
{
    if (m_setup.purpose == Setup::Purpose::Both)
        return tr("Paste the link that a friend sent you, or enter the name of a friend’s server. It can also be the "
                  "link of a relay that holds your mail.");
    return m_setup.holds() ? tr("Paste the link that a friend sent you, or enter the name of their server.")
                           : tr("Paste the link that the friend with the relay sent you.");
}

QString PeoplePage::nextText() const
{
    if (m_isEmpty)
        return tr("&Skip");
    if (!m_readable || m_use.effect == Effect::ChangesNothing)
        return WizardPage::nextText();
    return m_card.kind == Kind::Relay ? tr("Add the &relay") : tr("&Hold mail");
}

void PeoplePage::enter()
{
    if (m_text->text().isEmpty())
        m_text->setText(std::exchange(m_setup.link, {}));
    read();
}

void PeoplePage::paste()
{
    const auto *copied = QGuiApplication::clipboard()->mimeData();
    if (!copied || !mayHoldCard(*copied)) {
        m_error->setText(tr("There is nothing to paste: copy the link, or the name, first."));
        return;
    }
    const FoundCard found = cardIn(*copied);
    m_text->setText(found.link);
    if (!found.problem.isEmpty())
        m_error->setText(found.problem);
}

void PeoplePage::read()
{
    // A whole message may have been pasted.
    const QString text = cardInText(m_text->text()).link.trimmed();
    m_isEmpty = text.isEmpty();
    m_readable = false;
    m_use = {};
    m_effect->clear();
    const QString wrong = m_isEmpty ? QString() : problem(text);
    m_error->setText(wrong);
    m_readable = !m_isEmpty && wrong.isEmpty();
    if (m_readable)
        showEffect();
    else if (m_isEmpty)
        m_effect->setText(tr("Nobody yet? Skip this: a friend can be added at any time."));
    Q_EMIT changed();
}

/// Reads `text`; says why it cannot be used.
QString PeoplePage::problem(const QString &text)
{
    m_card = {};
    if (card::looksLikeCard(text)) {
        if (const auto wrong = card::parse(text, m_card))
            return problemText(*wrong);
    } else {
        if (const auto wrong = settings::parseEntered(text, m_card.server))
            return complaintText(*wrong);
        m_card.kind = m_setup.holds() ? Kind::Friend : Kind::Relay;
    }
    if (m_card.kind == Kind::Relay && !m_setup.collects())
        return tr(
            "This is the link of a relay that holds mail for you. To use it, go back and choose “Collect my mail” "
            "or “Both”.");
    if (m_card.kind == Kind::Friend && !m_setup.holds())
        return tr("This is the link of a friend whose mail is to be held. To use it, go back and choose “Hold mail for "
                  "friends” or “Both”.");
    const auto *running = m_installation.operations();
    m_use = control::useOf(m_card, running->settings(), running->identity().serverName);
    if (m_use.effect == Effect::IsOwn)
        return tr("This is the name of this computer itself.");
    return {};
}

void PeoplePage::showEffect()
{
    const QString name = m_card.name.isEmpty() ? shortName(m_card.server.toString()) : m_card.name;
    QStringList texts{effectText(m_card, m_use, name)};
    texts += cautions(m_card, m_use, m_use.address);
    m_effect->setText(texts.join(u'\n'));
}

void PeoplePage::confirm()
{
    if (m_isEmpty)
        return Q_EMIT confirmed();
    control::Operations &operations = *m_installation.operations();
    auto changes = operations.settings();
    const auto fits = control::addCard(m_card, m_use.address, m_use.petname, operations.identity().serverName, changes);
    if (!fits) {
        m_error->setText(sentence(fits.error()));
        return;
    }
    m_asking = true;
    Q_EMIT changed();
    operations.applySettings(changes, this, [this](const Result<bool> &applied) {
        m_asking = false;
        Q_EMIT changed();
        if (!applied) {
            m_error->setText(sentence(applied.error()) + u'\n' + applied.error().detail);
            return;
        }
        m_setup.called = m_use.petname.isEmpty() ? shortName(m_card.server.toString()) : m_use.petname;
        m_setup.addedRelay = m_card.kind == Kind::Relay;
        Q_EMIT confirmed();
    });
}

} // namespace restante::ui
