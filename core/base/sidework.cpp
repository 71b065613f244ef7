// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sidework.h"

#include <algorithm>
#include <utility>

namespace restante::base
{

struct SideWork::Job {
    bool isLarge;
    QByteArray who;
    Step work;
    Step done;
};

SideWork::SideWork(QLatin1String what)
    : m_medium{QLatin1String("medium ") + what, {}, {}, {}, {}}
    , m_large{QLatin1String("large ") + what, {}, {}, {}, {}}
{
}

SideWork::~SideWork() = default;

SideWork::Ticket SideWork::run(qint64 bytes, const QByteArray &who, Step work, Step done)
{
    auto ticket = std::make_shared<Job>(Job{bytes > MediumBytes, who, std::move(work), std::move(done)});
    Lane &lane = ticket->isLarge ? m_large : m_medium;
    lane.line.push_back(ticket);
    startNext(lane);
    return ticket;
}

void SideWork::forget(const Ticket &ticket)
{
    ticket->done = nullptr;
    Lane &lane = ticket->isLarge ? m_large : m_medium;
    if (ticket != lane.running)
        std::erase(lane.line, ticket);
}

/// Of those in line, the first of the one whose last turn is longest ago.
void SideWork::startNext(Lane &lane)
{
    if (lane.running)
        return;
    if (lane.line.empty()) {
        lane.turns.clear();
        return;
    }
    const auto next = std::min_element(lane.line.begin(), lane.line.end(), [&lane](const Ticket &a, const Ticket &b) {
        return lane.turns.lastOf(a->who) < lane.turns.lastOf(b->who);
    });
    lane.running = std::move(*next);
    lane.line.erase(next);
    lane.turns.take(lane.running->who);
    if (!lane.thread)
        lane.thread.emplace(lane.name, TaskThread::Standing::Yielding);
    lane.thread->post([this, &lane, job = lane.running.get()] {
        job->work();
        job->work = nullptr; // what it holds is large
        m_answers.post([this, &lane] {
            const Ticket finished = std::exchange(lane.running, nullptr);
            startNext(lane);
            if (const Step done = std::exchange(finished->done, nullptr))
                done();
        });
    });
}

} // namespace restante::base
