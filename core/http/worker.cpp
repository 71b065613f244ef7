// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/worker.h"

#include "http/descriptors.h"
#include "http/guardanswer.h"
#include "http/httplog.h"
#include "http/shared.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDateTime>
#include <QtCore/QLocale>
#include <QtCore/QTimer>
#include <QtCore/QTimerEvent>
#include <QtNetwork/QSslSocket>

#include <algorithm>
#include <exception>

namespace restante::http
{

Q_LOGGING_CATEGORY(lcHttp, "restante.http")

Listening::~Listening()
{
    for (const ListeningSocket &socket : sockets)
        closeDescriptor(socket.descriptor);
}

Worker::Worker(Shared &shared, std::unique_ptr<Site> site, Listening &listening, Spread spread, std::atomic<int> &load)
    : m_shared(shared)
    , m_site(std::move(site))
    , m_spread(std::move(spread))
    , m_load(load)
    , m_server(std::make_unique<QtServer>([this](Facade *facade) { m_listeners.begin()->second->offer(facade); }))
    , m_orders([this](const std::vector<Order> &orders) {
        for (const Order &order : orders)
            carryOut(order);
    })
{
    listenOn(listening);
}

Worker::~Worker()
{
    for (const Order &order : m_orders.take()) {
        if (order.kind == Order::Kind::Adopt)
            closeDescriptor(order.descriptor);
    }
    const std::vector<Connection *> left = m_connections;
    qDeleteAll(left);
    // In a thread that Qt did not start nothing else does this: connections and facades that left wait for it.
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    m_server.reset(); // while everything that its listeners may call is there
}

void Worker::run()
{
    m_loop.exec();
}

void Worker::carryOut(const Order &order)
{
    switch (order.kind) {
    case Order::Kind::Accept:
        m_accepting = true;
        for (const auto &[endpoint, listener] : m_listeners)
            listener->startAccepting();
        break;
    case Order::Kind::Listen:
        if (!m_windingDown)
            listenOn(*order.listening);
        break;
    case Order::Kind::Adopt:
        adopt(order.descriptor, order.endpoint);
        break;
    case Order::Kind::Stop:
        stop();
        if (order.stopped)
            order.stopped->set_value();
        break;
    }
}

void Worker::listenOn(Listening &listening)
{
    closeRetired();
    m_tls = listening.tls;
    m_trustedProxy = listening.trustedProxy;
    std::map<int, Listener *> now;
    for (ListeningSocket &socket : listening.sockets) {
        m_tlsByEndpoint.insert(socket.endpoint, socket.tls);
        const auto known = m_listeners.find(socket.endpoint);
        now[socket.endpoint] = known == m_listeners.end() ? openListener(socket) : known->second;
    }
    for (const auto &[endpoint, listener] : m_listeners) {
        if (now.contains(endpoint))
            continue;
        listener->stop();
        noteAccepting(endpoint, {});
        m_retired.push_back(listener);
    }
    m_listeners = std::move(now);
}

Listener *Worker::openListener(ListeningSocket &socket)
{
    const int endpoint = socket.endpoint;
    auto *listener = new Listener(
        std::exchange(socket.descriptor, -1),
        [this, endpoint](qintptr descriptor) {
            if (!m_spread(descriptor, endpoint))
                adopt(descriptor, endpoint);
        },
        [this, endpoint](const QString &reason) { noteAccepting(endpoint, reason); });
    if (!m_server->bind(listener))
        qCCritical(lcHttp, "QHttpServer did not take a listening socket");
    if (m_accepting)
        listener->startAccepting();
    return listener;
}

/// `trouble`: why accepting failed there; null: it works, or is no longer tried.
void Worker::noteAccepting(int endpoint, const QString &trouble)
{
    const bool before = !m_failing.empty();
    if (trouble.isNull()) {
        m_failing.erase(endpoint);
    } else {
        m_failing.insert(endpoint);
        m_shared.counters.acceptFailures.fetch_add(1, std::memory_order_relaxed);
        qCWarning(lcHttp, "A connection could not be accepted: %ls", qUtf16Printable(trouble));
    }
    if (m_shared.accepting && before != !m_failing.empty())
        m_shared.accepting(trouble);
}

void Worker::closeRetired()
{
    const auto idle = std::partition(m_retired.begin(), m_retired.end(),
                                     [](const Listener *listener) { return listener->findChild<QTcpSocket *>(); });
    for (auto listener = idle; listener != m_retired.end(); ++listener)
        delete *listener;
    m_retired.erase(idle, m_retired.end());
}

namespace
{
/// The answer to a connection that is one too many: the same for all, so that a flood costs next to nothing.
const QByteArray &tooManyConnections()
{
    static const QByteArray answer = [] {
        GuardAnswer refusal;
        refusal.status = 503;
        refusal.body = R"({"errcode":"M_LIMIT_EXCEEDED","error":"Too many connections"})";
        refusal.extra = {{"Retry-After", "10"}};
        refusal.close = true;
        return composeAnswer(refusal, {});
    }();
    return answer;
}
} // namespace

void Worker::adopt(qintptr descriptor, int endpoint)
{
    if (m_windingDown)
        return letGo(descriptor);
    const auto tls = m_tlsByEndpoint.value(endpoint) ? m_tls : nullptr;
    // Before a socket is made: a flood of connections that get no seat is to cost next to nothing.
    const QHostAddress peer = peerOf(descriptor);
    const bool exempt = m_trustedProxy && peer.isEqual(*m_trustedProxy, QHostAddress::TolerantConversion);
    auto seat = m_shared.addresses.enter(addressKey(peer), exempt);
    if (!seat) {
        m_shared.counters.turnedAway.fetch_add(1, std::memory_order_relaxed);
        // With TLS nothing can be said before the handshake, which is what the limit is to spare.
        if (!tls)
            sayFarewell(descriptor, tooManyConnections());
        letGo(descriptor);
        return;
    }
    std::unique_ptr<QTcpSocket> socket(tls ? new QSslSocket : new QTcpSocket);
    if (!socket->setSocketDescriptor(descriptor)) {
        letGo(descriptor);
        return;
    }
    m_shared.counters.accepted.fetch_add(1, std::memory_order_relaxed);
    auto *connection = new Connection(*this, m_shared, std::move(socket), tls, endpoint, std::move(*seat));
    m_connections.push_back(connection);
    if (!m_timer.isActive())
        m_timer.start(m_shared.limits.tickMs, Qt::CoarseTimer, this);
    connection->start();
}

/// A connection that was spread to this worker and never became one.
void Worker::letGo(qintptr descriptor)
{
    closeDescriptor(descriptor);
    m_load.fetch_sub(1, std::memory_order_relaxed);
}

void Worker::forget(Connection *connection)
{
    const auto entry = std::find(m_connections.begin(), m_connections.end(), connection);
    if (entry == m_connections.end())
        return;
    *entry = m_connections.back();
    m_connections.pop_back();
    m_load.fetch_sub(1, std::memory_order_relaxed);
    if (m_connections.empty()) {
        m_timer.stop();
        if (m_windingDown)
            m_loop.quit();
    }
}

void Worker::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_timer.timerId())
        return QObject::timerEvent(event);
    const qint64 now = m_shared.clock.steadyMs();
    const std::vector<Connection *> all = m_connections; // a tick may end its connection; deletion comes later
    for (Connection *connection : all)
        connection->tick(now);
}

