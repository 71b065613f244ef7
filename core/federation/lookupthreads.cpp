// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/lookupthreads.h"

#include "base/mailbox.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace restante::federation
{

struct LookupThreads::Found {
    quint64 id = 0;
    Result<QList<QHostAddress>> addresses;
};

/// What the threads share with their owner; one mutex.
class LookupThreads::Desk : public std::enable_shared_from_this<Desk>
{
public:
    struct Job {
        quint64 id = 0;
        QByteArray host;
        Wish wish;
        Trust trust = Trust::Ordinary;
    };

    Desk(int mostThreads, Work work, base::Mailbox<Found>::Receiver receive)
        : m_mostThreads(mostThreads)
        , m_work(std::move(work))
        , m_box(std::in_place, std::move(receive))
    {
    }

    /// An error if the job was not taken.
    Result<void> ask(Job job)
    {
        const std::lock_guard lock(m_mutex);
        if (m_doubtful.size() + m_ordinary.size() >= MostWaiting)
            dropUnwanted();
        if (m_doubtful.size() + m_ordinary.size() >= MostWaiting)
            return {Errc::Busy, QStringLiteral("Too many names are being looked up")};
        auto &line = lineOf(job.trust);
        line.push_back(std::move(job));
        if (m_threads >= m_mostThreads)
            return {};
        try {
            std::thread([self = shared_from_this()] { self->work(); }).detach();
            ++m_threads;
        } catch (const std::system_error &) { // no thread to be had
            if (m_threads == 0) {             // else one that runs will come to it
                line.pop_back();
                return {Errc::Busy, QStringLiteral("No thread could be started")};
            }
        }
        return {};
    }

    /// Answers go nowhere from now on. Receiving thread only.
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_doubtful.clear();
        m_ordinary.clear();
        m_box.reset();
    }

private:
    std::deque<Job> &lineOf(Trust trust) { return trust == Trust::Doubtful ? m_doubtful : m_ordinary; }

    /// Nobody will hear it, but the owner strikes it from its list.
    void drop(const Job &job)
    {
        if (m_box)
            m_box->post({job.id, Error{Errc::Unreachable, QStringLiteral("The look-up is not wanted any more"), 0}});
    }
    void dropUnwanted()
    {
        for (auto *line : {&m_doubtful, &m_ordinary}) {
            std::erase_if(*line, [this](const Job &job) {
                const bool unwanted = job.wish.expired();
                if (unwanted)
                    drop(job);
                return unwanted;
            });
        }
    }
    std::optional<Job> take(std::deque<Job> &line)
    {
        while (!line.empty()) {
            Job job = std::move(line.front());
            line.pop_front();
            if (!job.wish.expired())
                return job;
            drop(job);
        }
        return {};
    }
    std::optional<Job> next()
    {
        const std::lock_guard lock(m_mutex);
        std::optional<Job> job = take(m_ordinary);
        if (!job && m_doubting < std::max(1, m_mostThreads / 2))
            job = take(m_doubtful);
        if (!job)
            --m_threads;
        else if (job->trust == Trust::Doubtful)
            ++m_doubting;
        return job;
    }
    void work()
    {
        while (const auto job = next()) {
            Found found{job->id, m_work(job->host)};
            const std::lock_guard lock(m_mutex);
            if (job->trust == Trust::Doubtful)
                --m_doubting;
            if (m_box)
                m_box->post(std::move(found));
        }
    }

    const int m_mostThreads;
    const Work m_work;
    std::mutex m_mutex;
    std::deque<Job> m_ordinary;
    std::deque<Job> m_doubtful;
    int m_threads = 0;
    int m_doubting = 0; ///< threads with a doubtful job
    std::optional<base::Mailbox<Found>> m_box;
};

LookupThreads::LookupThreads(int mostThreads, Work work)
    : m_desk(std::make_shared<Desk>(mostThreads, std::move(work),
                                    [this](std::vector<Found> found) { deliver(std::move(found)); }))
{
}

LookupThreads::~LookupThreads()
{
    m_desk->close();
}

void LookupThreads::ask(const QByteArray &host, const Wish &wish, Trust trust, Resolver::GotAddresses done)
{
    const quint64 id = ++m_last;
    if (const auto taken = m_desk->ask({id, host, wish, trust}); !taken)
        return done(taken.error());
    m_waiting.emplace(id, Waiting{wish, std::move(done)});
}

void LookupThreads::deliver(std::vector<Found> found)
{
    for (Found &each : found) {
        const Waiting waiting = m_waiting.take(each.id);
        if (waiting.done && !waiting.wish.expired())
            waiting.done(std::move(each.addresses));
    }
}

} // namespace restante::federation
