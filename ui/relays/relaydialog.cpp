// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/relays/relaydialog.h"

#include "settings/enteredname.h"
#include "ui/relays/relaywords.h"
#include "ui/widgets/complaintwords.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/firstsize.h"
#include "ui/widgets/nameslist.h"
#include "ui/widgets/plaintip.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QRadioButton>
#include <QtWidgets/QStyle>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

using settings::RelayPart;

RelayDialog::RelayDialog(control::Operations &operations, const settings::RelayEntry &entry, QStringList taken,
                         QWidget *parent, Purpose purpose)
    : QDialog(parent)
    , m_operations(operations)
    , m_taken(std::move(taken))
    , m_relay(new QLineEdit(entry.relay.toString()))
    , m_relayError(new FieldError(m_relay))
    , m_url(new QLineEdit(entry.url.toString()))
    , m_urlError(new FieldError(m_url))
    , m_mine(new QRadioButton(tr("t&his server")))
    , m_other(new QRadioButton(tr("an&other server:")))
    , m_destination(new QLineEdit(entry.destination.toString()))
    , m_destinationError(new FieldError(m_destination))
    , m_petname(new QLineEdit(entry.petname))
    , m_petnameError(new FieldError(m_petname))
    , m_overlay(new QCheckBox(tr("This &network is encrypted already (VPN, Yggdrasil), so that http:// will do")))
    , m_pin(new QLineEdit(entry.pinText()))
    , m_pinError(new FieldError(m_pin))
    , m_test(new QPushButton(tr("&Test")))
    , m_resultIcon(new QLabel)
    , m_result(new QLabel)
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel))
{
    setWindowTitle(entry.relay.isNull() ? tr("Add a relay") : tr("Edit a relay"));
    m_overlay->setChecked(entry.overlay);
    (entry.destination.isNull() ? m_mine : m_other)->setChecked(true);
    build(purpose);
    for (auto *field : {m_relay, m_url, m_destination, m_petname, m_pin})
        connect(field, &QLineEdit::textChanged, this, &RelayDialog::validate);
    connect(m_mine, &QRadioButton::toggled, this, &RelayDialog::validate);
    connect(m_overlay, &QCheckBox::toggled, this, &RelayDialog::validate);
    connect(m_test, &QPushButton::clicked, this, &RelayDialog::test);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    validate();
    // With room for what may be wrong.
    setFirstSize(*this, sizeHint() + QSize(0, 3 * fontMetrics().lineSpacing()));
}

void RelayDialog::build(Purpose purpose)
{
    m_relay->setObjectName(QStringLiteral("relay"));
    m_url->setObjectName(QStringLiteral("url"));
    m_petname->setObjectName(QStringLiteral("relayPetname"));
    m_test->setObjectName(QStringLiteral("test"));
    m_test->setAutoDefault(false); // Return in a field means OK
    m_result->setObjectName(QStringLiteral("testResult"));
    m_result->setWordWrap(true);
    m_result->setTextFormat(Qt::PlainText);
    m_buttons->button(QDialogButtonBox::Cancel)->setText(tr("Cancel"));
    m_relay->setMinimumWidth(fontMetrics().averageCharWidth() * 66); // a self-certifying name has 64 digits
    m_relay->setCursorPosition(0);                                   // the beginning of a long name is what people know
    m_url->setPlaceholderText(tr("found by the server name, if it is a domain"));
    m_url->setToolTip(tr("Where the relay is, such as https://relay.example.org:8448"));
    m_petname->setPlaceholderText(tr("your own name for this relay, kept on this computer"));

    auto *form = new QFormLayout;
    form->addRow(tr("&Relay's server name:"), m_relay);
    form->addRow(QString(), m_relayError);
    form->addRow(tr("&Address:"), m_url);
    form->addRow(QString(), m_urlError);
    form->addRow(QString(), m_overlay);
    auto *owner = buildOwner();
    form->addRow(new QLabel(tr("Holds mail for:")), owner);
    form->setRowVisible(owner, purpose == Purpose::HoldsMail);
    form->addRow(tr("&Petname:"), m_petname);
    form->addRow(QString(), m_petnameError);
    auto *test = new QHBoxLayout;
    test->addWidget(m_test, 0, Qt::AlignTop);
    test->addWidget(m_resultIcon, 0, Qt::AlignTop);
    test->addWidget(m_result, 1);
    auto *contents = new QWidget;
    auto *inner = new QVBoxLayout(contents);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->addLayout(form);
    inner->addWidget(buildAdvanced());
    inner->addLayout(test);
    inner->addStretch(1);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(new ScrollingContents(contents), 1);
    layout->addWidget(m_buttons);
    m_resultIcon->hide();
    // Two lines, so that nothing moves when the result comes.
    m_result->setMinimumHeight(fontMetrics().lineSpacing() * 2);
    m_result->setAlignment(Qt::AlignLeading | Qt::AlignTop);
}

