// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/ending.h"

#include "ui/shell/mainwindow.h"

#include <QtCore/QCoreApplication>

namespace restante::ui
{

void endWith(MainWindow &window)
{
    QObject::connect(&window, &MainWindow::quitRequested, qApp, [] { QCoreApplication::exit(0); });
}

} // namespace restante::ui
