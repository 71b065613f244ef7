// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/purposepage.h"

#include "ui/wizard/choicecard.h"

#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

PurposePage::PurposePage(Installation &installation, Setup &setup, QWidget *parent)
    : WizardPage(installation, setup, parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    const auto add = [&](Setup::Purpose purpose, const char *name, const QString &title, const QString &meaning) {
        auto *choice = new ChoiceCard(title, meaning);
        choice->setObjectName(QLatin1String(name));
        choice->setChecked(purpose == m_setup.purpose);
        connect(choice, &ChoiceCard::toggled, this, [this, purpose](bool on) {
            if (!on)
                return;
            m_setup.purpose = purpose;
            Q_EMIT changed();
        });
        layout->addWidget(choice);
        if (choice->isChecked())
            setFocusProxy(choice);
    };
    add(Setup::Purpose::Hold, "hold", tr("Hold mail for friends"),
        tr("This computer is on most of the time. It keeps messages for friends’ servers while they are off and hands "
           "them over when they return."));
    add(Setup::Purpose::Collect, "collect", tr("Collect my mail"),
        tr("A homeserver runs here, and it is off now and then. Restante fetches what others kept for it and delivers "
           "it."));
    add(Setup::Purpose::Both, "both", tr("Both"),
        tr("A homeserver runs here, and friends may leave mail here as well."));
    layout->addStretch(1);
}

} // namespace restante::ui
