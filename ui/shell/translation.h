// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QLocale>

class QCoreApplication;

namespace restante::ui
{

/// Makes the program speak the language of `locale`: Restante's own texts (embedded) and Qt's (from the system, if
/// installed). English is the source language; its file holds only the plural forms. Call it once, after the
/// application object exists and before the first window. A language that Restante does not have leaves everything in
/// English, Qt's texts, months and weekdays too, so that no window speaks two languages. Main thread.
void installTranslations(QCoreApplication &application, const QLocale &locale = QLocale::system());

} // namespace restante::ui
