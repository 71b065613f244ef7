// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include <functional>

class QWidget;

namespace restante::ui
{

/// Asks where to write an export, without blocking: `chosen` gets the file when the operator accepts. `name` is what
/// the export is of and becomes part of the suggested file name.
void askExportFile(QWidget *parent, const QString &name, std::function<void(const QString &)> chosen);

} // namespace restante::ui
