// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/relayingsettings.h"

#include "ui/queues/serveddialog.h"
#include "ui/widgets/columnwidth.h"
#include "ui/widgets/confirmation.h"
#include "ui/widgets/editablelist.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/nameslist.h"
#include "ui/widgets/servernames.h"
#include "ui/widgets/sizefield.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QTreeWidget>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

namespace
{
QSpinBox *countField(const QString &name, int largest)
{
    auto *field = new QSpinBox;
    field->setObjectName(name);
    field->setRange(1, largest);
    field->setGroupSeparatorShown(true);
    field->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    return field;
}

constexpr int MostQuotaEntries = 100'000'000;
constexpr int MostDays = 3650;
} // namespace

RelayingSettings::RelayingSettings(QWidget *parent)
    : SettingsPage(parent)
    , m_enabled(new QCheckBox(tr("&Hold mail for others")))
    , m_open(new QCheckBox(tr("Accept mail for an&yone (open relay)")))
    , m_openWarning(new QLabel(tr("Careful: strangers can then leave mail for strangers here, and fill the disk up to "
                                  "the limits. Friends listed below keep the room that is theirs.")))
    , m_servedList(new EditableList(QStringLiteral("served"), {tr("Petname"), tr("Server name"), tr("Known senders")},
                                    {tr("&Add…"), tr("&Edit…"), tr("&Remove")}))
    , m_blocked(new NamesList)
    , m_blockedError(new FieldError(m_blocked))
    , m_sendsFor(new NamesList)
    , m_sendsForError(new FieldError(m_sendsFor))
    , m_destinationEntries(countField(QStringLiteral("destinationEntries"), MostQuotaEntries))
    , m_destinationBytes(new SizeField)
    , m_originEntries(countField(QStringLiteral("originEntries"), MostQuotaEntries))
    , m_originEntriesError(new FieldError(m_originEntries))
    , m_originBytes(new SizeField)
    , m_originBytesError(new FieldError(m_originBytes))
    , m_expiry(countField(QStringLiteral("expiry"), MostDays))
{
    m_enabled->setObjectName(QStringLiteral("enabled"));
    m_open->setObjectName(QStringLiteral("open"));
    m_openWarning->setObjectName(QStringLiteral("openWarning"));
    m_openWarning->setWordWrap(true);
    m_openWarning->setFrameShape(QFrame::StyledPanel);
    m_openWarning->setMargin(6);
    m_openWarning->setAutoFillBackground(true);
    m_openWarning->setBackgroundRole(QPalette::ToolTipBase);
    m_openWarning->setForegroundRole(QPalette::ToolTipText);
    m_openWarning->hide();
    m_blocked->setObjectName(QStringLiteral("blocked"));
    m_sendsFor->setObjectName(QStringLiteral("sendsFor"));
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_enabled);
    layout->addWidget(m_open);
    layout->addWidget(m_openWarning);
    layout->addWidget(buildServed());
    layout->addWidget(buildLimits());
    layout->addWidget(
        buildNames(tr("Blocked senders"), tr("Refuse mail from these &servers:"), m_blocked, m_blockedError));
    layout->addWidget(
        buildNames(tr("Sending for others"),
                   tr("Take in mail from these ser&vers for anyone, and send it on when the receiver is back:"),
                   m_sendsFor, m_sendsForError));
    layout->addStretch(1);

    connect(m_enabled, &QCheckBox::toggled, this, &SettingsPage::edited);
    connect(m_open, &QCheckBox::toggled, this, [this](bool on) {
        m_openWarning->setVisible(on);
        Q_EMIT edited();
    });
    connect(m_blocked, &QPlainTextEdit::textChanged, this, &SettingsPage::edited);
    connect(m_sendsFor, &QPlainTextEdit::textChanged, this, &SettingsPage::edited);
    for (QSpinBox *field : {m_destinationEntries, static_cast<QSpinBox *>(m_destinationBytes), m_originEntries,
                            static_cast<QSpinBox *>(m_originBytes), m_expiry})
        connect(field, &QSpinBox::valueChanged, this, &SettingsPage::edited);
}

QWidget *RelayingSettings::buildServed()
{
    auto &tree = m_servedList->tree();
    tree.setAccessibleName(tr("Friends whose mail is held"));
    tree.header()->setSectionResizeMode(1, QHeaderView::Stretch);
    setColumnWidth(tree, 0, 18);
    setColumnWidth(tree, 2, 8);
    auto *box = new QGroupBox(tr("Friends"));
    auto *layout = new QVBoxLayout(box);
    layout->addWidget(m_servedList);
    connect(m_servedList, &EditableList::addWanted, this, [this] { openServedDialog(-1); });
    connect(m_servedList, &EditableList::editWanted, this, &RelayingSettings::openServedDialog);
    connect(m_servedList, &EditableList::removeWanted, this, [this](int row) {
        const settings::ServedEntry entry = m_served[row];
        const QString who = entry.petname.isEmpty() ? entry.name.toString() : entry.petname;
        confirm(
            this,
            {tr("Remove a friend"),
             tr("Hold no more mail for %1? What is held stays for them to collect until it is too old, and your name "
                "for them is forgotten.")
                 .arg(who),
             tr("&Remove")},
            [this, entry] {
                m_served.removeOne(entry);
                showServed();
                Q_EMIT edited();
            });
    });
    return box;
}

