// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

namespace restante::base
{

/// A text that strangers chose, for one line on a screen: control characters, line and paragraph separators and those
/// that turn the direction of writing are replaced. Any thread.
QString printable(QString text);

} // namespace restante::base
