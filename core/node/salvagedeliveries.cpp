// SPDX-License-Identifier: GPL-3.0-or-later
// What the courier knows: mail that may have been delivered already is not sent anew as if it had not been. Events that
// were delivered are not copied, since their homeserver has them.
#include "node/salvagecopy.h"

namespace restante::node
{

namespace
{
const auto DeliveriesForwards =
    QStringLiteral("SELECT id, state, since_ms, next_ms, reason FROM deliveries ORDER BY id");
const auto DeliveriesBackwards =
    QStringLiteral("SELECT id, state, since_ms, next_ms, reason FROM deliveries ORDER BY id DESC");
const auto SentIdsForwards = QStringLiteral("SELECT origin, txn_id, sent_ms FROM sent_ids ORDER BY origin, txn_id");
const auto SentIdsBackwards =
    QStringLiteral("SELECT origin, txn_id, sent_ms FROM sent_ids ORDER BY origin DESC, txn_id DESC");
const auto AddDelivery =
    QStringLiteral("INSERT OR IGNORE INTO deliveries (id, state, since_ms, next_ms, reason) VALUES (?, ?, ?, ?, ?)");
const auto AddSentId = QStringLiteral("INSERT OR IGNORE INTO sent_ids (origin, txn_id, sent_ms) VALUES (?, ?, ?)");
} // namespace

/// An older database has no such tables, which is the same as if they could not be read.
Result<void> SalvageCopy::copyDeliveries()
{
    base::SqlStatement addDelivery(m_to, AddDelivery);
    const auto deliveries =
        readBothWays(DeliveriesForwards, DeliveriesBackwards, [&](const base::SqlStatement &row) -> Result<void> {
            const QString reason = row.value(4).toString();
            if (auto added = addDelivery.run(row.integer(0), row.integer(1), row.integer(2), row.integer(3),
                                             reason.isNull() ? QStringLiteral("") : reason);
                !added)
                return added;
            return m_pieces.wrote(0);
        });
    if (!deliveries)
        return deliveries.error();
    base::SqlStatement addSentId(m_to, AddSentId);
    const auto sent =
        readBothWays(SentIdsForwards, SentIdsBackwards, [&](const base::SqlStatement &row) -> Result<void> {
            if (auto added = addSentId.run(base::present(row.bytes(0)), base::present(row.bytes(1)), row.integer(2));
                !added)
                return added;
            return m_pieces.wrote(0);
        });
    return sent ? Result<void>() : sent.error();
}

} // namespace restante::node
