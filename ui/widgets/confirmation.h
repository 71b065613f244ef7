// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include <functional>

class QWidget;

namespace restante::ui
{

/// A question before something is lost. `text` says what is lost and to whom; `button` is the verb, with a mnemonic.
struct Question {
    QString title;
    QString text;
    QString button;
};

/// Asks without blocking: `go` is called when the operator agrees, and never once `parent` is gone. Return and Escape
/// mean no.
void confirm(QWidget *parent, const Question &question, std::function<void()> go);

} // namespace restante::ui
