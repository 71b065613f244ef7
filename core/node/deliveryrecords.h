// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/sqlstatement.h"
#include "node/delivery.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace restante::node
{

/// What node.sqlite has of deliveries (0004_delivery.sql). Lives in the thread of its database, which outlives it;
/// blocks. Times are wall clock milliseconds.
class DeliveryRecords
{
public:
    static constexpr qint64 KnownMs = qint64(25) * 3'600'000;  ///< homeservers remember a transaction id for 24 hours
    static constexpr qint64 EventsMs = qint64(48) * 3'600'000; ///< for how long delivered events are kept
    static constexpr qint64 MostEvents = 20'000;
    static constexpr qint64 MostEventBytes = qint64(64) << 20;
    static constexpr qint64 MostSentIds = 1'000'000;

    explicit DeliveryRecords(base::Database &database);

    /// All states; those of entries that are gone are dropped first.
    Result<std::vector<DeliveryRow>> all();
    Result<void> set(const DeliveryRow &row);
    Result<void> drop(qint64 id);
    /// Of the entry with this key.
    Result<void> dropByKey(const QByteArray &key);
    /// In one transaction: its events are kept, its transaction id is remembered, and it is Done.
    Result<void> taken(const DeliveredMail &mail, qint64 nowMs);
    /// In one transaction: each of `taken` is kept as by `taken`, but `takeOut` removes it from the inbox, and with it
    /// its state; each of `sending` is written.
    Result<void> turn(const std::vector<DeliveredMail> &taken, const std::vector<DeliveryRow> &sending, qint64 nowMs,
                      const std::function<Result<void>(qint64 id)> &takeOut);
    /// When the homeserver was given that transaction id; nothing if that is longer ago than KnownMs, or never was.
    Result<std::optional<qint64>> sentMs(const matrix::ServerName &origin, const QByteArray &txnId, qint64 nowMs);
    /// The homeserver may know that transaction id.
    Result<void> noteSent(const matrix::ServerName &origin, const QByteArray &txnId, qint64 nowMs);

    /// Events that may have this id, the newest first.
    Result<std::vector<DeliveredEvent>> eventsById(const QByteArray &eventId);
    /// Those of a room at this depth or deeper, the least deep first.
    Result<std::vector<DeliveredEvent>> eventsOfRoom(const QString &room, qint64 leastDepth, int limit);
    /// Forgets what is old or too much.
    Result<void> prune(qint64 nowMs);

private:
    Result<void> countEvents();
    Result<void> inTransaction(const std::function<Result<void>()> &write);
    Result<void> keep(const DeliveredEvent &event, qint64 nowMs);
    Result<void> keep(const DeliveredMail &mail, qint64 nowMs);
    Result<void> makeRoom();
    Result<void> forgetWhile(const std::function<bool(qint64 deliveredMs)> &goes);
    static Result<std::vector<DeliveredEvent>> eventsIn(base::SqlStatement &statement);

    base::Database &m_database;
    base::SqlStatement m_dropOrphans;
    base::SqlStatement m_all;
    base::SqlStatement m_set;
    base::SqlStatement m_drop;
    base::SqlStatement m_dropByKey;
    base::SqlStatement m_sent;
    base::SqlStatement m_noteSent;
    base::SqlStatement m_keep;
    base::SqlStatement m_keepId;
    base::SqlStatement m_count;
    base::SqlStatement m_byId;
    base::SqlStatement m_ofRoom;
    base::SqlStatement m_oldest;
    base::SqlStatement m_forget;
    base::SqlStatement m_forgetIds;
    base::SqlStatement m_pruneSent;
    base::SqlStatement m_pruneManySent;
    std::optional<std::pair<qint64, qint64>> m_kept; ///< events and their bytes; nothing: not counted
};

} // namespace restante::node
