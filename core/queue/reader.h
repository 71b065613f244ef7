// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "queue/types.h"

#include <limits>
#include <memory>

namespace restante::queue
{

class Client;
class Writer;

/// What an HTTP worker reads: one indexed row a call, never a scan, never a wait (busy gives Errc::Busy → 503).
/// One read-only connection in the thread that constructs it.
class Reader
{
public:
    /// `client` carries acknowledgements and quarantine notes to the writer. Both outlive the reader. What is larger
    /// than `mostBytes` is not read, since that takes milliseconds: the answer only tells of it
    /// (NextEntry::largeBytes).
    Reader(Writer &writer, Client &client, qint64 mostBytes = std::numeric_limits<qint64>::max());
    ~Reader();
    Q_DISABLE_COPY_MOVE(Reader)

    /// relay_txn: acknowledges `acknowledged` (null: nothing; unknown: a silent no-op), then the oldest remaining
    /// entry.
    Result<NextEntry> acknowledgeAndNext(const matrix::ServerName &destination, matrix::EntryId acknowledged);

    /// Whether anything is held, from the index alone: no entry is read, and none set aside. For names that are only
    /// claimed.
    Result<bool> holdsAny(const matrix::ServerName &destination);

    /// The most entries that come with one call.
    static constexpr int MostAtOnce = 32;
    /// The same for several acknowledgements, and with the entries behind the oldest: at most `limit` in all, as long
    /// as their events stay within `mostBytes`. There may be fewer than are held.
    Result<NextEntry> acknowledgeAndList(const matrix::ServerName &destination,
                                         const std::vector<matrix::EntryId> &acknowledged, int limit, qint64 mostBytes);

private:
    class Private;
    std::unique_ptr<Private> d;
};

/// What the window and restantectl read: totals, pages, one entry. Slow reads are fine here; construct it in a thread
/// of its own, never the main or a worker thread.
class Inspector
{
public:
    explicit Inspector(Writer &writer);
    ~Inspector();
    Q_DISABLE_COPY_MOVE(Inspector)

    /// Cost grows with the number of destinations, not of entries.
    Result<Totals> totals();
    /// Entries after `after` (null: from the oldest), oldest first, at most `limit`.
    /// Those of one user are picked out of all, and none of them is a damaged one, whose user nobody knows.
    Result<EntryPage> entries(const HeldFor &what, matrix::EntryId after, int limit);
    /// The same without summaries, so that no body is read.
    Result<EntryPage> rows(const HeldFor &what, matrix::EntryId after, int limit);
    /// One whole entry, held or set aside. Errc::NotHeld; Corrupt if its bodies cannot be read.
    Result<HeldEntry> entry(const matrix::ServerName &destination, matrix::EntryId id);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace restante::queue
