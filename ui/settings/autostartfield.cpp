// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/autostartfield.h"

#include "ui/cards/sentencelabel.h"
#include "ui/widgets/fielderror.h"

#include <QtCore/QSignalBlocker>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

AutostartField::AutostartField(Autostart &autostart, QWidget *parent)
    : QWidget(parent)
    , m_autostart(autostart)
    , m_box(new QCheckBox(tr("Start when I &log in, without showing the window")))
    , m_note(sentenceLabel(QStringLiteral("autostartNote")))
    , m_error(new FieldError(m_box))
{
    m_box->setObjectName(QStringLiteral("autostart"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_box);
    layout->addWidget(m_error);
    layout->addWidget(m_note);
    setFocusProxy(m_box);
    connect(m_box, &QCheckBox::toggled, this, &AutostartField::edited);
    load();
}

void AutostartField::load()
{
    const QSignalBlocker quiet(m_box);
    const auto state = m_autostart.state();
    m_box->setEnabled(m_autostart.isPossible());
    m_box->setChecked(state.isOn);
    QString note;
    if (!m_autostart.isPossible())
        note = tr("It is not known how programs start at the login on this system.");
    else if (state.isSwitchedOff)
        note = tr("The entry for it was switched off outside of Restante.");
    else if (!state.otherCommand.isEmpty())
        note = tr("The entry for it was made elsewhere, and is left as it is. It starts: %1").arg(state.otherCommand);
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

void AutostartField::propose()
{
    if (m_autostart.isPossible() && !m_autostart.state().isSwitchedOff)
        m_box->setChecked(true);
}

QString AutostartField::apply()
{
    const auto done = m_autostart.setOn(m_box->isChecked());
    return m_error->setText(done ? QString() : tr("That could not be changed: %1").arg(done.error().detail));
}

} // namespace restante::ui
