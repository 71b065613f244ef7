// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator can do on the Queues page: discard and export, asked for without blocking, reported in words.
#include "ui/entries/entrylist.h"
#include "ui/entries/exportdialog.h"
#include "ui/queues/destinationmodel.h"
#include "ui/queues/invitesdialog.h"
#include "ui/queues/queuespage.h"
#include "ui/widgets/confirmation.h"
#include "ui/widgets/format.h"
#include "ui/widgets/pagenotice.h"

#include <QtCore/QDir>
#include <QtWidgets/QTreeView>

#include <algorithm>

namespace restante::ui
{

namespace
{
QList<matrix::EntryId> entryIds(const QList<qint64> &numbers)
{
    QList<matrix::EntryId> ids;
    for (const qint64 number : numbers)
        ids.append(matrix::EntryId{number});
    return ids;
}

/// Has anything been taken in for this owner since `asked` was told? The number alone does not say, because the owner
/// may have collected in between.
bool hasNewer(const queue::Totals &totals, const queue::DestinationTotal &asked)
{
    const auto now = std::find_if(totals.destinations.cbegin(), totals.destinations.cend(),
                                  [&asked](const auto &total) { return total.destination == asked.destination; });
    return now != totals.destinations.cend() && now->entries > 0 &&
           (now->entries > asked.entries || now->newestMs != asked.newestMs);
}
} // namespace

void QueuesPage::confirmDiscard(const QList<qint64> &ids)
{
    if (ids.isEmpty())
        return;
    const auto what = m_selected;
    const QString question = tr("Discard %Ln selected piece(s) of mail held for %1? They cannot be collected any more.",
                                nullptr, pluralOf(ids.size()))
                                 .arg(called(what));
    confirm(this, {tr("Discard held mail"), question, tr("&Discard")}, [this, what, ids] {
        m_operations.discard(what.destination, entryIds(ids), this, [this, what, ids](const Result<qint64> &count) {
            if (count && what == m_selected)
                m_entries->model().forget(ids);
            discarded(count);
        });
    });
}

void QueuesPage::confirmDiscardAll()
{
    const auto *total = m_model->totalAt(m_model->indexOf(m_selected.destination));
    const qint64 held = heldOf(total);
    if (held == 0)
        return;
    const QString question =
        tr("Discard %Ln piece(s) of mail held for %1? They cannot be collected any more.", nullptr, pluralOf(held))
            .arg(called(m_selected));
    confirm(this, {tr("Discard held mail"), question, tr("&Discard")}, [this, asked = *total, what = m_selected] {
        m_operations.fetchTotals(this, [this, asked, what](const Result<queue::Totals> &totals) {
            if (!totals)
                return discarded(totals.error());
            if (!hasNewer(*totals, asked))
                return m_operations.discardAll(what, this, [this](const Result<qint64> &count) { discarded(count); });
            takeTotals(*totals);                             // what came since was not asked about
            if (m_selected.destination != asked.destination) // its line was gone meanwhile
                m_tree->setCurrentIndex(m_model->indexOf(asked.destination));
            if (m_selected == what)
                confirmDiscardAll();
        });
    });
}

void QueuesPage::showInvites()
{
    auto *dialog = new InvitesDialog(m_operations.failedInvites(), m_names, m_clock.wallMs(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void QueuesPage::discarded(const Result<qint64> &count)
{
    if (!count) {
        m_notice->fail(count.error());
        return;
    }
    m_notice->report(tr("%Ln piece(s) of mail discarded.", nullptr, pluralOf(*count)));
    refresh();
}

void QueuesPage::exportAll()
{
    if (!m_selected.destination.isNull())
        exportEntries(m_selected, {});
}

void QueuesPage::exportByFocus()
{
    const auto ids = m_entries->selected();
    if (m_entries->hasFocusInside() && !ids.isEmpty())
        exportEntries(m_selected, ids);
    else if (m_exportAction->isEnabled())
        exportAll();
}

void QueuesPage::exportEntries(const queue::HeldFor &what, const QList<qint64> &ids)
{
    askExportFile(this, called(what), [this, what, ids](const QString &file) {
        m_operations.exportEntries(what, entryIds(ids), file, this, [this, file](const Result<qint64> &count) {
            if (!count) {
                m_notice->fail(count.error());
                return;
            }
            m_notice->report(tr("%Ln piece(s) of mail written to %1.", nullptr, pluralOf(*count))
                                 .arg(QDir::toNativeSeparators(file)));
        });
    });
}

} // namespace restante::ui