void Worker::stop()
{
    if (m_windingDown)
        return;
    m_windingDown = true;
    for (const auto &[endpoint, listener] : m_listeners) {
        listener->stop();
        noteAccepting(endpoint, {});
    }
    const std::vector<Connection *> all = m_connections;
    for (Connection *connection : all)
        connection->windDown();
    if (m_connections.empty())
        m_loop.quit();
    else
        QTimer::singleShot(m_shared.limits.closeMs, this, [this] { m_loop.quit(); });
}

Verdict Worker::gate(const RequestHead &head)
{
    try {
        return m_site->gate(head);
    } catch (const std::exception &error) {
        qCCritical(lcHttp, "The gate failed: %s", error.what());
    } catch (...) {
        qCCritical(lcHttp, "The gate failed with something that is not an exception");
    }
    Verdict verdict;
    verdict.refusal = Error{Errc::Internal, QStringLiteral("The request could not be judged"), 0};
    return verdict;
}

void Worker::handle(Request request, Reply reply)
{
    try {
        m_site->handle(std::move(request), std::move(reply));
    } catch (const std::exception &error) {
        // The reply, wherever it was, has answered 500 while the stack was unwound.
        qCCritical(lcHttp, "A handler failed: %s", error.what());
    } catch (...) {
        qCCritical(lcHttp, "A handler failed with something that is not an exception");
    }
}

const QByteArray &Worker::dateLine()
{
    const qint64 second = m_shared.clock.wallMs() / 1000;
    if (second != m_dateSecond) {
        m_dateSecond = second;
        const QDateTime moment = QDateTime::fromSecsSinceEpoch(second).toUTC();
        m_dateLine = "Date: " + QLocale::c().toString(moment, u"ddd, dd MMM yyyy hh:mm:ss 'GMT'").toLatin1() + "\r\n";
    }
    return m_dateLine;
}

} // namespace restante::http
