// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/node/inboxpage.h"

#include "base/printable.h"
#include "ui/entries/entrylist.h"
#include "ui/entries/exportdialog.h"
#include "ui/widgets/actionbutton.h"
#include "ui/widgets/confirmation.h"
#include "ui/widgets/emptypanel.h"
#include "ui/widgets/format.h"
#include "ui/widgets/pagenotice.h"

#include <QtCore/QDir>
#include <QtCore/QSettings>
#include <QtGui/QAction>
#include <QtGui/QShortcut>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

namespace restante::ui
{

namespace
{
/// How much there is in the inbox.
struct Amount {
    qint64 entries = 0;
    qint64 bytes = 0;

    friend bool operator==(const Amount &, const Amount &) = default;
};

Question questionAbout(qint64 count)
{
    const QString text = InboxPage::tr("Discard %Ln collected piece(s) of mail? The relays have forgotten them; they "
                                       "cannot be collected again.",
                                       nullptr, pluralOf(count));
    return {InboxPage::tr("Discard collected mail"), text, InboxPage::tr("&Discard")};
}

/// Discards everything, once the operator agreed to as much as there is then.
void askAboutAll(QWidget *page, control::Operations &operations, const Amount &asked,
                 const control::Operations::Done<qint64> &done)
{
    confirm(page, questionAbout(asked.entries), [=, &operations] {
        operations.fetchInbox(node::InboxPart::All, 0, 0, page, [=, &operations](const Result<node::InboxPage> &now) {
            if (!now)
                return done(now.error());
            const Amount there{now->total, now->bytes};
            if (there != asked && there.entries > 0) // some came or went since: it was not asked about
                return askAboutAll(page, operations, there, done);
            operations.discardInbox({}, page, done);
        });
    });
}
} // namespace

InboxPage::InboxPage(control::Operations &operations, const base::Clock &clock, QWidget *parent)
    : Page(parent)
    , m_operations(operations)
    , m_clock(clock)
    , m_source(operations)
    , m_summary(new QLabel)
    , m_part(new QComboBox)
    , m_partLabel(new QLabel(tr("Sho&w:")))
    , m_delivery(new QLabel)
    , m_entries(new EntryList(m_source, tr("Collected entries")))
    , m_empty(new EmptyPanel(QStringLiteral("inboxEmpty")))
    , m_stack(new QStackedWidget)
    , m_notice(new PageNotice(QStringLiteral("inboxNotice")))
    , m_exportAction(new QAction(tr("E&xport all…"), this))
    , m_discardAction(new QAction(tr("Disc&ard all…"), this))
    , m_retryAction(new QAction(tr("D&eliver all again"), this))
    , m_deliverAction(new QAction(tr("Deliver to my ho&meserver…"), this))
    , m_retryButton(new ActionButton(m_retryAction, QStringLiteral("inboxRetryAll")))
    , m_deliverButton(new ActionButton(m_deliverAction, QStringLiteral("inboxDeliver")))
{
    m_stack->addWidget(buildList());
    m_stack->addWidget(m_empty);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_notice);
    layout->addWidget(m_stack, 1);

    connect(&m_operations, &control::Operations::settingsChanged, this, &InboxPage::takeSettings);
    connect(&m_operations, &control::Operations::inboxChanged, this, [this] {
        if (m_watching)
            refresh();
    });
    connect(&m_operations, &control::Operations::statusChanged, this, [this] {
        if (m_watching)
            showDelivery();
    });
    connect(m_entries, &EntryList::failed, m_notice, &PageNotice::fail);
    connect(m_entries, &EntryList::discardWanted, this, &InboxPage::confirmDiscard);
    connect(m_entries, &EntryList::exportWanted, this, &InboxPage::exportEntries);
    connect(m_entries, &EntryList::retryWanted, this, &InboxPage::retry);
    connect(m_part, &QComboBox::currentIndexChanged, this, &InboxPage::choosePart);
    connect(m_retryAction, &QAction::triggered, this, [this] { retry({}); });
    connect(m_deliverAction, &QAction::triggered, this, [this] { Q_EMIT remedyWanted(Remedy::HomeserverSettings); });
    connect(&m_entries->model(), &EntryModel::loaded, this, &InboxPage::onLoaded);
    connect(m_exportAction, &QAction::triggered, this, [this] { exportEntries({}); });
    connect(m_discardAction, &QAction::triggered, this, [this] { confirmDiscard({}); });
    connect(m_empty, &EmptyPanel::clicked, this,
            [this] { Q_EMIT remedyWanted(m_operations.status().node ? Remedy::ShowRelays : Remedy::NodeSettings); });
    auto *exportKey = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_E), this);
    connect(exportKey, &QShortcut::activated, this, [this] { exportEntries(m_entries->selected()); });
    takeSettings();
    showDelivery();
    onLoaded();
}

