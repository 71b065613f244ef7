// SPDX-License-Identifier: GPL-3.0-or-later
// What restante does before it knows that there is a screen.
#pragma once

#include "startup.h"

#include <QtCore/qlogging.h>

namespace restante::app
{

/// Answers --help and --version, which need no screen; nothing if other options stand there, which only QApplication
/// can tell from its own.
std::optional<ExitStatus> answerWithoutDisplay(int argc, char **argv);

/// While it lives, in main() around the making of QApplication: if Qt finds no screen it would abort, with a core
/// dump; now the program says so in one line and ends with RuntimeFailure. Replaces Qt's message handler meanwhile.
class DisplayStart
{
public:
    DisplayStart();
    ~DisplayStart();
    Q_DISABLE_COPY_MOVE(DisplayStart)

private:
    static void onMessage(QtMsgType type, const QMessageLogContext &context, const QString &text);

    QtMessageHandler m_previous;
};

} // namespace restante::app
