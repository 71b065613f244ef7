// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sidework.h"

#include <utility>

namespace restante::base
{

struct SideWork::Job {
    Step work;
    Step done;
};

SideWork::SideWork(QString name)
    : m_name(std::move(name))
{
}

SideWork::~SideWork() = default;

SideWork::Ticket SideWork::run(Step work, Step done)
{
    auto ticket = std::make_shared<Job>(Job{std::move(work), std::move(done)});
    m_line.push_back(ticket);
    startNext();
    return ticket;
}

void SideWork::forget(const Ticket &ticket)
{
    ticket->done = nullptr;
    if (ticket != m_running)
        std::erase(m_line, ticket);
}

void SideWork::startNext()
{
    if (m_running || m_line.empty())
        return;
    m_running = std::move(m_line.front());
    m_line.pop_front();
    if (!m_thread)
        m_thread.emplace(m_name);
    m_thread->post([this, job = m_running.get()] {
        job->work();
        job->work = nullptr; // what it holds is large
        m_answers.post([this] {
            const Ticket finished = std::exchange(m_running, nullptr);
            startNext();
            if (const Step done = std::exchange(finished->done, nullptr))
                done();
        });
    });
}

} // namespace restante::base
