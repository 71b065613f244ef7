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

/// Connections that wait to be accepted; the system has a cap of its own.
constexpr int backlog = 512;

QString urlOf(const QTcpServer &server, bool tls)
{
    const QHostAddress address = server.serverAddress();
    const QString host =
        address.protocol() == QAbstractSocket::IPv6Protocol ? u"[%1]"_s.arg(address.toString()) : address.toString();
    return u"%1://%2:%3"_s.arg(tls ? u"https"_s : u"http"_s, host).arg(server.serverPort());
}

} // namespace

/// All that exists between `listen` and `close`.
class Front::Running
{
public:
    Running(const Limits &limits, const base::Clock &clock, ConnectionCounters &counters,
            std::optional<QSslConfiguration> tls)
        : m_shared(limits, clock, counters, std::move(tls))
    {
    }
    ~Running() { stop(); }
    Q_DISABLE_COPY_MOVE(Running)

    Result<void> open(const QList<Endpoint> &endpoints);
    Result<void> start(const SiteFactory &sites, int workers);
    QStringList addresses() const;
    void stop();

private:
    struct Open {
        std::unique_ptr<QTcpServer> server;
        bool tls = false;
    };

    Result<std::vector<ListeningSocket>> socketsForOneWorker() const;
    bool spread(qintptr descriptor, int endpoint);

    Shared m_shared;
    std::vector<Open> m_open;
    std::vector<std::unique_ptr<WorkerThread>> m_workers;
};

Result<void> Front::Running::open(const QList<Endpoint> &endpoints)
{
    for (const Endpoint &endpoint : endpoints) {
        auto server = std::make_unique<QTcpServer>();
        server->setListenBacklogSize(backlog);
        if (!server->listen(endpoint.address, endpoint.port)) {
            return {Errc::Io, u"Cannot listen on %1 port %2: %3"_s.arg(endpoint.address.toString())
                                  .arg(endpoint.port)
                                  .arg(server->errorString())};
        }
        server->pauseAccepting(); // the first worker does that
        m_open.push_back({std::move(server), m_shared.tls.has_value() && !endpoint.plain});
    }
    return {};
}

/// QTcpServer owns its descriptor, so each worker gets one of its own for the same listening socket.
Result<std::vector<ListeningSocket>> Front::Running::socketsForOneWorker() const
{
    std::vector<ListeningSocket> sockets;
    for (const Open &open : m_open)
        sockets.push_back({duplicateDescriptor(open.server->socketDescriptor()), open.tls});
    const bool complete = std::none_of(sockets.begin(), sockets.end(),
                                       [](const ListeningSocket &socket) { return socket.descriptor < 0; });
    if (complete)
        return sockets;
    for (const ListeningSocket &socket : sockets)
        closeDescriptor(socket.descriptor);
    return {Errc::Io, u"Too many files are open to listen"_s};
}

Result<void> Front::Running::start(const SiteFactory &sites, int workers)
{
    for (int index = 0; index < workers; ++index) {
        auto sockets = socketsForOneWorker();
        if (!sockets)
            return sockets.error();
        auto worker = std::make_unique<WorkerThread>();
        const auto started = worker->start(
            m_shared, index, [&sites, index] { return sites(index); }, std::move(*sockets),
            [this](qintptr descriptor, int endpoint) { return spread(descriptor, endpoint); });
        if (!started)
            return started.error();
        m_workers.push_back(std::move(worker));
    }
    m_workers.front()->post({Order::Kind::Accept, -1, 0, nullptr});
    return {};
}

/// Called in the first worker's thread. It accepts for all because whoever accepts takes everything that waits in one
/// go: with all of them accepting, a burst of connections ends up on one thread and stays there as long as they live.
bool Front::Running::spread(qintptr descriptor, int endpoint)
{
    const auto least = std::min_element(m_workers.begin(), m_workers.end(),
                                        [](const auto &a, const auto &b) { return a->load() < b->load(); });
    (*least)->addLoad();
    if (least == m_workers.begin())
        return false;
    (*least)->post({Order::Kind::Adopt, descriptor, endpoint, nullptr});
    return true;
}

QStringList Front::Running::addresses() const
{
    QStringList urls;
    for (const Open &open : m_open)
        urls.append(urlOf(*open.server, open.tls));
    return urls;
}

void Front::Running::stop()
{
    m_open.clear();
    // The first worker first: once it has stopped accepting, nobody posts to the others any more.
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

void Front::setLimits(const Limits &limits)
{
    m_limits = limits;
}

Result<void> Front::listen(const QList<Endpoint> &endpoints, const std::optional<TlsFiles> &tls,
                           const SiteFactory &sites, int workers)
{
    Q_ASSERT(!m_running);
    std::optional<QSslConfiguration> security;
    if (tls) {
        auto loaded = loadTls(*tls);
        if (!loaded)
            return loaded.error();
        security = std::move(*loaded);
    }
    auto running = std::make_unique<Running>(m_limits, m_clock, m_counters, std::move(security));
    if (auto opened = running->open(endpoints); !opened)
        return opened;
    if (auto started = running->start(sites, std::max(1, workers)); !started)
        return started;
    m_addresses = running->addresses();
    m_running = std::move(running);
    return {};
}

bool Front::isListening() const
{
    return m_running != nullptr;
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
