// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/reader.h"

#include <QtCore/QList>
#include <QtCore/QString>

#include <atomic>

namespace restante::queue
{

/// One held entry as one line of JSON, its events byte for byte as they came: destination, entry_id, transaction_id,
/// received_ts, origin, origin_server_ts, pdus, edus.
QByteArray exportLine(const matrix::ServerName &destination, const HeldEntry &entry);

/// The ids of what is held and not damaged, oldest first. Runs in the inspector's thread.
Result<QList<matrix::EntryId>> heldIds(Inspector &inspector, const HeldFor &what);

/// Writes entries to `file` (mode 0600, whole or not at all), oldest first; empty `ids` means all that are held or set
/// aside. Entries that are gone meanwhile are left out, and those whose events cannot be read. Stops with Errc::Busy
/// once `stop` is set. The value is the number written. Runs in the inspector's thread. Errc::Io if the file cannot
/// be written.
Result<qint64> writeExport(Inspector &inspector, const HeldFor &what, QList<matrix::EntryId> ids, const QString &file,
                           const std::atomic<bool> &stop);

} // namespace restante::queue
