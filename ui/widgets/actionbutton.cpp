// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/actionbutton.h"

#include <QtGui/QAction>

namespace restante::ui
{

ActionButton::ActionButton(QAction *action, const QString &name, QWidget *parent)
    : QPushButton(parent)
{
    setObjectName(name);
    connect(this, &QPushButton::clicked, action, [action] { action->trigger(); });
    connect(action, &QAction::changed, this, [this, action] { follow(*action); });
    follow(*action);
}

void ActionButton::follow(const QAction &action)
{
    setText(action.text());
    const QString keys = action.shortcut().toString(QKeySequence::NativeText);
    //: What a button does, and the keys that do the same
    setToolTip(keys.isEmpty() ? action.toolTip() : tr("%1 (%2)").arg(action.toolTip(), keys));
    setEnabled(action.isEnabled());
}

} // namespace restante::ui
