// SPDX-License-Identifier: GPL-3.0-or-later
// How the writer stores what is not small: large bodies in parts, others a few at a time, with all that is small in
// between.
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

/// What comes next: a part of a large store by itself, or of those that are not small as many as a batch takes.
std::vector<Operation> WriterThread::takeTurn()
{
    std::deque<Operation> &large = m_shop->large;
    std::vector<Operation> turn;
    const auto next =
        std::find_if(large.begin(), large.end(), [&](const Operation &each) { return !waitsForCopy(each, large); });
    if (next == large.end())
        return turn;
    const bool isPart = next->isLarge();
    qint64 bytes = next->bodyBytes();
    turn.push_back(std::move(*next));
    auto at = large.erase(next);
    while (!isPart && at != large.end() && bytes + at->bodyBytes() <= BatchBodyBytes) {
        if (at->isLarge()) {
            ++at;
            continue;
        }
        bytes += at->bodyBytes();
        turn.push_back(std::move(*at));
        at = large.erase(at);
    }
    return turn;
}

/// What is small waits for one turn at most, however much there is that is not.
void WriterThread::commitLarge()
{
    Workshop &shop = *m_shop;
    if (isCopyingLongLog() && !shop.stopping) {
        shop.largeTurn.start(CopyPauseMs);
        return;
    }
    copyLog();
    std::vector<Operation> turn = takeTurn();
    if (turn.empty())
        return;
    qint64 cost = 0;
    for (const Operation &operation : turn)
        cost += operation.cost;
    const size_t others = shop.large.size();
    conclude(m_bench->committer->run(std::move(turn), diskFault()));
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
