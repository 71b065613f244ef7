// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/nodesettings.h"

#include "settings/fieldtable.h"
#include "ui/relays/relaydialog.h"
#include "ui/widgets/columnwidth.h"
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
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QTreeWidget>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

namespace
{
constexpr int MostInboxEntries = 1'000'000'000;

/// A number within the range that the field table allows for `key`.
QSpinBox *numberField(const QString &name, const QString &key)
{
    const auto *range = settings::findField(key);
    auto *field = new QSpinBox;
    field->setObjectName(name);
    field->setRange(int(range->least), int(range->most));
    field->setGroupSeparatorShown(true);
    field->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    return field;
}
} // namespace

NodeSettings::NodeSettings(control::Operations &operations, QWidget *parent)
    : SettingsPage(parent)
    , m_operations(operations)
    , m_enabled(new QCheckBox(tr("&Work beside a homeserver (takes effect at the next start)")))
    , m_listen(new QLineEdit)
    , m_listenError(new FieldError(m_listen))
    , m_failures(numberField(QStringLiteral("failures"), QStringLiteral("node.failures_until_offline")))
    , m_relayList(new EditableList(QStringLiteral("relays"), {tr("Petname"), tr("Relay"), tr("Holds mail for")},
                                   {tr("&Add…"), tr("&Edit…"), tr("&Remove")}))
    , m_ownRelayList(new EditableList(QStringLiteral("ownRelays"), {tr("Petname"), tr("Relay")},
                                      {tr("A&dd…"), tr("Ed&it…"), tr("Re&move")}))
    , m_interval(numberField(QStringLiteral("interval"), QStringLiteral("node.collect_seconds")))
    , m_entries(numberField(QStringLiteral("inboxEntries"), QStringLiteral("node.inbox_relay_entries")))
    , m_bytes(new SizeField)
    , m_bytesError(new FieldError(m_bytes))
{
    m_enabled->setObjectName(QStringLiteral("nodeEnabled"));
    m_listen->setObjectName(QStringLiteral("nodeListen"));
    m_bytes->setObjectName(QStringLiteral("inboxBytes"));
    auto *homeserver = new QGroupBox(tr("Homeserver"));
    auto *form = new QFormLayout(homeserver);
    auto *note = new QLabel(tr("Restante then sends for the homeserver and collects its mail from relays. What the "
                               "homeserver's configuration needs for that is shown under “My homeserver”."));
    note->setWordWrap(true);
    form->addRow(note);
    form->addRow(m_enabled);
    form->addRow(tr("Address &for the homeserver:"), m_listen);
    form->addRow(QString(), m_listenError);
    form->addRow(tr("Failures &until a server counts as offline:"), m_failures);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(homeserver);
    layout->addWidget(buildRelays());
    layout->addWidget(buildOwnRelays());
    layout->addWidget(buildCollecting());
    layout->addStretch(1);

    connect(m_enabled, &QCheckBox::toggled, this, &SettingsPage::edited);
    connect(m_listen, &QLineEdit::textChanged, this, &SettingsPage::edited);
    for (QSpinBox *field : {m_failures, m_interval, m_entries, static_cast<QSpinBox *>(m_bytes)})
        connect(field, &QSpinBox::valueChanged, this, &SettingsPage::edited);
}

QWidget *NodeSettings::buildRelays()
{
    auto &tree = m_relayList->tree();
    tree.setAccessibleName(tr("Relays of this server and of its contacts"));
    tree.header()->setSectionResizeMode(1, QHeaderView::Stretch);
    setColumnWidth(tree, 0, 18);
    setColumnWidth(tree, 2, 22);
    auto *box = new QGroupBox(tr("Relays"));
    auto *layout = new QVBoxLayout(box);
    layout->addWidget(m_relayList);
    connect(m_relayList, &EditableList::addWanted, this, [this] { openRelayDialog(m_relays, -1); });
    connect(m_relayList, &EditableList::editWanted, this, [this](int row) { openRelayDialog(m_relays, row); });
    connect(m_relayList, &EditableList::removeWanted, this, [this](int row) { removeRelay(m_relays, row); });
    return box;
}

