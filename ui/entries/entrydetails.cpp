// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/entrydetails.h"

#include "base/printable.h"
#include "ui/entries/deliverywords.h"
#include "ui/entries/entrytext.h"
#include "ui/entries/eventwords.h"
#include "ui/widgets/columnwidth.h"
#include "ui/widgets/elidedlabel.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"

#include <QtGui/QFontDatabase>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QTreeWidget>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

EntryDetails::EntryDetails(EntrySource &source, QWidget *parent)
    : QWidget(parent)
    , m_source(source)
    , m_head(new ElidedLabel)
    , m_transaction(new ElidedLabel)
    , m_delivery(new QLabel)
    , m_note(new QLabel)
    , m_events(new QTreeWidget)
    , m_json(new QPlainTextEdit)
{
    m_head->setObjectName(QStringLiteral("entryHead"));
    m_delivery->setObjectName(QStringLiteral("entryDelivery"));
    m_delivery->setWordWrap(true);
    m_delivery->setTextFormat(Qt::PlainText);
    m_note->setObjectName(QStringLiteral("entryNote"));
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    m_events->setObjectName(QStringLiteral("events"));
    m_events->setAccessibleName(tr("Events of the selected entry"));
    m_events->setHeaderLabels({tr("Event"), tr("Sender"), tr("Room")});
    m_events->setRootIsDecorated(false);
    m_events->setUniformRowHeights(true);
    m_events->setTabKeyNavigation(false);
    m_json->setObjectName(QStringLiteral("json"));
    m_json->setAccessibleName(tr("JSON of the selected entry"));
    m_json->setReadOnly(true);
    m_json->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_json->setTabChangesFocus(true);
    m_json->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_json->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    // JSON is written from left to right in every language.
    m_json->setLayoutDirection(Qt::LeftToRight);

    auto *splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(m_events);
    splitter->addWidget(m_json);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 3);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({100, 300});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_head);
    layout->addWidget(m_transaction);
    layout->addWidget(m_delivery);
    layout->addWidget(m_note);
    layout->addWidget(splitter, 1);
    clear();
}

void EntryDetails::clear()
{
    ++m_generation;
    m_id = 0;
    m_head->clear();
    m_head->setToolTip({});
    m_transaction->clear();
    m_events->clear();
    m_json->clear();
    showDelivery({});
    explain(tr("Select an entry to see what it holds."));
}

void EntryDetails::explain(const QString &text)
{
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
    const bool empty = m_json->document()->isEmpty();
    m_events->setVisible(!empty);
    m_json->setVisible(!empty);
    m_head->setVisible(!m_head->text().isEmpty());
    m_transaction->setVisible(!m_transaction->text().isEmpty());
}

void EntryDetails::showDelivery(const QString &text)
{
    m_delivery->setText(text);
    m_delivery->setVisible(!text.isEmpty());
}

void EntryDetails::show(const EntryLine &line)
{
    const bool isOff = line.delivery.state == node::Delivery::State::Off;
    const QString delivery = isOff || line.damaged ? QString() : deliverySentence(line.delivery);
    if (line.id == m_id)
        return showDelivery(delivery);
    clear();
    m_id = line.id;
    showDelivery(delivery);
    explain(tr("Reading…"));
    m_source.fetchEntry(line.id, this, [this, line, generation = m_generation](Result<queue::HeldEntry> entry) {
        // The operator may have gone on to another entry meanwhile.
        if (generation != m_generation)
            return;
        if (entry)
            fill(line, *entry);
        else
            explain(sentence(entry.error()));
    });
}

void EntryDetails::fill(const EntryLine &line, const queue::HeldEntry &entry)
{
    const auto text = entryText(entry, ShownBytes);
    const QString origin = QString::fromUtf8(entry.origin);
    m_head->setText(m_source.headline(m_names.listed(origin), m_names.called(line.relay), shortTime(entry.receivedMs)));
    m_head->setToolTip(origin + u'\n' + exactTime(entry.receivedMs));
    const QString transaction = base::printable(QString::fromUtf8(entry.txnId));
    if (!line.userLabel.isEmpty())
        m_transaction->setText(
            tr("For @%1, number %2 at its sender").arg(base::printable(line.userLabel), transaction));
    else if (!transaction.isEmpty())
        m_transaction->setText(tr("Number %1 at its sender").arg(transaction));
    fillEvents(text.events);
    m_json->setPlainText(text.json);
    explain(text.complete ? QString()
                          : tr("This entry is %1 large; only its beginning is shown. Export it to see all of it.")
                                .arg(sizeText(entry.pdus.size() + entry.edus.size())));
}

void EntryDetails::fillEvents(const std::vector<matrix::EventSummary> &events)
{
    for (const auto &event : events) {
        const QString sender = base::printable(event.sender);
        const QString room = base::printable(event.roomId);
        auto *item = new QTreeWidgetItem(
            m_events, {base::printable(eventInWords(event)), leftToRight(sender), leftToRight(room)});
        item->setToolTip(0, plainTip(base::printable(event.type)));
        item->setToolTip(1, plainTip(sender));
        item->setToolTip(2, plainTip(room));
    }
    if (auto *first = m_events->topLevelItem(0))
        m_events->setCurrentItem(first);
    setColumnWidth(*m_events, 0, 18);
    setColumnWidth(*m_events, 1, 24);
}

} // namespace restante::ui
