// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, sizes and times as people read them, in the locale of the program.
#pragma once

#include <QtCore/QString>

namespace restante::ui
{

/// 12,345: with the locale's separators.
QString countText(qint64 count);
/// A count for tr()'s plural forms, which take an int; %Ln puts the number in with separators.
int pluralOf(qint64 count);
/// "85 %" as the language writes it.
QString percentText(int percent);
/// Binary units with one decimal, "4.1 MiB".
QString sizeText(qint64 bytes);
/// "2 min ago", "yesterday"; short enough for a column. `momentMs` and `nowMs` are ms since 1970; 0 gives "never".
QString relativeTime(qint64 momentMs, qint64 nowMs);
/// The exact local date and time with seconds, for hovering; empty for 0.
QString exactTime(qint64 momentMs);
/// Local date and time without seconds, for a line of text; empty for 0.
QString shortTime(qint64 momentMs);

} // namespace restante::ui