QWidget *NodeSettings::buildOwnRelays()
{
    auto &tree = m_ownRelayList->tree();
    tree.setAccessibleName(tr("Relays that send for this server"));
    tree.header()->setSectionResizeMode(1, QHeaderView::Stretch);
    setColumnWidth(tree, 0, 18);
    auto *box = new QGroupBox(tr("Sending"));
    auto *layout = new QVBoxLayout(box);
    auto *note =
        new QLabel(tr("A friend may have no relay. Mail for them can wait at one of these, which sends it when "
                      "they are back. The relay's operator has to allow that."));
    note->setWordWrap(true);
    layout->addWidget(note);
    layout->addWidget(m_ownRelayList);
    connect(m_ownRelayList, &EditableList::addWanted, this, [this] { openRelayDialog(m_ownRelays, -1); });
    connect(m_ownRelayList, &EditableList::editWanted, this, [this](int row) { openRelayDialog(m_ownRelays, row); });
    connect(m_ownRelayList, &EditableList::removeWanted, this, [this](int row) { removeRelay(m_ownRelays, row); });
    return box;
}

QWidget *NodeSettings::buildCollecting()
{
    auto *box = new QGroupBox(tr("Collecting"));
    auto *form = new QFormLayout(box);
    form->addRow(tr("Co&llect every, seconds:"), m_interval);
    form->addRow(tr("&Pieces of mail in the inbox from one relay:"), m_entries);
    form->addRow(tr("Si&ze in the inbox from one relay:"), m_bytes);
    form->addRow(QString(), m_bytesError);
    return box;
}

void NodeSettings::load(const settings::Settings &settings)
{
    m_enabled->setChecked(settings.nodeEnabled);
    m_listen->setText(settings.nodeListen.toString());
    m_loadedListen = settings.nodeListen;
    m_failures->setValue(settings.failuresUntilOffline);
    m_relays = settings.relays;
    showRelays(m_relays);
    m_ownRelays = settings.ownRelays;
    showRelays(m_ownRelays);
    m_interval->setValue(settings.collectSeconds);
    m_entries->setValue(int(std::min<qint64>(settings.inboxRelayEntries, MostInboxEntries)));
    m_bytes->setBytes(settings.inboxRelayBytes);
}

void NodeSettings::store(settings::Settings &settings) const
{
    settings.nodeEnabled = m_enabled->isChecked();
    settings.nodeListen = valuesIn<settings::ListenAddress>({m_listen->text().trimmed()}).value(0, m_loadedListen);
    settings.failuresUntilOffline = m_failures->value();
    settings.relays = m_relays;
    settings.ownRelays = m_ownRelays;
    settings.collectSeconds = m_interval->value();
    settings.inboxRelayEntries = m_entries->value();
    settings.inboxRelayBytes = m_bytes->bytes();
}

QString NodeSettings::validate()
{
    const auto wrong = settings::findField(u"node.listen")->check(m_listen->text().trimmed());
    QStringList problems;
    problems << m_listenError->setText(
        wrong ? tr("Enter an address of this computer and a port, such as 127.0.0.1:8450.") : QString());
    problems << m_bytesError->setText(m_bytes->bytes() <= 0 ? tr("At least 1 MiB is needed.") : QString());
    problems.removeAll(QString());
    return problems.value(0);
}

void NodeSettings::showRelays(const QList<settings::RelayEntry> &relays)
{
    const bool own = &relays == &m_ownRelays;
    QList<EditableList::Row> rows;
    for (const auto &entry : relays) {
        const QString relay = entry.relay.toString();
        EditableList::Row row{{entry.petname, shortName(relay)}, relay + u'\n' + entry.url.toString()};
        if (!own)
            row.cells.append(entry.destination.isNull() ? tr("this server") : shortName(entry.destination.toString()));
        rows.append(row);
    }
    (own ? m_ownRelayList : m_relayList)->setRows(rows);
}

void NodeSettings::removeRelay(QList<settings::RelayEntry> &relays, int row)
{
    relays.removeAt(row);
    showRelays(relays);
    Q_EMIT edited();
}

void NodeSettings::openRelayDialog(QList<settings::RelayEntry> &relays, int row)
{
    QStringList taken;
    for (int i = 0; i < relays.size(); ++i) {
        if (i != row)
            taken.append(relays[i].key());
    }
    using Purpose = RelayDialog::Purpose;
    auto *dialog = new RelayDialog(m_operations, row < 0 ? settings::RelayEntry() : relays[row], std::move(taken), this,
                                   &relays == &m_ownRelays ? Purpose::SendsForUs : Purpose::HoldsMail);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, row, &relays] {
        if (row < 0)
            relays.append(dialog->entry());
        else
            relays[row] = dialog->entry();
        showRelays(relays);
        Q_EMIT edited();
    });
    dialog->open();
}

} // namespace restante::ui
