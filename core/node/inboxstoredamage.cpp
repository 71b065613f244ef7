// SPDX-License-Identifier: GPL-3.0-or-later
// The ways of the inbox around pages that are damaged: by the indexes alone, by the table alone, or row by row.
#include "base/sqltransaction.h"
#include "node/damagedrows.h"
#include "node/handledmemory.h"
#include "node/inboxstoreparts.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace restante::node
{

Result<void> InboxStore::Private::loadStaying()
{
    if (auto done = stayingRows.run(StaysMs); !done)
        return done;
    const base::SqlRows rows(stayingRows);
    while (stayingRows.next()) {
        staying.insert(stayingRows.integer(0));
        stayingUnread += stayingRows.integer(1) == StaysUnreadMs ? 1 : 0;
    }
    return stayingRows.failure();
}

/// What is held is asked outside of the transaction, which can do nothing more once it met damage.
Result<InboxStore::Kept> InboxStore::Private::addAround(const matrix::ServerName &relayName,
                                                        const std::vector<Collected> &batch, const InboxLimits &limits,
                                                        Unreadable unreadable)
{
    if (!disk.isAbove(limits.diskFloorBytes))
        return Error{Errc::DiskFull, QStringLiteral("The disk has too little free space to collect anything."), 0};
    auto kept = add(relayName, batch, limits, nullptr);
    if (!isCorrupt(kept))
        return kept;
    std::vector<bool> held;
    for (const Collected &collected : batch) {
        const auto there = has(keyOf(collected));
        if (!there && (!isCorrupt(there) || unreadable == Unreadable::Fails))
            return there.error();
        held.push_back(there && *there);
    }
    return add(relayName, batch, limits, &held);
}

Result<qint64> InboxStore::Private::mergeAround()
{
    const auto done = merge.run();
    if (isCorrupt(done))
        return mergeSingly();
    if (!done)
        return done.error();
    return merge.rowsAffected();
}

Result<qint64> InboxStore::Private::mergeSingly()
{
    auto ids = numbers(unmerged);
    if (!ids)
        return ids.error();
    std::sort(ids->begin(), ids->end());
    const auto around = changeAroundDamage(ids->size(), [&](size_t from, size_t to) {
        return mergeSome.run((*ids)[from], (*ids)[to - 1]); // by itself a transaction
    });
    if (!around)
        return around.error();
    QSet<qint64> damaged;
    for (const size_t at : *around)
        damaged.insert((*ids)[at]);
    if (damaged != misplaced && !damaged.isEmpty())
        qCWarning(lcNode, "%lld collected entries are damaged and cannot be put in order",
                  static_cast<long long>(damaged.size()));
    misplaced = damaged;
    harmed = std::any_of(damaged.cbegin(), damaged.cend(), [this](qint64 id) { return isReadable(id); });
    return qint64(ids->size()) - damaged.size();
}

/// Whether all of it can be read: if it cannot be changed all the same, something beside it is damaged.
bool InboxStore::Private::isReadable(qint64 id)
{
    const auto done = whole.run(id);
    const base::SqlRows rows(whole);
    return done && whole.next();
}

/// Of those that can be read.
Result<qint64> InboxStore::Private::unmergedBytes()
{
    const auto ids = numbers(unmerged);
    if (!ids)
        return ids.error();
    qint64 bytes = 0;
    for (const qint64 id : *ids) {
        const auto done = bytesOf.run(id);
        const base::SqlRows rows(bytesOf);
        if (done && bytesOf.next())
            bytes += bytesOf.integer(0);
        else if (const auto failed = done ? bytesOf.failure() : done; !failed && !isCorrupt(failed))
            return failed.error();
    }
    return bytes;
}

/// The two numbers that the first of these statements gives which meets no damage.
Result<std::pair<qint64, qint64>> InboxStore::Private::firstPair(std::initializer_list<Statement *> statements)
{
    Result<void> done;
    for (Statement *statement : statements) {
        done = statement->run();
        const base::SqlRows rows(*statement);
        if (done && statement->next())
            return std::pair(statement->integer(0), statement->integer(1));
        if (done)
            done = statement->failure();
        if (!isCorrupt(done))
            break;
    }
    return done ? Result<std::pair<qint64, qint64>>({0, 0}) : done.error();
}

Result<InboxTotals> InboxStore::Private::totals()
{
    const auto held = firstPair({&count, &countByTable});
    if (!held)
        return held.error();
    auto waiting = firstPair({&countUnmerged, &countUnmergedByTable});
    if (isCorrupt(waiting)) {
        const auto ids = numbers(unmerged);
        const auto bytes = unmergedBytes();
        if (!ids || !bytes)
            return ids ? bytes.error() : ids.error();
        waiting = std::pair(qint64(ids->size()), *bytes);
    }
    if (!waiting)
        return waiting.error();
    InboxTotals totals;
    std::tie(totals.entries, totals.bytes) = *held;
    totals.unmerged = waiting->first;
    totals.bytes -= waiting->second;
    totals.unmerged = std::max<qint64>(0, totals.unmerged - misplaced.size());
    totals.entries = std::max<qint64>(0, totals.entries - totals.unmerged - stayingUnread);
    totals.bytes = totals.entries == 0 ? 0 : std::max<qint64>(0, totals.bytes);
    return totals;
}

/// The place of an entry in the order, also of one that is gone or cannot be read; -1 if nothing is known of it.
Result<qint64> InboxStore::Private::tsOf(qint64 id)
{
    const auto look = [](Statement &statement, const auto &...values) -> Result<qint64> {
        auto done = statement.run(values...);
        const base::SqlRows rows(statement);
        if (done && statement.next())
            return statement.integer(0);
        if (done = done ? statement.failure() : done; !done)
            return done.error();
        return qint64(-1);
    };
    const auto ts = look(place, id, id);
    return ts || ts.error().code != Errc::Corrupt ? ts : misplaced.contains(id) ? qint64(0) : look(placeOf, id);
}

/// The same by the index alone, and then row by row: what cannot be read is listed as damaged.
Result<void> InboxStore::Private::listPlaces(Statement &statement, qint64 afterTs, qint64 after, qint64 most,
                                             std::vector<std::pair<qint64, qint64>> &found)
{
    if (auto done = statement.run(afterTs, after, most); !done)
        return done;
    const base::SqlRows rows(statement);
    while (statement.next())
        found.emplace_back(statement.integer(1), statement.integer(0));
    return statement.failure();
}

Result<void> InboxStore::Private::listSingly(qint64 afterTs, qint64 after, int limit, InboxPage &list)
{
    list.rows.clear();
    std::vector<std::pair<qint64, qint64>> found; // time and id
    for (const qint64 id : std::as_const(misplaced)) {
        if (!staying.contains(id) && std::pair(qint64(0), id) > std::pair(afterTs, after))
            found.emplace_back(0, id);
    }
    const qint64 most = qint64(limit) + 1 + staying.size();
    auto done = listPlaces(places, afterTs, after, most, found);
    if (isCorrupt(done)) // the index; what is double goes below
        done = listPlaces(placesByTable, afterTs, after, most, found);
    if (!done)
        return done;
    std::erase_if(found, [this](const auto &each) { return staying.contains(each.second); });
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    list.more = qsizetype(found.size()) > limit;
    found.resize(std::min(found.size(), size_t(limit)));
    for (const auto &[ts, id] : found) {
        auto row = rowSingly(id, ts);
        if (!row)
            return row.error();
        list.rows.append(*std::move(row));
    }
    return {};
}

Result<InboxRow> InboxStore::Private::rowSingly(qint64 id, qint64 ts)
{
    for (Statement *statement : {&line, &bareLine}) {
        if (misplaced.contains(id)) // even if some of it could be read, it could not be put in order
            break;
        auto done = statement->run(id);
        const base::SqlRows rows(*statement);
        if (done && statement->next())
            return rowAt(*statement);
        done = done ? statement->failure() : done;
        if (!done && !isCorrupt(done))
            return done.error();
    }
    InboxRow row;
    row.id = id;
    row.originServerTs = ts;
    row.damaged = true;
    return row;
}

/// Nothing if it is not in the inbox, or not merged.
Result<std::optional<InboxStore::Private::Row>> InboxStore::Private::rowToRemove(qint64 id)
{
    if (staying.contains(id))
        return std::optional<Row>();
    auto done = forget.run(id);
    {
        const base::SqlRows rows(forget);
        if (done && forget.next())
            return std::optional(Row{forget.bytes(0), forget.integer(1), forget.integer(2), forget.integer(3), true});
        done = done ? forget.failure() : done;
    }
    if (done && !misplaced.contains(id))
        return std::optional<Row>();
    if (!done && !isCorrupt(done))
        return done.error();
    // The index still knows what it was.
    if (auto looked = keyOfId.run(id); !looked)
        return looked.error();
    const base::SqlRows rows(keyOfId);
    if (!keyOfId.next()) {
        if (auto failed = keyOfId.failure(); !failed)
            return failed.error();
        return std::optional<Row>();
    }
    const auto ts = tsOf(id);
    if (!ts)
        return ts.error();
    return std::optional(Row{keyOfId.bytes(0), 0, std::max<qint64>(0, *ts), 0, false});
}

/// One that met damage. `least`: what may be left undone.
Result<bool> InboxStore::Private::removeDamaged(qint64 id, Trace least)
{
    const auto row = rowToRemove(id);
    if (!row)
        return row.error();
    if (!*row)
        return false;
    if (!(*row)->readable)
        return hideDamaged(id, **row);
    for (const Trace trace : {Trace::NoSummary, Trace::Unremembered}) { // perhaps it is not the row that is damaged
        if (trace > least)
            break;
        base::SqlTransaction transaction(*database);
        if (auto begun = transaction.begin(); !begun)
            return begun.error();
        auto done = takeOut(id, **row, trace);
        if (done)
            done = transaction.commit();
        if (!isCorrupt(done))
            return done ? Result<bool>(true) : Result<bool>(done.error());
    }
    return hideDamaged(id, **row);
}

/// Its page cannot be changed: the row stays there, but is out of the inbox.
Result<bool> InboxStore::Private::hideDamaged(qint64 id, const Row &row)
{
    base::SqlTransaction transaction(*database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    if (auto done = row.readable ? setRelay.run(qint64(-1), -row.bytes, row.relayId) : Result<void>(); !done)
        return done.error();
    if (auto done = handle.run(row.key, id, row.ts, row.readable ? StaysMs : StaysUnreadMs); !done)
        return done.error();
    if (auto committed = transaction.commit(); !committed)
        return committed.error();
    staying.insert(id);
    stayingUnread += row.readable ? 0 : 1;
    return true;
}

/// Of all that is merged, by the index or, if that is damaged, by the table.
Result<std::vector<qint64>> InboxStore::Private::allIds()
{
    auto ids = numbers(all);
    return isCorrupt(ids) ? numbers(allByTable) : ids;
}

Result<qint64> InboxStore::Private::removeAround(const QList<qint64> &ids, Trace least)
{
    std::vector<qint64> wanted(ids.begin(), ids.end());
    if (wanted.empty()) {
        auto merged = allIds();
        if (!merged)
            return merged.error();
        wanted = *std::move(merged);
        wanted.insert(wanted.end(), misplaced.begin(), misplaced.end());
    }
    qint64 removed = 0;
    const auto around = changeAroundDamage(wanted.size(), [&](size_t from, size_t to) -> Result<void> {
        const auto done = removeAll(wanted.data() + from, wanted.data() + to);
        removed += done ? *done : 0;
        return done ? Result<void>() : done.error();
    });
    if (!around)
        return around.error();
    std::vector<qint64> damaged;
    for (const size_t at : *around)
        damaged.push_back(wanted[at]);
    for (const qint64 id : wanted) { // of a misplaced one the row says that it is not in the inbox yet
        if (misplaced.contains(id) && std::find(damaged.begin(), damaged.end(), id) == damaged.end())
            damaged.push_back(id);
    }
    for (const qint64 id : damaged) {
        const auto gone = removeDamaged(id, least);
        if (!gone)
            return gone.error();
        removed += *gone ? 1 : 0;
    }
    return removed;
}

} // namespace restante::node
