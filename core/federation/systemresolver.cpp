// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/systemresolver.h"

#include "base/mailbox.h"

#include <QtCore/QDeadlineTimer>

#include <netdb.h>

#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace restante::federation
{

struct SystemResolver::Found {
    quint64 id = 0;
    Result<QList<QHostAddress>> addresses;
};

namespace
{
Result<QList<QHostAddress>> lookUp(const QByteArray &host)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *list = nullptr;
    const int failure = ::getaddrinfo(host.constData(), nullptr, &hints, &list);
    QList<QHostAddress> addresses;
    for (const addrinfo *each = list; failure == 0 && each; each = each->ai_next) {
        const QHostAddress address(each->ai_addr);
        if (!addresses.contains(address))
            addresses.append(address);
    }
    if (list)
        ::freeaddrinfo(list);
    if (!addresses.isEmpty())
        return addresses;
    const bool none = failure == 0 || failure == EAI_NONAME
#ifdef EAI_NODATA
                      || failure == EAI_NODATA
#endif
        ;
    if (none)
        return {Errc::NotFound, QStringLiteral("There is no server of this name")};
    return {Errc::Unreachable, QStringLiteral("The name service did not answer")};
}
} // namespace

/// What the threads share with the resolver; one mutex.
class SystemResolver::Desk : public std::enable_shared_from_this<Desk>
{
public:
    explicit Desk(base::Mailbox<Found>::Receiver receive)
        : m_box(std::in_place, std::move(receive))
    {
    }

    void ask(quint64 id, const QByteArray &host)
    {
        const std::lock_guard lock(m_mutex);
        dropOld();
        if (m_jobs.size() >= MostWaiting) {
            m_box->post({id, Error{Errc::Busy, QStringLiteral("Too many names are being looked up"), 0}});
            return;
        }
        m_jobs.push_back({id, host, QDeadlineTimer(WaitingMs)});
        if (m_threads == MostThreads)
            return;
        try {
            std::thread([self = shared_from_this()] { self->work(); }).detach();
            ++m_threads;
        } catch (const std::system_error &) { // no thread to be had
            if (m_threads > 0)
                return; // one that runs will come to it
            m_jobs.pop_back();
            m_box->post({id, Error{Errc::Unreachable, QStringLiteral("No thread could be started"), 0}});
        }
    }

    /// Answers go nowhere from now on. Receiving thread only.
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.clear();
        m_box.reset();
    }

private:
    struct Job {
        quint64 id = 0;
        QByteArray host;
        QDeadlineTimer startBy;
    };

    /// Under the mutex. Those that wait too long have the earliest deadlines, at the front.
    void dropOld()
    {
        while (!m_jobs.empty() && m_jobs.front().startBy.hasExpired()) {
            if (m_box)
                m_box->post({m_jobs.front().id,
                             Error{Errc::Unreachable, QStringLiteral("The name service did not answer"), 0}});
            m_jobs.pop_front();
        }
    }
    std::optional<Job> next()
    {
        const std::lock_guard lock(m_mutex);
        dropOld();
        if (m_jobs.empty()) {
            --m_threads;
            return {};
        }
        Job job = std::move(m_jobs.front());
        m_jobs.pop_front();
        return job;
    }
    void work()
    {
        while (const auto job = next()) {
            Found found{job->id, lookUp(job->host)};
            const std::lock_guard lock(m_mutex);
            if (m_box)
                m_box->post(std::move(found));
        }
    }

    std::mutex m_mutex;
    std::deque<Job> m_jobs;
    int m_threads = 0;
    std::optional<base::Mailbox<Found>> m_box;
};

SystemResolver::SystemResolver(QByteArray nameServer)
    : m_desk(std::make_shared<Desk>([this](std::vector<Found> found) { deliver(std::move(found)); }))
    , m_nameServer(std::move(nameServer))
{
}

SystemResolver::~SystemResolver()
{
    m_desk->close();
}

void SystemResolver::addresses(const QByteArray &host, GotAddresses done)
{
    m_waiting.emplace(++m_last, std::move(done));
    m_desk->ask(m_last, host);
}

void SystemResolver::deliver(std::vector<Found> found)
{
    for (Found &each : found) {
        if (const auto done = m_waiting.take(each.id))
            done(std::move(each.addresses));
    }
}

void SystemResolver::services(const QByteArray &name, GotServices done)
{
    m_questions.emplace_back(name, std::move(done));
    startServices();
}

void SystemResolver::startServices()
{
    while (m_lookups.size() < MostServices && !m_questions.empty()) {
        auto [name, tell] = std::move(m_questions.front());
        m_questions.pop_front();
        const quint64 id = ++m_last;
        auto done = [this, id, tell = std::move(tell)](Result<QList<Service>> services) {
            const auto ended = m_lookups.extract(id); // until the end of this
            startServices();
            tell(std::move(services));
        };
        m_lookups.emplace(id, std::make_unique<ServicesLookup>(name, m_nameServer, ServicesMs, std::move(done)));
    }
}

} // namespace restante::federation
