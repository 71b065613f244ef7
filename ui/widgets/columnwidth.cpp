// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/columnwidth.h"

#include <QtWidgets/QHeaderView>
#include <QtWidgets/QTreeView>

#include <algorithm>

namespace restante::ui
{

void setColumnWidth(QTreeView &view, int column, int characters)
{
    const int unit = view.fontMetrics().averageCharWidth();
    view.setColumnWidth(column, std::max(characters * unit, view.header()->sectionSizeHint(column) + unit));
}

} // namespace restante::ui
