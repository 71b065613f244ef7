// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/deliveryrecords.h"

#include "base/sqltransaction.h"

#include <algorithm>

namespace restante::node
{

namespace
{
const auto DropOrphans = QStringLiteral("DELETE FROM deliveries WHERE id NOT IN (SELECT id FROM inbox)");
const auto AllDeliveries = QStringLiteral("SELECT id, state, since_ms, next_ms, reason FROM deliveries");
const auto SetDelivery =
    QStringLiteral("INSERT OR REPLACE INTO deliveries (id, state, since_ms, next_ms, reason) VALUES (?, ?, ?, ?, ?)");
const auto DropDelivery = QStringLiteral("DELETE FROM deliveries WHERE id = ?");
const auto DropByKey = QStringLiteral("DELETE FROM deliveries WHERE id = (SELECT id FROM inbox WHERE key = ?)");
const auto Sent = QStringLiteral("SELECT sent_ms FROM sent_ids WHERE origin = ? AND txn_id = ?");
const auto NoteSent = QStringLiteral("INSERT OR REPLACE INTO sent_ids (origin, txn_id, sent_ms) VALUES (?, ?, ?)");
const auto KeepEvent =
    QStringLiteral("INSERT INTO delivered (delivered_ms, origin, room, depth, error, pdu) VALUES (?, ?, ?, ?, ?, ?)");
const auto KeepEventId =
    QStringLiteral("INSERT OR IGNORE INTO delivered_ids (event_id, delivered) VALUES (?, last_insert_rowid())");
const auto CountEvents = QStringLiteral("SELECT COUNT(*), COALESCE(SUM(LENGTH(pdu)), 0) FROM delivered");
const auto EventsById =
    QStringLiteral("SELECT d.origin, d.room, d.depth, d.error, d.pdu FROM delivered_ids i "
                   "JOIN delivered d ON d.id = i.delivered WHERE i.event_id = ? ORDER BY d.id DESC LIMIT 8");
const auto EventsOfRoom = QStringLiteral("SELECT origin, room, depth, error, pdu FROM delivered "
                                         "WHERE room = ? AND depth >= ? ORDER BY depth, id LIMIT ?");
const auto OldestEvent = QStringLiteral("SELECT id, delivered_ms, LENGTH(pdu) FROM delivered ORDER BY id LIMIT 1");
const auto ForgetEvent = QStringLiteral("DELETE FROM delivered WHERE id = ?");
const auto ForgetEventIds = QStringLiteral("DELETE FROM delivered_ids WHERE delivered = ?");
const auto PruneSent = QStringLiteral("DELETE FROM sent_ids WHERE sent_ms < ?");
const auto PruneManySent =
    QStringLiteral("DELETE FROM sent_ids WHERE (origin, txn_id) IN (SELECT origin, txn_id FROM sent_ids "
                   "ORDER BY sent_ms DESC LIMIT -1 OFFSET ?)");

QString presentText(const QString &text)
{
    return text.isNull() ? QStringLiteral("") : text; // null would be NULL
}
} // namespace

DeliveryRecords::DeliveryRecords(base::Database &database)
    : m_database(database)
    , m_dropOrphans(database, DropOrphans)
    , m_all(database, AllDeliveries)
    , m_set(database, SetDelivery)
    , m_drop(database, DropDelivery)
    , m_dropByKey(database, DropByKey)
    , m_sent(database, Sent)
    , m_noteSent(database, NoteSent)
    , m_keep(database, KeepEvent)
    , m_keepId(database, KeepEventId)
    , m_count(database, CountEvents)
    , m_byId(database, EventsById)
    , m_ofRoom(database, EventsOfRoom)
    , m_oldest(database, OldestEvent)
    , m_forget(database, ForgetEvent)
    , m_forgetIds(database, ForgetEventIds)
    , m_pruneSent(database, PruneSent)
    , m_pruneManySent(database, PruneManySent)
{
}

Result<std::vector<DeliveryRow>> DeliveryRecords::all()
{
    if (auto done = m_dropOrphans.run(); !done)
        return done.error();
    if (auto done = m_all.run(); !done)
        return done.error();
    const base::SqlRows open(m_all);
    std::vector<DeliveryRow> rows;
    while (m_all.next())
        rows.push_back({m_all.integer(0), DeliveryRow::State(m_all.integer(1)), m_all.integer(2), m_all.integer(3),
                        m_all.value(4).toString()});
    if (auto failed = m_all.failure(); !failed)
        return failed.error();
    return rows;
}

Result<void> DeliveryRecords::set(const DeliveryRow &row)
{
    return m_set.run(row.id, int(row.state), row.sinceMs, row.nextMs, presentText(row.reason));
}

Result<void> DeliveryRecords::drop(qint64 id)
{
    return m_drop.run(id);
}

Result<void> DeliveryRecords::dropByKey(const QByteArray &key)
{
    return m_dropByKey.run(key);
}

Result<void> DeliveryRecords::noteSent(const matrix::ServerName &origin, const QByteArray &txnId, qint64 nowMs)
{
    return m_noteSent.run(origin.bytes(), base::present(txnId), nowMs);
}

/// If the clock was ahead when it was written down, it counts from now on.
Result<std::optional<qint64>> DeliveryRecords::sentMs(const matrix::ServerName &origin, const QByteArray &txnId,
                                                      qint64 nowMs)
{
    if (auto done = m_sent.run(origin.bytes(), base::present(txnId)); !done)
        return done.error();
    qint64 sent = 0;
    {
        const base::SqlRows open(m_sent);
        if (!m_sent.next()) {
            const auto read = m_sent.failure();
            return read ? Result<std::optional<qint64>>(std::nullopt) : read.error();
        }
        sent = m_sent.integer(0);
    }
    if (sent > nowMs + KnownMs) {
        if (auto noted = noteSent(origin, txnId, nowMs); !noted)
            return noted.error();
    }
    sent = std::min(sent, nowMs);
    return nowMs - sent < KnownMs ? std::optional(sent) : std::nullopt;
}

/// Inside the caller's transaction.
Result<void> DeliveryRecords::keep(const DeliveredEvent &event, qint64 nowMs)
{
    if (auto done = m_keep.run(nowMs, event.origin.bytes(), presentText(event.room), event.depth,
                               presentText(event.error), event.pdu);
        !done)
        return done;
    for (const QByteArray &id : event.ids) {
        if (auto done = m_keepId.run(id); !done)
            return done;
    }
    ++m_kept->first;
    m_kept->second += event.pdu.size();
    return {};
}

Result<void> DeliveryRecords::countEvents()
{
    if (m_kept)
        return {};
    if (auto done = m_count.run(); !done)
        return done;
    const base::SqlRows open(m_count);
    if (!m_count.next())
        return m_count.failure();
    m_kept = {m_count.integer(0), m_count.integer(1)};
    return {};
}

/// `write` may change what is counted.
Result<void> DeliveryRecords::inTransaction(const std::function<Result<void>()> &write)
{
    if (auto counted = countEvents(); !counted)
        return counted;
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    auto done = write();
    if (done)
        done = transaction.commit();
    if (!done)
        m_kept.reset(); // rolled back: to be counted anew
    return done;
}

/// Inside the caller's transaction.
Result<void> DeliveryRecords::keep(const DeliveredMail &mail, qint64 nowMs)
{
    for (const DeliveredEvent &event : mail.events) {
        if (auto done = keep(event, nowMs); !done)
            return done;
    }
    return noteSent(mail.origin, mail.txnId, nowMs);
}

Result<void> DeliveryRecords::taken(const DeliveredMail &mail, qint64 nowMs)
{
    return inTransaction([&]() -> Result<void> {
        if (auto done = keep(mail, nowMs); !done)
            return done;
        const DeliveryRow gone{mail.id, DeliveryRow::State::Done, nowMs, 0, {}};
        if (auto done = set(mail.stays.value_or(gone)); !done)
            return done;
        return makeRoom();
    });
}

Result<void> DeliveryRecords::turn(const std::vector<DeliveredMail> &taken, const std::vector<DeliveryRow> &sending,
                                   qint64 nowMs, const std::function<Result<void>(qint64 id)> &takeOut)
{
    return inTransaction([&]() -> Result<void> {
        for (const DeliveredMail &mail : taken) {
            if (auto done = keep(mail, nowMs); !done)
                return done;
            auto done = mail.stays ? set(*mail.stays) : takeOut(mail.id);
            if (done && !mail.stays)
                done = drop(mail.id);
            if (!done)
                return done;
        }
        for (const DeliveryRow &row : sending) {
            if (auto done = set(row); !done)
                return done;
        }
        return makeRoom();
    });
}

/// Inside the caller's transaction: not more than there may be, so that mail of a moment cannot fill the disk.
Result<void> DeliveryRecords::makeRoom()
{
    return forgetWhile([this](qint64) { return m_kept->first > MostEvents || m_kept->second > MostEventBytes; });
}

Result<void> DeliveryRecords::forgetWhile(const std::function<bool(qint64 deliveredMs)> &goes)
{
    for (;;) {
        qint64 id = 0;
        qint64 bytes = 0;
        {
            if (auto done = m_oldest.run(); !done)
                return done;
            const base::SqlRows open(m_oldest);
            if (!m_oldest.next())
                return m_oldest.failure();
            if (!goes(m_oldest.integer(1)))
                return {};
            id = m_oldest.integer(0);
            bytes = m_oldest.integer(2);
        }
        if (auto done = m_forgetIds.run(id); !done)
            return done;
        if (auto done = m_forget.run(id); !done)
            return done;
        --m_kept->first;
        m_kept->second -= bytes;
    }
}

Result<void> DeliveryRecords::prune(qint64 nowMs)
{
    return inTransaction([&]() -> Result<void> {
        if (auto done = forgetWhile([nowMs](qint64 deliveredMs) { return nowMs - deliveredMs > EventsMs; }); !done)
            return done;
        if (auto done = m_pruneSent.run(nowMs - KnownMs); !done)
            return done;
        return m_pruneManySent.run(MostSentIds);
    });
}

Result<std::vector<DeliveredEvent>> DeliveryRecords::eventsIn(base::SqlStatement &statement)
{
    const base::SqlRows open(statement);
    std::vector<DeliveredEvent> events;
    while (statement.next()) {
        auto origin = matrix::ServerName::parse(statement.bytes(0));
        if (!origin)
            continue; // a damaged row must not hide the others
        events.push_back({{},
                          *std::move(origin),
                          statement.value(1).toString(),
                          statement.integer(2),
                          statement.value(3).toString(),
                          statement.bytes(4)});
    }
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return events;
}

Result<std::vector<DeliveredEvent>> DeliveryRecords::eventsById(const QByteArray &eventId)
{
    if (auto done = m_byId.run(eventId); !done)
        return done.error();
    return eventsIn(m_byId);
}

Result<std::vector<DeliveredEvent>> DeliveryRecords::eventsOfRoom(const QString &room, qint64 leastDepth, int limit)
{
    if (auto done = m_ofRoom.run(room, leastDepth, limit); !done)
        return done.error();
    return eventsIn(m_ofRoom);
}

} // namespace restante::node
