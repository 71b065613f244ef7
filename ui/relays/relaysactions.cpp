// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator can do on the Relays page: add, edit, remove, test, retrieve; asked for without blocking, reported
// in words.
#include "ui/relays/relaydialog.h"
#include "ui/relays/relaymodel.h"
#include "ui/relays/relayspage.h"
#include "ui/relays/relaywords.h"
#include "ui/widgets/confirmation.h"
#include "ui/widgets/pagenotice.h"

#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>

#include <algorithm>

namespace restante::ui
{

void RelaysPage::add()
{
    openDialog({});
}

void RelaysPage::edit()
{
    if (const auto *entry = selected())
        openDialog(*entry);
}

void RelaysPage::openDialog(const settings::RelayEntry &entry)
{
    const QString key = entry.relay.isNull() ? QString() : entry.key();
    QStringList taken;
    const auto relays = m_operations.settings().relays;
    for (const auto &other : relays) {
        if (other.key() != key)
            taken.append(other.key());
    }
    auto *dialog = new RelayDialog(m_operations, entry, std::move(taken), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, key] { save(key, dialog->entry()); });
    dialog->open();
}

void RelaysPage::save(const QString &formerKey, const settings::RelayEntry &entry)
{
    auto relays = m_operations.settings().relays;
    const auto place = std::find_if(relays.begin(), relays.end(), [&formerKey](const settings::RelayEntry &other) {
        return other.key() == formerKey;
    });
    if (place == relays.end())
        relays.append(entry);
    else
        *place = entry;
    m_selectedKey = entry.key();
    apply(relays);
}

void RelaysPage::remove()
{
    const auto *entry = selected();
    if (!entry)
        return;
    const QString text = entry->isMine(m_operations.identity().serverName)
                             ? tr("Remove the relay %1? Mail that it still holds for this server will not be collected "
                                  "any more.")
                                   .arg(called(*entry))
                             : tr("Remove the relay %1 of %2? Mail for %2 will not be left there any more while they "
                                  "are offline.")
                                   .arg(called(*entry), m_names.called(entry->destination.toString()));
    confirm(this, {tr("Remove a relay"), text, tr("&Remove")}, [this, key = entry->key()] {
        auto relays = m_operations.settings().relays;
        relays.removeIf([&key](const settings::RelayEntry &other) { return other.key() == key; });
        apply(relays);
    });
}

void RelaysPage::apply(const QList<settings::RelayEntry> &relays)
{
    auto changed = m_operations.settings();
    changed.relays = relays;
    m_operations.applySettings(changed, this, [this](const Result<bool> &applied) {
        if (!applied)
            m_notice->fail(applied.error());
        refresh();
    });
}

void RelaysPage::test()
{
    const auto *entry = selected();
    if (!entry)
        return;
    const QString name = called(*entry);
    m_notice->report(tr("Asking %1…").arg(name));
    m_operations.testRelay(*entry, this, [this, name](const Result<node::RelayReport> &report) {
        if (!report) {
            m_notice->fail(report.error());
            return;
        }
        //: The name of a relay, and a sentence that says how it is doing
        const QString text = tr("%1: %2").arg(name, outcomeText(*report));
        if (report->works())
            m_notice->report(text);
        else
            m_notice->warn(text, report->detail);
    });
}

void RelaysPage::retrieve(const QString &relay)
{
    m_operations.retrieve(relay, this, [this](const Result<node::Sweep> &sweep) {
        if (!sweep)
            m_notice->fail(sweep.error());
        updateSweep();
        updateRelays();
    });
}

void RelaysPage::copyName()
{
    if (const auto *entry = selected())
        QGuiApplication::clipboard()->setText(entry->relay.toString());
}

} // namespace restante::ui
