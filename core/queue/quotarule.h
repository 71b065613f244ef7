// SPDX-License-Identifier: GPL-3.0-or-later
// Promise 6: whether there is room for one more entry. Pure functions of totals; any thread.
#pragma once

#include "queue/mailboxboard.h"
#include "queue/spread.h"
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
    Tally listed;  ///< of it, from listed origins, each up to its share (sharePart)
    Tally learned; ///< the same from learned ones
    Tally address; ///< of it, from the same client address, if `addressCounts`
    bool addressCounts = false;
    bool served = false;   ///< the destination is one that this relay acts for
    Tally total;           ///< held in all
    Tally unusedGuarantee; ///< what the served destinations may still claim in all, this one included
    int servedCount = 0;
};

/// What an origin's entries take of the reserved half, for those of its standing.
Tally sharePart(const Quotas &quotas, Standing standing, const Tally &held);
/// What is taken of the reserved half by all: learned origins have half of it at most, so that there is always room for
/// those that the operator listed.
Tally reservedOf(const Quotas &quotas, const Tally &listed, const Tally &learned);
/// What each served destination may hold whatever the others do.
Tally guarantee(const Quotas &quotas, int servedCount);
/// Errc::QuotaExceeded with a sentence that says which quota is full, or nothing. `size` is the new entry's.
/// `full` tells what is full then.
Result<void> admit(const Quotas &quotas, const QuotaCase &figures, qint64 size, FullPart &full);
/// How full a destination is, in percent: of its entries, of its bytes, or of its open half, whichever is most.
/// `reserved` as reservedOf.
int fillPercent(const Quotas &quotas, const Tally &held, const Tally &reserved);
/// How much of `quota` is `held`, in percent: of the entries or of the bytes, whichever is more.
/// At most 100, also if the quota was less when it was taken in.
int percentOf(const Tally &held, const Tally &quota);
/// Parts of what an open relay has for destinations that it does not serve: what one origin may have of them, and what
/// one client address.
inline constexpr int OriginParts = 8;
inline constexpr int AddressParts = 4;
/// Whether `share` leaves room for one more entry of that size, for a destination that is not served, where one may
/// have one of this many parts. `isNewPlace`: nothing of it is held for that destination yet.
bool maySpread(const Quotas &quotas, const Spread::Share &share, bool isNewPlace, qint64 size, int parts);
/// The refusal if it does not.
Error takesTooManyPlaces();
/// The refusal of a destination that is not served if too many such are held for already.
Error tooManyUnserved(const Quotas &quotas);

} // namespace restante::queue
