// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/settingsdialog.h"

#include "settings/fieldtable.h"
#include "settings/files.h"
#include "ui/settings/autostart.h"
#include "ui/settings/federationsettings.h"
#include "ui/settings/homeserversettings.h"
#include "ui/settings/networksettings.h"
#include "ui/settings/nodesettings.h"
#include "ui/settings/relayingsettings.h"
#include "ui/settings/startsettings.h"
#include "ui/settings/storagesettings.h"
#include "ui/widgets/complaintwords.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/firstsize.h"

#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

namespace restante::ui
{

SettingsDialog::SettingsDialog(control::Operations &operations, const QString &dataFolder, QWidget *parent)
    : QDialog(parent)
    , m_operations(operations)
    , m_loaded(operations.settings())
    , m_list(new QListWidget)
    , m_stack(new QStackedWidget)
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel))
    , m_problem(new FieldError(m_buttons->button(QDialogButtonBox::Ok)))
{
    setWindowTitle(tr("Settings"));
    m_buttons->button(QDialogButtonBox::Cancel)->setText(tr("Cancel"));
    m_list->setObjectName(QStringLiteral("settingsPages"));
    m_list->setAccessibleName(tr("Settings pages"));
    m_problem->setObjectName(QStringLiteral("problem"));
    auto *upper = new QHBoxLayout;
    upper->addWidget(m_list);
    upper->addWidget(m_stack, 1);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(upper, 1);
    layout->addWidget(m_problem);
    layout->addWidget(m_buttons);
    addPage(new NetworkSettings(m_operations));
    addPage(new RelayingSettings);
    addPage(new NodeSettings(m_operations));
    addPage(new HomeserverSettings(m_operations));
    addPage(new FederationSettings);
    addPage(new StorageSettings(dataFolder));
    auto *start = new StartSettings(sessionAutostart(dataFolder));
    addPage(start);
    connect(start, &StartSettings::setupWanted, this, [this] {
        reject();
        Q_EMIT setupWanted();
    });
    m_list->setFixedWidth(
        std::max(m_list->sizeHintForColumn(0) + 2 * m_list->frameWidth(), fontMetrics().averageCharWidth() * 18));
    connect(m_list, &QListWidget::currentRowChanged, m_stack, &QStackedWidget::setCurrentIndex);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &SettingsDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_list->setCurrentRow(0);
    validate();
    setFirstSize(*this, {fontMetrics().averageCharWidth() * 110, fontMetrics().lineSpacing() * 38});
}

void SettingsDialog::addPage(SettingsPage *page)
{
    page->load(m_loaded);
    m_pages.append(page);
    m_stack->addWidget(new ScrollingContents(page));
    m_list->addItem(page->title());
    connect(page, &SettingsPage::edited, this, &SettingsDialog::validate);
}

void SettingsDialog::showPage(Remedy where)
{
    // In the order in which the constructor adds them.
    enum { Network, Relaying, Node, Homeserver, Federation, Storage };
    switch (where) {
    case Remedy::RelayingSettings:
        m_list->setCurrentRow(Relaying);
        return;
    case Remedy::NodeSettings:
        m_list->setCurrentRow(Node);
        return;
    case Remedy::HomeserverSettings:
        m_list->setCurrentRow(Homeserver);
        return;
    case Remedy::FederationSettings:
        m_list->setCurrentRow(Federation);
        return;
    case Remedy::StorageSettings:
        m_list->setCurrentRow(Storage);
        return;
    default:
        m_list->setCurrentRow(Network);
    }
}

void SettingsDialog::validate()
{
    QString first;
    for (auto *page : std::as_const(m_pages)) {
        const QString problem = page->validate();
        //: The settings page on which something is wrong, and what it is
        if (first.isEmpty() && !problem.isEmpty())
            first = tr("%1: %2").arg(page->title(), problem);
    }
    if (first.isEmpty())
        first = coreProblem();
    m_problem->setText(first);
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(first.isEmpty() && !m_applying);
}

settings::Settings SettingsDialog::edited() const
{
    auto edited = m_loaded;
    for (const auto *page : std::as_const(m_pages))
        page->store(edited);
    return edited;
}

/// What the core would refuse although the pages take it.
QString SettingsDialog::coreProblem() const
{
    const auto found = settings::complaints(edited());
    return found.isEmpty() ? QString() : complaintTextWithKey(found.first());
}

/// What went wrong with what is no setting, and where; each page is asked all the same.
QString SettingsDialog::finish()
{
    QString first;
    for (auto *page : std::as_const(m_pages)) {
        const QString problem = page->finish();
        if (first.isEmpty() && !problem.isEmpty())
            first = tr("%1: %2").arg(page->title(), problem);
    }
    return first;
}

void SettingsDialog::accept()
{
    // What changed elsewhere meanwhile stays, unless the operator changed it here, too.
    const auto changed = settings::mergeEdited(m_operations.settings(), m_loaded, edited());
    // What only files can tell is said here as the core would say it, in the language of the window.
    const QStringList keys = settings::changed(m_loaded, changed);
    if (const auto wrong = keys.isEmpty() ? std::nullopt : settings::checkFiles(changed, keys)) {
        m_problem->setText(complaintTextWithKey(*wrong));
        return;
    }
    m_applying = true;
    validate();
    m_operations.applySettings(changed, this, [this](Result<bool> restart) {
        m_applying = false;
        validate();
        if (!restart) {
            // The detail names the setting; without it nobody could find the field.
            m_problem->setText(sentence(restart.error()) + u'\n' + restart.error().detail);
            return;
        }
        if (*restart)
            Q_EMIT restartNeeded();
        if (const QString problem = finish(); !problem.isEmpty())
            m_problem->setText(problem);
        else
            QDialog::accept();
    });
}

} // namespace restante::ui
