// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/mailbox.h"
#include "http/connection.h"
#include "http/listener.h"
#include "http/qtserver.h"
#include "http/site.h"

#include <QtCore/QBasicTimer>
#include <QtCore/QEventLoop>
#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtNetwork/QHostAddress>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace restante::http
{

struct Certificates;
struct Shared;

/// A listening socket as a worker is told of it.
struct ListeningSocket {
    int endpoint = 0;        ///< OpenEndpoint::id
    qintptr descriptor = -1; ///< the worker's own duplicate; -1 = it has that one already
    bool tls = false;
};

/// All that a worker is to listen on from now on, and how. Closes the descriptors that the worker did not take over.
struct Listening {
    std::vector<ListeningSocket> sockets;
    std::shared_ptr<const Certificates> tls; ///< for connections from now on; null: none
    std::optional<QHostAddress> trustedProxy;

    Listening() = default;
    ~Listening();
    Q_DISABLE_COPY_MOVE(Listening)
};

/// What a worker is told from outside.
struct Order {
    enum class Kind {
        Accept, ///< begin to accept connections and spread them
        Adopt,  ///< serve this connection
        Listen, ///< on other sockets, or with another certificate; connections stay as they are
        Stop,   ///< accept no more, end every connection, then the loop
    };
    Kind kind = Kind::Stop;
    qintptr descriptor = -1;                          ///< Adopt
    int endpoint = 0;                                 ///< Adopt
    std::shared_ptr<Listening> listening = {};        ///< Listen
    std::shared_ptr<std::promise<void>> stopped = {}; ///< Stop: fulfilled as soon as nothing is accepted any more
};

/// One HTTP thread's inside: its event loop, its QHttpServer, its site and its connections. Made and destroyed in that
/// thread; only `post` may be called from others. Its timer runs only while there are connections.
class Worker final : public QObject
{
public:
    /// Gives a new connection to the worker that shall have it; false if that is the asking one itself. Counts it in
    /// that worker's load.
    using Spread = std::function<bool(qintptr descriptor, int endpoint)>;

    Worker(Shared &shared, std::unique_ptr<Site> site, Listening &listening, Spread spread, std::atomic<int> &load);
    ~Worker() override;
    Q_DISABLE_COPY_MOVE(Worker)

    /// Serves until an order to stop was carried out.
    void run();
    void post(Order order) { m_orders.post(std::move(order)); }

    // For connections.
    /// The site's verdict; an exception of the site is a refusal with 500.
    Verdict gate(const RequestHead &head);
    void guardRefused(int status, QByteArrayView reason) { m_site->guardRefused(status, reason); }
    /// Gives the site a request; an exception of the site is an answer with 500.
    void handle(Request request, Reply reply);
    QtServer &server() { return *m_server; }
    void forget(Connection *connection);
    bool isWindingDown() const { return m_windingDown; }
    /// The Date field of now, with its CRLF.
    const QByteArray &dateLine();

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    void carryOut(const Order &order);
    void adopt(qintptr descriptor, int endpoint);
    void letGo(qintptr descriptor);
    void listenOn(Listening &listening);
    Listener *openListener(ListeningSocket &socket);
    void noteAccepting(int endpoint, const QString &trouble);
    void closeRetired();
    void stop();

    Shared &m_shared;
    const std::unique_ptr<Site> m_site;
    std::shared_ptr<const Certificates> m_tls;
    std::optional<QHostAddress> m_trustedProxy;
    QHash<int, bool> m_tlsByEndpoint; ///< also of those given up: their last connections may still be on their way
    Spread m_spread;
    std::atomic<int> &m_load; ///< connections given to this worker; the worker that spreads adds, this one subtracts
    QEventLoop m_loop;
    std::unique_ptr<QtServer> m_server;
    std::map<int, Listener *> m_listeners; ///< by endpoint; owned by the server
    std::set<int> m_failing;               ///< endpoints on which nothing can be accepted just now
    std::vector<Listener *> m_retired;     ///< closed, but the facades that were offered there are their children
    std::vector<Connection *> m_connections;
    QBasicTimer m_timer;
    bool m_windingDown = false;
    bool m_accepting = false;
    qint64 m_dateSecond = -1;
    QByteArray m_dateLine;
    base::Mailbox<Order> m_orders;
};

} // namespace restante::http
