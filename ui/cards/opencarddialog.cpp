// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cards/opencarddialog.h"

#include "ui/cards/cardwords.h"
#include "ui/cards/sentencelabel.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/firstsize.h"
#include "ui/widgets/servernames.h"

#include <QtCore/QMimeData>
#include <QtCore/QStandardPaths>
#include <QtGui/QClipboard>
#include <QtGui/QDropEvent>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

using Effect = control::CardUse::Effect;
using Kind = card::Card::Kind;

namespace
{
QLineEdit *shownText(const QString &name)
{
    auto *field = new QLineEdit;
    field->setObjectName(name);
    field->setReadOnly(true);
    field->setLayoutDirection(Qt::LeftToRight);
    return field;
}

void setRowVisible(QFormLayout &form, QWidget *field, bool visible)
{
    field->setVisible(visible);
    if (auto *label = form.labelForField(field))
        label->setVisible(visible);
}
} // namespace

OpenCardDialog::OpenCardDialog(control::Operations &operations, QWidget *parent)
    : QDialog(parent)
    , m_operations(operations)
    , m_link(new QPlainTextEdit)
    , m_paste(new QPushButton(tr("&Paste")))
    , m_file(new QPushButton(tr("&File or picture…")))
    , m_effect(sentenceLabel(QStringLiteral("cardEffect")))
    , m_form(new QFormLayout)
    , m_server(shownText(QStringLiteral("cardServer")))
    , m_address(new QComboBox)
    , m_pin(shownText(QStringLiteral("cardPin")))
    , m_petname(new QLineEdit)
    , m_cautions(sentenceLabel(QStringLiteral("cardCautions")))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel))
    , m_add(m_buttons->button(QDialogButtonBox::Ok))
{
    setWindowTitle(tr("Open a card"));
    setObjectName(QStringLiteral("openCard"));
    setAcceptDrops(true);
    build();
    connect(m_link, &QPlainTextEdit::textChanged, this, &OpenCardDialog::read);
    connect(m_paste, &QPushButton::clicked, this, &OpenCardDialog::paste);
    connect(m_file, &QPushButton::clicked, this, &OpenCardDialog::chooseFile);
    connect(m_address, &QComboBox::currentIndexChanged, this, &OpenCardDialog::updateCautions);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &OpenCardDialog::add);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    read();
    setFirstSize(*this, {fontMetrics().averageCharWidth() * 84, fontMetrics().lineSpacing() * 30});
}

void OpenCardDialog::build()
{
    auto *label = new QLabel(tr("The card's &link, as somebody sent it to you:"));
    label->setBuddy(m_link);
    label->setWordWrap(true);
    m_link->setObjectName(QStringLiteral("cardText"));
    m_link->setAcceptDrops(false); // the dialog takes them, files and pictures too
    m_link->setTabChangesFocus(true);
    m_link->setLayoutDirection(Qt::LeftToRight);
    m_link->setPlaceholderText(QStringLiteral("restante:1/…"));
    m_link->setWordWrapMode(QTextOption::WrapAnywhere);
    m_link->setFixedHeight(m_link->fontMetrics().lineSpacing() * 4 + 2 * m_link->frameWidth() + 8);
    m_petname->setObjectName(QStringLiteral("cardPetname"));
    m_petname->setMaxLength(200); // as the settings take it
    m_petname->setPlaceholderText(tr("your own name for them, kept on this computer"));
    m_address->setObjectName(QStringLiteral("cardAddress"));
    m_address->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_address->setMinimumContentsLength(20);
    m_form->addRow(tr("&Server name:"), m_server);
    m_form->addRow(tr("&Address:"), m_address);
    m_form->addRow(tr("Certificate p&in:"), m_pin);
    m_form->addRow(tr("P&etname:"), m_petname);
    auto *contents = new QWidget;
    auto *inner = new QVBoxLayout(contents);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->addWidget(label);
    inner->addWidget(m_link);
    inner->addLayout(buildSources());
    inner->addSpacing(fontMetrics().lineSpacing() / 2);
    inner->addWidget(m_effect);
    inner->addLayout(m_form);
    inner->addWidget(m_cautions);
    inner->addStretch(1);
    m_add->setObjectName(QStringLiteral("cardAdd"));
    m_buttons->button(QDialogButtonBox::Cancel)->setText(tr("Cancel"));
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(new ScrollingContents(contents), 1);
    layout->addWidget(m_buttons);
}

QLayout *OpenCardDialog::buildSources()
{
    m_paste->setObjectName(QStringLiteral("cardPaste"));
    m_file->setObjectName(QStringLiteral("cardFile"));
    m_paste->setAutoDefault(false);
    m_file->setAutoDefault(false);
    m_paste->setToolTip(tr("A link, or a picture of a QR code, that you copied"));
    m_file->setToolTip(tr("A file with the link in it, or a picture of the QR code. It can also be dropped here."));
    auto *row = new QHBoxLayout;
    row->addWidget(m_paste);
    row->addWidget(m_file);
    row->addStretch(1);
    return row;
}

