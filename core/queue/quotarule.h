// SPDX-License-Identifier: GPL-3.0-or-later
// Promise 6: whether there is room for one more entry. Pure functions of totals; any thread.
#pragma once

#include "queue/mailboxboard.h"
#include "queue/tally.h"
#include "queue/types.h"

namespace restante::queue
{

/// How well a destination knows an origin.
enum class Standing {
    Unknown, ///< shares the open half of the queue with all other unknown ones
    Learned, ///< its mail was taken on two different days: may use 1/10 of the reserved half
    Listed,  ///< named in the destination's settings: may use the reserved half
};

/// The figures that one decision needs, all without the new entry.
struct QuotaCase {
    Tally destination; ///< held for the destination
    Tally origin;      ///< of it, from this origin
    Standing standing = Standing::Unknown;
    Tally reserved; ///< of it, from known origins, each up to its share (reservedPart)
    Tally address;  ///< of it, from the same client address, where `addressCounts`
    bool addressCounts = false;
    bool served = false;   ///< the destination is one that this relay acts for
    Tally total;           ///< held in all
    Tally unusedGuarantee; ///< what the served destinations may still claim in all, this one included
    int servedCount = 0;
};

/// What an origin's entries take of the reserved half.
Tally reservedPart(const Quotas &quotas, Standing standing, const Tally &held);
/// What each served destination may hold whatever the others do.
Tally guarantee(const Quotas &quotas, int servedCount);
/// Errc::QuotaExceeded with a sentence that says which quota is full, or nothing. `size` is the new entry's.
/// `full` tells what is full then.
Result<void> admit(const Quotas &quotas, const QuotaCase &figures, qint64 size, FullPart &full);
/// How full a destination is, in percent: of its entries, of its bytes, or of its open half, whichever is most.
/// `reserved` as in QuotaCase.
int fillPercent(const Quotas &quotas, const Tally &held, const Tally &reserved);
/// How much of `quota` is `held`, in percent: of the entries or of the bytes, whichever is more.
int percentOf(const Tally &held, const Tally &quota);
/// The refusal of a destination that is not served where too many such are held for already.
Error tooManyUnserved(const Quotas &quotas);

} // namespace restante::queue