QWidget *InboxPage::buildList()
{
    m_summary->setObjectName(QStringLiteral("inboxSummary"));
    auto *bar = new QHBoxLayout;
    bar->addWidget(m_summary, 1);
    bar->addWidget(new ActionButton(m_exportAction, QStringLiteral("inboxExportAll")));
    bar->addWidget(new ActionButton(m_discardAction, QStringLiteral("inboxDiscardAll")));
    auto *list = new QWidget;
    auto *layout = new QVBoxLayout(list);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(bar);
    layout->addLayout(buildDelivery());
    layout->addWidget(m_entries, 1);
    return list;
}

QLayout *InboxPage::buildDelivery()
{
    m_part->setObjectName(QStringLiteral("inboxPart"));
    m_part->addItem(tr("All mail"), int(node::InboxPart::All));
    m_part->addItem(tr("Waiting"), int(node::InboxPart::Waiting));
    m_part->addItem(tr("Set aside"), int(node::InboxPart::SetAside));
    m_partLabel->setBuddy(m_part);
    m_delivery->setObjectName(QStringLiteral("inboxDelivery"));
    m_delivery->setWordWrap(true);
    m_delivery->setTextFormat(Qt::PlainText);
    auto *bar = new QHBoxLayout;
    bar->addWidget(m_partLabel);
    bar->addWidget(m_part);
    bar->addWidget(m_delivery, 1);
    bar->addWidget(m_retryButton);
    bar->addWidget(m_deliverButton);
    return bar;
}

/// The figures of the deliveries, or that there are none.
void InboxPage::showDelivery()
{
    const auto status = m_operations.status();
    const node::DeliveryTotals &totals = status.deliveries;
    const qint64 aside = totals.parked + totals.withoutProof;
    const qint64 waiting = std::max<qint64>(status.inboxEntries - aside, 0);
    m_entries->setDelivering(status.delivers);
    for (QWidget *widget : {static_cast<QWidget *>(m_partLabel), static_cast<QWidget *>(m_part), m_retryButton})
        widget->setVisible(status.delivers);
    m_deliverButton->setVisible(!status.delivers);
    if (!status.delivers)
        m_part->setCurrentIndex(0);
    QString text = tr("It stays here until it is taken out: no homeserver is set that it could be delivered to.");
    if (status.delivers)
        //: Three numbers of pieces of mail
        text = tr("%1 waiting · %2 set aside · %3 delivered since the start")
                   .arg(countText(waiting), countText(aside), countText(totals.delivered));
    if (status.delivers && !totals.trouble.isEmpty())
        //: The reason, in English
        text += u'\n' + tr("Nothing can be delivered just now: %1").arg(base::printable(totals.trouble));
    m_delivery->setText(text);
}

void InboxPage::choosePart(int choice)
{
    m_source.setPart(node::InboxPart(m_part->itemData(choice).toInt()));
    m_entries->reload();
}

void InboxPage::retry(const QList<qint64> &ids)
{
    m_operations.retryInbox(ids, this, [this](const Result<qint64> &count) {
        if (!count)
            return m_notice->fail(count.error());
        m_notice->report(*count == 0 ? tr("All of it waits for its turn already.")
                                     : tr("%Ln piece(s) of mail will be tried again.", nullptr, pluralOf(*count)));
        refresh();
    });
}

