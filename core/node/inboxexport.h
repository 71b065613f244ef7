// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/linesfile.h"
#include "node/inboxstore.h"

#include <QtCore/QSet>

#include <deque>

namespace restante::node
{

/// One entry of the inbox as one line of JSON, wherever one is shown or written; its events byte for byte as they came:
/// id, relay, origin, transaction_id, origin_server_ts, collected_ts, pdus, edus.
QByteArray inboxLine(const InboxEntry &entry);

/// Writes the inbox, or some of it, to a file, piece by piece, so that its thread can collect meanwhile. Lives in the
/// node's thread; what is taken out while it writes may be missing.
class InboxExport
{
public:
    /// Empty `ids`: everything, in the inbox's order. The inbox outlives it.
    InboxExport(InboxStore &inbox, const QList<qint64> &ids, const QString &file);
    Q_DISABLE_COPY_MOVE(InboxExport)

    /// Writes the next piece, about 1 MiB or a single larger entry; false when everything is written. Errors as
    /// base::LinesFile and InboxStore.
    Result<bool> step();
    /// Makes the file appear. The value says how many entries are in it, and which ones could not be read.
    Result<InboxExported> commit();

private:
    Result<bool> nextPage();

    InboxStore &m_inbox;
    const QSet<qint64> m_wanted;
    base::LinesFile m_out;
    std::deque<qint64> m_ids; ///< to be written next
    qint64 m_after = 0;
    InboxExported m_exported;
    bool m_opened = false;
    bool m_more = true;
};

} // namespace restante::node
