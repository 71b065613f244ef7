// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <atomic>

namespace restante::http
{

/// What happened at the front door, for metrics. Any thread may read; the workers write. All but `open` and the time
/// only grow; `unnamedProxy` stays true.
struct ConnectionCounters {
    std::atomic<qint64> open{0};            ///< connections now
    std::atomic<qint64> accepted{0};        ///< connections that got a seat
    std::atomic<qint64> turnedAway{0};      ///< connections refused: too many in all or from one address
    std::atomic<qint64> requests{0};        ///< requests whose head was complete
    std::atomic<qint64> refusedByGuard{0};  ///< answered by the guard: bad framing, limits, deadlines
    std::atomic<qint64> refusedByGate{0};   ///< answered by Site::gate from the head alone
    std::atomic<qint64> cut{0};             ///< connections ended because a deadline passed
    std::atomic<qint64> acceptFailures{0};  ///< accept() failed, for example for want of descriptors
    std::atomic<qint64> handlerTimeouts{0}; ///< answered 504
    std::atomic<qint64> lastOutsideMs{0};   ///< wall clock of the last such head from another computer; 0 = none
    std::atomic<bool> unnamedProxy{false}; ///< something that looks like a proxy was not the trusted one; it was logged
};

} // namespace restante::http
