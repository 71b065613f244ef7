// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/database.h"
#include "queue/writer.h"

namespace restante::queue
{

/// A connection to the queue's database for reading, and `edition` of what it shows (Writer::edition).
/// Errors as base::Database::open; Errc::Busy in the moment in which another takes its place. Any thread.
Result<std::unique_ptr<base::Database>> openToRead(const Writer &writer, base::ConnectionOptions options,
                                                   quint64 &edition);

} // namespace restante::queue