QWidget *RelayingSettings::buildLimits()
{
    m_destinationBytes->setObjectName(QStringLiteral("destinationBytes"));
    m_destinationBytes->setMinimum(1);
    m_originBytes->setObjectName(QStringLiteral("originBytes"));
    m_originBytes->setMinimum(1);
    auto *box = new QGroupBox(tr("Limits"));
    auto *form = new QFormLayout(box);
    form->addRow(tr("Pieces of mail for one &friend:"), m_destinationEntries);
    form->addRow(tr("Si&ze for one friend:"), m_destinationBytes);
    form->addRow(tr("Pieces of mail from &one sender to one friend:"), m_originEntries);
    form->addRow(QString(), m_originEntriesError);
    form->addRow(tr("Size from one sender &to one friend:"), m_originBytes);
    form->addRow(QString(), m_originBytesError);
    //: Followed by a number of days
    form->addRow(tr("&Discard what nobody collected, days:"), m_expiry);
    return box;
}

QWidget *RelayingSettings::buildNames(const QString &title, const QString &label, NamesList *names, FieldError *error)
{
    auto *text = new QLabel(label);
    text->setWordWrap(true);
    text->setBuddy(names);
    auto *box = new QGroupBox(title);
    auto *layout = new QVBoxLayout(box);
    layout->addWidget(text);
    layout->addWidget(names);
    layout->addWidget(error);
    return box;
}

void RelayingSettings::load(const settings::Settings &settings)
{
    m_loaded = settings;
    m_enabled->setChecked(settings.relayEnabled);
    m_open->setChecked(settings.relayOpen);
    m_served = settings.served;
    showServed();
    m_blocked->setNames(linesOf(settings.blockedOrigins));
    m_sendsFor->setNames(linesOf(settings.sendsFor));
    m_destinationEntries->setValue(int(std::min<qint64>(settings.destinationEntries, MostQuotaEntries)));
    m_destinationBytes->setBytes(settings.destinationBytes);
    m_originEntries->setValue(int(std::min<qint64>(settings.originEntries, MostQuotaEntries)));
    m_originBytes->setBytes(settings.originBytes);
    m_expiry->setValue(settings.expiryDays);
}

void RelayingSettings::store(settings::Settings &settings) const
{
    settings.relayEnabled = m_enabled->isChecked();
    settings.relayOpen = m_open->isChecked();
    settings.served = m_served;
    settings.blockedOrigins = valuesIn<matrix::ServerName>(m_blocked->names());
    settings.sendsFor = valuesIn<matrix::ServerName>(m_sendsFor->names());
    settings.destinationEntries = m_destinationEntries->value();
    settings.destinationBytes = m_destinationBytes->bytes();
    settings.originEntries = m_originEntries->value();
    settings.originBytes = m_originBytes->bytes();
    settings.expiryDays = m_expiry->value();
}

QString RelayingSettings::validate()
{
    settings::Settings now = m_loaded;
    store(now);
    // The core takes it. Who has chosen so elsewhere is not kept from changing other settings.
    const bool entriesChosen =
        now.originEntries != m_loaded.originEntries || now.destinationEntries != m_loaded.destinationEntries;
    const bool bytesChosen =
        now.originBytes != m_loaded.originBytes || now.destinationBytes != m_loaded.destinationBytes;
    const QString tooMuch = tr("One sender cannot have more room than the friend has.");
    QStringList problems;
    problems << m_originEntriesError->setText(entriesChosen && now.originEntries > now.destinationEntries ? tooMuch
                                                                                                          : QString());
    problems << m_originBytesError->setText(bytesChosen && now.originBytes > now.destinationBytes ? tooMuch
                                                                                                  : QString());
    problems << m_blockedError->setText(m_blocked->problem());
    problems << m_sendsForError->setText(m_sendsFor->problem());
    problems.removeAll(QString());
    return problems.value(0);
}

void RelayingSettings::showServed()
{
    QList<EditableList::Row> rows;
    for (const auto &entry : std::as_const(m_served)) {
        const QString name = entry.name.toString();
        rows.append({{entry.petname, shortName(name), QLocale().toString(entry.knownOrigins.size())}, name});
    }
    m_servedList->setRows(rows);
}

void RelayingSettings::openServedDialog(int row)
{
    QStringList taken;
    for (int i = 0; i < m_served.size(); ++i) {
        if (i != row)
            taken.append(m_served[i].name.toString());
    }
    auto *dialog = new ServedDialog(row < 0 ? settings::ServedEntry() : m_served[row], std::move(taken), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, row] {
        if (row < 0)
            m_served.append(dialog->entry());
        else
            m_served[row] = dialog->entry();
        showServed();
        Q_EMIT edited();
    });
    dialog->open();
}

} // namespace restante::ui
