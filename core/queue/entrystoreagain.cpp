// SPDX-License-Identifier: GPL-3.0-or-later
// What the EntryStore tries again: rows that could not be read or deleted before.
#include "queue/entrystore.h"

#include "queue/entrystoresql.h"
#include "telemetry/logging.h"

namespace restante::queue
{

void EntryStore::tryLost()
{
    const auto arrival = m_index.broken().someLost();
    if (!arrival)
        return;
    const auto done = m_sql->figures.run(*arrival);
    const base::SqlRows rows(m_sql->figures);
    if (!done || (!m_sql->figures.next() && !m_sql->figures.failure()))
        return;
    m_index.broken().forgetLost();
    m_gaps.clear();
    m_saidLost = false;
    m_index.overlay().releaseAll();
    qCInfo(lcQueue, "The entries that could not be read can be read again.");
}

void EntryStore::tryWithheld()
{
    if (!m_index.broken().someLost())
        m_index.overlay().releaseAll();
}

/// Those behind the last ones have their turn first, so that none keeps the others from it.
Result<void> EntryStore::tryLeft(size_t limit, qint64 bornAfterMs, const InTransaction &inTransaction)
{
    auto left = m_index.broken().leftAfter(m_triedTo, limit);
    m_triedTo = left.size() < limit ? 0 : left.back().place.arrival;
    std::vector<std::pair<matrix::ServerName, matrix::EntryId>> back;
    Result<void> first;
    for (const BrokenRows::Left &each : left) {
        auto done = tryLeft(each, bornAfterMs, inTransaction, back);
        if (!done && done.error().code != Errc::Corrupt && first)
            first = done;
        if (!done && (done.error().code == Errc::Busy || done.error().code == Errc::DiskFull))
            break; // it would be the same with the others
    }
    for (const auto &[destination, id] : back) {
        m_index.overlay().release(destination, id);
        qCInfo(lcQueue, "Entry %lld of %s can be read again and is back in its queue.",
               static_cast<long long>(id.value), destination.bytes().constData());
    }
    m_givenBack += int(back.size());
    return first;
}

/// Looks first, outside of the transaction: after SQLite has met a damage in one it writes nothing more there.
Result<void> EntryStore::tryLeft(const BrokenRows::Left &left, qint64 bornAfterMs, const InTransaction &inTransaction,
                                 std::vector<std::pair<matrix::ServerName, matrix::EntryId>> &back)
{
    auto aside = isAside(left);
    if (!aside)
        return aside.error();
    if (!*aside) { // acknowledged, thrown away or expired
        return inTransaction([&]() -> Result<void> { return dropLeft(left.place.arrival); });
    }
    auto whole = isWhole(left.place);
    if (!whole)
        return whole.error();
    if (!*whole || !m_index.isListed(left.place.arrival))
        return {};
    matrix::ServerName destination;
    auto done = inTransaction([&]() -> Result<void> {
        auto given = giveBack(left, bornAfterMs);
        destination = given ? *given : matrix::ServerName();
        return given ? Result<void>() : given.error();
    });
    if (done && !destination.isNull())
        back.emplace_back(std::move(destination), left.place.id);
    return done;
}

Result<bool> EntryStore::isAside(const BrokenRows::Left &left)
{
    base::SqlStatement &statement = m_sql->isAside;
    if (auto done = statement.run(left.destination, left.place.id.value); !done)
        return done.error();
    const base::SqlRows rows(statement);
    if (statement.next())
        return true;
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return false;
}

Result<void> EntryStore::dropLeft(qint64 arrival)
{
    if (auto dropped = takeArrival(arrival); !dropped)
        return dropped.error();
    return m_index.broken().drop(arrival);
}

/// Puts an entry that was set aside, and reads whole now, back to where it was in its queue. The value is that queue's
/// name; null if it does not come back: it would have expired by now, or its content has come again since.
Result<matrix::ServerName> EntryStore::giveBack(const BrokenRows::Left &left, qint64 bornAfterMs)
{
    auto queue = m_ledger.findDestination(left.destination);
    if (!queue)
        return queue.error();
    if (!*queue)
        return matrix::ServerName();
    // The number of its label may stand for another user by now.
    if (auto done = m_sql->unlabel.run(left.place.arrival, bornAfterMs); !done)
        return done.error();
    auto row = readRow(m_sql->unlabel, left.place.arrival);
    if (!row)
        return row.error();
    if (!*row || (*row)->indexed.destination != left.destination || (*row)->indexed.place.id != left.place.id)
        return matrix::ServerName();
    auto known = m_index.content(left.destination, (*row)->indexed.dedup);
    if (!known)
        return known.error();
    if (*known && (*known)->rest != (*row)->indexed.rest)
        return matrix::ServerName(); // another content has its number
    if (auto dropped = m_sql->dropQuarantined.run(left.destination, left.place.id.value); !dropped)
        return dropped.error();
    if (*known) {
        auto dropped = dropLeft(left.place.arrival);
        return dropped ? Result<matrix::ServerName>(matrix::ServerName()) : dropped.error();
    }
    if (auto dropped = m_index.broken().drop(left.place.arrival); !dropped)
        return dropped.error();
    if (auto listed = m_index.giveBack((*row)->indexed); !listed)
        return listed.error();
    // Until it is committed; readers have gone past its place, and come back when it is released.
    m_index.overlay().withhold((*queue)->name, left.place.id);
    if (auto applied = m_ledger.apply(movementOf(Movement::Kind::Stored, **row, bornAfterMs)); !applied)
        return applied.error();
    return (*queue)->name;
}

} // namespace restante::queue
