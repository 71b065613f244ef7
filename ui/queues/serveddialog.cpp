// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/queues/serveddialog.h"

#include "settings/enteredname.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/filefield.h"
#include "ui/widgets/firstsize.h"
#include "ui/widgets/nameslist.h"

#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

ServedDialog::ServedDialog(const settings::ServedEntry &entry, QStringList taken, QWidget *parent)
    : QDialog(parent)
    , m_before(entry)
    , m_taken(std::move(taken))
    , m_name(new QLineEdit(entry.name.toString()))
    , m_nameError(new FieldError(m_name))
    , m_petname(new QLineEdit(entry.petname))
    , m_origins(new NamesList)
    , m_originsError(new FieldError(m_origins))
    , m_front(new QLineEdit(entry.front.toString()))
    , m_frontError(new FieldError(m_front))
    , m_certificate(new FileField(QStringLiteral("frontCertificate"), tr("&Browse…")))
    , m_key(new FileField(QStringLiteral("frontKey"), tr("B&rowse…")))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel))
{
    setWindowTitle(entry.name.isNull() ? tr("Add a friend") : tr("Edit a friend"));
    m_buttons->button(QDialogButtonBox::Cancel)->setText(tr("Cancel"));
    m_name->setObjectName(QStringLiteral("name"));
    m_petname->setObjectName(QStringLiteral("petname"));
    m_origins->setObjectName(QStringLiteral("origins"));
    m_name->setMinimumWidth(fontMetrics().averageCharWidth() * 66); // a self-certifying name has 64 digits
    m_petname->setMaxLength(200);                                   // as the settings take it
    m_petname->setPlaceholderText(tr("your own name for this friend, kept on this computer"));
    m_origins->setNames(linesOf(entry.knownOrigins));
    auto *contents = new QWidget;
    auto *form = new QFormLayout(contents);
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("&Server name:"), m_name);
    form->addRow(QString(), m_nameError);
    form->addRow(tr("&Petname:"), m_petname);
    auto *label = new QLabel(tr("&Known senders:"));
    label->setBuddy(m_origins);
    form->addRow(label, m_origins);
    form->addRow(QString(), m_originsError);
    auto *note = new QLabel(tr("Half of the room for this friend is kept for known senders, so that strangers cannot "
                               "fill it."));
    note->setWordWrap(true);
    form->addRow(QString(), note);
    m_front->setObjectName(QStringLiteral("front"));
    m_front->setPlaceholderText(tr("none: mail comes only from those who know this relay"));
    m_front->setToolTip(
        tr("A host and port that lead to this relay and are this friend's alone, such as "
           "anna.relay.example:8449. The relay's certificate, or the one below, has to be good for it."));
    form->addRow(tr("&Front door:"), m_front);
    form->addRow(QString(), m_frontError);
    m_certificate->setFile(entry.tlsCertificate);
    m_key->setFile(entry.tlsKey);
    m_certificate->addTo(form, tr("Its c&ertificate:"));
    m_key->addTo(form, tr("Its pri&vate key:"));
    for (auto *field : {m_certificate, m_key})
        connect(field, &FileField::edited, this, &ServedDialog::validate);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(new ScrollingContents(contents), 1);
    layout->addWidget(m_buttons);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_name, &QLineEdit::textChanged, this, &ServedDialog::validate);
    connect(m_front, &QLineEdit::textChanged, this, &ServedDialog::validate);
    connect(m_origins, &QPlainTextEdit::textChanged, this, &ServedDialog::validate);
    validate();
    // With room for what may be wrong.
    setFirstSize(*this, sizeHint() + QSize(0, 3 * fontMetrics().lineSpacing()));
}

settings::ServedEntry ServedDialog::entry() const
{
    settings::ServedEntry entry = m_before;
    entry.name = valuesIn<matrix::ServerName>({m_name->text()}).value(0);
    entry.petname = m_petname->text().trimmed();
    entry.knownOrigins = valuesIn<matrix::ServerName>(m_origins->names());
    entry.setFront(valuesIn<matrix::ServerName>({settings::tidiedName(m_front->text())}).value(0));
    if (!entry.front.isNull()) {
        entry.tlsCertificate = m_certificate->file();
        entry.tlsKey = m_key->file();
    }
    return entry;
}

void ServedDialog::validate()
{
    const QString name = settings::tidiedName(m_name->text());
    QString problem = serverNameProblem(name);
    if (problem.isEmpty() && m_taken.contains(name))
        problem = tr("This server is served already.");
    const bool nameFits = m_nameError->setText(problem).isEmpty();
    const bool originsFit = m_originsError->setText(m_origins->problem()).isEmpty();
    const QString front = settings::tidiedName(m_front->text());
    const bool frontFits = m_frontError->setText(front.isEmpty() ? QString() : serverNameProblem(front)).isEmpty();
    m_certificate->setEnabled(!front.isEmpty());
    m_key->setEnabled(!front.isEmpty());
    const QStringList pair = validatePair(*m_certificate, *m_key);
    const bool pairFits = front.isEmpty() || pair == QStringList{QString(), QString()};
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(nameFits && originsFit && frontFits && pairFits);
}

} // namespace restante::ui
