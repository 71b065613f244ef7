// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/tablewalk.h"

#include <algorithm>

namespace restante::queue
{

namespace
{
constexpr int WidestGap = 4'096;   // keys that are tried in a row for one that can be read
constexpr int RowsAtOnce = 10'000; // where all of a table is read
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

} // namespace restante::queue
