// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/quotarule.h"

#include <algorithm>

namespace restante::queue
{

namespace
{

// A full queue empties when its owner calls or when entries expire; nobody knows when. Homeservers back off by
// themselves, this only keeps others from hammering.
constexpr qint64 RetryMs = 600'000;

Error refusal(const QString &detail)
{
    return {Errc::QuotaExceeded, detail, RetryMs};
}

Tally destinationQuota(const Quotas &quotas)
{
    return {quotas.destinationEntries, quotas.destinationBytes};
}

Tally totalQuota(const Quotas &quotas)
{
    return {quotas.totalEntries, quotas.totalBytes};
}

/// Whether one figure of `after` is above `limit` and has grown.
bool exceeds(const Tally &before, const Tally &after, const Tally &limit)
{
    return (after.entries > limit.entries && after.entries > before.entries) ||
           (after.bytes > limit.bytes && after.bytes > before.bytes);
}

/// The part of a queue that counts against its open half.
Tally sharedPart(const Tally &held, const Tally &reserved, const Tally &half)
{
    return held - Tally::smaller(reserved, half);
}

/// The total quota, with room kept for what served destinations were promised.
bool overfull(const Quotas &quotas, const QuotaCase &figures, const Tally &after, const Tally &entry)
{
    const Tally own = guarantee(quotas, figures.servedCount);
    Tally promised = figures.unusedGuarantee;
    if (figures.served) {
        if (after.fits(own))
            return false;
        promised -= Tally::larger(own - figures.destination, {}) - Tally::larger(own - after, {});
    }
    return !(figures.total + entry + promised).fits(totalQuota(quotas));
}

} // namespace

Tally reservedOf(const Quotas &quotas, const Tally &listed, const Tally &learned)
{
    const Tally half = destinationQuota(quotas).dividedBy(2);
    return Tally::smaller(listed + Tally::smaller(learned, half.dividedBy(2)), half);
}

Tally sharePart(const Quotas &quotas, Standing standing, const Tally &held)
{
    const Tally half = destinationQuota(quotas).dividedBy(2);
    switch (standing) {
    case Standing::Unknown:
        return {};
    case Standing::Learned:
        return Tally::smaller(held, half.dividedBy(10));
    case Standing::Listed:
        return Tally::smaller(held, half);
    }
    return {};
}

Tally guarantee(const Quotas &quotas, int servedCount)
{
    if (servedCount <= 0)
        return {};
    return Tally::smaller(destinationQuota(quotas), totalQuota(quotas).dividedBy(2).dividedBy(servedCount));
}

int percentOf(const Tally &held, const Tally &quota)
{
    const auto share = [](qint64 part, qint64 whole) {
        return int(std::min<qint64>(part * 100 / std::max<qint64>(whole, 1), 100));
    };
    return std::max(share(held.entries, quota.entries), share(held.bytes, quota.bytes));
}

int fillPercent(const Quotas &quotas, const Tally &held, const Tally &reserved)
{
    const Tally whole = destinationQuota(quotas);
    const Tally half = whole.dividedBy(2);
    return std::max(percentOf(held, whole), percentOf(sharedPart(held, reserved, half), whole - half));
}

Result<void> admit(const Quotas &quotas, const QuotaCase &figures, qint64 size, FullPart &full)
{
    full = FullPart::None;
    const Tally entry{1, size};
    const Tally after = figures.destination + entry;
    if (!after.fits(destinationQuota(quotas))) {
        full = FullPart::Mailbox;
        return refusal(QStringLiteral("The queue of this destination is full."));
    }
    if (!(figures.origin + entry).fits({quotas.originEntries, quotas.originBytes})) {
        full = FullPart::Sender;
        return refusal(QStringLiteral("One server may not leave more for this destination."));
    }

    const Tally half = destinationQuota(quotas).dividedBy(2);
    const Tally open = destinationQuota(quotas) - half;
    const Tally more = sharePart(quotas, figures.standing, figures.origin + entry) -
                       sharePart(quotas, figures.standing, figures.origin);
    const bool isLearned = figures.standing == Standing::Learned;
    const Tally reserved = reservedOf(quotas, figures.listed, figures.learned);
    const Tally reservedAfter = isLearned ? reservedOf(quotas, figures.listed, figures.learned + more)
                                          : reservedOf(quotas, figures.listed + more, figures.learned);
    if (exceeds(sharedPart(figures.destination, reserved, half), sharedPart(after, reservedAfter, half), open)) {
        full = FullPart::OpenHalf;
        return refusal(QStringLiteral("The part of this queue for senders that its owner does not know is full."));
    }
    if (figures.addressCounts && !(figures.address + entry).fits(Tally::larger(open.dividedBy(2), {1, 0}))) {
        full = FullPart::Address;
        return refusal(QStringLiteral("One client address may not leave more for this destination."));
    }
    if (overfull(quotas, figures, after, entry)) {
        full = FullPart::Relay;
        return refusal(QStringLiteral("This relay is full."));
    }
    return {};
}

Error takesTooManyPlaces()
{
    return refusal(QStringLiteral("One server, or one client address, may not leave more here for destinations that "
                                  "this relay does not act for."));
}

bool maySpread(const Quotas &quotas, const Spread::Share &share, bool isNewPlace, qint64 size, int parts)
{
    const bool hasPlace = !isNewPlace || share.destinations < std::max(1, quotas.unservedDestinations / parts);
    return hasPlace && (share.held + Tally{1, size}).fits(Tally::larger(totalQuota(quotas).dividedBy(parts), {1, 0}));
}

Error tooManyUnserved(const Quotas &quotas)
{
    return refusal(
        QStringLiteral("This relay holds mail for %1 destinations that it does not act for; it takes no more.")
            .arg(quotas.unservedDestinations));
}

} // namespace restante::queue
