// SPDX-License-Identifier: GPL-3.0-or-later
#include "courier/departure.h"

#include "node/deliveryrecords.h"

namespace restante::courier
{

Departure Departure::of(const Letter &letter, std::optional<qint64> doubtSinceMs, std::optional<qint64> sentMs,
                        qint64 nowMs)
{
    if (letter.isFleeting && letter.ts > 0 && nowMs - letter.ts > FleetingMs)
        return {Kind::Skip, QStringLiteral("nothing but typing and presence, more than ten minutes old")};
    if (doubtSinceMs) {
        if (nowMs - *doubtSinceMs <= MemoryMs || letter.hasPdus)
            return {};
        return {Kind::Skip,
                QStringLiteral("it was sent more than a day ago, perhaps with success, and has no events that "
                               "could be sent again without harm")};
    }
    if (sentMs)
        return {
            Kind::Later,
            QStringLiteral("other mail went out under its transaction id, which the homeserver remembers for a day"),
            *sentMs + node::DeliveryRecords::KnownMs};
    return {};
}

} // namespace restante::courier
