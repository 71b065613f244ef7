// SPDX-License-Identifier: GPL-3.0-or-later
// How the writer stores large bodies: in parts, with all that is small in between.
#include "queue/writerworkshop.h"
#include "telemetry/logging.h"

#include <algorithm>

namespace restante::queue
{

namespace
{
constexpr int CopyPauseMs = 2; // until it is looked whether the log has been copied

/// Whether a large store waits for another one: the same content is being stored, and would be held twice otherwise.
bool waitsForCopy(const Operation &operation, const std::deque<Operation> &large)
{
    const auto &store = std::get<Operation::Store>(operation.what);
    return store.parts.body == 0 && std::any_of(large.begin(), large.end(), [&](const Operation &other) {
               const auto &[request, parts] = std::get<Operation::Store>(other.what);
               return parts.body != 0 && request.digest == store.request.digest &&
                      request.origin == store.request.origin && request.destination == store.request.destination &&
                      request.attested == store.request.attested;
           });
}
} // namespace

/// One part of a large store, by itself: what is small waits for one part at most, however many large ones there are,
/// and these take turns.
void WriterThread::commitLarge()
{
    Workshop &shop = *m_shop;
    if (isCopyingLongLog() && !shop.stopping) {
        shop.largeTurn.start(CopyPauseMs);
        return;
    }
    copyLog();
    const auto next = std::find_if(shop.large.begin(), shop.large.end(),
                                   [&shop](const Operation &each) { return !waitsForCopy(each, shop.large); });
    if (next == shop.large.end())
        return;
    std::vector<Operation> operations;
    operations.push_back(std::move(*next));
    shop.large.erase(next);
    const qint64 cost = operations.front().cost;
    const size_t others = shop.large.size();
    conclude(m_bench->committer->run(std::move(operations), diskFault()));
    if (shop.large.size() == others) // else it goes on
        m_waitingBytes.fetch_sub(cost, std::memory_order_relaxed);
    dropAbandoned();
    if (!shop.large.empty())
        shop.largeTurn.start(0);
}

/// What was put in of large stores that came to nothing. What fails is tried again by housekeeping.
void WriterThread::dropAbandoned()
{
    if (!m_bench->store.hasAbandoned())
        return;
    if (auto dropped = m_bench->housekeeping.dropAbandoned(); !dropped)
        qCWarning(lcQueue, "Parts of mail that was not stored could not be deleted yet: %ls",
                  qUtf16Printable(dropped.error().detail));
    wipeSoon();
}

} // namespace restante::queue
