// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QTreeView;

namespace restante::ui
{

/// Makes a column wide enough for a number of characters and for its title, without looking at the rows.
void setColumnWidth(QTreeView &view, int column, int characters);

} // namespace restante::ui
