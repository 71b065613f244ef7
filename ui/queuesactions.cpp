// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator can do on the Queues page: discard and export, asked for without blocking, reported in words.
#include "ui/destinationmodel.h"
#include "ui/entrylist.h"
#include "ui/entrymodel.h"
#include "ui/exportdialog.h"
#include "ui/format.h"
#include "ui/noticebar.h"
#include "ui/queuespage.h"

#include <QtCore/QDir>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>

namespace restante::ui
{

namespace
{
/// Plural forms take an int; the number itself is put in with separators.
int pluralOf(qint64 count)
{
    return int(std::min<qint64>(count, INT_MAX));
}
} // namespace

void QueuesPage::confirm(const QString &question, const QString &button, std::function<void()> go)
{
    auto *box = new QMessageBox(QMessageBox::Warning, tr("Discard held mail"), question, QMessageBox::Cancel, this);
    box->setObjectName(QStringLiteral("confirmDiscard"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    auto *accept = box->addButton(button, QMessageBox::DestructiveRole);
    // Ours, because Qt's own word is English wherever Qt's translations are not installed.
    box->button(QMessageBox::Cancel)->setText(tr("Cancel"));
    box->setDefaultButton(QMessageBox::Cancel);
    box->setEscapeButton(QMessageBox::Cancel);
    connect(box, &QMessageBox::buttonClicked, this, [accept, go = std::move(go)](QAbstractButton *clicked) {
        if (clicked == accept)
            go();
    });
    box->open(); // never exec(): at the end of the session nothing may block
}

void QueuesPage::confirmDiscard(const QList<matrix::EntryId> &ids)
{
    if (ids.isEmpty())
        return;
    const auto destination = m_selected;
    const QString question = tr("Discard %Ln selected transaction(s) held for %1? They cannot be collected any more.",
                                nullptr, pluralOf(ids.size()))
                                 .arg(m_names.called(destination.toString()));
    confirm(question, tr("&Discard"), [this, destination, ids] {
        m_operations.discard(destination, ids, this, [this, destination, ids](const Result<qint64> &count) {
            if (count && destination == m_entries->model().destination())
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
    confirm(question, tr("&Discard"), [this, destination] {
        m_operations.discardAll(destination, this, [this](const Result<qint64> &count) { discarded(count); });
    });
}

void QueuesPage::discarded(const Result<qint64> &count)
{
    if (!count) {
        fail(count.error());
        return;
    }
    report(tr("%Ln transaction(s) discarded.", nullptr, pluralOf(*count)));
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

void QueuesPage::exportEntries(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids)
{
    askExportFile(this, m_names.called(destination.toString()), [this, destination, ids](const QString &file) {
        m_operations.exportEntries(destination, ids, file, this, [this, file](const Result<qint64> &count) {
            if (!count) {
                fail(count.error());
                return;
            }
            report(
                tr("%Ln transaction(s) written to %1.", nullptr, pluralOf(*count)).arg(QDir::toNativeSeparators(file)));
        });
    });
}

} // namespace restante::ui