void OpenCardDialog::open(const FoundCard &found)
{
    if (m_link->toPlainText() != found.link)
        m_link->setPlainText(found.link);
    else
        read();
    if (!found.problem.isEmpty())
        say(found.problem);
    (m_add->isEnabled() ? static_cast<QWidget *>(m_petname) : m_link)->setFocus();
}

void OpenCardDialog::paste()
{
    if (const auto *copied = QGuiApplication::clipboard()->mimeData(); copied && mayHoldCard(*copied))
        open(cardIn(*copied));
    else
        say(tr("There is nothing to paste: copy the link, or the picture, first."));
}

void OpenCardDialog::chooseFile()
{
    auto *dialog = new QFileDialog(this, tr("Open a card"));
    dialog->setObjectName(QStringLiteral("cardFileDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setDirectory(QStandardPaths::writableLocation(QStandardPaths::DownloadLocation));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        if (!file.isEmpty())
            open(cardInFile(file));
    });
    dialog->open();
}

void OpenCardDialog::read()
{
    // A whole message may have been pasted.
    const QString link = cardInText(m_link->toPlainText()).link;
    m_readable = false;
    m_use = {};
    const auto problem = card::parse(link, m_card);
    if (problem && problem->code == card::CardProblem::Code::Nothing)
        return say(tr("Paste the link above, or choose a file or picture. A card can also be dropped here."));
    if (problem)
        return say(problemText(*problem));
    m_readable = true;
    showCard();
}

void OpenCardDialog::showCard()
{
    const auto settings = m_operations.settings();
    m_use = control::useOf(m_card, settings, m_operations.identity().serverName);
    m_server->setText(m_card.server.toString());
    m_server->setCursorPosition(0);
    m_pin->setText(QString::fromLatin1(m_card.pin.toHex()));
    m_pin->setCursorPosition(0);
    m_petname->setText(m_use.petname);
    {
        const QSignalBlocker quiet(m_address);
        m_address->clear();
        for (const settings::RelayUrl &each : m_card.addresses)
            m_address->addItem(addressText(each));
        m_address->setCurrentIndex(int(m_card.addresses.indexOf(m_use.address)));
    }
    const QString name = PetNames(settings).petname(m_card.server.toString());
    const QString shown = !name.isEmpty()         ? name
                          : m_card.name.isEmpty() ? shortName(m_card.server.toString())
                                                  : m_card.name;
    m_effect->setText(effectText(m_card, m_use, shown));
    const bool adds = m_use.effect != Effect::IsOwn && m_use.effect != Effect::ChangesNothing;
    setRowVisible(*m_form, m_server, true);
    setRowVisible(*m_form, m_address, !m_card.addresses.isEmpty());
    setRowVisible(*m_form, m_pin, !m_card.pin.isEmpty());
    setRowVisible(*m_form, m_petname, adds);
    m_add->setText(m_use.effect == Effect::MovesRelay ? tr("Change the &relay")
                   : m_card.kind == Kind::Relay       ? tr("Add the &relay")
                                                      : tr("&Hold mail"));
    m_add->setVisible(adds);
    m_add->setEnabled(adds);
    updateCautions();
}

void OpenCardDialog::updateCautions()
{
    if (!m_readable)
        return;
    m_cautions->setText(cautions(m_card, m_use, address()).join(u'\n'));
    m_cautions->setVisible(!m_cautions->text().isEmpty());
}

/// In the place of a card.
void OpenCardDialog::say(const QString &text)
{
    m_effect->setText(text);
    for (QWidget *field : {static_cast<QWidget *>(m_server), static_cast<QWidget *>(m_address),
                           static_cast<QWidget *>(m_pin), static_cast<QWidget *>(m_petname)})
        setRowVisible(*m_form, field, false);
    m_cautions->hide();
    m_add->setText(tr("Add"));
    m_add->setEnabled(false);
    m_link->setAccessibleDescription(text);
}

settings::RelayUrl OpenCardDialog::address() const
{
    return m_card.addresses.value(m_address->currentIndex());
}

QString OpenCardDialog::called() const
{
    const QString petname = m_petname->text().trimmed();
    return petname.isEmpty() ? shortName(m_card.server.toString()) : petname;
}

void OpenCardDialog::add()
{
    auto changed = m_operations.settings();
    const auto fits =
        control::addCard(m_card, address(), m_petname->text().trimmed(), m_operations.identity().serverName, changed);
    if (!fits)
        return say(sentence(fits.error()));
    m_add->setEnabled(false); // until the answer is there
    m_operations.applySettings(changed, this, [this, kind = m_card.kind, name = called()](const Result<bool> &applied) {
        if (!applied) {
            m_add->setEnabled(m_readable);
            m_cautions->setText(sentence(applied.error()));
            m_cautions->setVisible(true);
            return;
        }
        accept();
        Q_EMIT added(kind, name);
    });
}

void OpenCardDialog::dragEnterEvent(QDragEnterEvent *event)
{
    if (mayHoldCard(*event->mimeData()))
        event->acceptProposedAction();
}

void OpenCardDialog::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    open(cardIn(*event->mimeData()));
}

} // namespace restante::ui