QWidget *RelayDialog::buildOwner()
{
    m_mine->setObjectName(QStringLiteral("mine"));
    m_other->setObjectName(QStringLiteral("other"));
    m_destination->setObjectName(QStringLiteral("destination"));
    m_destination->setAccessibleName(tr("Server that the relay holds mail for"));
    auto *owner = new QWidget;
    auto *layout = new QVBoxLayout(owner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_mine);
    auto *row = new QHBoxLayout;
    row->addWidget(m_other);
    row->addWidget(m_destination, 1);
    layout->addLayout(row);
    layout->addWidget(m_destinationError);
    return owner;
}

QWidget *RelayDialog::buildAdvanced()
{
    m_pin->setObjectName(QStringLiteral("pin"));
    m_pin->setPlaceholderText(tr("ordinary certificate check"));
    m_pin->setToolTip(tr("SHA-256 of the public key of the relay's certificate, for one that no authority signed"));
    auto *box = new QGroupBox(tr("Advanced"));
    auto *form = new QFormLayout(box);
    form->addRow(tr("Certificate p&in:"), m_pin);
    form->addRow(QString(), m_pinError);
    return box;
}

settings::RelayTexts RelayDialog::texts() const
{
    settings::RelayTexts texts;
    texts.relay = settings::tidiedName(m_relay->text());
    texts.url = m_url->text().trimmed();
    texts.pin = m_pin->text().trimmed();
    texts.destination = m_mine->isChecked() ? QString() : settings::tidiedName(m_destination->text());
    texts.petname = m_petname->text().trimmed();
    texts.overlay = m_overlay->isChecked();
    return texts;
}

settings::RelayEntry RelayDialog::entry() const
{
    settings::RelayEntry entry;
    // Test and OK can only be pressed while nothing is wrong.
    [[maybe_unused]] const auto problem = parse(texts(), entry);
    return entry;
}

void RelayDialog::validate()
{
    m_destination->setEnabled(m_other->isChecked());
    const auto now = texts();
    settings::RelayEntry read;
    auto problem = parse(now, read);
    if (!problem)
        problem = settings::relayProblem(read);
    const auto say = [&](FieldError *field, RelayPart part) {
        field->setText(problem && problem->part == part ? complaintText(problem->complaint) : QString());
    };
    say(m_relayError, RelayPart::Relay);
    say(m_urlError, RelayPart::Url);
    say(m_pinError, RelayPart::Pin);
    say(m_destinationError, RelayPart::Destination);
    say(m_petnameError, RelayPart::Petname);
    if (now.relay.isEmpty())
        m_relayError->setText(tr("Enter a server name, such as relay.example.org."));
    bool fits = !problem;
    for (const auto &[name, field] :
         {std::pair(now.relay, m_relayError), std::pair(now.destination, m_destinationError)}) {
        if (fits && !name.isEmpty()) // what the grammar allows, but nobody can have meant
            fits = field->setText(serverNameProblem(name)).isEmpty();
    }
    if (fits && m_other->isChecked() && now.destination.isEmpty()) {
        m_destinationError->setText(tr("Enter the server whose mail the relay holds."));
        fits = false;
    }
    if (fits && m_taken.contains(read.key())) {
        m_relayError->setText(tr("This relay is in the list already."));
        fits = false;
    }
    m_test->setEnabled(fits);
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(fits);
    ++m_testNumber;
    showResult({}, false);
}

void RelayDialog::test()
{
    const quint32 number = ++m_testNumber;
    showResult(tr("Asking the relay…"), false);
    m_test->setEnabled(false);
    m_operations.testRelay(entry(), this, [this, number](const Result<node::RelayReport> &report) {
        if (number != m_testNumber)
            return;
        m_test->setEnabled(true);
        if (!report)
            showResult(sentence(report.error()), true);
        else
            showResult(outcomeText(*report), !report->works());
        m_result->setToolTip(plainTip(report ? report->detail : report.error().detail));
    });
}

void RelayDialog::showResult(const QString &text, bool bad)
{
    const auto icon = bad ? QStyle::SP_MessageBoxWarning : QStyle::SP_MessageBoxInformation;
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    m_resultIcon->setPixmap(style()->standardIcon(icon, nullptr, this).pixmap(side));
    m_resultIcon->setVisible(!text.isEmpty());
    m_result->setText(text);
    m_result->setToolTip({});
    m_test->setAccessibleDescription(text);
}

} // namespace restante::ui
