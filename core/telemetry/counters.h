// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QtGlobal>

#include <array>
#include <atomic>

namespace restante::telemetry
{

/// One number that only grows. Relaxed atomics: any thread, no ordering with anything else.
class Counter
{
public:
    void add(quint64 amount = 1) { m_value.fetch_add(amount, std::memory_order_relaxed); }
    quint64 value() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<quint64> m_value{0};
};

/// One number that goes up and down.
class Level
{
public:
    void add(qint64 amount = 1) { m_value.fetch_add(amount, std::memory_order_relaxed); }
    void subtract(qint64 amount = 1) { m_value.fetch_sub(amount, std::memory_order_relaxed); }
    qint64 value() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<qint64> m_value{0};
};

/// What a request was for, as far as the numbers are concerned.
enum class Route { SendRelay, RelayTxn, KeyServer, Version, Health, Metrics, None };
inline constexpr int RouteCount = int(Route::None) + 1;
inline constexpr int ErrcCount = int(Errc::Internal) + 1;

/// Everything that is counted since the program started. One instance, made by the appliance and passed by reference;
/// any thread adds. Nothing here is kept per origin or per destination.
struct Counters {
    std::array<std::array<Counter, 5>, RouteCount> requests; ///< answers by route and status class 1xx to 5xx

    Counter storesAccepted;
    Counter storesDuplicate;
    std::array<Counter, ErrcCount> storesRefused; ///< by reason
    Counter pdusAccepted;
    Counter edusAccepted;

    Counter entriesHandedOver;   ///< sent in a relay_txn reply, repeats included
    Counter entriesAcknowledged; ///< taken over by their owner
    Counter entriesExpired;
    Counter entriesDiscarded; ///< thrown away by the operator
    Counter entriesQuarantined;

    Counter signaturesVerified;
    Counter signatureFailures;
    Counter keyFetches;
    Counter keyFetchFailures;

    Counter commits;            ///< batches of the queue writer
    Counter commitFailures;     ///< of them failed
    Counter commitMicroseconds; ///< spent in COMMIT

    Counter bytesIn; ///< request bodies taken in
    Counter bytesOut;
    Counter connectionsAccepted;
    Counter connectionsRefused;
    Level connections; ///< open now
    Counter tlsFailures;
    Counter requestsTimedOut; ///< heads and bodies that came too slowly

    /// Counts one answer; `status` outside 100 to 599 counts as 5xx.
    void countAnswer(Route route, int status)
    {
        const int statusClass = status >= 100 && status < 600 ? status / 100 : 5;
        requests[size_t(route)][size_t(statusClass - 1)].add();
    }
    void countRefusedStore(Errc reason) { storesRefused[size_t(reason)].add(); }
};

} // namespace restante::telemetry
