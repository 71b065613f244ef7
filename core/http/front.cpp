// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/front.h"

#include "http/descriptors.h"
#include "http/shared.h"
#include "http/workerthread.h"

#include <QtNetwork/QTcpServer>

#include <algorithm>

namespace restante::http
{

namespace
{

using namespace Qt::Literals::StringLiterals;

Result<std::optional<QSslConfiguration>> load(const std::optional<TlsFiles> &files)
{
    if (!files)
        return std::optional<QSslConfiguration>();
    auto loaded = loadTls(*files);
    if (!loaded)
        return loaded.error();
    return std::optional(std::move(*loaded));
}

QString urlOf(const QTcpServer &server, bool tls)
{
    const QHostAddress address = server.serverAddress();
    const QString host =
        address.protocol() == QAbstractSocket::IPv6Protocol ? u"[%1]"_s.arg(address.toString()) : address.toString();
    return u"%1://%2:%3"_s.arg(tls ? u"https"_s : u"http"_s, host).arg(server.serverPort());
}

} // namespace

class Front::Change
{
public:
    Change(std::vector<OpenEndpoint> open, int lastId)
        : endpoints(std::move(open), lastId)
    {
    }

    EndpointChange endpoints;
    std::optional<QSslConfiguration> tls;
    std::optional<QHostAddress> trustedProxy;
    std::vector<std::shared_ptr<Listening>> forWorkers; ///< what each is told
};

/// All that exists between `listen` and `close`.
class Front::Running
{
public:
    Running(const Limits &limits, const base::Clock &clock, ConnectionCounters &counters,
            std::function<void(const QString &trouble)> accepting)
        : m_shared(limits, clock, counters)
    {
        m_shared.accepting = std::move(accepting);
    }
    ~Running() { stop(); }
    Q_DISABLE_COPY_MOVE(Running)

    /// Binds, and makes what `workers` of them are to be told.
    Result<std::shared_ptr<Change>> prepare(const QList<Endpoint> &endpoints, std::optional<QSslConfiguration> tls,
                                            const std::optional<QHostAddress> &trustedProxy, int workers) const;
    Result<void> start(Change &change, const SiteFactory &sites);
    void commit(Change &change);
    void renewTls(const QSslConfiguration &tls);
    void setDoorTls(const HostCertificates &doors);
    const std::optional<QSslConfiguration> &tls() const { return m_tls; }
    int workers() const { return int(m_workers.size()); }
    QStringList addresses() const;
    void stop();

private:
    void take(Change &change);
    std::shared_ptr<const Certificates> certificates() const;
    void tellTls();
    bool spread(qintptr descriptor, int endpoint);