void InboxPage::takeSettings()
{
    const auto settings = m_operations.settings();
    m_entries->setPetNames(PetNames(settings));
    if (settings.nodeEnabled && m_operations.status().nodeFailed)
        m_empty->setContents(tr("Nothing can be collected: the file node.sqlite is damaged."), tr("Node settin&gs…"));
    else if (settings.nodeEnabled && !m_operations.status().node)
        m_empty->setContents(tr("Nothing has been collected: working beside a homeserver begins at the next start of "
                                "Restante."),
                             tr("Node settin&gs…"));
    else if (settings.nodeEnabled)
        m_empty->setContents(tr("Nothing has been collected. What relays held for this server appears on this page "
                                "until it is taken out."),
                             tr("&View the relays"));
    else
        m_empty->setContents(tr("This page lists the mail that was collected from relays for a homeserver of yours. "
                                "Working beside a homeserver is switched off."),
                             tr("S&witch it on…"));
}

QString InboxPage::badge() const
{
    const qint64 count = m_operations.status().inboxEntries;
    return count > 0 ? countText(count) : QString();
}

void InboxPage::setWatching(bool watching)
{
    m_watching = watching;
    if (watching)
        refresh();
}

void InboxPage::tick()
{
    m_entries->setNow(m_clock.wallMs());
}

void InboxPage::refresh()
{
    tick();
    showDelivery();
    if (!m_operations.status().node) // off, or on from the next start: the empty page says so
        return;
    m_entries->refresh(m_operations.status().inboxEntries);
}

void InboxPage::onLoaded()
{
    const qint64 total = std::max<qint64>(m_entries->model().total(), 0);
    m_stack->setCurrentIndex(total > 0 ? 0 : 1);
    m_exportAction->setEnabled(total > 0);
    // "All" is all of the inbox; of a part the operator selects what is to go.
    m_discardAction->setEnabled(total > 0 && m_source.part() == node::InboxPart::All);
    m_summary->setText(tr("%Ln piece(s) of mail collected (%1)", nullptr, pluralOf(total))
                           .arg(sizeText(m_entries->model().totalBytes())));
    Q_EMIT badgeChanged();
}

void InboxPage::confirmDiscard(const QList<qint64> &ids)
{
    const auto done = [this, ids](const Result<qint64> &discarded) {
        if (!discarded) {
            m_notice->fail(discarded.error());
            return;
        }
        m_entries->model().forget(ids);
        m_notice->report(tr("%Ln piece(s) of mail discarded.", nullptr, pluralOf(*discarded)));
        refresh();
    };
    if (!ids.isEmpty())
        confirm(this, questionAbout(ids.size()), [this, ids, done] { m_operations.discardInbox(ids, this, done); });
    else if (const Amount listed{m_entries->model().total(), m_entries->model().totalBytes()}; listed.entries > 0)
        askAboutAll(this, m_operations, listed, done);
}

void InboxPage::exportEntries(const QList<qint64> &ids)
{
    if (m_entries->model().total() <= 0)
        return;
    askExportFile(this, tr("inbox"), [this, ids](const QString &file) {
        m_operations.exportInbox(ids, file, this, [this, file](const Result<node::InboxExported> &exported) {
            if (!exported) {
                m_notice->fail(exported.error());
                return;
            }
            QString text = tr("%Ln piece(s) of mail written to %1.", nullptr, pluralOf(exported->written))
                               .arg(QDir::toNativeSeparators(file));
            if (!exported->leftOut.isEmpty())
                text += u' ' + tr("Damaged ones that were left out: %1.").arg(countText(exported->leftOut.size()));
            m_notice->report(text);
        });
    });
}

void InboxPage::saveState(QSettings &state) const
{
    m_entries->saveState(state);
}

void InboxPage::restoreState(const QSettings &state)
{
    m_entries->restoreState(state);
}

} // namespace restante::ui
