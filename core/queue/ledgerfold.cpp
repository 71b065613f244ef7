// SPDX-License-Identifier: GPL-3.0-or-later
// What the Ledger writes now and then: the totals themselves, and what nobody needs any more.
#include "queue/ledger.h"

#include "base/clock.h"
#include "base/sqltransaction.h"
#include "queue/ledgersql.h"

namespace restante::queue
{

namespace
{

// Folding earlier costs more updates an entry, later more memory, more to replay after a crash and more to read for
// the window.
constexpr int MaxUnfoldedRows = 2'048;
constexpr size_t MaxDirty = 16'384;
// Bounds of what stays in memory after a fold.
constexpr size_t MaxPairs = 16'384;
constexpr size_t MaxDestinations = 4'096;
constexpr qsizetype MaxOrigins = 16'384;
constexpr qsizetype MaxLabelsInMemory = 20'000;

constexpr qint64 KeepExpiredMs = 90 * base::DayMs;
constexpr qint64 KeepHalfLearnedDays = 90;
constexpr qint64 KeepLearnedDays = 180;

} // namespace

bool Ledger::wantsFold(qint64 movements) const
{
    return m_unfolded >= MaxUnfoldedRows || m_unfoldedMovements >= movements ||
           m_dirtyPairs.size() + m_dirtyAddresses.size() + m_dirtyLabels.size() >= MaxDirty;
}

Result<void> Ledger::fold()
{
    if (m_unfolded == 0 && m_dirtyDestinations.empty() && m_dirtyPairs.empty())
        return {};
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    if (auto written = writeTotals(); !written)
        return written;
    if (auto written = writePairs(); !written)
        return written;
    if (auto written = m_index.writeFold(); !written)
        return written;
    if (auto dropped = m_sql->dropMovements.run(); !dropped)
        return dropped;
    if (auto done = transaction.commit(); !done)
        return done;
    m_index.folded();
    for (Destination *destination : m_dirtyDestinations)
        destination->dirty = false;
    for (const auto &[destination, number] : m_dirtyLabels) {
        Label &label = destination->labels[number];
        label.dirty = false;
        if (!label.held.isZero())
            continue;
        destination->labelNumbers.remove(label.name);
        destination->labels.erase(number);
        --m_labels;
    }
    for (const PairKey &key : m_dirtyPairs)
        m_pairs.at(key).dirty = false;
    for (const PairKey &key : m_dirtyAddresses)
        m_addresses.at(key).dirty = false;
    m_dirtyDestinations.clear();
    m_dirtyLabels.clear();
    m_dirtyPairs.clear();
    m_dirtyAddresses.clear();
    m_unfolded = 0;
    m_unfoldedMovements = 0;
    trim();
    return {};
}

Result<void> Ledger::writeTotals()
{
    for (const Destination *destination : m_dirtyDestinations) {
        auto done = m_sql->updateDestination.run(destination->held.entries, destination->held.bytes,
                                                 destination->lastId, destination->collectedMs, destination->expired,
                                                 destination->expiredMs, destination->tombstones, destination->number);
        if (!done)
            return done;
    }
    for (const auto &[destination, number] : m_dirtyLabels) {
        const Label &label = destination->labels[number];
        const QByteArray name = label.name.isNull() ? QByteArray("") : label.name;
        auto done = label.held.isZero()
                        ? m_sql->dropLabel.run(destination->number, number)
                        : m_sql->putLabel.run(destination->number, number, name, label.held.entries, label.held.bytes);
        if (!done)
            return done;
    }
    return {};
}

Result<void> Ledger::writePairs()
{
    for (const PairKey &key : m_dirtyPairs) {
        const Pair &pair = m_pairs.at(key);
        auto done = pair.held.isZero() && pair.firstDay == 0
                        ? m_sql->dropPair.run(key.destination, key.other)
                        : m_sql->putPair.run(key.destination, key.other, pair.held.entries, pair.held.bytes,
                                             pair.firstDay, int(pair.learned), pair.lastDay, pair.learnedFrom);
        if (!done)
            return done;
    }
    for (const PairKey &key : m_dirtyAddresses) {
        const Address &address = m_addresses.at(key);
        auto done = address.held.isZero()
                        ? m_sql->dropAddress.run(key.destination, key.other)
                        : m_sql->putAddress.run(key.destination, key.other, address.held.entries, address.held.bytes);
        if (!done)
            return done;
    }
    return {};
}

/// Everything is clean now, so that anything may be forgotten; served destinations stay at hand.
void Ledger::trim()
{
    if (m_pairs.size() > MaxPairs)
        m_pairs.clear();
    if (m_addresses.size() > MaxPairs)
        m_addresses.clear();
    if (m_originSpread.size() > MaxOrigins)
        m_originSpread.clear();
    if (m_addressSpread.size() > MaxOrigins)
        m_addressSpread.clear();
    if (m_originNumbers.size() > MaxOrigins) {
        m_originNumbers.clear();
        m_originNames.clear();
    }
    if (m_labels > MaxLabelsInMemory) {
        for (auto &[number, destination] : m_destinations) {
            destination->labels.clear();
            destination->labelNumbers.clear();
            destination->labelsReady = false;
        }
        m_labels = 0;
    }
    if (m_destinations.size() <= MaxDestinations)
        return;
    for (auto each = m_destinations.begin(); each != m_destinations.end();) {
        const auto next = std::next(each);
        if (!each->second->served) {
            m_labels -= qsizetype(each->second->labels.size());
            if (m_byName.value(each->second->name) == each->second.get())
                m_byName.remove(each->second->name);
            m_destinations.erase(each);
        }
        each = next;
    }
    // Pairs look up their destination in memory.
    m_pairs.clear();
}

Result<void> Ledger::setSums(Destination &destination, const Sums &sums)
{
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    if (auto written = writeSums(destination, sums); !written)
        return written;
    if (auto done = transaction.commit(); !done)
        return done;
    m_total += sums.destination - destination.held;
    m_holding += (sums.destination.entries > 0) - (destination.held.entries > 0);
    destination.held = sums.destination;
    // Everything else is read again when it is needed.
    std::erase_if(m_pairs, [&](const auto &each) { return each.first.destination == destination.number; });
    std::erase_if(m_addresses, [&](const auto &each) { return each.first.destination == destination.number; });
    m_originSpread.clear();
    m_addressSpread.clear();
    m_labels -= qsizetype(destination.labels.size());
    destination.labels.clear();
    destination.labelNumbers.clear();
    destination.labelsReady = false;
    destination.sharesReady = false;
    return recountServed();
}

Result<void> Ledger::writeSums(const Destination &destination, const Sums &sums)
{
    const qint64 number = destination.number;
    for (base::SqlStatement *statement : {&m_sql->zeroPairs, &m_sql->zeroLabels, &m_sql->dropAddresses}) {
        if (auto done = statement->run(number); !done)
            return done;
    }
    const std::pair<base::SqlStatement *, const std::map<qint64, Tally> *> parts[] = {
        {&m_sql->setPair, &sums.origins}, {&m_sql->setLabel, &sums.labels}, {&m_sql->putAddress, &sums.addresses}};
    for (const auto &[statement, tallies] : parts) {
        for (const auto &[other, tally] : *tallies) {
            if (auto done = statement->run(number, other, tally.entries, tally.bytes); !done)
                return done;
        }
    }
    for (base::SqlStatement *statement : {&m_sql->dropZeroPairs, &m_sql->dropZeroLabels}) {
        if (auto done = statement->run(number); !done)
            return done;
    }
    return m_sql->updateDestination.run(sums.destination.entries, sums.destination.bytes, destination.lastId,
                                        destination.collectedMs, destination.expired, destination.expiredMs,
                                        destination.tombstones, number);
}

Result<bool> Ledger::prune(qint64 nowMs, int limit)
{
    base::SqlTransaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    // Numbers that are dropped now must not be remembered; everything is clean, so that it can be read again.
    m_pairs.clear();
    m_originNumbers.clear();
    m_originNames.clear();
    m_originSpread.clear();
    m_addressSpread.clear();
    int dropped = 0;
    if (auto done = dropIdle(nowMs, limit, dropped); !done)
        return done.error();
    const qint64 upTo = m_pruneOrigin + limit;
    if (auto done = m_sql->dropHalfLearned.run(nowMs / base::DayMs - KeepHalfLearnedDays, m_pruneOrigin, upTo); !done)
        return done.error();
    if (auto done = forgetSilent(nowMs, upTo); !done)
        return done.error();
    if (auto done = m_sql->dropOrigins.run(m_pruneOrigin, upTo); !done)
        return done.error();
    if (auto done = transaction.commit(); !done)
        return done.error();
    const bool around = upTo >= m_nextOrigin;
    m_pruneOrigin = around ? 0 : upTo;
    return dropped == limit || !around;
}

/// Gives up what is learned of origins that are silent, and, if all places are taken, of those that are silent
/// longest.
Result<void> Ledger::forgetSilent(qint64 nowMs, qint64 upTo)
{
    if (auto done = m_sql->forgetSilent.run(nowMs / base::DayMs - KeepLearnedDays, m_pruneOrigin, upTo); !done)
        return done;
    for (auto &[number, destination] : m_destinations) {
        if (destination->sharesReady && destination->acquaintance.isFull()) {
            if (auto done = m_sql->forgetLongestSilent.run(number, number, Acquaintance::Most / 8); !done)
                return done;
            if (auto done = m_sql->dropOldestHalves.run(number, number, Acquaintance::MostHalves / 4); !done)
                return done;
        }
        destination->sharesReady = false; // to be counted anew
    }
    return m_sql->dropForgotten.run(m_pruneOrigin, upTo);
}

Result<void> Ledger::dropIdle(qint64 nowMs, int limit, int &dropped)
{
    std::vector<std::pair<qint64, qint64>> idle;
    {
        if (auto done = m_sql->idleDestinations.run(nowMs - KeepExpiredMs, limit); !done)
            return done;
        const base::SqlRows rows(m_sql->idleDestinations);
        while (m_sql->idleDestinations.next())
            idle.emplace_back(m_sql->idleDestinations.integer(0), m_sql->idleDestinations.integer(1));
        if (auto failed = m_sql->idleDestinations.failure(); !failed)
            return failed;
    }
    qint64 floor = m_idFloor;
    for (const auto &[number, lastId] : idle) {
        auto destination = findDestination(number);
        if (!destination)
            return destination.error();
        if (!*destination || (*destination)->served)
            continue;
        // Ids that this process drew in vain count as well.
        floor = std::max({floor, lastId, (*destination)->lastId});
        for (base::SqlStatement *statement :
             {&m_sql->dropDestination, &m_sql->dropPairs, &m_sql->dropLabels, &m_sql->dropAddresses}) {
            if (auto done = statement->run(number); !done)
                return done;
        }
        // Should the commit fail, the row is simply read again.
        m_byName.remove((*destination)->name);
        m_labels -= qsizetype((*destination)->labels.size());
        m_destinations.erase(number);
        ++dropped;
    }
    if (floor == m_idFloor)
        return {};
    m_idFloor = floor;
    return m_sql->numbers.write(IdFloorName, floor);
}

} // namespace restante::queue
