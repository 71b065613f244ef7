// SPDX-License-Identifier: GPL-3.0-or-later
// The three descriptors that every program is started with, or ought to be.
#pragma once

#include "base/result.h"

#include <QtCore/QByteArrayView>

namespace restante::base
{

/// Opens /dev/null for those of standard input, output and error that are closed: the next file or socket would take
/// their number, and words meant for people would go into it. And a pipe that nobody reads, or a limit of file sizes,
/// becomes an error of the write instead of the end of the program. First of all in main(), before there is any thread.
void openStandardStreams();

/// Writes `text` to standard output, all of it, now. Errc::Io if that fails. Main thread.
Result<void> printOut(QByteArrayView text);

} // namespace restante::base
