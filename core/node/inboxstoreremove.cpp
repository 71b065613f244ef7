// SPDX-License-Identifier: GPL-3.0-or-later
// Entries are taken out of the inbox for good.
#include "base/sqltransaction.h"
#include "node/inboxstoreparts.h"

namespace restante::node
{

/// Inside the caller's transaction.
Result<void> InboxStore::Private::takeOut(qint64 id, const Row &row, Trace trace)
{
    if (auto done = this->remove.run(id); !done)
        return done;
    if (auto done = trace == Trace::Whole ? summaries.remove(id) : Result<void>(); !done)
        return done;
    if (auto done = setRelay.run(qint64(-1), -row.bytes, row.relayId); !done)
        return done;
    if (trace == Trace::Unremembered)
        return {};
    return handle.run(row.key, id, row.ts, stampMs());
}

Result<bool> InboxStore::Private::removeOne(qint64 id)
{
    if (auto done = forget.run(id); !done)
        return done.error();
    Row row;
    {
        const base::SqlRows rows(forget);
        if (!forget.next()) {
            if (auto failed = forget.failure(); !failed)
                return failed.error();
            return false;
        }
        row = {forget.bytes(0), forget.integer(1), forget.integer(2), forget.integer(3), true};
    }
    if (staying.contains(id))
        return false;
    if (auto done = takeOut(id, row, Trace::Whole); !done)
        return done.error();
    return true;
}

/// In a transaction of its own; the value is how many there were.
Result<qint64> InboxStore::Private::removeAll(const qint64 *from, const qint64 *to)
{
    base::SqlTransaction transaction(*database);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    qint64 removed = 0;
    for (const qint64 *id = from; id != to; ++id) {
        const auto gone = removeOne(*id);
        if (!gone)
            return gone.error();
        removed += *gone ? 1 : 0;
    }
    if (auto committed = transaction.commit(); !committed)
        return committed.error();
    return removed;
}

} // namespace restante::node
