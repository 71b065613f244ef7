// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

namespace restante::control
{

/// Where the control socket of a data folder is: the file `control` in the folder. Names of sockets are short (108
/// bytes on Linux): for a folder whose own name leaves no room it is a file in the session's runtime folder, or the one
/// for temporary files, named after a hash of the folder's path. Server and clients ask the same question here.
QString socketPath(const QString &dataFolder);

} // namespace restante::control
