// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

namespace restante::ui
{

/// The text of a tool tip, or of a message, that is shown as it is. Qt takes what looks like HTML for HTML, and would
/// then read the files that an <img> names: nothing that came from elsewhere may be a tool tip by itself. GUI thread.
QString plainTip(const QString &text);

} // namespace restante::ui
