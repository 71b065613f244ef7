// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/inboxstore.h"

namespace restante::node
{

/// One entry of the inbox as one line of JSON, its events byte for byte as they came: inbox_id, origin,
/// origin_server_ts, transaction_id, relay, collected_ts, pdus, edus. Also what `restantectl inbox next` prints.
QByteArray inboxLine(const InboxEntry &entry);

/// Writes entries to `file` (mode 0600, whole or not at all) in the inbox's order; empty `ids` means all. Those that
/// are gone are left out. The value is the number written. Runs in the store's thread. Errc::Io, StorageFailed.
Result<qint64> writeInbox(InboxStore &inbox, const QList<qint64> &ids, const QString &file);

} // namespace restante::node
