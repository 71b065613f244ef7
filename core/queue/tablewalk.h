// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a table in the order of its integer keys, past pages that cannot be read. Outside of transactions that write:
// after SQLite has met a damage in one it writes nothing more there.
#pragma once

#include "base/sqlstatement.h"

#include <functional>
#include <vector>

namespace restante::queue
{

/// A row that a walk has come to. The value is whether it counts.
using TakeRow = std::function<bool(const base::SqlStatement &row)>;
/// The rows from key `from` on cannot be read, for `reason`: finds out where to go on, which is behind `from`.
using PassGap = std::function<Result<qint64>(qint64 from, const Error &reason)>;

/// Goes over the rows from key `from` on until `limit` of them have counted. `statement` gives rows from a key on, at
/// most that many (two parameters), in the order of their keys, which come first; none is greater than `last`. The
/// error is that of `pass`, or that of `statement` unless it is Errc::Corrupt.
Result<void> walkTable(base::SqlStatement &statement, qint64 from, qint64 last, int limit, const TakeRow &take,
                       const PassGap &pass);

/// The first key behind `from`, at most a few thousand further, from which `statement`, as above, does not fail.
Result<qint64> endOfGap(base::SqlStatement &statement, qint64 from, qint64 last);

/// Rows that can be read one after the other.
struct RowRange {
    qint64 first = 0; ///< key
    qint64 rows = 0;
    qint64 last = 0; ///< key
};

/// All the rows that can be read from key `from` on. Between two ranges lies what cannot be.
Result<std::vector<RowRange>> readableRanges(base::SqlStatement &statement, qint64 from, qint64 last);

/// Keys of which nothing can be read, from `first` to before `end`.
struct KeyGap {
    qint64 first = 0;
    qint64 end = 0;
};

/// A row, with its key in the first column.
using TakeKeyed = std::function<Result<void>(const base::SqlStatement &row)>;

/// Goes over all rows of a table that can be read, in the order of their keys, which are greater than 0. `select` gives
/// them from a key on (one parameter), the key first. A wide gap may swallow a few rows in the middle of it. The value
/// tells where nothing could be read, whether the disk fails or gives wrong bytes. The error is that of `take`, or
/// another of `database`.
Result<std::vector<KeyGap>> walkReadable(base::Database &database, const QString &select, const TakeKeyed &take);

} // namespace restante::queue
