// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QStringList>

namespace restante::ctl
{

/// What a shell may offer for the last of `words` (which may be empty), the program's name not among them: words that
/// begin with it, a line each; or the one line ":files" or ":folders" if it is the name of such a thing.
QStringList completions(const QStringList &words);

} // namespace restante::ctl
