// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/tail.h"

#include <algorithm>

namespace restante::queue
{

namespace
{

auto firstFrom(const std::vector<Place> &queue, matrix::EntryId id)
{
    return std::lower_bound(queue.begin(), queue.end(), id,
                            [](const Place &place, matrix::EntryId each) { return place.id < each; });
}

} // namespace

void Tail::apply(const std::vector<Change> &changes)
{
    if (changes.empty())
        return;
    const std::lock_guard lock(m_mutex);
    for (const Change &change : changes) {
        if (!change.gone) {
            m_queues[change.destination].push_back(change.place);
            continue;
        }
        const auto queue = m_queues.find(change.destination);
        if (queue == m_queues.end())
            continue;
        const auto place = firstFrom(*queue, change.place.id);
        if (place == queue->end() || place->id != change.place.id)
            continue;
        queue->erase(place);
        if (queue->empty())
            m_queues.erase(queue);
    }
}

void Tail::clear()
{
    const std::lock_guard lock(m_mutex);
    m_queues.clear();
    m_folds.fetch_add(1, std::memory_order_release);
}

std::vector<Place> Tail::list(const matrix::ServerName &destination, matrix::EntryId after, qsizetype limit) const
{
    const std::lock_guard lock(m_mutex);
    const auto queue = m_queues.constFind(destination.bytes());
    if (queue == m_queues.constEnd())
        return {};
    const auto first = firstFrom(*queue, {after.value + 1});
    return {first, first + std::min<qsizetype>(limit, queue->end() - first)};
}

Place Tail::find(const matrix::ServerName &destination, matrix::EntryId id) const
{
    const std::lock_guard lock(m_mutex);
    const auto queue = m_queues.constFind(destination.bytes());
    if (queue == m_queues.constEnd())
        return {};
    const auto place = firstFrom(*queue, id);
    return place == queue->end() || place->id != id ? Place() : *place;
}

} // namespace restante::queue