    Shared m_shared;
    std::vector<OpenEndpoint> m_open;
    int m_lastId = 0; ///< of all endpoints there ever were
    std::optional<QSslConfiguration> m_tls;
    HostCertificates m_doors;
    std::optional<QHostAddress> m_trustedProxy;
    std::vector<std::unique_ptr<WorkerThread>> m_workers;
};

Result<std::shared_ptr<Front::Change>> Front::Running::prepare(const QList<Endpoint> &endpoints,
                                                               std::optional<QSslConfiguration> tls,
                                                               const std::optional<QHostAddress> &trustedProxy,
                                                               int workers) const
{
    auto change = std::make_shared<Change>(m_open, m_lastId);
    if (auto bound = change->endpoints.bind(endpoints); !bound)
        return bound.error();
    change->tls = std::move(tls);
    change->trustedProxy = trustedProxy;
    for (int worker = 0; worker < workers; ++worker) {
        auto listening = std::make_shared<Listening>();
        listening->trustedProxy = trustedProxy;
        for (const OpenEndpoint &open : change->endpoints.endpoints()) {
            ListeningSocket socket{open.id, -1, change->tls && !open.asked.plain};
            // QTcpServer owns its descriptor, so each worker gets one of its own for the same listening socket.
            if (change->endpoints.isNew(open)) {
                socket.descriptor = duplicateDescriptor(open.server->socketDescriptor());
                if (socket.descriptor < 0)
                    return Error{Errc::Io, u"Too many files are open to listen"_s, 0};
            }
            listening->sockets.push_back(socket);
        }
        change->forWorkers.push_back(std::move(listening));
    }
    return change;
}

void Front::Running::take(Change &change)
{
    m_open = change.endpoints.take();
    for (const OpenEndpoint &open : m_open)
        m_lastId = std::max(m_lastId, open.id);
    m_tls = change.tls;
    for (const std::shared_ptr<Listening> &listening : change.forWorkers)
        listening->tls = certificates();
    m_trustedProxy = change.trustedProxy;
}

Result<void> Front::Running::start(Change &change, const SiteFactory &sites)
{
    take(change);
    int index = 0;
    for (std::shared_ptr<Listening> &listening : change.forWorkers) {
        auto worker = std::make_unique<WorkerThread>();
        const auto started = worker->start(
            m_shared, index, [&sites, index] { return sites(index); }, std::move(listening),
            [this](qintptr descriptor, int endpoint) { return spread(descriptor, endpoint); });
        if (!started)
            return started.error();
        m_workers.push_back(std::move(worker));
        ++index;
    }
    m_workers.front()->post({Order::Kind::Accept});
    return {};
}

void Front::Running::commit(Change &change)
{
    take(change);
    // The first worker last: as soon as it knows an endpoint it gives the others connections of it.
    for (std::size_t worker = m_workers.size(); worker > 0; --worker)
        m_workers[worker - 1]->post({Order::Kind::Listen, -1, 0, std::move(change.forWorkers[worker - 1])});
}

std::shared_ptr<const Certificates> Front::Running::certificates() const
{
    return m_tls ? std::make_shared<const Certificates>(Certificates{*m_tls, m_doors}) : nullptr;
}

void Front::Running::renewTls(const QSslConfiguration &tls)
{
    m_tls = tls;
    tellTls();
}

void Front::Running::setDoorTls(const HostCertificates &doors)
{
    m_doors = doors;
    if (m_tls && !m_workers.empty())
        tellTls();
}

void Front::Running::tellTls()
{
    const auto encrypted = certificates();
    for (const auto &worker : m_workers) {
        auto listening = std::make_shared<Listening>();
        listening->tls = encrypted;
        listening->trustedProxy = m_trustedProxy;
        for (const OpenEndpoint &open : m_open)
            listening->sockets.push_back({open.id, -1, !open.asked.plain});
        worker->post({Order::Kind::Listen, -1, 0, std::move(listening)});
    }
}

/// Called in the first worker's thread. It accepts for all because the one that accepts takes everything that waits in
/// one go: with all of them accepting, a burst of connections ends up on one thread and stays there as long as they
/// live.
bool Front::Running::spread(qintptr descriptor, int endpoint)
{
    const auto least = std::min_element(m_workers.begin(), m_workers.end(),
                                        [](const auto &a, const auto &b) { return a->load() < b->load(); });
    (*least)->addLoad();
    if (least == m_workers.begin())
        return false;
    (*least)->post({Order::Kind::Adopt, descriptor, endpoint});
    return true;
}

QStringList Front::Running::addresses() const
{
    QStringList urls;
    for (const OpenEndpoint &open : m_open)
        urls.append(urlOf(*open.server, m_tls && !open.asked.plain));
    return urls;
}

void Front::Running::stop()
{
    m_open.clear();
    // The first worker first: once it has stopped accepting, nothing is posted to the others any more.
    for (const auto &worker : m_workers)
        worker->stop();
    for (const auto &worker : m_workers)
        worker->join();
    m_workers.clear();
}

Front::Front(const Limits &limits, const base::Clock &clock, ConnectionCounters &counters)
    : m_limits(limits)
    , m_clock(clock)
    , m_counters(counters)
{
}

Front::~Front()
{
    close();
}

void Front::whenAccepting(std::function<void(const QString &trouble)> tell)
{
    m_accepting = std::move(tell);
}

void Front::setLimits(const Limits &limits)
{
    m_limits = limits;
}

Result<void> Front::listen(const QList<Endpoint> &endpoints, const std::optional<TlsFiles> &tls,
                           const SiteFactory &sites, int workers)
{
    Q_ASSERT(!m_running);
    auto security = load(tls);
    if (!security)
        return security.error();
    auto running = std::make_unique<Running>(m_limits, m_clock, m_counters, m_accepting);
    running->setDoorTls(m_doors);
    auto change = running->prepare(endpoints, *std::move(security), m_limits.trustedProxy, std::max(1, workers));
    if (!change)
        return change.error();
    if (auto started = running->start(**change, sites); !started)
        return started;
    m_addresses = running->addresses();
    m_running = std::move(running);
    return {};
}

Result<std::shared_ptr<Front::Change>> Front::prepare(const QList<Endpoint> &endpoints,
                                                      const std::optional<TlsFiles> &tls,
                                                      const std::optional<QHostAddress> &trustedProxy)
{
    Q_ASSERT(m_running);
    auto security = load(tls);
    if (!security)
        return security.error();
    return m_running->prepare(endpoints, *std::move(security), trustedProxy, m_running->workers());
}

void Front::commit(const std::shared_ptr<Change> &change)
{
    m_limits.trustedProxy = change->trustedProxy;
    m_running->commit(*change);
    m_addresses = m_running->addresses();
}

void Front::renewTls(const QSslConfiguration &tls)
{
    m_running->renewTls(tls);
}

void Front::setDoorTls(const HostCertificates &doors)
{
    m_doors = doors;
    if (m_running)
        m_running->setDoorTls(doors);
}

bool Front::isListening() const
{
    return m_running != nullptr;
}

const std::optional<QSslConfiguration> &Front::tls() const
{
    return m_running->tls();
}

QStringList Front::addresses() const
{
    return m_addresses;
}

void Front::close()
{
    m_running.reset();
    m_addresses.clear();
}

} // namespace restante::http
