// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/systemresolver.h"

#include "base/mailbox.h"

#include <QtCore/QTimer>
#include <QtNetwork/QDnsLookup>

#include <netdb.h>

#include <algorithm>
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
        m_jobs.emplace_back(id, host);
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
    using Job = std::pair<quint64, QByteArray>;

    std::optional<Job> next()
    {
        const std::lock_guard lock(m_mutex);
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
            Found found{job->first, lookUp(job->second)};
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

SystemResolver::SystemResolver()
    : m_desk(std::make_shared<Desk>([this](std::vector<Found> found) { deliver(std::move(found)); }))
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
    auto lookup = std::make_unique<QDnsLookup>(QDnsLookup::SRV, QString::fromLatin1(name));
    QDnsLookup *const asked = lookup.get();
    m_lookups.push_back(std::move(lookup));
    QObject::connect(asked, &QDnsLookup::finished, asked, [this, asked, done = std::move(done)] {
        constexpr qint64 second = 1'000;
        QList<Service> services;
        const auto records = asked->serviceRecords();
        for (const QDnsServiceRecord &record : records)
            services.append({record.priority(), record.weight(), record.port(), record.target().toLatin1(),
                             qint64(record.timeToLive()) * second});
        const auto place =
            std::find_if(m_lookups.begin(), m_lookups.end(), [asked](const auto &each) { return each.get() == asked; });
        if (place == m_lookups.end())
            return;
        const GotServices tell = done; // the lookup may be gone before this ends
        m_ended.push_back(std::move(*place));
        m_lookups.erase(place);
        QTimer::singleShot(0, &m_janitor, [this] { m_ended.clear(); });
        tell(services);
    });
    QTimer::singleShot(ServicesMs, asked, [asked] { asked->abort(); });
    asked->lookup();
}

} // namespace restante::federation
