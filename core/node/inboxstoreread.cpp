// SPDX-License-Identifier: GPL-3.0-or-later
// The inbox is listed and read.
#include "matrix/jsonscan.h"
#include "node/damagedrows.h"
#include "node/inboxstoreparts.h"

namespace restante::node
{

namespace
{
Error damagedEntry(qint64 id)
{
    return {Errc::Corrupt, QStringLiteral("Entry %1 of the inbox is damaged; it can only be discarded").arg(id), 0};
}

/// Whether both arrays are still what was collected.
bool isWhole(const QByteArray &pdus, const QByteArray &edus)
{
    return matrix::ScannedObject::scan(R"({"pdus":)" + pdus + R"(,"edus":)" + edus + '}',
                                       matrix::MaxJsonDepth + matrix::EnvelopeLevels)
        .ok();
}
} // namespace

/// The first column.
Result<std::vector<qint64>> InboxStore::Private::numbers(Statement &statement)
{
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows rows(statement);
    std::vector<qint64> numbers;
    while (statement.next())
        numbers.push_back(statement.integer(0));
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return numbers;
}

InboxRow InboxStore::Private::rowAt(const Statement &statement)
{
    InboxRow row;
    row.id = statement.integer(0);
    row.origin = QString::fromUtf8(statement.bytes(1));
    row.relay = QString::fromUtf8(statement.bytes(2));
    row.txnId = QString::fromUtf8(statement.bytes(3));
    row.originServerTs = statement.integer(4);
    row.collectedMs = statement.integer(5);
    row.bytes = statement.integer(6);
    row.pduCount = int(statement.integer(7));
    row.eduCount = int(statement.integer(8));
    row.events = InboxSummaries::eventsIn(statement.value(9).toString());
    row.damaged = row.bytes == 0; // all that a salvage found of it
    return row;
}

Result<InboxPage> InboxStore::Private::page(qint64 after, int limit)
{
    auto totals = this->totals();
    if (!totals)
        return totals.error();
    InboxPage list;
    list.total = totals->entries;
    list.bytes = totals->bytes;
    const auto afterTs = after > 0 ? tsOf(after) : Result<qint64>(qint64(-1));
    if (!afterTs)
        return afterTs.error();
    Result<void> done;
    if (staying.isEmpty() && misplaced.isEmpty()) {
        done = pageOf.run(*afterTs, after, qint64(limit) + 1);
        const base::SqlRows rows(pageOf);
        while (done && pageOf.next()) {
            if (list.rows.size() == limit) {
                list.more = true;
                return list;
            }
            list.rows.append(rowAt(pageOf));
        }
        done = done ? pageOf.failure() : done;
        if (!isCorrupt(done))
            return done ? Result<InboxPage>(list) : Result<InboxPage>(done.error());
    }
    if (auto listed = listSingly(*afterTs, after, limit, list); !listed)
        return listed.error();
    return list;
}

Result<InboxEntry> InboxStore::Private::entry(qint64 id)
{
    const Error gone{Errc::NotHeld, QStringLiteral("The inbox has no such entry"), 0};
    if (staying.contains(id))
        return gone;
    if (misplaced.contains(id))
        return damagedEntry(id);
    Result<void> done;
    for (Statement *statement : {&one, &bareOne}) {
        done = statement->run(id);
        const base::SqlRows rows(*statement);
        if (done && statement->next()) {
            InboxEntry entry{rowAt(*statement), statement->bytes(10), statement->bytes(11)};
            return isWhole(entry.pdus, entry.edus) ? Result<InboxEntry>(std::move(entry)) : damagedEntry(id);
        }
        if (done)
            done = statement->failure();
        if (!isCorrupt(done))
            break;
    }
    if (done)
        return gone;
    return isCorrupt(done) ? damagedEntry(id) : done.error();
}

} // namespace restante::node
