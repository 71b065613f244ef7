// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QPushButton>

class QAction;

namespace restante::ui
{

/// A push button for an action that also stands in a context menu. (A tool button would drop the mnemonic.)
class ActionButton final : public QPushButton
{
    Q_OBJECT

public:
    /// Follows the action's text, tool tip and whether it is enabled. The action outlives the button.
    ActionButton(QAction *action, const QString &name, QWidget *parent = nullptr);

private:
    void follow(const QAction &action);
};

} // namespace restante::ui
