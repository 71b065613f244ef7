// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator can do on the Queues page: discard and export, asked for without blocking, reported in words.
#include "ui/confirmation.h"
#include "ui/destinationmodel.h"
#include "ui/entrylist.h"
#include "ui/exportdialog.h"
#include "ui/format.h"
#include "ui/pagenotice.h"
#include "ui/queuespage.h"

#include <QtCore/QDir>

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
} // namespace

void QueuesPage::confirmDiscard(const QList<qint64> &ids)
{
    if (ids.isEmpty())
        return;
    const auto destination = m_selected;
    const QString question = tr("Discard %Ln selected transaction(s) held for %1? They cannot be collected any more.",
                                nullptr, pluralOf(ids.size()))
                                 .arg(m_names.called(destination.toString()));
    confirm(this, {tr("Discard held mail"), question, tr("&Discard")}, [this, destination, ids] {
        m_operations.discard(destination, entryIds(ids), this, [this, destination, ids](const Result<qint64> &count) {
            if (count && destination == m_selected)
                m_entries->model().forget(ids);
            discarded(count);
        });
    });
}

void QueuesPage::confirmDiscardAll()
{
    const auto *total = m_model->totalAt(m_model->indexOf(m_selected));
    if (!total || total->entries == 0)
        return;
    const auto destination = m_selected;
    const QString question = tr("Discard %Ln transaction(s) held for %1? They cannot be collected any more.", nullptr,
                                pluralOf(total->entries))
                                 .arg(m_names.called(destination.toString()));
    confirm(this, {tr("Discard held mail"), question, tr("&Discard")}, [this, destination, asked = total->entries] {
        const auto *now = m_model->totalAt(m_model->indexOf(destination));
        if (now && now->entries > asked && destination == m_selected) // more has come since: it was not asked about
            return confirmDiscardAll();
        m_operations.discardAll(destination, this, [this](const Result<qint64> &count) { discarded(count); });
    });
}

void QueuesPage::discarded(const Result<qint64> &count)
{
    if (!count) {
        m_notice->fail(count.error());
        return;
    }
    m_notice->report(tr("%Ln transaction(s) discarded.", nullptr, pluralOf(*count)));
    refresh();
}

void QueuesPage::exportAll()
{
    if (!m_selected.isNull())
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

void QueuesPage::exportEntries(const matrix::ServerName &destination, const QList<qint64> &ids)
{
    askExportFile(this, m_names.called(destination.toString()), [this, destination, ids](const QString &file) {
        m_operations.exportEntries(destination, entryIds(ids), file, this, [this, file](const Result<qint64> &count) {
            if (!count) {
                m_notice->fail(count.error());
                return;
            }
            m_notice->report(
                tr("%Ln transaction(s) written to %1.", nullptr, pluralOf(*count)).arg(QDir::toNativeSeparators(file)));
        });
    });
}

} // namespace restante::ui
