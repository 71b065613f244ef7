// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cards/owncarddialog.h"

#include "base/wholefile.h"
#include "ui/cards/qrview.h"
#include "ui/cards/sentencelabel.h"
#include "ui/widgets/complaintwords.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/firstsize.h"

#include <QtCore/QBuffer>
#include <QtCore/QDir>
#include <QtCore/QPointer>
#include <QtCore/QStandardPaths>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

namespace restante::ui
{

using Kind = card::Card::Kind;

namespace
{
/// As wide as the longer of both texts, so that nothing moves.
void keepRoomFor(QPushButton &button, const QString &other)
{
    const QString now = button.text();
    button.setText(other);
    const int width = button.sizeHint().width();
    button.setText(now);
    button.setMinimumWidth(std::max(width, button.sizeHint().width()));
}
} // namespace

OwnCardDialog::OwnCardDialog(control::Operations &operations, Kind kind, const QString &answersTo, QWidget *parent)
    : QDialog(parent)
    , m_operations(operations)
    , m_kind(kind)
    , m_name(new QLineEdit(operations.settings().cardName))
    , m_nameError(new FieldError(m_name))
    , m_addresses(new QLineEdit(operations.settings().cardAddresses))
    , m_addressesError(new FieldError(m_addresses))
    , m_reason(sentenceLabel(QStringLiteral("cardReason")))
    , m_picture(new QrView)
    , m_link(new QLineEdit)
    , m_copy(new QPushButton(tr("&Copy")))
    , m_save(new QPushButton(tr("&Save…")))
    , m_told(sentenceLabel(QStringLiteral("cardTold")))
{
    setWindowTitle(kind == Kind::Relay ? tr("My relay card") : tr("My card for a relay"));
    build(answersTo);
    for (auto *field : {m_name, m_addresses}) {
        connect(field, &QLineEdit::textChanged, this, &OwnCardDialog::update);
        connect(field, &QLineEdit::editingFinished, this, &OwnCardDialog::keep);
    }
    connect(m_copy, &QPushButton::clicked, this, &OwnCardDialog::copy);
    connect(m_save, &QPushButton::clicked, this, &OwnCardDialog::save);
    // It says so as long as that is so.
    connect(QGuiApplication::clipboard(), &QClipboard::dataChanged, this, [this] {
        const bool isHere = !m_link->text().isEmpty() && QGuiApplication::clipboard()->text() == m_link->text();
        m_copy->setText(isHere ? tr("&Copied") : tr("&Copy"));
    });
    update();
    setFirstSize(*this, sizeHint() + QSize(0, 2 * fontMetrics().lineSpacing()));
    (m_link->text().isEmpty() ? static_cast<QWidget *>(m_addresses) : m_copy)->setFocus();
}

void OwnCardDialog::build(const QString &answersTo)
{
    auto *intro = sentenceLabel(QStringLiteral("cardIntro"));
    QString text = m_kind == Kind::Relay
                       ? tr("Whoever opens this card adds your relay to theirs. Nothing in it is secret.")
                       : tr("Whoever opens this card holds mail for your server. Nothing in it is "
                            "secret.");
    if (!answersTo.isEmpty())
        text = m_kind == Kind::Relay ? tr("Done: you hold mail for %1. Now send this card back, so that they add your "
                                          "relay.")
                                           .arg(answersTo)
                                     : tr("Done: %1 is one of your relays. Now send this card back, so that they hold "
                                          "mail for you.")
                                           .arg(answersTo);
    intro->setText(text);
    m_name->setObjectName(QStringLiteral("cardName"));
    m_name->setMaxLength(int(settings::MostCardName));
    m_name->setPlaceholderText(tr("how the other person knows you; may be empty"));
    m_addresses->setObjectName(QStringLiteral("cardAddresses"));
    m_addresses->setPlaceholderText(tr("https://relay.example.org:8449"));
    m_addresses->setToolTip(tr("Where other servers reach this relay, as https://host:port; several are separated by "
                               "spaces."));
    m_picture->setAccessibleName(tr("The card as a QR code"));
    auto *form = new QFormLayout;
    form->addRow(tr("Your &name:"), m_name);
    form->addRow(QString(), m_nameError);
    if (m_kind == Kind::Relay) {
        form->addRow(tr("&Address:"), m_addresses);
        form->addRow(QString(), m_addressesError);
    } else {
        m_addresses->setParent(this); // of no use here
        m_addresses->hide();
        m_addressesError->setParent(this);
        m_addressesError->hide();
    }
    auto *contents = new QWidget;
    auto *inner = new QVBoxLayout(contents);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->addWidget(intro);
    inner->addLayout(form);
    inner->addWidget(m_reason);
    inner->addWidget(m_picture, 1);
    inner->addLayout(buildLink());
    inner->addWidget(m_told);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setText(tr("Close"));
    buttons->button(QDialogButtonBox::Close)->setAutoDefault(false); // Return in a field ends its editing
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(new ScrollingContents(contents), 1);
    layout->addWidget(buttons);
}

QLayout *OwnCardDialog::buildLink()
{
    m_link->setObjectName(QStringLiteral("cardLink"));
    m_link->setAccessibleName(tr("The card as a link"));
    m_link->setReadOnly(true);
    m_link->setLayoutDirection(Qt::LeftToRight);
    m_link->setMinimumWidth(fontMetrics().averageCharWidth() * 50);
    m_copy->setObjectName(QStringLiteral("cardCopy"));
    m_copy->setAutoDefault(false);
    keepRoomFor(*m_copy, tr("&Copied"));
    m_save->setObjectName(QStringLiteral("cardSave"));
    m_save->setAutoDefault(false);
    auto *row = new QHBoxLayout;
    row->addWidget(m_link, 1);
    row->addWidget(m_copy);
    row->addWidget(m_save);
    return row;
}

settings::Settings OwnCardDialog::edited() const
{
    auto settings = m_operations.settings();
    settings.cardName = m_name->text().trimmed();
    settings.cardAddresses = m_addresses->text().simplified();
    return settings;
}

void OwnCardDialog::update()
{
    const auto now = edited();
    const settings::Complaint wrongName{settings::ComplaintCode::NotACardName, {now.cardName}};
    QList<settings::RelayUrl> urls;
    const auto wrong = settings::parseCardAddresses(now.cardAddresses, urls);
    const bool nameFits =
        m_nameError->setText(settings::isCardName(now.cardName) ? QString() : complaintText(wrongName)).isEmpty();
    const bool addressesFit = m_addressesError->setText(wrong ? complaintText(*wrong) : QString()).isEmpty();
    m_told->clear();
    if (!nameFits || !addressesFit)
        return showReason(tr("There is no card until that is mended."));
    const auto card = m_kind == Kind::Relay ? control::relayCard(now, m_operations.status())
                                            : control::friendCard(now, m_operations.identity().serverName);
    if (card) {
        m_link->setText(card::textOf(*card));
        m_link->setCursorPosition(0);
        m_code = QrCode(m_link->text().toLatin1());
        m_picture->setCode(m_code);
        return showReason({});
    }
    if (card.error().code != Errc::InvalidSetting)
        return showReason(tr("%1 (%2)", "a sentence, and its detail").arg(sentence(card.error()), card.error().detail));
    if (m_kind == Kind::Friend)
        return showReason(tr("This computer collects no mail, so nobody can hold it for you. Switch that on first: "
                             "Settings, Relays and node."));
    showReason(now.relayEnabled ? tr("Enter the address at which others reach this relay. Nobody can tell from here "
                                     "which it is: it is that of your router, or a name that leads to it.")
                                : tr("Relaying is switched off, so this computer holds no mail for others. Switch it "
                                     "on first: Settings, Relaying."));
}

/// Without one there is a card.
void OwnCardDialog::showReason(const QString &reason)
{
    const bool there = reason.isEmpty();
    if (!there) {
        m_link->clear();
        m_code = QrCode();
        m_picture->setCode(m_code);
    }
    m_reason->setText(reason);
    m_reason->setVisible(!there);
    m_picture->setVisible(there);
    for (QWidget *widget :
         {static_cast<QWidget *>(m_link), static_cast<QWidget *>(m_copy), static_cast<QWidget *>(m_save)})
        widget->setEnabled(there);
    m_copy->setText(there && QGuiApplication::clipboard()->text() == m_link->text() ? tr("&Copied") : tr("&Copy"));
}

/// What was edited, if it can be used.
void OwnCardDialog::keep()
{
    const auto now = edited();
    const auto held = m_operations.settings();
    QList<settings::RelayUrl> urls;
    if ((now.cardName == held.cardName && now.cardAddresses == held.cardAddresses) ||
        !settings::isCardName(now.cardName) || settings::parseCardAddresses(now.cardAddresses, urls))
        return;
    // The dialog may be closed before the answer comes.
    QWidget *speaker = parentWidget() ? parentWidget() : this;
    m_operations.applySettings(now, speaker, [speaker, dialog = QPointer(this)](const Result<bool> &applied) {
        if (applied)
            return;
        if (dialog && dialog->isVisible())
            return dialog->m_told->setText(sentence(applied.error()));
        auto *box = new QMessageBox(QMessageBox::Warning, tr("My relay card"), sentence(applied.error()),
                                    QMessageBox::Ok, speaker);
        box->setObjectName(QStringLiteral("cardNotKept"));
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open(); // never blocks
    });
}

void OwnCardDialog::done(int result)
{
    keep();
    QDialog::done(result);
}

void OwnCardDialog::copy()
{
    keep();
    QGuiApplication::clipboard()->setText(m_link->text());
    m_copy->setText(tr("&Copied"));
}

void OwnCardDialog::save()
{
    keep();
    auto *dialog = new QFileDialog(this, tr("Save the card"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->setNameFilters({tr("Picture (*.png)"), tr("Drawing (*.svg)"), tr("Text (*.txt)")});
    dialog->setDefaultSuffix(QStringLiteral("png"));
    dialog->setDirectory(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    dialog->selectFile(m_kind == Kind::Relay ? QStringLiteral("relay-card.png") : QStringLiteral("card.png"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        dialog->setDefaultSuffix(filter.section(QStringLiteral("*."), 1).chopped(1));
    });
    connect(dialog, &QFileDialog::fileSelected, this, &OwnCardDialog::write);
    dialog->open();
}

void OwnCardDialog::write(const QString &file)
{
    if (file.isEmpty())
        return;
    constexpr int pixels = 8; // of a square: about 500 in all, which is sharp on a screen and in print
    QByteArray bytes;
    if (file.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        bytes = m_code.svg(m_link->text());
    } else if (file.endsWith(QLatin1String(".txt"), Qt::CaseInsensitive)) {
        bytes = m_link->text().toLatin1() + '\n';
    } else {
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        m_code.image(pixels).save(&buffer, "PNG");
    }
    const auto written = base::WholeFile::write(file, bytes);
    m_told->setText(written ? tr("The card is in %1.").arg(QDir::toNativeSeparators(file))
                            : tr("The card was not saved: %1").arg(written.error().detail));
}

} // namespace restante::ui
