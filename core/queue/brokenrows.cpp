// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/brokenrows.h"

#include <algorithm>

namespace restante::queue
{

namespace
{
const auto MarkPrefix = QStringLiteral("broken_row:");
} // namespace

bool isOfRow(base::SqlFault fault)
{
    using base::SqlFault;
    return fault == SqlFault::Damaged || fault == SqlFault::NoDatabase || fault == SqlFault::Constraint ||
           fault == SqlFault::Disk;
}

// The mark's number is the entry id, its bytes are the number of the destination in digits.
BrokenRows::BrokenRows(base::Database &database)
    : m_marks(database, QStringLiteral("SELECT name, number, bytes FROM meta WHERE name >= 'broken_row:' AND name < "
                                       "'broken_row;'"))
    , m_mark(database, QStringLiteral("INSERT INTO meta (name, number, bytes) VALUES (?, ?, ?) ON CONFLICT (name) DO "
                                      "NOTHING"))
    , m_unmark(database, QStringLiteral("DELETE FROM meta WHERE name = ?"))
{
}

Result<void> BrokenRows::load()
{
    if (auto done = m_marks.run(); !done)
        return done;
    const base::SqlRows rows(m_marks);
    while (m_marks.next()) {
        const qint64 arrival = m_marks.value(0).toString().mid(MarkPrefix.size()).toLongLong();
        m_left[arrival] = {m_marks.bytes(2).toLongLong(), {{m_marks.integer(1)}, arrival}};
    }
    return m_marks.failure();
}

BrokenRows::Harm BrokenRows::harm(qint64 arrival) const
{
    const auto known = m_harms.find(arrival);
    return known == m_harms.end() ? Harm::None : known->second;
}

void BrokenRows::failed(qint64 arrival, base::SqlFault fault)
{
    if (isOfRow(fault))
        raise(arrival, Harm::Stuck);
}

/// A disk that fails for a moment makes no row unreadable.
void BrokenRows::failedToRead(qint64 arrival, const Error &error, Harm harm)
{
    if (error.code == Errc::Corrupt)
        raise(arrival, harm);
}

void BrokenRows::raise(qint64 arrival, Harm harm)
{
    Harm &known = m_harms[arrival];
    if (known >= harm)
        return;
    known = harm;
    ++m_learned;
}

Result<void> BrokenRows::leave(qint64 destination, const Place &place)
{
    if (auto done =
            m_mark.run(MarkPrefix + QString::number(place.arrival), place.id.value, QByteArray::number(destination));
        !done)
        return done;
    m_left[place.arrival] = {destination, place};
    m_batch.push_back(place.arrival);
    return {};
}

Result<void> BrokenRows::drop(qint64 arrival)
{
    if (auto done = m_unmark.run(MarkPrefix + QString::number(arrival)); !done)
        return done;
    if (auto left = m_left.extract(arrival))
        m_droppedNow.insert(std::move(left));
    m_harms.erase(arrival);
    return {};
}

std::optional<qint64> BrokenRows::someLost() const
{
    const auto lost =
        std::find_if(m_harms.begin(), m_harms.end(), [](const auto &each) { return each.second == Harm::Lost; });
    return lost == m_harms.end() ? std::nullopt : std::optional(lost->first);
}

void BrokenRows::forgetLost()
{
    std::erase_if(m_harms, [](const auto &each) { return each.second == Harm::Lost; });
}

std::vector<BrokenRows::Left> BrokenRows::leftAfter(qint64 arrival, size_t limit) const
{
    std::vector<Left> left;
    for (auto each = m_left.upper_bound(arrival); each != m_left.end() && left.size() < limit; ++each)
        left.push_back(each->second);
    return left;
}

void BrokenRows::committed()
{
    m_batch.clear();
    m_droppedNow.clear();
}

void BrokenRows::rolledBack()
{
    for (const qint64 arrival : m_batch)
        m_left.erase(arrival);
    m_left.merge(m_droppedNow);
    committed();
}

} // namespace restante::queue
