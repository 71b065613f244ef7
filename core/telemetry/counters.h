// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

/// What a request was for, as far as the numbers are concerned.
enum class Route { SendRelay, RelayTxn, Mailbox, KeyServer, Version, Door, SenderKeys, Sent, Front, None };
inline constexpr int RouteCount = int(Route::None) + 1;

/// What the relay's routes counted since the program started; the queue and the HTTP front count for themselves. One
/// instance, made by the appliance and passed by reference; any thread adds. Nothing is kept per origin or destination.
struct Counters {
    std::array<std::array<Counter, 5>, RouteCount> requests; ///< answers by route and status class 1xx to 5xx
    Counter signaturesVerified;
    Counter signatureFailures;
    std::atomic<qint64> lastContactMs{0}; ///< wall clock of the last request with a good signature; 0 = none
    Counter bytesIn;                      ///< bodies of requests that the gate let in
    Counter bytesOut;                     ///< bodies of their answers
    Counter doorRefusals; ///< transactions that came to a front door and were neither held nor passed on

    /// Attempts to leave mail that were refused, each one.
    qint64 mailRefused() const
    {
        const auto &left = requests[size_t(Route::SendRelay)];
        return qint64(left[3].value() + left[4].value() + doorRefusals.value());
    }

    /// Counts one answer; `status` outside 100 to 599 counts as 5xx.
    void countAnswer(Route route, int status)
    {
        const int statusClass = status >= 100 && status < 600 ? status / 100 : 5;
        requests[size_t(route)][size_t(statusClass - 1)].add();
    }
};

/// What a relay counted of the mail that it sends by itself, since the program started, and how it stands now. Any
/// thread reads.
struct DispatchCounters {
    Counter sent;                        ///< transactions that their destination took
    Counter refusedEvents;               ///< events in them that it did not take
    Counter skipped;                     ///< transactions that were of no use any more
    std::atomic<qint64> destinations{0}; ///< that mail waits for
    std::atomic<qint64> parked{0};       ///< transactions that their destination will never take, as far as looked at
};

/// What the node role counted since the program started. One instance, made by the node and passed by reference; any
/// thread adds. Nothing is kept per relay or destination.
struct NodeCounters {
    Counter sweeps;                      ///< that ended, cancelled ones too
    Counter collected;                   ///< entries that relays handed over
    Counter duplicates;                  ///< of these, in the inbox or handled already
    std::atomic<qint64> inboxEntries{0}; ///< held now
    std::atomic<qint64> inboxBytes{0};
    std::atomic<qint64> delivered{0};         ///< entries of the inbox that the homeserver took
    std::atomic<qint64> deliveriesWaiting{0}; ///< held now
    std::atomic<qint64> deliveriesParked{0};  ///< of the inbox, not taken, or without proof of their sender
    Counter sentDirect;                       ///< transactions that their destination took
    Counter sentByRelays;                     ///< transactions that one relay took, or several
    Counter sendRefused;                      ///< transactions that their destination answered, but did not take
    Counter sendFailed;                       ///< transactions that went nowhere: the homeserver tries again
    Counter copiesDropped;                    ///< transactions not left at a relay because too much waited for it
    Counter passedOn;                         ///< other requests of the homeserver
};

} // namespace restante::telemetry
