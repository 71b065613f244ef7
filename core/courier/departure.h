// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "courier/letter.h"

#include <QtCore/QString>

#include <optional>

namespace restante::courier
{

/// Whether mail may go to the homeserver now, as far as that depends on what went before and on its age. Homeservers
/// remember a transaction id for 24 hours and answer one that they know without looking at the rest; events that come
/// twice do no harm, and EDUs do. So mail under an id that other mail used up has to wait: the signature covers the id.
struct Departure {
    enum class Kind {
        Go,
        Skip,  ///< it is done with, for `reason`
        Later, ///< it goes at `atMs`, for `reason`
    };
    Kind kind = Kind::Go;
    QString reason = {}; ///< English
    qint64 atMs = 0;     ///< wall clock

    static constexpr qint64 MemoryMs = qint64(24) * 3'600'000;
    static constexpr qint64 FleetingMs = qint64(10) * 60'000;

    /// `doubtSinceMs`: it was sent then, and nobody knows whether it arrived. `sentMs`: other mail went out under its
    /// transaction id. Wall clock; a function of values.
    static Departure of(const Letter &letter, std::optional<qint64> doubtSinceMs, std::optional<qint64> sentMs,
                        qint64 nowMs);
};

} // namespace restante::courier
