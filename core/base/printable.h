// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

namespace restante::base
{

/// A text that strangers chose, for one line on a screen: control and format characters (what turns the direction of
/// writing, and what has no width), line and paragraph separators and letters that look like nothing are replaced by
/// one that is seen. Any thread.
QString printable(QString text);

} // namespace restante::base
