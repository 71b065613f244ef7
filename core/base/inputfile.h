// SPDX-License-Identifier: GPL-3.0-or-later
// Opening files by a name that somebody else gave or may have taken: a pipe under it must not keep the program waiting.
#pragma once

#include "base/result.h"

#include <QtCore/QFile>

namespace restante::base
{

/// What may stand under the name besides an ordinary file.
enum class Pipes {
    Refused,
    Read, ///< a pipe too, as the shell's <(…) makes one; its writer has to begin within PipePatienceMs
};

inline constexpr int PipePatienceMs = 5'000;

/// Opens `file`, unbuffered, by its name for reading. Errc::Io with the reason alone, also for a folder, a device, a
/// socket, or a pipe that is not wanted: it says which of them stands there. Waits for nobody, but for a writer with
/// Pipes::Read.
Result<void> openToRead(QFile &file, Pipes pipes = Pipes::Refused);
/// Opens `file`, unbuffered, for appending to what stands under `path`; one that is missing is made for its owner
/// alone. Devices and pipes are fine, but for a pipe that nobody reads; what does not fit into one is not waited for.
/// Errc::Io with the reason alone.
Result<void> openToAppend(QFile &file, const QString &path);
/// Empty for an ordinary file and if there is none; else what stands under the name: "It is a folder, not a file".
QString notAFile(const QString &path);

} // namespace restante::base
