// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/tablewalk.h"

#include "base/databaserewrite.h"

#include <limits>

namespace restante::queue
{

namespace
{
constexpr int WidestGap = 4'096;   // keys that are tried in a row for one that can be read
constexpr int RowsAtOnce = 10'000; // if all of a table is read
constexpr qint64 NarrowGap = 256;  // about as many rows as one page can have: searched key by key
constexpr qint64 BehindAll = std::numeric_limits<qint64>::max();

/// Whether a search for `key` meets no damage; there may be no row.
Result<bool> isReadable(base::Database &database, base::SqlStatement &statement, qint64 key)
{
    auto done = statement.run(key);
    const base::SqlRows rows(statement);
    if (!done && !base::isUnreadable(database, done.error()))
        return done.error();
    return done.ok();
}

/// The end of the gap that `first` is in: exactly, or if it is wide, by doubling and halving the way.
Result<qint64> endOf(base::Database &database, base::SqlStatement &statement, qint64 first)
{
    for (qint64 key = first + 1; key <= first + NarrowGap; ++key) {
        const auto readable = isReadable(database, statement, key);
        if (!readable || *readable)
            return readable ? Result<qint64>(key) : readable.error();
    }
    qint64 fails = first + NarrowGap;
    qint64 way = NarrowGap;
    qint64 end = BehindAll;
    while (end == BehindAll && way < BehindAll / 4) {
        way *= 2;
        const auto readable = isReadable(database, statement, first + way);
        if (!readable)
            return readable.error();
        (*readable ? end : fails) = first + way;
    }
    while (end != BehindAll && end - fails > 1) {
        const qint64 middle = fails + (end - fails) / 2;
        const auto readable = isReadable(database, statement, middle);
        if (!readable)
            return readable.error();
        (*readable ? end : fails) = middle;
    }
    return end;
}
} // namespace

Result<void> walkTable(base::SqlStatement &statement, qint64 from, qint64 last, int limit, const TakeRow &take,
                       const PassGap &pass)
{
    int taken = 0;
    while (taken < limit && from <= last) {
        const int wanted = limit - taken;
        int read = 0;
        auto done = statement.run(from, wanted);
        {
            const base::SqlRows rows(statement);
            for (; done && statement.next(); ++read) {
                from = statement.integer(0) + 1;
                taken += take(statement);
            }
            if (done)
                done = statement.failure();
        }
        if (!done && done.error().code != Errc::Corrupt)
            return done;
        if (done && read < wanted)
            return {};
        if (done)
            continue;
        auto passed = pass(from, done.error());
        if (!passed)
            return passed.error();
        from = *passed;
    }
    return {};
}

Result<qint64> endOfGap(base::SqlStatement &statement, qint64 from, qint64 last)
{
    qint64 end = from + 1;
    for (int tries = 0; end <= last && tries < WidestGap; ++end, ++tries) {
        auto done = statement.run(end, 1);
        const base::SqlRows rows(statement);
        if (done)
            break;
        if (done.error().code != Errc::Corrupt)
            return done.error();
    }
    return end;
}

Result<std::vector<RowRange>> readableRanges(base::SqlStatement &statement, qint64 from, qint64 last)
{
    std::vector<RowRange> ranges;
    bool fresh = true;
    const auto take = [&](const base::SqlStatement &row) {
        const qint64 key = row.integer(0);
        if (key > last)
            return true;
        if (fresh)
            ranges.push_back({key, 0, key});
        fresh = false;
        ++ranges.back().rows;
        ranges.back().last = key;
        from = key + 1;
        return true;
    };
    const auto pass = [&](qint64 gap, const Error &) {
        fresh = true;
        return endOfGap(statement, gap, last);
    };
    while (from <= last) {
        const qint64 before = from;
        if (auto walked = walkTable(statement, from, last, RowsAtOnce, take, pass); !walked)
            return walked.error();
        if (from == before) // there was nothing more
            break;
    }
    return ranges;
}

Result<std::vector<KeyGap>> walkReadable(base::Database &database, const QString &select, const TakeKeyed &take)
{
    base::SqlStatement statement(database, select);
    std::vector<KeyGap> gaps;
    qint64 from = 1;
    while (from < BehindAll) {
        auto done = statement.run(from);
        if (done) {
            const base::SqlRows rows(statement);
            while (statement.next()) {
                from = statement.integer(0) + 1;
                if (auto taken = take(statement); !taken)
                    return taken.error();
            }
            done = statement.failure();
        }
        if (done)
            break;
        if (!base::isUnreadable(database, done.error()))
            return done.error();
        auto end = endOf(database, statement, from);
        if (!end)
            return end.error();
        gaps.push_back({from, *end});
        from = *end;
    }
    return gaps;
}

} // namespace restante::queue
