// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "http/addressbook.h"
#include "http/bodymemory.h"
#include "http/connectioncounters.h"
#include "http/limits.h"

#include <QtCore/QString>

#include <functional>

namespace restante::http
{

/// What all workers of one front have in common, from `listen` to `close`. The accounts have their own mutexes, the
/// counters are atomics, the rest is never changed.
struct Shared {
    Shared(const Limits &given, const base::Clock &time, ConnectionCounters &counts)
        : limits(given)
        , clock(time)
        , counters(counts)
        , addresses(given, time)
        , bodies(given)
        , answers(given, BodyMemory::For::Answers)
    {
    }

    const Limits limits;
    const base::Clock &clock;
    ConnectionCounters &counters;
    AddressBook addresses;
    BodyMemory bodies;
    BodyMemory answers;
    std::function<void(const QString &trouble)> accepting; ///< as Front::whenAccepting
};

} // namespace restante::http
