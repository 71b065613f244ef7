// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/commands.h"

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::ctl
{

/// An answer as text for people, with its line feeds.
QString shown(control::Answer answer, const QJsonObject &value);
/// What went wrong although there is an answer, a line each; the exit status is 1 then.
QStringList failuresIn(control::Answer answer, const QJsonObject &value);

} // namespace restante::ctl
